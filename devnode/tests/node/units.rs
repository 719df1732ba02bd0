//! Gas in units of Ethereum's size.

use alloy_primitives::Address;
use fevm_devnode::NodeConfig;
use fevm_devnode::config::GasUnit;
use serde_json::json;

use crate::code;
use crate::common::{TestNode, config, quantity, transfer};

const SOMEONE: Address = Address::repeat_byte(0x44);

#[tokio::test]
async fn limits_of_ethereums_size_suffice_and_fees_stay() {
    let unit = GasUnit::new(444).unwrap();
    let node = TestNode::with(NodeConfig {
        gas_unit: unit,
        ..config()
    })
    .await;
    let from = node.account(0);
    let before = node.balance(from).await;
    let init = alloy_primitives::Bytes::from(code::init(&[0; 2_000]));
    let receipt = node
        .send(json!({ "data": init, "gas": "0x2dc6c0", "gasPrice": "0x4a817c800" }))
        .await;
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    let (used, price) = (
        quantity(&receipt["gasUsed"]),
        quantity(&receipt["effectiveGasPrice"]),
    );
    assert!(used < 1_000_000, "{used}");
    assert_eq!(before - node.balance(from).await, used * price);
    let estimate = node
        .number("eth_estimateGas", json!([{ "from": from, "data": init }]))
        .await;
    assert!(
        estimate >= used && estimate * 100 <= used * 130,
        "{estimate} for {used}"
    );
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(quantity(&block["gasUsed"]), used);
    assert_eq!(quantity(&block["gasLimit"]), 22_522_523);
    assert_eq!(quantity(&block["baseFeePerGas"]), 44_400);
    assert_eq!(
        node.number("eth_gasPrice", json!([])).await,
        unit.show_price(100_100)
    );
    let trace = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], { "tracer": "callTracer" }]),
        )
        .await;
    assert_eq!(trace["gasUsed"], receipt["gasUsed"]);
    // A raw transaction as an Ethereum project signs it.
    let mut signed = transfer(1, SOMEONE, 5);
    (signed.gas_limit, signed.max_fee_per_gas) = (21_000, 1_000_000_000);
    let hash = node.send_raw(&node.sign(0, signed)).await;
    assert_eq!(node.receipt(&hash).await["status"], "0x1");
    assert_eq!(
        node.call("eth_getTransactionByHash", json!([hash])).await["gas"],
        "0x5208"
    );
}

#[tokio::test]
async fn without_units_a_limit_of_ethereums_size_is_refused_with_the_needed_one() {
    let node = TestNode::start().await;
    let from = node.account(0);
    let init = alloy_primitives::Bytes::from(code::init(&[0; 300]));
    let short = json!({ "from": from, "data": init, "gas": "0x2dc6c0" });
    let error = node.error("eth_sendTransaction", json!([short])).await;
    assert_eq!(error.code, -32_000);
    assert!(
        error
            .message
            .starts_with("out of gas: gas limit 3000000 is too low, "),
        "{error:?}"
    );
    let needed: u64 = number_before(&error.message, " is needed");
    assert_eq!(node.node.head().number, 0, "nothing was mined");
    assert_eq!(
        node.number("eth_getTransactionCount", json!([from, "pending"]))
            .await,
        0
    );
    let enough = json!({ "from": from, "data": init, "gas": format!("{needed:#x}") });
    assert_eq!(node.send(enough).await["status"], "0x1");
    // Below what inclusion costs both figures are named.
    let long = alloy_primitives::Bytes::from(code::init(&[0; 2_000]));
    let short = json!({ "from": from, "data": long, "gas": "0x2dc6c0" });
    let error = node.error("eth_sendTransaction", json!([short])).await;
    assert!(
        error.message.starts_with("intrinsic gas too low: "),
        "{error:?}"
    );
    let inclusion = number_before(&error.message, " for inclusion");
    let all = number_before(&error.message, " for all");
    assert!(3_000_000 < inclusion && inclusion < all, "{error:?}");
    let enough = json!({ "from": from, "data": long, "gas": format!("{all:#x}") });
    assert_eq!(node.send(enough).await["status"], "0x1");
}

/// The number that stands before these words.
fn number_before(text: &str, words: &str) -> u64 {
    let (before, _) = text.split_once(words).unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}
