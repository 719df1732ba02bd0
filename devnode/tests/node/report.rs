//! What the log tells: console.log, warnings, names.

use std::sync::Arc;

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, address, hex, keccak256};
use fevm_devnode::executor::{CallMessage, Place};
use fevm_devnode::pool::Transaction;
use fevm_devnode::report::lines::Notes;
use fevm_devnode::report::{Warning, console};
use serde_json::json;

use crate::code;
use crate::common::{PLENTY, TestNode, transfer};

/// Sends its call data to the console.
const TO_CONSOLE: [u8; 29] = hex!("366000600037600060003660006a636f6e736f6c652e6c6f675afa5000");

/// Runs a transaction of account 0 with its notes and forgets it.
fn listen(node: &TestNode, transaction: TxEip1559) -> Notes {
    let raw = node.sign(0, transaction);
    let transaction = Transaction::decode(&raw, 31_415_926).unwrap();
    let node = &node.node;
    let executed = node
        .executor()
        .run_block(
            node.head().state_root,
            node.draft(),
            vec![Arc::new(transaction)],
            true,
        )
        .unwrap();
    assert_eq!(executed.rejected.len(), 0, "{:?}", executed.rejected);
    executed.notes.into_iter().next().unwrap()
}

fn to(node: &TestNode, to: Address, value: u128, input: impl Into<Bytes>) -> TxEip1559 {
    let nonce = node.node.next_nonce(node.account(0)).unwrap();
    TxEip1559 {
        gas_limit: PLENTY,
        input: input.into(),
        ..transfer(nonce, to, value)
    }
}

#[tokio::test]
async fn the_console_is_heard_in_transactions_and_calls() {
    let node = TestNode::start().await;
    let contract = node.deploy(&TO_CONSOLE).await;
    let mut message = keccak256("log(string,uint256)")[..4].to_vec();
    message.extend(hex!(
        "0000000000000000000000000000000000000000000000000000000000000040"
        "000000000000000000000000000000000000000000000000000000000000002a"
        "0000000000000000000000000000000000000000000000000000000000000006"
        "616e737765720000000000000000000000000000000000000000000000000000"
    ));
    let notes = listen(&node, to(&node, contract, 0, message.clone()));
    assert_eq!(notes.console, [Bytes::from(message.clone())]);
    assert_eq!(console::text(&notes.console[0]), "answer 42");
    assert!(notes.gas.total() > 0);
    let call = CallMessage {
        from: node.account(0),
        to: Some(contract),
        input: message.into(),
        gas_limit: PLENTY,
        ..CallMessage::default()
    };
    let place = Place::after(&node.node.head());
    let heard = node.node.executor().call(place, &call, true).unwrap();
    assert_eq!(heard.console.len(), 1);
    assert!(heard.result.is_ok());
    // A call that nobody listens to costs the same.
    let deaf = node.node.executor().call(place, &call, false).unwrap();
    assert_eq!(deaf.console.len(), 0);
    assert_eq!(
        deaf.result.unwrap().gas_used,
        heard.result.unwrap().gas_used
    );
}

#[tokio::test]
async fn surprises_are_warned_of() {
    let node = TestNode::start().await;
    let stranger = Address::repeat_byte(0x99);
    let warnings = |transaction| listen(&node, transaction).warnings;
    assert_eq!(
        warnings(to(&node, stranger, 1, [])),
        [Warning::NewAddress(stranger)]
    );
    assert_eq!(warnings(to(&node, node.account(1), 1, [])), []);
    let kzg = address!("000000000000000000000000000000000000000a");
    assert_eq!(
        warnings(to(&node, kzg, 0, [])),
        [Warning::ReservedPrecompile(kzg)]
    );
    // LOG0 of 8,193 bytes.
    let loud = node.deploy(&hex!("6120016000a0")).await;
    assert_eq!(warnings(to(&node, loud, 0, [])), [Warning::LongLog(loud)]);
    // CALLER SELFDESTRUCT.
    let mortal = node.deploy(&hex!("33ff")).await;
    assert_eq!(
        warnings(to(&node, mortal, 0, [])),
        [Warning::SelfDestruct(mortal)]
    );
    let create = |length: usize| TxEip1559 {
        to: alloy_primitives::TxKind::Create,
        gas_limit: 5_000_000_000,
        input: code::init(&vec![0; length]).into(),
        ..to(&node, stranger, 0, [])
    };
    assert!(matches!(
        warnings(create(24_500)).as_slice(),
        [Warning::LongCode { length: 24_500, .. }]
    ));
    assert_eq!(
        warnings(create(24_577)),
        [Warning::CodeTooLong { length: 24_577 }]
    );
}

#[tokio::test]
async fn names_come_from_compiler_outputs() {
    let node = TestNode::start().await;
    let abi = json!([{ "type": "function", "name": "ping", "inputs": [], "outputs": [],
        "stateMutability": "nonpayable" }]);
    let output = json!({ "contracts": { "a.sol": { "A": { "abi": abi } } } });
    let added = node
        .call(
            "hardhat_addCompilationResult",
            json!(["0.8.30", {}, output]),
        )
        .await;
    assert_eq!(added, json!(true));
    let selector = &keccak256("ping()")[..4];
    assert_eq!(node.node.artifacts().function(selector), Some("ping()"));
    let error = node
        .error("hardhat_addCompilationResult", json!(["0.8.30", {}, "no"]))
        .await;
    assert_eq!(error.code, -32_602);
}
