//! Blocks: hashes, parents, gas, logs, filters.

use alloy_primitives::{Address, B256, Bloom, BloomInput};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, bytes, quantity, transfer};

#[tokio::test]
async fn blockhash_is_the_hash_that_rpc_gives() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::BLOCKHASH).await;
    node.call("hardhat_mine", json!(["0x5"])).await;
    let head = node.number("eth_blockNumber", json!([])).await;
    assert_eq!(head, 6);
    for number in 0..head {
        let block = node
            .call(
                "eth_getBlockByNumber",
                json!([format!("{number:#x}"), false]),
            )
            .await;
        let data = format!("0x{number:064x}");
        let seen = node
            .call(
                "eth_call",
                json!([{ "to": contract, "data": data }, "latest"]),
            )
            .await;
        assert_eq!(seen, block["hash"], "block {number}");
    }
    // The block that a call runs in has no hash yet.
    let own = node
        .call(
            "eth_call",
            json!([{ "to": contract, "data": format!("0x{head:064x}") }, "latest"]),
        )
        .await;
    assert_eq!(own, json!(B256::ZERO));
}

#[tokio::test]
async fn blocks_hang_together() {
    let node = TestNode::start().await;
    for nonce in 0..3 {
        node.send_raw(&node.sign(0, transfer(nonce, Address::repeat_byte(1), 1)))
            .await;
    }
    let mut parent = json!(B256::ZERO);
    let mut timestamp = 0;
    for number in 0..4 {
        let block = node
            .call(
                "eth_getBlockByNumber",
                json!([format!("{number:#x}"), true]),
            )
            .await;
        assert_eq!(block["number"], json!(format!("{number:#x}")));
        assert_eq!(block["parentHash"], parent);
        assert!(quantity(&block["timestamp"]) > timestamp);
        assert_eq!(block["baseFeePerGas"], "0x64");
        assert_eq!(block["gasLimit"], "0x2540be400");
        parent = block["hash"].clone();
        timestamp = quantity(&block["timestamp"]);
        assert_eq!(
            node.call("eth_getBlockByHash", json!([parent, true])).await,
            block
        );
        if number > 0 {
            let transaction = &block["transactions"][0];
            assert_eq!(transaction["blockHash"], block["hash"]);
            assert_eq!(transaction["blockTimestamp"], block["timestamp"]);
            // The schema of receipts has no such member.
            let receipt = node.receipt(&transaction["hash"]).await;
            assert_eq!(receipt.get("blockTimestamp"), None);
            let place = json!([format!("{number:#x}"), "0x0"]);
            assert_eq!(
                &node
                    .call("eth_getTransactionByBlockNumberAndIndex", place)
                    .await,
                transaction
            );
        }
    }
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["0x99", false]))
            .await,
        Value::Null
    );
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["earliest", false]))
            .await["number"],
        "0x0"
    );
    for tag in ["latest", "safe", "finalized"] {
        assert_eq!(
            node.call("eth_getBlockByNumber", json!([tag, false])).await["number"],
            "0x3",
            "{tag}"
        );
    }
}

#[tokio::test]
async fn gas_adds_up_over_a_block_and_pending_shows_what_comes() {
    let node = TestNode::manual().await;
    let mut hashes = Vec::new();
    for nonce in 0..3 {
        hashes.push(
            node.send_raw(&node.sign(0, transfer(nonce, Address::repeat_byte(1), 1)))
                .await,
        );
    }
    assert_eq!(node.receipt(&hashes[0]).await, Value::Null);
    let waiting = node
        .call("eth_getTransactionByHash", json!([hashes[0]]))
        .await;
    assert_eq!(
        (&waiting["blockHash"], &waiting["hash"]),
        (&Value::Null, &hashes[0])
    );
    let pending = node
        .call("eth_getBlockByNumber", json!(["pending", false]))
        .await;
    assert_eq!(pending["transactions"], json!(hashes));
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(0), "pending"])
        )
        .await,
        3
    );
    assert_eq!(
        node.number(
            "eth_getTransactionCount",
            json!([node.account(0), "latest"])
        )
        .await,
        0
    );
    assert_eq!(
        node.number(
            "eth_getBalance",
            json!([Address::repeat_byte(1), "pending"])
        )
        .await,
        3
    );
    assert_eq!(node.balance(Address::repeat_byte(1)).await, 0);
    assert_eq!(
        node.call("txpool_status", json!([])).await,
        json!({ "pending": "0x3", "queued": "0x0" })
    );

    node.call("evm_mine", json!([])).await;
    let receipts = node.call("eth_getBlockReceipts", json!(["latest"])).await;
    let mut cumulative = 0;
    for (index, receipt) in receipts.as_array().unwrap().iter().enumerate() {
        assert_eq!(receipt["transactionHash"], hashes[index]);
        cumulative += quantity(&receipt["gasUsed"]);
        assert_eq!(quantity(&receipt["cumulativeGasUsed"]), cumulative);
    }
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(quantity(&block["gasUsed"]), cumulative);
    assert_eq!(block["transactions"], json!(hashes));
}

#[tokio::test]
async fn logs_are_found_by_block_address_and_topic() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let filter = node
        .call("eth_newFilter", json!([{ "address": contract }]))
        .await;
    let blocks = node.call("eth_newBlockFilter", json!([])).await;
    for number in 1..=3 {
        node.send(json!({ "to": contract, "data": format!("0x{number:064x}") }))
            .await;
    }
    let topic = format!("0x{:064x}", 0xaa);
    let logs = async |filter: Value| {
        node.call("eth_getLogs", json!([filter]))
            .await
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(
        logs(json!({ "fromBlock": "0x0", "address": contract, "topics": [topic] })).await,
        3
    );
    assert_eq!(
        logs(json!({ "fromBlock": "0x0", "toBlock": "0x3" })).await,
        2
    );
    assert_eq!(logs(json!({})).await, 1, "the newest block");
    assert_eq!(
        logs(json!({ "fromBlock": "0x0", "topics": [format!("0x{:064x}", 0xbb)] })).await,
        0
    );
    assert_eq!(
        logs(json!({ "fromBlock": "0x0", "address": Address::ZERO })).await,
        0
    );
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(logs(json!({ "blockHash": block["hash"] })).await, 1);
    let bloom: Bloom = serde_json::from_value(block["logsBloom"].clone()).unwrap();
    assert!(bloom.contains_input(BloomInput::Raw(contract.as_slice())));

    let news = node.call("eth_getFilterChanges", json!([filter])).await;
    let data: Vec<u8> = news
        .as_array()
        .unwrap()
        .iter()
        .map(|log| bytes(&log["data"])[31])
        .collect();
    assert_eq!(data, [1, 2, 3]);
    assert_eq!(
        node.call("eth_getFilterChanges", json!([filter])).await,
        json!([])
    );
    assert_eq!(
        node.call("eth_getFilterChanges", json!([blocks]))
            .await
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        node.call("eth_uninstallFilter", json!([filter])).await,
        json!(true)
    );
    assert_eq!(
        node.error("eth_getFilterChanges", json!([filter]))
            .await
            .message,
        "filter not found"
    );
}

#[tokio::test]
async fn fees_follow_filecoins_rule() {
    let node = TestNode::with(fevm_devnode::NodeConfig {
        base_fee: 1_000,
        ..crate::common::config()
    })
    .await;
    node.call("hardhat_mine", json!(["0x2"])).await;
    let fee = |number: u8| {
        let node = &node;
        async move {
            quantity(
                &node
                    .call(
                        "eth_getBlockByNumber",
                        json!([format!("{number:#x}"), false]),
                    )
                    .await["baseFeePerGas"],
            )
        }
    };
    assert_eq!(
        (fee(0).await, fee(1).await, fee(2).await),
        (1_000, 1_000, 875),
        "idle blocks lower it by an eighth"
    );
    let history = node
        .call("eth_feeHistory", json!(["0x2", "latest", [50.0]]))
        .await;
    assert_eq!(history["oldestBlock"], "0x1");
    assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), 3);
    assert_eq!(history["reward"].as_array().unwrap().len(), 2);
    assert_eq!(node.number("eth_gasPrice", json!([])).await, 765 + 100_000);
}
