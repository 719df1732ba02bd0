//! Helpers of development networks.

use alloy_primitives::{Address, U256, hex};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, bytes, quantity, transfer};

const SOMEONE: Address = Address::repeat_byte(0x11);

#[tokio::test]
async fn snapshots_bring_everything_back() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    node.call("hardhat_setBalance", json!([SOMEONE, "0x5"]))
        .await;
    let head = node
        .call("eth_getBlockByNumber", json!(["latest", true]))
        .await;
    let first = node.call("evm_snapshot", json!([])).await;
    let second = node.call("evm_snapshot", json!([])).await;
    assert_eq!((&first, &second), (&json!("0x1"), &json!("0x2")));
    let filter = node
        .call("eth_newFilter", json!([{ "address": contract }]))
        .await;
    let receipt = node
        .send(json!({ "to": contract, "data": format!("0x{:064x}", 7) }))
        .await;
    node.call("hardhat_setBalance", json!([SOMEONE, "0x6"]))
        .await;
    node.call("eth_getFilterChanges", json!([filter])).await;

    assert_eq!(node.call("evm_revert", json!([first])).await, json!(true));
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["latest", true]))
            .await,
        head
    );
    assert_eq!(node.balance(SOMEONE).await, 5);
    assert_eq!(node.receipt(&receipt["transactionHash"]).await, Value::Null);
    let taken_back = node.call("eth_getFilterChanges", json!([filter])).await;
    assert_eq!(taken_back[0]["removed"], json!(true));
    for gone in [first, second] {
        assert_eq!(node.call("evm_revert", json!([gone])).await, json!(false));
    }
    assert_eq!(
        node.call("evm_snapshot", json!([])).await,
        "0x3",
        "numbers are not used twice"
    );
    // The chain goes on from there.
    node.send_raw(&node.sign(0, transfer(1, SOMEONE, 1))).await;
    assert_eq!(node.balance(SOMEONE).await, 6);
}

#[tokio::test]
async fn time_moves_as_it_is_told() {
    let node = TestNode::start().await;
    let time = |node: &TestNode| node.node.head().timestamp;
    let before = time(&node);
    node.call("evm_increaseTime", json!([1_000])).await;
    node.call("evm_mine", json!([])).await;
    assert!(time(&node) >= before + 1_000);
    let wish = time(&node) + 5_000;
    node.call("evm_setNextBlockTimestamp", json!([wish])).await;
    node.call("evm_mine", json!([])).await;
    assert_eq!(time(&node), wish);
    let contract = node.deploy(&code::TIME_AND_NUMBER).await;
    let answer = bytes(
        &node
            .call("eth_call", json!([{ "to": contract }, "latest"]))
            .await,
    );
    assert_eq!(U256::from_be_slice(&answer[..32]), U256::from(time(&node)));
    let error = node.error("evm_setNextBlockTimestamp", json!([wish])).await;
    assert!(
        error.message.contains("lower than or equal to previous"),
        "{}",
        error.message
    );
    node.call("hardhat_mine", json!(["0x3", "0x3c"])).await;
    let blocks: Vec<u64> = node
        .node
        .chain()
        .range(0, u64::MAX)
        .rev()
        .take(3)
        .map(|block| block.unwrap().timestamp)
        .collect();
    assert_eq!((blocks[0] - blocks[1], blocks[1] - blocks[2]), (60, 60));
    node.call("anvil_setBlockTimestampInterval", json!([7]))
        .await;
    let before = time(&node);
    node.call("evm_mine", json!([])).await;
    assert_eq!(time(&node), before + 7);
}

#[tokio::test]
async fn accounts_are_set_from_outside() {
    let node = TestNode::start().await;
    let answer = hex!("602a60005260206000f3");
    node.call(
        "hardhat_setCode",
        json!([SOMEONE, alloy_primitives::Bytes::from(answer)]),
    )
    .await;
    node.call("hardhat_setBalance", json!([SOMEONE, "0x64"]))
        .await;
    node.call(
        "hardhat_setStorageAt",
        json!([SOMEONE, "0x3", format!("0x{:064x}", 9)]),
    )
    .await;
    assert_eq!(node.balance(SOMEONE).await, 100);
    assert_eq!(
        bytes(
            &node
                .call("eth_call", json!([{ "to": SOMEONE }, "latest"]))
                .await
        )[31],
        42
    );
    assert_eq!(
        bytes(
            &node
                .call("eth_getStorageAt", json!([SOMEONE, "0x3", "latest"]))
                .await
        )[31],
        9
    );
    node.call("anvil_setNonce", json!([node.account(1), "0x10"]))
        .await;
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(1), "latest"])
        )
        .await,
        16
    );
    let hash = node
        .send_raw(&node.sign(1, transfer(16, Address::repeat_byte(0x22), 1)))
        .await;
    assert_eq!(node.receipt(&hash).await["status"], "0x1");
    // A block on top keeps what was set.
    assert_eq!(node.balance(SOMEONE).await, 100);
}

#[tokio::test]
async fn impersonated_accounts_and_contracts_send() {
    let node = TestNode::start().await;
    let caller = node.deploy(&hex!("33600055")).await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    for sender in [SOMEONE, contract] {
        node.call(
            "hardhat_setBalance",
            json!([sender, format!("{:#x}", 10_u128.pow(18))]),
        )
        .await;
        node.call("hardhat_impersonateAccount", json!([sender]))
            .await;
        for _ in 0..2 {
            let receipt = node.send(json!({ "from": sender, "to": caller })).await;
            assert_eq!(
                (&receipt["status"], &receipt["from"]),
                (&json!("0x1"), &json!(sender)),
                "{receipt}"
            );
        }
        let slot = bytes(
            &node
                .call("eth_getStorageAt", json!([caller, "0x0", "latest"]))
                .await,
        );
        assert_eq!(Address::from_slice(&slot[12..]), sender);
        node.call("hardhat_stopImpersonatingAccount", json!([sender]))
            .await;
        let error = node
            .error(
                "eth_sendTransaction",
                json!([{ "from": sender, "to": caller }]),
            )
            .await;
        error.assert_begins("unknown account");
    }
}

#[tokio::test]
async fn mining_is_switched() {
    let node = TestNode::start().await;
    assert_eq!(
        node.call("hardhat_getAutomine", json!([])).await,
        json!(true)
    );
    node.call("evm_setAutomine", json!([false])).await;
    let hash = node.send_raw(&node.sign(0, transfer(0, SOMEONE, 1))).await;
    assert_eq!(node.receipt(&hash).await, Value::Null);
    let second = node.send_raw(&node.sign(0, transfer(1, SOMEONE, 1))).await;
    assert_eq!(
        node.call("hardhat_dropTransaction", json!([second])).await,
        json!(true)
    );
    node.call("evm_setAutomine", json!([true])).await;
    assert_eq!(node.receipt(&hash).await["status"], "0x1");
    assert_eq!(
        node.call("eth_getTransactionByHash", json!([second])).await,
        Value::Null
    );
    node.call("anvil_setIntervalMining", json!([1])).await;
    let waiting = node.send_raw(&node.sign(0, transfer(1, SOMEONE, 1))).await;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if node.receipt(&waiting).await != Value::Null {
            break;
        }
    }
    assert_eq!(
        node.receipt(&waiting).await["status"],
        "0x1",
        "mined by time"
    );
}

#[tokio::test]
async fn reset_starts_again_and_helpers_are_honest() {
    let node = TestNode::start().await;
    let genesis = node
        .call("eth_getBlockByNumber", json!(["0x0", true]))
        .await;
    node.send_raw(&node.sign(0, transfer(0, SOMEONE, 1))).await;
    node.call("hardhat_setNextBlockBaseFeePerGas", json!(["0x3e8"]))
        .await;
    node.call("evm_mine", json!([])).await;
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(quantity(&block["baseFeePerGas"]), 1_000);
    node.call("hardhat_reset", json!([])).await;
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["latest", true]))
            .await,
        genesis
    );
    assert_eq!(node.balance(SOMEONE).await, 0);
    assert!(
        node.error("hardhat_setCoinbase", json!([SOMEONE]))
            .await
            .message
            .contains("COINBASE")
    );
    assert!(
        node.error("hardhat_setPrevRandao", json!(["0x1"]))
            .await
            .message
            .contains("PREVRANDAO")
    );
    assert!(
        node.error("evm_setBlockGasLimit", json!(["0x1c9c380"]))
            .await
            .message
            .contains("444")
    );
    let info = node.call("anvil_nodeInfo", json!([])).await;
    assert_eq!(info["environment"]["chainId"], json!(31_415_926));
}

#[tokio::test]
async fn a_reorganisation_puts_other_blocks_in_place() {
    let node = TestNode::start().await;
    let gone = node.send_raw(&node.sign(0, transfer(0, SOMEONE, 1))).await;
    node.call("evm_mine", json!([])).await;
    let before = node
        .call("eth_getBlockByNumber", json!(["0x2", false]))
        .await;
    let raw = node.sign(1, transfer(0, SOMEONE, 7));
    let request = json!({ "from": node.account(2), "to": SOMEONE, "value": "0x2" });
    node.call("anvil_reorg", json!([2, [[raw, 0], [request, 1]]]))
        .await;
    let after = node
        .call("eth_getBlockByNumber", json!(["0x2", false]))
        .await;
    assert_ne!(before["hash"], after["hash"]);
    assert_eq!(after["transactions"].as_array().unwrap().len(), 1);
    assert_eq!(node.receipt(&gone).await, Value::Null);
    assert_eq!(node.balance(SOMEONE).await, 9);
    assert_eq!(node.node.head().number, 2);
    let error = node.error("anvil_reorg", json!([3, []])).await;
    assert!(error.message.contains("above the head"), "{error:?}");
    let error = node.error("anvil_reorg", json!([1, [["0x", 1]]])).await;
    assert!(error.message.contains("exceeds"), "{error:?}");
}

#[tokio::test]
async fn tokens_are_given_where_their_slot_is_found() {
    let node = TestNode::start().await;
    // Answers any call with the slot of Solidity's mapping at slot 3 for the first argument.
    let token = node
        .deploy(&hex!("600435600052600360205260406000205460005260206000f3"))
        .await;
    let balance = json!([{ "to": token, "data": format!("0x70a08231{:0>64}", hex::encode(SOMEONE)) }, "latest"]);
    node.call("anvil_dealERC20", json!([SOMEONE, token, "0x64"]))
        .await;
    assert_eq!(
        U256::from_be_slice(&bytes(&node.call("eth_call", balance).await)),
        U256::from(100)
    );
    let odd = node.deploy(&hex!("60005460005260206000f3")).await;
    let error = node
        .error("anvil_dealERC20", json!([SOMEONE, odd, "0x64"]))
        .await;
    assert!(error.message.contains("unusual layout"), "{error:?}");
    let error = node
        .error("anvil_dealERC20", json!([SOMEONE, SOMEONE, "0x64"]))
        .await;
    assert!(error.message.contains("no contract"), "{error:?}");
}
