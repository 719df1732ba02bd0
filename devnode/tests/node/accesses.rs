//! What executions touch: `prestateTracer` and `eth_createAccessList`.

use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, quantity};

/// Reads slot 5, the balance of the first word's address, calls that of the second, keeps 1 in slot 6.
const READER: [u8; 25] = hex!("600554505f3531505f5f5f5f5f6020355af150600160065500");

fn slot(number: u64) -> B256 {
    B256::from(U256::from(number))
}

fn data(balance_of: Address, call: Address) -> Bytes {
    [balance_of.into_word().0, call.into_word().0]
        .concat()
        .into()
}

/// A reader with 9 in its slot 5, and a contract with 3 in slot 0 that clears it when called.
async fn contracts(node: &TestNode) -> (Address, Address) {
    let reader = node.deploy(&READER).await;
    let callee = node.deploy(&code::STORE_AND_LOG).await;
    for (contract, key, value) in [(reader, 5, 9), (callee, 0, 3)] {
        let params = json!([contract, format!("{key:#x}"), slot(value)]);
        node.call("anvil_setStorageAt", params).await;
    }
    (reader, callee)
}

#[tokio::test]
async fn the_state_that_a_message_meets() {
    let node = TestNode::start().await;
    let (reader, callee) = contracts(&node).await;
    let (from, other) = (node.account(0), node.account(1));
    let nonce = node
        .number("eth_getTransactionCount", json!([from, "latest"]))
        .await;
    let mut expected = json!({
        (format!("{from:#x}")): {
            "balance": node.call("eth_getBalance", json!([from, "latest"])).await,
            "nonce": nonce,
        },
        (format!("{other:#x}")): {
            "balance": node.call("eth_getBalance", json!([other, "latest"])).await,
        },
    });
    for (contract, code, storage) in [
        (
            reader,
            &READER[..],
            json!({ slot(5).to_string(): slot(9), slot(6).to_string(): slot(0) }),
        ),
        (
            callee,
            &code::STORE_AND_LOG[..],
            json!({ slot(0).to_string(): slot(3) }),
        ),
    ] {
        expected[format!("{contract:#x}")] = json!({
            "balance": "0x0",
            "nonce": 1,
            "code": Bytes::copy_from_slice(code),
            "codeHash": keccak256(code),
            "storage": storage,
        });
    }

    let options = json!({ "tracer": "prestateTracer" });
    let call = json!({ "from": from, "to": reader, "data": data(other, callee) });
    let traced = node
        .call("debug_traceCall", json!([call, "latest", options]))
        .await;
    assert_eq!(traced, expected, "a call");
    let receipt = node.send(call.clone()).await;
    assert_eq!(receipt["status"], "0x1");
    let hash = &receipt["transactionHash"];
    let traced = node
        .call("debug_traceTransaction", json!([hash, options]))
        .await;
    assert_eq!(traced, expected, "a transaction: values from before it");
    let traced = node
        .call("debug_traceBlockByNumber", json!(["latest", options]))
        .await;
    assert_eq!(traced, json!([{ "txHash": hash, "result": expected }]));
    let mux = json!({ "tracer": "muxTracer", "tracerConfig": { "prestateTracer": {}, "4byteTracer": {} } });
    let traced = node
        .call("debug_traceTransaction", json!([hash, mux]))
        .await;
    assert_eq!(traced["prestateTracer"], expected);

    let bare = json!({ "tracer": "prestateTracer", "tracerConfig": { "disableCode": true, "disableStorage": true } });
    let traced = node
        .call("debug_traceTransaction", json!([hash, bare]))
        .await;
    let account = &traced[format!("{reader:#x}")];
    assert_eq!((account.get("code"), account.get("storage")), (None, None));
}

#[tokio::test]
async fn accounts_that_there_were_not() {
    let node = TestNode::start().await;
    let nobody = Address::repeat_byte(0x77);
    let transfer = json!({ "from": node.account(0), "to": nobody, "value": "0x1" });
    let trace = async |config: Value| {
        let options = json!({ "tracer": "prestateTracer", "tracerConfig": config });
        node.call("debug_traceCall", json!([transfer, "latest", options]))
            .await
    };
    let key = format!("{nobody:#x}");
    assert_eq!(trace(json!({})).await.get(&key), None);
    assert_eq!(
        trace(json!({ "includeEmpty": true })).await[&key],
        json!({ "balance": "0x0" })
    );
    // What a creation makes was not there either.
    let receipt = node
        .send(json!({ "data": Bytes::from(code::init(&READER)) }))
        .await;
    let options = json!({ "tracer": "prestateTracer" });
    let traced = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], options]),
        )
        .await;
    let met: Vec<&String> = traced.as_object().unwrap().keys().collect();
    assert_eq!(met, [&format!("{:#x}", node.account(0))]);
}

#[tokio::test]
async fn access_lists() {
    let node = TestNode::start().await;
    let (reader, callee) = contracts(&node).await;
    let (from, other) = (node.account(0), node.account(1));
    let call = json!({ "from": from, "to": reader, "data": data(other, callee) });
    let answer = node
        .call("eth_createAccessList", json!([call, "latest"]))
        .await;
    let mut expected = [
        (reader, vec![slot(5), slot(6)]),
        (callee, vec![slot(0)]),
        (other, vec![]),
    ];
    expected.sort();
    let expected: Vec<Value> = expected
        .iter()
        .map(|(address, slots)| json!({ "address": address, "storageKeys": slots }))
        .collect();
    assert_eq!(answer["accessList"], json!(expected));
    assert_eq!(answer.get("error"), None);
    let steps = node.call("debug_traceCall", json!([call, "latest"])).await;
    assert_eq!(json!(quantity(&answer["gasUsed"]) as u64), steps["gas"]);

    // Neither the sender nor a precompile is listed.
    let sha = Address::with_last_byte(2);
    let call = json!({ "from": from, "to": reader, "data": data(from, sha) });
    let answer = node.call("eth_createAccessList", json!([call])).await;
    let listed = answer["accessList"].as_array().unwrap();
    assert_eq!(listed.len(), 1, "{answer}");
    assert_eq!(listed[0]["address"], format!("{reader:#x}"));

    let failing = node.deploy(&hex!("60075450 5f5ffd")).await;
    let answer = node
        .call("eth_createAccessList", json!([{ "to": failing }]))
        .await;
    assert_eq!(answer["error"], "execution reverted");
    assert_eq!(answer["accessList"][0]["storageKeys"], json!([slot(7)]));

    let list = json!([{ "address": other, "storageKeys": [] }]);
    let transaction = json!({ "from": from, "to": other, "accessList": list });
    let error = node
        .error("eth_sendTransaction", json!([transaction]))
        .await;
    assert!(error.message.contains("EIP-2930"), "{}", error.message);
}
