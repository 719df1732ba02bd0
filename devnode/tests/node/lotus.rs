//! The chain as Filecoin's own nodes show it, and null rounds.

use alloy_primitives::{Address, hex};
use fevm_devnode::NodeConfig;
use fevm_devnode::config::Mining;
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, bytes, config, quantity, transfer};

const SOMEONE: Address = Address::repeat_byte(0x33);

async fn lotus() -> TestNode {
    TestNode::with(NodeConfig {
        lotus: true,
        mining: Mining::Manual,
        log_range_limit: Some(10),
        ..config()
    })
    .await
}

#[tokio::test]
async fn what_is_executed_is_one_block_behind() {
    let node = lotus().await;
    node.call("evm_mine", json!([])).await;
    node.call("evm_mine", json!([])).await;
    let hash = node.send_raw(&node.sign(0, transfer(0, SOMEONE, 5))).await;
    node.call("evm_mine", json!([])).await;
    assert_eq!(node.node.head().number, 3);
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 2);
    for method in ["eth_getTransactionReceipt", "eth_getTransactionByHash"] {
        assert_eq!(
            node.call(method, json!([hash])).await,
            Value::Null,
            "{method}"
        );
    }
    assert_eq!(node.balance(SOMEONE).await, 0);
    let pending = node
        .call("eth_getBlockByNumber", json!(["pending", false]))
        .await;
    assert_eq!(pending["transactions"], json!([hash]));
    for (block, words) in [("0x3", "future epoch"), ("earliest", "not supported")] {
        let error = node
            .error("eth_getBlockByNumber", json!([block, false]))
            .await;
        assert!(
            error.code == 1 && error.message.contains(words),
            "{error:?}"
        );
    }
    node.call("evm_mine", json!([])).await;
    let receipt = node.receipt(&hash).await;
    assert_eq!(
        (&receipt["status"], &receipt["cumulativeGasUsed"]),
        (&json!("0x1"), &json!("0x0"))
    );
    assert!(quantity(&receipt["gasUsed"]) > 0);
    assert_eq!(node.balance(SOMEONE).await, 5);
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(block["logsBloom"], json!(format!("0x{}", "ff".repeat(256))));
    let safe = node
        .call("eth_getBlockByNumber", json!(["safe", false]))
        .await;
    assert_eq!(safe["number"], "0x0", "thirty behind");
}

#[tokio::test]
async fn a_value_above_the_balance_is_mined_and_fails() {
    let node = lotus().await;
    let all = node.balance(node.account(1)).await;
    let hash = node
        .send_raw(&node.sign(1, transfer(0, SOMEONE, all + 1)))
        .await;
    node.call("hardhat_mine", json!(["0x2"])).await;
    let receipt = node.receipt(&hash).await;
    assert_eq!(receipt["status"], "0x0", "{receipt}");
    assert_eq!(node.balance(SOMEONE).await, 0);

    let usual = TestNode::start().await;
    let error = usual
        .error(
            "eth_sendRawTransaction",
            json!([usual.sign(1, transfer(0, SOMEONE, all + 1))]),
        )
        .await;
    assert!(
        error
            .message
            .starts_with("insufficient funds for gas * price + value"),
        "{error:?}"
    );
}

#[tokio::test]
async fn null_rounds_are_errors_and_hash_as_the_block_before() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::BLOCKHASH).await;
    assert_eq!(node.call("fevm_mineNullRounds", json!([3])).await, "0x5");
    assert_eq!(node.node.head().number, 5);
    for block in ["0x2", "0x4"] {
        let error = node
            .error("eth_getBlockByNumber", json!([block, false]))
            .await;
        assert_eq!(error.code, 12);
        assert!(error.message.contains("was a null round"), "{error:?}");
    }
    let head = node
        .call("eth_getBlockByNumber", json!(["0x5", false]))
        .await;
    let before = node
        .call("eth_getBlockByNumber", json!(["0x1", false]))
        .await;
    assert_eq!(head["parentHash"], before["hash"]);
    node.call("evm_mine", json!([])).await;
    let hash_of = async |number: u64| {
        let call = json!([{ "to": contract, "data": format!("0x{number:064x}") }, "latest"]);
        hex::encode_prefixed(bytes(&node.call("eth_call", call).await))
    };
    assert_eq!(json!(hash_of(3).await), before["hash"]);
    assert_eq!(json!(hash_of(5).await), head["hash"]);
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["0x7", false]))
            .await,
        Value::Null,
        "not yet"
    );
    let logs = json!([{ "fromBlock": "0x2", "toBlock": "0x4" }]);
    assert_eq!(node.call("eth_getLogs", logs).await, json!([]));
}

#[tokio::test]
async fn ranges_of_logs_are_limited() {
    let node = lotus().await;
    node.call("hardhat_mine", json!(["0x14"])).await;
    let ask = |from: &str, to: &str| json!([{ "fromBlock": from, "toBlock": to }]);
    let error = node.error("eth_getLogs", ask("0x1", "latest")).await;
    assert!(
        error.message.contains("too large (maximum: 10)"),
        "{error:?}"
    );
    assert_eq!(node.call("eth_getLogs", ask("0x1", "0xb")).await, json!([]));
}
