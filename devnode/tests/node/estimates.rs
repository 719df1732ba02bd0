//! Estimates: enough, and not much more than enough.

use alloy_primitives::{Address, Bytes};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, bytes, quantity};

fn word(number: u8) -> String {
    format!("0x{}{number:02x}", "00".repeat(31))
}

/// Estimates, sends with that limit, and checks success; gives estimate and use.
async fn estimate_and_send(node: &TestNode, transaction: Value) -> (u128, u128) {
    let estimate = node.call("eth_estimateGas", json!([transaction])).await;
    let mut transaction = transaction;
    transaction["gas"] = estimate.clone();
    let receipt = node.send(transaction).await;
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    (quantity(&estimate), quantity(&receipt["gasUsed"]))
}

#[tokio::test]
async fn simple_messages_are_at_most_30_percent_high() {
    let node = TestNode::start().await;
    let from = node.account(0);
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    for transaction in [
        json!({ "from": from, "to": node.account(1), "value": "0x1" }),
        json!({ "from": from, "to": Address::repeat_byte(0x77), "value": "0x1" }),
        json!({ "from": from, "to": contract, "data": word(1) }),
        json!({ "from": from, "data": Bytes::from(code::init(&[0; 3_000])) }),
    ] {
        let (estimate, used) = estimate_and_send(&node, transaction.clone()).await;
        assert!(
            estimate >= used && estimate * 100 <= used * 130,
            "{transaction}: {estimate} for {used}"
        );
    }
}

#[tokio::test]
async fn nested_calls_get_what_63_64ths_leave() {
    let node = TestNode::start().await;
    let from = node.account(0);
    for runtime in [code::NESTED.as_slice(), code::NESTED_CAUGHT.as_slice()] {
        let contract = node.deploy(runtime).await;
        let call = json!({ "from": from, "to": contract, "data": word(30) });
        let ran = async || {
            let slot = node
                .call("eth_getStorageAt", json!([contract, "0x0", "latest"]))
                .await;
            bytes(&slot)[31] == 1
        };
        // A third less than the estimate is too little: thirty levels keep a 64th back each. Where
        // the failure of an inner call is caught, the transaction succeeds all the same.
        let estimate = node.number("eth_estimateGas", json!([call])).await;
        let mut short = call.clone();
        short["gas"] = json!(format!("{:#x}", estimate * 2 / 3));
        node.send(short).await;
        assert!(!ran().await, "the innermost call had too little");
        let (estimate, used) = estimate_and_send(&node, call).await;
        assert!(ran().await, "the innermost call ran");
        assert!(estimate > used);
    }
}

#[tokio::test]
async fn an_estimate_keeps_to_what_the_sender_can_pay() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let poor = Address::repeat_byte(0x66);
    node.call("hardhat_setBalance", json!([poor, "0x64"])).await;
    let call = json!({ "from": poor, "to": contract, "data": word(1), "maxFeePerGas": "0x64" });
    let error = node.error("eth_estimateGas", json!([call])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32000, "gas required exceeds allowance (1)")
    );
    let free = json!({ "from": poor, "to": contract, "data": word(1) });
    assert!(node.number("eth_estimateGas", json!([free])).await > 1_000_000);
}
