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
        // Where the failure shows, a limit below those of Filecoin is refused and not mined.
        let _ = node.raw("eth_sendTransaction", json!([short])).await;
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

/// Whether a transaction with that limit leaves `slot` of the contract at `value`; the chain is
/// as before afterwards.
async fn suffices(node: &TestNode, call: &Value, limit: u128, slot: u8, value: u128) -> bool {
    let snapshot = node.call("evm_snapshot", json!([])).await;
    let mut call = call.clone();
    call["gas"] = json!(format!("{limit:#x}"));
    // A limit of Ethereum's size that is too low is refused and not mined.
    let answer = node.raw("eth_sendTransaction", json!([call])).await;
    let found = match &call["to"] {
        Value::Null if answer["result"].is_null() => 0,
        Value::Null => {
            let receipt = node.receipt(&answer["result"]).await;
            u128::from(receipt["status"] == "0x1")
        }
        to => {
            let slot = format!("{slot:#x}");
            quantity_of(
                &node
                    .call("eth_getStorageAt", json!([to, slot, "latest"]))
                    .await,
            )
        }
    };
    assert_eq!(
        node.call("evm_revert", json!([snapshot])).await,
        json!(true)
    );
    found == value
}

fn quantity_of(word: &Value) -> u128 {
    u128::from_be_bytes(bytes(word)[16..].try_into().unwrap())
}

#[tokio::test]
async fn estimates_suffice_and_a_quarter_less_does_not() {
    let node = TestNode::start().await;
    let from = node.account(0);
    let many_slots = node.deploy(&code::MANY_SLOTS).await;
    let nested = node.deploy(&code::NESTED).await;
    let caught = node.deploy(&code::NESTED_CAUGHT).await;
    let mut cases = Vec::new();
    for count in [1, 3, 17, 60] {
        let call = json!({ "from": from, "to": many_slots, "data": word(count) });
        cases.push((call, 1, 1));
    }
    for depth in [1, 7, 40, 90] {
        for contract in [nested, caught] {
            let call = json!({ "from": from, "to": contract, "data": word(depth) });
            cases.push((call, 0, 1));
        }
    }
    for size in [0, 777, 24_576] {
        let init = Bytes::from(code::init(&vec![0; size]));
        cases.push((json!({ "from": from, "to": null, "data": init }), 0, 1));
    }
    for (call, slot, value) in cases {
        let estimate = node.number("eth_estimateGas", json!([call])).await;
        assert!(
            suffices(&node, &call, estimate, slot, value).await,
            "{call}: {estimate}"
        );
        let less = estimate * 100 / 130;
        assert!(
            !suffices(&node, &call, less, slot, value).await,
            "{call}: {estimate} is more than 30 % high, {less} suffices"
        );
    }
}
