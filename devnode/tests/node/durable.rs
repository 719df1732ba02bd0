//! The chain on disk: what is there after a restart, state files, pruned states.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_primitives::Address;
use fevm_devnode::config::{Durability, Mining};
use fevm_devnode::node::StartError;
use fevm_devnode::store::StoreError;
use fevm_devnode::{Node, NodeConfig};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::code;
use crate::common::{TestNode, config, transfer};

const SOMEONE: Address = Address::repeat_byte(0x11);

fn stored(folder: &Path) -> NodeConfig {
    NodeConfig {
        data: Some(folder.to_owned()),
        ..config()
    }
}

/// Starts a node on the folder of one that was dropped: its threads may take a moment to let go of it.
async fn start(config: NodeConfig) -> TestNode {
    let bundle = fevm_bundle::ours().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match Node::start(config.clone(), &bundle) {
            Ok(node) => return TestNode::serving(node).await,
            Err(StartError::Store(StoreError::Locked(_))) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Everything that a client sees of the blocks, their transactions and receipts.
async fn chain(node: &TestNode) -> Vec<Value> {
    let head = node.number("eth_blockNumber", json!([])).await;
    let mut seen = Vec::new();
    for number in 0..=head {
        let tag = format!("{number:#x}");
        seen.push(node.call("eth_getBlockByNumber", json!([tag, true])).await);
        seen.push(node.call("eth_getBlockReceipts", json!([tag])).await);
    }
    seen.push(
        node.call("eth_getLogs", json!([{ "fromBlock": "0x0" }]))
            .await,
    );
    seen
}

#[tokio::test]
async fn a_restart_goes_on_with_the_same_chain() {
    for durability in [
        Durability::Immediate,
        Durability::Eventual,
        Durability::None,
    ] {
        let folder = TempDir::new().unwrap();
        let config = NodeConfig {
            durability,
            ..stored(folder.path())
        };
        let node = start(config.clone()).await;
        let contract = node.deploy(&code::STORE_AND_LOG).await;
        let hash = {
            let receipt = node
                .send(json!({ "to": contract, "data": format!("0x{:064x}", 7) }))
                .await;
            receipt["transactionHash"].clone()
        };
        node.call("hardhat_setBalance", json!([SOMEONE, "0x1234"]))
            .await;
        node.call("evm_increaseTime", json!([10_000])).await;
        let snapshot = node.call("evm_snapshot", json!([])).await;
        node.send_raw(&node.sign(1, transfer(0, SOMEONE, 5))).await;
        // One that waits for another.
        let waiting = node.send_raw(&node.sign(2, transfer(1, SOMEONE, 1))).await;
        let before = chain(&node).await;
        node.node.close().unwrap();
        drop(node);

        let node = start(config).await;
        assert_eq!(chain(&node).await, before, "{durability:?}");
        assert_eq!(node.balance(SOMEONE).await, 0x1239);
        let read = json!([contract, "0x0", "latest"]);
        assert_eq!(
            node.call("eth_getStorageAt", read).await,
            format!("0x{:064x}", 7)
        );
        let by_hash = node
            .call("eth_getTransactionByHash", json!([waiting]))
            .await;
        assert_eq!(by_hash["blockHash"], Value::Null, "it waits still");
        assert!(
            node.call(
                "debug_traceTransaction",
                json!([hash, { "tracer": "callTracer" }])
            )
            .await
            .is_object()
        );
        // Goes on: the waiting transaction finds its turn, time has not gone back, the snapshot is there.
        let real = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        assert!(node.node.settings().clock.now() >= real + 9_000);
        node.send_raw(&node.sign(2, transfer(0, SOMEONE, 1))).await;
        assert_eq!(node.balance(SOMEONE).await, 0x123b);
        assert_eq!(
            node.call("evm_revert", json!([snapshot])).await,
            json!(true)
        );
        assert_eq!(node.balance(SOMEONE).await, 0x1234);
        assert_eq!(
            node.call("evm_snapshot", json!([])).await,
            json!("0x2"),
            "numbers are not used twice"
        );
        node.call("hardhat_reset", json!([])).await;
        assert_eq!(node.balance(SOMEONE).await, 0);
        assert_eq!(node.number("eth_blockNumber", json!([])).await, 0);
    }
}

#[tokio::test]
async fn a_transaction_that_waits_is_on_disk_when_it_is_acknowledged() {
    let folder = TempDir::new().unwrap();
    let config = NodeConfig {
        mining: Mining::Manual,
        ..stored(folder.path())
    };
    let node = start(config.clone()).await;
    let mut hashes = Vec::new();
    for nonce in 0..3 {
        hashes.push(
            node.send_raw(&node.sign(0, transfer(nonce, SOMEONE, 1)))
                .await,
        );
    }
    node.call("hardhat_dropTransaction", json!([hashes[2]]))
        .await;
    node.send_raw(&node.sign(1, transfer(0, SOMEONE, 1))).await;
    // Not closed: dropped as it is.
    drop(node);
    let node = start(config).await;
    assert_eq!(
        node.call("txpool_status", json!([])).await,
        json!({ "pending": "0x3", "queued": "0x0" })
    );
    node.call("evm_mine", json!([])).await;
    assert_eq!(node.balance(SOMEONE).await, 3);
}

#[tokio::test]
async fn a_folder_belongs_to_one_chain_and_one_node() {
    let folder = TempDir::new().unwrap();
    let node = start(stored(folder.path())).await;
    let bundle = fevm_bundle::ours().unwrap();
    let error = Node::start(stored(folder.path()), &bundle)
        .unwrap_err()
        .to_string();
    assert!(error.contains("another node uses this folder"), "{error}");
    drop(node);
    drop(start(stored(folder.path())).await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let deadline = Instant::now() + Duration::from_secs(60);
    let error = loop {
        let other = NodeConfig {
            chain_id: 5,
            ..stored(folder.path())
        };
        let error = Node::start(other, &bundle).unwrap_err().to_string();
        if !error.contains("another node") || Instant::now() > deadline {
            break error;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(
        error.contains("chain id 31415926, and the node was started with 5"),
        "{error}"
    );
}

#[tokio::test]
async fn a_chain_goes_from_node_to_node_in_a_file() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    node.send(json!({ "to": contract, "data": format!("0x{:064x}", 9) }))
        .await;
    node.call("hardhat_setBalance", json!([SOMEONE, "0x77"]))
        .await;
    let state = node.call("anvil_dumpState", json!([])).await;
    let before = chain(&node).await;

    // Into a running node, and into one that starts with it.
    let running = TestNode::start().await;
    running
        .send_raw(&running.sign(3, transfer(0, SOMEONE, 5)))
        .await;
    assert_eq!(
        running.call("anvil_loadState", json!([state])).await,
        json!(true)
    );
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.car");
    std::fs::write(&file, node.node.dump_state().unwrap()).unwrap();
    let loading = NodeConfig {
        load_state: Some(file.clone()),
        data: Some(folder.path().join("data")),
        ..config()
    };
    let started = start(loading.clone()).await;
    for other in [&running, &started] {
        assert_eq!(chain(other).await, before);
        assert_eq!(other.balance(SOMEONE).await, 0x77);
        other
            .send(json!({ "to": contract, "data": format!("0x{:064x}", 10) }))
            .await;
        assert_eq!(
            other
                .call("eth_getStorageAt", json!([contract, "0x0", "latest"]))
                .await,
            format!("0x{:064x}", 10)
        );
        other.call("hardhat_reset", json!([])).await;
        assert_eq!(other.balance(SOMEONE).await, 0);
    }
    drop(started);
    let deadline = Instant::now() + Duration::from_secs(60);
    let error = loop {
        let error = Node::start(loading.clone(), &fevm_bundle::ours().unwrap())
            .unwrap_err()
            .to_string();
        if !error.contains("another node") || Instant::now() > deadline {
            break error;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(error.contains("holds a chain already"), "{error}");

    for (bytes, words) in [
        ("0x", "not a state file"),
        ("0x1f8b08", "not a state file"),
        ("0x7b7d", "not a state file"),
    ] {
        let error = running.error("anvil_loadState", json!([bytes])).await;
        assert!(error.message.contains(words), "{}", error.message);
    }
    let other = TestNode::with(NodeConfig {
        chain_id: 5,
        ..config()
    })
    .await;
    let error = other.error("anvil_loadState", json!([state])).await;
    assert!(
        error.message.contains("its chain has chain id 31415926"),
        "{}",
        error.message
    );
    assert_eq!(other.number("eth_blockNumber", json!([])).await, 0);
}

#[tokio::test]
async fn pruned_states_are_refused_and_the_rest_answers() {
    let node = TestNode::with(NodeConfig {
        prune: Some(10),
        ..config()
    })
    .await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let hash = node
        .send(json!({ "to": contract, "data": format!("0x{:064x}", 7) }))
        .await["transactionHash"]
        .clone();
    // Blocks without messages share their state with the next: it must change to be forgotten.
    node.send(json!({ "to": contract, "data": format!("0x{:064x}", 6) }))
        .await;
    node.call("hardhat_mine", json!(["0x100"])).await;
    for method in ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"] {
        let error = node.error(method, json!([SOMEONE, "0x2"])).await;
        assert!(
            error.code == -32000 && error.message.contains("--prune"),
            "{}",
            error.message
        );
        node.call(method, json!([SOMEONE, "latest"])).await;
        node.call(method, json!([SOMEONE, "0x0"])).await;
    }
    for (method, params) in [
        ("eth_call", json!([{ "to": contract }, "0x2"])),
        (
            "debug_traceTransaction",
            json!([hash, { "tracer": "callTracer" }]),
        ),
    ] {
        let error = node.error(method, params).await;
        assert!(error.message.contains("--prune"), "{}", error.message);
    }
    assert_eq!(node.receipt(&hash).await["status"], "0x1");
    assert_eq!(
        node.call("eth_getLogs", json!([{ "fromBlock": "0x0" }]))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    node.send(json!({ "to": contract, "data": format!("0x{:064x}", 8) }))
        .await;
    assert_eq!(
        node.call("eth_getStorageAt", json!([contract, "0x0", "latest"]))
            .await,
        format!("0x{:064x}", 8)
    );
}

#[tokio::test]
async fn transactions_that_come_together_are_written_together_and_see_each_other() {
    let folder = TempDir::new().unwrap();
    let node = Arc::new(start(stored(folder.path())).await);
    // BLOCKHASH of the block before, stored under NUMBER: right also where that block is not written yet.
    // PUSH1 1, NUMBER, SUB, BLOCKHASH, NUMBER, SSTORE
    let contract = node.deploy(&[0x60, 1, 0x43, 0x03, 0x40, 0x43, 0x55]).await;
    let mut sent = Vec::new();
    for account in 0..8 {
        for nonce in 0..3 {
            let mut transaction = transfer(nonce + u64::from(account == 0), contract, 0);
            transaction.gas_limit = 100_000_000;
            sent.push(node.sign(account, transaction));
        }
    }
    let sending = sent
        .iter()
        .map(|raw| node.raw("eth_sendRawTransaction", json!([raw])));
    let answers = futures_util::future::join_all(sending).await;
    assert!(
        answers.iter().all(|answer| answer["result"].is_string()),
        "{answers:?}"
    );
    let head = node.number("eth_blockNumber", json!([])).await;
    assert_eq!(head, 25, "a block for each");
    for number in 2..=head {
        let parent = node
            .call(
                "eth_getBlockByNumber",
                json!([format!("{:#x}", number - 1), false]),
            )
            .await;
        let stored = node
            .call(
                "eth_getStorageAt",
                json!([contract, format!("{number:#x}"), "latest"]),
            )
            .await;
        assert_eq!(stored, parent["hash"], "{number}");
    }
}
