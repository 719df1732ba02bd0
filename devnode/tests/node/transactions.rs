//! Sending, and what comes back.

use alloy_primitives::{Address, Bytes, U256, address, keccak256};
use alloy_sol_types::{Revert, SolError};
use serde_json::{Value, json};

use crate::code;
use crate::common::{PLENTY, TestNode, bytes, legacy, quantity, transfer};

const STRANGER: Address = address!("00000000000000000000000000000000deadbeef");

#[tokio::test]
async fn what_a_fresh_node_is() {
    let node = TestNode::start().await;
    assert_eq!(node.number("eth_chainId", json!([])).await, 31_415_926);
    assert_eq!(node.call("net_version", json!([])).await, "31415926");
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 0);
    let accounts = node.call("eth_accounts", json!([])).await;
    assert_eq!(accounts.as_array().unwrap().len(), 10);
    assert_eq!(accounts[0], "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    assert_eq!(
        node.balance(node.account(9)).await,
        10_000 * 10_u128.pow(18)
    );
    let version = node.call("web3_clientVersion", json!([])).await;
    let version = version.as_str().unwrap();
    assert!(
        version.starts_with("anvil") && version.contains("fevm"),
        "{version}"
    );
    let deployer = node
        .call(
            "eth_getCode",
            json!(["0x4e59b44847b379578588920ca78fbf26c0b4956c", "latest"]),
        )
        .await;
    assert_eq!(bytes(&deployer).len(), 69);
}

#[tokio::test]
async fn a_transfer_is_mined_before_the_answer_and_costs_gas_times_price() {
    let node = TestNode::start().await;
    let before = node.balance(node.account(0)).await;
    let hash = node.send_raw(&node.sign(0, transfer(0, STRANGER, 5))).await;
    let receipt = node.receipt(&hash).await;
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["type"], "0x2");
    assert_eq!(receipt["blockNumber"], "0x1");
    assert_eq!(receipt["transactionIndex"], "0x0");
    assert_eq!(receipt["cumulativeGasUsed"], receipt["gasUsed"]);
    assert_eq!(receipt["contractAddress"], Value::Null);
    assert_eq!(receipt["from"], json!(node.account(0)));
    assert_eq!(node.balance(STRANGER).await, 5);
    let fee = quantity(&receipt["gasUsed"]) * quantity(&receipt["effectiveGasPrice"]);
    assert_eq!(node.balance(node.account(0)).await, before - 5 - fee);
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(0), "latest"])
        )
        .await,
        1
    );

    let transaction = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(transaction["blockHash"], receipt["blockHash"]);
    assert_eq!(transaction["from"], json!(node.account(0)));
    assert_eq!(transaction["value"], "0x5");
    assert_eq!(transaction["gasPrice"], receipt["effectiveGasPrice"]);
}

#[tokio::test]
async fn legacy_transactions_with_and_without_chain_id() {
    let node = TestNode::start().await;
    for (nonce, chain_id) in [(0, Some(31_415_926)), (1, None)] {
        let hash = node
            .send_raw(&node.sign(0, legacy(nonce, STRANGER, 1, chain_id)))
            .await;
        let receipt = node.receipt(&hash).await;
        assert_eq!(
            (&receipt["status"], &receipt["type"]),
            (&json!("0x1"), &json!("0x0")),
            "{receipt}"
        );
    }
    assert_eq!(node.balance(STRANGER).await, 2);
}

#[tokio::test]
async fn a_contract_is_deployed_called_and_read() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let mut preimage = vec![0xd6, 0x94];
    preimage.extend(node.account(0));
    preimage.push(0x80);
    assert_eq!(
        contract,
        Address::from_slice(&keccak256(preimage)[12..]),
        "Ethereum's address of nonce 0"
    );
    let deployed = node.call("eth_getCode", json!([contract, "latest"])).await;
    assert_eq!(bytes(&deployed), code::STORE_AND_LOG);
    assert_eq!(
        node.number("eth_getTransactionCount", json!([contract, "latest"]))
            .await,
        1
    );

    let word = format!("0x{}", "00".repeat(31) + "2a");
    let receipt = node.send(json!({ "to": contract, "data": word })).await;
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(
        node.call("eth_getStorageAt", json!([contract, "0x0", "latest"]))
            .await,
        json!(word)
    );
    let log = &receipt["logs"][0];
    assert_eq!(log["address"], json!(contract));
    assert_eq!(log["data"], json!(word));
    assert_eq!(
        log["topics"],
        json!([format!("0x{}", "00".repeat(31) + "aa")])
    );
    assert_eq!(log["blockHash"], receipt["blockHash"]);
    assert_eq!(log["logIndex"], "0x0");
    // The state before the transaction is still there.
    let old = node
        .call("eth_getStorageAt", json!([contract, "0x0", "0x1"]))
        .await;
    assert_eq!(old, json!(format!("0x{}", "00".repeat(32))));
}

#[tokio::test]
async fn reverts_carry_reason_and_data() {
    let node = TestNode::start().await;
    let data = Bytes::from(Revert::from("not owner").abi_encode());
    let contract = node.deploy(&code::reverting(&data)).await;
    for method in ["eth_call", "eth_estimateGas"] {
        let error = node
            .error(
                method,
                json!([{ "to": contract, "data": "0x12345678" }, "latest"]),
            )
            .await;
        assert_eq!(
            (error.code, error.message.as_str()),
            (3, "execution reverted: not owner"),
            "{method}"
        );
        assert_eq!(error.data, json!(data), "{method}");
    }
    // With a limit of its own it is mined, and fails.
    let receipt = node
        .send(json!({ "to": contract, "gas": format!("{PLENTY:#x}") }))
        .await;
    assert_eq!(receipt["status"], "0x0");
    assert_eq!(receipt["logs"], json!([]));
    let custom = node
        .deploy(&code::reverting(&[0xe4, 0x50, 0xd3, 0x8c]))
        .await;
    let error = node
        .error("eth_call", json!([{ "to": custom }, "latest"]))
        .await;
    assert_eq!(
        (error.message.as_str(), error.data),
        ("execution reverted", json!("0xe450d38c"))
    );
    let failing_creation = Bytes::from(code::reverting(&data));
    let error = node
        .error("eth_estimateGas", json!([{ "data": failing_creation }]))
        .await;
    assert_eq!((error.code, error.data), (3, json!(data)));
}

#[tokio::test]
async fn calls_from_anyone_and_creations_without_a_transaction() {
    let node = TestNode::start().await;
    // CALLER returned.
    let contract = node
        .deploy(&alloy_primitives::hex!("3360005260206000f3"))
        .await;
    let caller = |from: Option<Address>| json!([{ "from": from, "to": contract }, "latest"]);
    for from in [Some(STRANGER), Some(contract), Some(node.account(3)), None] {
        let word = bytes(&node.call("eth_call", caller(from)).await);
        assert_eq!(Address::from_slice(&word[12..]), from.unwrap_or_default());
    }
    let code = node
        .call(
            "eth_call",
            json!([{ "data": Bytes::from(code::init(&[1, 2, 3])) }, "latest"]),
        )
        .await;
    assert_eq!(code, "0x010203", "a creation gives the new code");
    assert_eq!(
        node.call("eth_getCode", json!([STRANGER, "latest"])).await,
        "0x"
    );
}

#[tokio::test]
async fn twenty_parallel_transactions_are_queued_and_all_mined() {
    let node = TestNode::start().await;
    let raws: Vec<Bytes> = (0..20)
        .map(|nonce| node.sign(0, transfer(nonce, STRANGER, 1)))
        .collect();
    // Highest nonce first: each but the last finds a gap before it.
    let mut hashes = Vec::new();
    for raw in raws.iter().rev().take(10) {
        hashes.push(node.send_raw(raw).await);
    }
    assert_eq!(node.receipt(&hashes[0]).await, Value::Null);
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(0), "pending"])
        )
        .await,
        0
    );
    let rest = raws.iter().take(10).map(|raw| node.send_raw(raw));
    hashes.extend(futures_util::future::join_all(rest).await);
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(0), "latest"])
        )
        .await,
        20
    );
    for hash in &hashes {
        assert_eq!(node.receipt(hash).await["status"], "0x1");
    }
    assert_eq!(node.balance(STRANGER).await, 20);
    // Without a nonce, the node gives each its own.
    let sends = (0..5).map(|_| node.send(json!({ "to": STRANGER, "value": "0x1" })));
    for receipt in futures_util::future::join_all(sends).await {
        assert_eq!(receipt["status"], "0x1");
    }
    assert_eq!(node.balance(STRANGER).await, 25);
}

#[tokio::test]
async fn overrides_change_one_call_and_nothing_else() {
    let node = TestNode::start().await;
    let code = Bytes::from(alloy_primitives::hex!("60005460005260206000f3"));
    let state = json!({ (STRANGER.to_string()): { "code": code, "balance": "0x7", "stateDiff": {
        ("0x".to_owned() + &"00".repeat(32)): "0x".to_owned() + &"00".repeat(31) + "09" } } });
    let call = json!({ "to": STRANGER });
    let slot = node.call("eth_call", json!([call, "latest", state])).await;
    assert_eq!(U256::from_be_slice(&bytes(&slot)), U256::from(9));
    assert_eq!(node.call("eth_call", json!([call, "latest"])).await, "0x");
    assert_eq!(node.balance(STRANGER).await, 0);
    let time = node.deploy(&code::TIME_AND_NUMBER).await;
    let answer = node
        .call(
            "eth_call",
            json!([{ "to": time }, "latest", null, { "time": "0x5", "number": "0x64" }]),
        )
        .await;
    let answer = bytes(&answer);
    assert_eq!((answer[31], answer[63]), (5, 100));
}

#[tokio::test]
async fn messages_and_typed_data_are_signed() {
    let node = TestNode::start().await;
    let account = node.account(0);
    // Any EIP-191 signer gives this signature of "hello" for that key.
    let signature = node
        .call("personal_sign", json!(["0x68656c6c6f", account]))
        .await;
    assert_eq!(
        signature,
        node.call("eth_sign", json!([account, "0x68656c6c6f"]))
            .await
    );
    let signature = alloy_primitives::Signature::try_from(bytes(&signature).as_slice()).unwrap();
    assert_eq!(
        signature.recover_address_from_msg("hello").unwrap(),
        account
    );

    let typed = json!({
        "types": { "EIP712Domain": [{ "name": "name", "type": "string" }], "Note": [{ "name": "text", "type": "string" }] },
        "primaryType": "Note", "domain": { "name": "test" }, "message": { "text": "hello" },
    });
    let signature = node
        .call("eth_signTypedData_v4", json!([account, typed]))
        .await;
    assert_eq!(
        signature,
        node.call("eth_signTypedData_v4", json!([account, typed.to_string()]))
            .await
    );
    let data: alloy_dyn_abi::TypedData = serde_json::from_value(typed).unwrap();
    let signature = alloy_primitives::Signature::try_from(bytes(&signature).as_slice()).unwrap();
    let signer = signature
        .recover_address_from_prehash(&data.eip712_signing_hash().unwrap())
        .unwrap();
    assert_eq!(signer, account);
}

#[tokio::test]
async fn what_is_filled_in_is_not_signed() {
    let node = TestNode::start().await;
    let to = Address::repeat_byte(0x11);
    let mut request =
        json!({ "to": to, "value": "0x3", "gas": "0x10", "nonce": "0x1", "gasPrice": "0x2" });
    let filled = node
        .call("eth_fillTransaction", json!([request.clone()]))
        .await;
    // The RLP of go-ethereum's unsigned transactions: v, r and s are there and zero.
    let address = "11".repeat(20);
    assert_eq!(
        filled["raw"],
        json!(format!("0xdd01021094{address}0380808080"))
    );
    assert_eq!(
        filled["tx"]["hash"],
        json!(keccak256(bytes(&filled["raw"])))
    );
    assert_eq!(filled["tx"]["gasPrice"], "0x2");

    request["gasPrice"] = Value::Null;
    request["maxFeePerGas"] = json!("0x3");
    request["maxPriorityFeePerGas"] = json!("0x2");
    let filled = node
        .call("eth_fillTransaction", json!([request.clone()]))
        .await;
    assert_eq!(
        filled["raw"],
        json!(format!("0x02e48401df5e760102031094{address}0380c0808080"))
    );
    let transaction = &filled["tx"];
    for (name, value) in [
        ("type", "0x2"),
        ("nonce", "0x1"),
        ("v", "0x0"),
        ("r", "0x0"),
        ("s", "0x0"),
    ] {
        assert_eq!(transaction[name], value, "{name}");
    }

    // What is left out comes from the node.
    let filled = node
        .call(
            "eth_fillTransaction",
            json!([{ "from": node.account(0), "to": to, "value": "0x1" }]),
        )
        .await;
    assert_eq!(filled["tx"]["nonce"], "0x0");
    assert!(quantity(&filled["tx"]["gas"]) > 100_000, "{filled}");
    assert!(quantity(&filled["tx"]["maxFeePerGas"]) > 0, "{filled}");
}

#[tokio::test]
async fn a_waiting_transaction_is_sent_again_at_another_price() {
    let node = TestNode::start().await;
    node.call("evm_setAutomine", json!([false])).await;
    let to = Address::repeat_byte(0x11);
    for fees in [
        json!({ "gasPrice": "0x30d40" }),
        json!({ "maxFeePerGas": "0x30d40", "maxPriorityFeePerGas": "0x186a0" }),
    ] {
        let mut request = fees;
        request["from"] = json!(node.account(0));
        request["to"] = json!(to);
        request["value"] = json!("0x3");
        request["gas"] = json!("0x989680");
        let first = node
            .call("eth_sendTransaction", json!([request.clone()]))
            .await;
        let error = node
            .error("eth_resend", json!([request.clone(), "0xf4240"]))
            .await;
        assert_eq!(
            error.message,
            "missing transaction nonce in transaction spec"
        );
        let waiting = node
            .call("eth_getTransactionByHash", json!([first.clone()]))
            .await;
        request["nonce"] = waiting["nonce"].clone();
        let mut other = request.clone();
        other["value"] = json!("0x4");
        let error = node.error("eth_resend", json!([other, "0xf4240"])).await;
        error.assert_begins("transaction not found");
        let error = node
            .error("eth_resend", json!([request.clone(), "0x30d41"]))
            .await;
        error.assert_begins("replacement transaction underpriced");
        let again = node
            .call("eth_resend", json!([request, "0xf4240", "0xf42400"]))
            .await;
        assert_ne!(again, first);
        node.call("evm_mine", json!([])).await;
        let gone = node.call("eth_getTransactionByHash", json!([first])).await;
        assert_eq!(gone, Value::Null);
        let mined = node
            .call("eth_getTransactionByHash", json!([again.clone()]))
            .await;
        assert_eq!(mined["type"], waiting["type"]);
        assert_eq!(mined["gas"], "0xf42400");
        let price = match mined["type"].as_str() {
            Some("0x0") => "gasPrice",
            _ => "maxFeePerGas",
        };
        assert_eq!(mined[price], "0xf4240", "{mined}");
        let receipt = node.call("eth_getTransactionReceipt", json!([again])).await;
        assert_eq!(receipt["status"], "0x1");
    }
}

#[tokio::test]
async fn signed_bytes_by_place_in_a_block() {
    let node = TestNode::start().await;
    let request =
        json!({ "from": node.account(0), "to": Address::repeat_byte(0x11), "value": "0x1" });
    let hash = node.call("eth_sendTransaction", json!([request])).await;
    let raw = node
        .call("eth_getRawTransactionByHash", json!([hash.clone()]))
        .await;
    assert_eq!(json!(keccak256(bytes(&raw))), hash);
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await["hash"]
        .clone();
    for (method, block) in [
        ("eth_getRawTransactionByBlockNumberAndIndex", json!("0x1")),
        ("eth_getRawTransactionByBlockHashAndIndex", block),
    ] {
        let here = node.call(method, json!([block.clone(), "0x0"])).await;
        assert_eq!(here, raw, "{method}");
        let beyond = node.call(method, json!([block, "0x1"])).await;
        assert_eq!(beyond, Value::Null, "{method}");
    }
}
