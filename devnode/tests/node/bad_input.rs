//! Bad input: each a clear error with geth's code, the node stays up, and nothing changes.

use alloy_consensus::{SignableTransaction, TxEip2930, TxEip7702, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, Signature, U256};
use serde_json::{Value, json};

use crate::common::{Error, TestNode, legacy, transfer};

const SOMEONE: Address = Address::repeat_byte(0x11);

/// Sends a raw transaction that must be refused, and checks that nothing has changed.
async fn refused(node: &TestNode, raw: &Bytes) -> Error {
    let head = node
        .call("eth_getBlockByNumber", json!(["latest", true]))
        .await;
    let error = node.error("eth_sendRawTransaction", json!([raw])).await;
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["latest", true]))
            .await,
        head
    );
    assert_eq!(
        node.call("txpool_status", json!([])).await,
        json!({ "pending": "0x0", "queued": "0x0" })
    );
    error
}

fn answer(text: &str) -> (i64, String) {
    let answer: Value = serde_json::from_str(text).unwrap();
    (
        answer["error"]["code"].as_i64().unwrap(),
        answer["error"]["message"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn malformed_json() {
    let node = TestNode::start().await;
    for body in [
        "",
        "{",
        "nonsense",
        "{\"jsonrpc\":\"2.0\",",
        "\u{0}",
        &"[".repeat(100_000),
    ] {
        let (code, message) = answer(&node.post(body.to_owned()).await.1);
        assert_eq!(code, -32700, "{message}");
        assert!(message.starts_with("parse error"), "{message}");
    }
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 0);
}

#[tokio::test]
async fn json_that_is_no_request() {
    let node = TestNode::start().await;
    for body in [
        "1",
        "\"eth_chainId\"",
        "null",
        "{}",
        "{\"id\":1,\"method\":\"eth_chainId\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
    ] {
        assert_eq!(answer(&node.post(body).await.1).0, -32600, "{body}");
    }
    let named = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": { "a": 1 } });
    assert_eq!(
        answer(&node.post(named.to_string()).await.1),
        (-32602, "non-array args".to_owned())
    );
}

#[tokio::test]
async fn unknown_methods() {
    let node = TestNode::start().await;
    let error = node.error("eth_nonsense", json!([])).await;
    assert_eq!(error.code, -32601);
    assert_eq!(
        error.message,
        "the method eth_nonsense does not exist/is not available"
    );
    let error = node
        .error("eth_getProof", json!([SOMEONE, [], "latest"]))
        .await;
    assert_eq!(error.code, -32601);
    assert!(error.message.contains("KAMT"), "{}", error.message);
}

#[tokio::test]
async fn batches() {
    let node = TestNode::start().await;
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" },
        { "jsonrpc": "2.0", "id": "two", "method": "eth_nonsense" },
        { "jsonrpc": "2.0", "method": "eth_chainId" },
        7,
    ]);
    let answers: Value = serde_json::from_str(&node.post(batch.to_string()).await.1).unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 3, "a notification has no answer");
    assert_eq!(
        (&answers[0]["id"], &answers[0]["result"]),
        (&json!(1), &json!("0x1df5e76"))
    );
    assert_eq!(
        (&answers[1]["id"], &answers[1]["error"]["code"]),
        (&json!("two"), &json!(-32601))
    );
    assert_eq!(
        (&answers[2]["id"], &answers[2]["error"]["code"]),
        (&Value::Null, &json!(-32600))
    );
    assert_eq!(
        answer(&node.post("[]").await.1),
        (-32600, "empty batch".to_owned())
    );
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" });
    let large = Value::Array(vec![one; 1_001]).to_string();
    let (code, message) = answer(&node.post(large).await.1);
    assert!(
        code == -32600 && message.starts_with("batch too large"),
        "{message}"
    );
}

#[tokio::test]
async fn hex_that_is_none() {
    let node = TestNode::start().await;
    for (raw, words) in [
        ("0xzz", "invalid hex digit 'z' at position 2"),
        ("0x123", "hex string of odd length (3 digits)"),
        ("1234", "hex string without 0x prefix"),
        ("", "empty hex string"),
    ] {
        let error = node.error("eth_sendRawTransaction", json!([raw])).await;
        assert_eq!(
            (error.code, error.message),
            (-32602, format!("invalid argument 0: {words}"))
        );
    }
    let error = node
        .error("eth_getBalance", json!(["0x1234", "latest"]))
        .await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (
            -32602,
            "invalid argument 0: hex string has 4 digits, want 40 for an address"
        )
    );
    let error = node
        .error(
            "eth_call",
            json!([{ "to": SOMEONE, "data": "0xabc" }, "latest"]),
        )
        .await;
    assert_eq!(
        error.message,
        "invalid argument 0: field \"data\": hex string of odd length (3 digits)"
    );
    let error = node.error("eth_getBalance", json!([])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32602, "missing value for required argument 0 (address)")
    );
    let error = node.error("eth_chainId", json!([1])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32602, "too many arguments, want at most 0")
    );
    let error = node
        .error("eth_getBalance", json!([SOMEONE, "soonest"]))
        .await;
    assert!(
        error.message.contains("unknown block tag \"soonest\""),
        "{}",
        error.message
    );
    let error = node.error("eth_getBalance", json!([SOMEONE, "0x99"])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32000, "header not found")
    );
    let error = node.error("hardhat_setBalance", json!([SOMEONE, -1])).await;
    assert_eq!(error.code, -32602);
    let error = node
        .error("hardhat_setBalance", json!([SOMEONE, U256::MAX]))
        .await;
    assert!(error.message.contains("2^128 - 1"), "{}", error.message);
}

#[tokio::test]
async fn wrong_chain_id() {
    let node = TestNode::start().await;
    let mut transaction = transfer(0, SOMEONE, 1);
    transaction.chain_id = 1;
    let error = refused(&node, &node.sign(0, transaction)).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32000, "invalid chain id for signer: have 1 want 31415926")
    );
    let error = refused(&node, &node.sign(0, legacy(0, SOMEONE, 1, Some(5)))).await;
    assert_eq!(
        error.message,
        "invalid chain id for signer: have 5 want 31415926"
    );
}

#[tokio::test]
async fn wrong_nonce() {
    let node = TestNode::start().await;
    let raw = node.sign(0, transfer(0, SOMEONE, 1));
    node.send_raw(&raw).await;
    for raw in [raw, node.sign(0, transfer(0, SOMEONE, 2))] {
        let error = refused(&node, &raw).await;
        assert_eq!(
            (error.code, error.message.as_str()),
            (-32000, "nonce too low: next nonce 1, tx nonce 0")
        );
    }
    // One that is too high waits, and the same twice is known.
    let early = node.sign(0, transfer(5, SOMEONE, 1));
    node.send_raw(&early).await;
    let error = node.error("eth_sendRawTransaction", json!([early])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32000, "already known")
    );
    let cheap = node.sign(0, transfer(5, SOMEONE, 2));
    let error = node.error("eth_sendRawTransaction", json!([cheap])).await;
    error.assert_begins("replacement transaction underpriced");
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 1);
}

#[tokio::test]
async fn too_little_balance() {
    let node = TestNode::start().await;
    let balance = 10_000 * 10_u128.pow(18);
    let error = refused(&node, &node.sign(0, transfer(0, SOMEONE, balance))).await;
    let gas = 20_000_000_000_000_u128;
    assert_eq!(error.code, -32000);
    assert_eq!(
        error.message,
        format!(
            "insufficient funds for gas * price + value: balance {balance}, tx cost {}, overshot {gas}",
            balance + gas
        )
    );
    let call = json!([{ "from": SOMEONE, "to": SOMEONE, "value": "0x1" }, "latest"]);
    let error = node.error("eth_call", call).await;
    error.assert_begins("insufficient funds for gas * price + value");
}

#[tokio::test]
async fn garbage_rlp() {
    let node = TestNode::start().await;
    let good = node.sign(0, transfer(0, SOMEONE, 1)).to_vec();
    let mut long = good.clone();
    long.push(0);
    let mut damaged = good.clone();
    damaged[5] ^= 0xff;
    for raw in [
        vec![],
        vec![2],
        vec![0xc0],
        vec![0x02, 0xc0],
        vec![0xf8; 40],
        good[..50].to_vec(),
        long,
        damaged,
    ] {
        let error = refused(&node, &raw.clone().into()).await;
        assert_eq!(
            error.code,
            -32000,
            "{}: {}",
            Bytes::from(raw),
            error.message
        );
        assert!(!error.message.is_empty());
    }
    node.send_raw(&good.into()).await;
}

#[tokio::test]
async fn unsupported_types_are_named_with_the_reason() {
    let node = TestNode::start().await;
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    let one: TxEnvelope = TxEip2930 {
        chain_id: 31_415_926,
        ..Default::default()
    }
    .into_signed(signature)
    .into();
    let four: TxEnvelope = TxEip7702 {
        chain_id: 31_415_926,
        ..Default::default()
    }
    .into_signed(signature)
    .into();
    for (raw, words) in [
        (one.encoded_2718(), ["type 1", "EIP-2930"]),
        (vec![0x03, 0xc0], ["type 3", "EIP-4844"]),
        (four.encoded_2718(), ["type 4", "EIP-7702"]),
    ] {
        let error = refused(&node, &raw.into()).await;
        assert_eq!(error.code, -32000);
        assert!(
            words.iter().all(|word| error.message.contains(word)),
            "{}",
            error.message
        );
    }
    let error = node
        .error(
            "eth_sendTransaction",
            json!([{ "from": node.account(0), "to": SOMEONE, "type": "0x1" }]),
        )
        .await;
    assert!(error.message.contains("type 1"), "{}", error.message);
    let mut listed = transfer(0, SOMEONE, 1);
    listed.access_list = vec![Default::default()].into();
    let error = refused(&node, &node.sign(0, listed)).await;
    assert!(error.message.contains("access list"), "{}", error.message);
}

#[tokio::test]
async fn gas_limits_and_fees_that_cannot_be() {
    let node = TestNode::start().await;
    let mut low = transfer(0, SOMEONE, 1);
    low.gas_limit = 21_000;
    let error = refused(&node, &node.sign(0, low.clone())).await;
    let needed = error
        .message
        .split("minimum needed ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap();
    error.assert_begins("intrinsic gas too low: gas 21000");
    // The named amount is right to the unit: with it, inclusion is paid for, and nothing else.
    low.gas_limit = needed.parse().unwrap();
    let error = refused(&node, &node.sign(0, low.clone())).await;
    assert!(error.message.starts_with("out of gas: "), "{error:?}");
    // Where blocks are not made for single transactions it fails in its block.
    node.call("evm_setAutomine", json!([false])).await;
    let hash = node.send_raw(&node.sign(0, low)).await;
    node.call("evm_mine", json!([])).await;
    assert_eq!(node.receipt(&hash).await["status"], "0x0");
    node.call("evm_setAutomine", json!([true])).await;

    let mut high = transfer(1, SOMEONE, 1);
    high.gas_limit = 10_000_000_001;
    let error = refused(&node, &node.sign(0, high)).await;
    error.assert_begins("exceeds block gas limit");
    let mut cheap = transfer(1, SOMEONE, 1);
    cheap.max_fee_per_gas = 99;
    cheap.max_priority_fee_per_gas = 1;
    let error = refused(&node, &node.sign(0, cheap)).await;
    error.assert_begins("max fee per gas less than block base fee");
    let mut tip = transfer(1, SOMEONE, 1);
    tip.max_priority_fee_per_gas = tip.max_fee_per_gas + 1;
    let error = refused(&node, &node.sign(0, tip)).await;
    error.assert_begins("max priority fee per gas higher than max fee per gas");
    let mut large = transfer(1, SOMEONE, 1);
    large.input = vec![0; 70_000].into();
    let error = refused(&node, &node.sign(0, large)).await;
    error.assert_begins("oversized data");
}

#[tokio::test]
async fn accounts_that_the_node_does_not_hold() {
    let node = TestNode::start().await;
    let error = node
        .error(
            "eth_sendTransaction",
            json!([{ "from": SOMEONE, "to": SOMEONE }]),
        )
        .await;
    error.assert_begins("unknown account");
    assert!(
        node.error("eth_sign", json!([SOMEONE, "0x"]))
            .await
            .message
            .starts_with("unknown account")
    );
    let error = node
        .error("eth_sendTransaction", json!([{ "to": SOMEONE }]))
        .await;
    assert_eq!(error.code, -32602);
}
