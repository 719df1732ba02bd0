//! Traces: the calls behind a transaction.

use alloy_primitives::{Address, Bytes, hex};
use alloy_sol_types::{Revert, SolError};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, quantity};

/// Calls the address in the first word with the word after it, by CALL, then by DELEGATECALL, then
/// by STATICCALL; results are passed over.
const CALLER: [u8; 52] = hex!(
    "60206020600037600060006020600060006000355af15060006000602060006000355af45060006000602060006000355afa5000"
);

#[tokio::test]
async fn calls_of_every_kind() {
    let node = TestNode::start().await;
    let target = node.deploy(&code::STORE_AND_LOG).await;
    let caller = node.deploy(&CALLER).await;
    let data = format!("0x{:0>64}{:064x}", hex::encode(target), 7);
    let receipt = node.send(json!({ "to": caller, "data": data })).await;
    assert_eq!(receipt["status"], "0x1");
    let options = json!({ "tracer": "callTracer" });
    let trace = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], options]),
        )
        .await;
    assert_eq!(
        (&trace["type"], &trace["to"]),
        (&json!("CALL"), &json!(caller))
    );
    assert_eq!(trace["gasUsed"], receipt["gasUsed"]);
    let kinds: Vec<&Value> = trace["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["type"])
        .collect();
    assert_eq!(kinds, ["CALL", "DELEGATECALL", "STATICCALL"]);
    for call in trace["calls"].as_array().unwrap() {
        assert_eq!(
            (&call["from"], &call["to"]),
            (&json!(caller), &json!(target))
        );
        assert_eq!(call["input"], json!(format!("0x{:064x}", 7)));
    }
    // SSTORE is not allowed below STATICCALL.
    assert_eq!(trace["calls"][2]["error"], "write protection");
    assert_eq!(trace["calls"][0].get("error"), None);

    let top = json!({ "tracer": "callTracer", "tracerConfig": { "onlyTopCall": true } });
    let top = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], top]),
        )
        .await;
    assert_eq!(top.get("calls"), None);
    let block = node
        .call("debug_traceBlockByNumber", json!(["latest", options]))
        .await;
    assert_eq!(block[0]["result"], trace);
    let flat = node
        .call("trace_transaction", json!([receipt["transactionHash"]]))
        .await;
    let places: Vec<&Value> = flat
        .as_array()
        .unwrap()
        .iter()
        .map(|trace| &trace["traceAddress"])
        .collect();
    assert_eq!(places, [&json!([]), &json!([0]), &json!([1]), &json!([2])]);
    let found = node
        .call(
            "trace_filter",
            json!([{ "fromBlock": "0x0", "toAddress": [target] }]),
        )
        .await;
    assert_eq!(
        found.as_array().unwrap().len(),
        4,
        "its creation and three calls"
    );
}

#[tokio::test]
async fn creations_and_reverts() {
    let node = TestNode::start().await;
    let init = Bytes::from(code::init(&code::STORE_AND_LOG));
    let receipt = node.send(json!({ "data": init })).await;
    let options = json!({ "tracer": "callTracer" });
    let trace = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], options]),
        )
        .await;
    assert_eq!(
        (&trace["type"], &trace["to"]),
        (&json!("CREATE"), &receipt["contractAddress"])
    );
    assert_eq!(
        (&trace["input"], &trace["output"]),
        (&json!(init), &json!(Bytes::from(code::STORE_AND_LOG)))
    );

    // The deterministic deployer makes it by CREATE2.
    let data = format!("0x{:064x}{}", 5, hex::encode(&init));
    let receipt = node
        .send(json!({ "to": "0x4e59b44847b379578588920ca78fbf26c0b4956c", "data": data }))
        .await;
    let trace = node
        .call(
            "debug_traceTransaction",
            json!([receipt["transactionHash"], options]),
        )
        .await;
    let inner = &trace["calls"][0];
    assert_eq!(
        (&inner["type"], &inner["to"], &inner["input"]),
        (&json!("CREATE2"), &trace["output"], &json!(init))
    );

    let failing = node
        .deploy(&code::reverting(&Revert::from("no").abi_encode()))
        .await;
    let call = json!([{ "to": failing, "data": "0x12345678" }, "latest", options]);
    let trace = node.call("debug_traceCall", call).await;
    assert_eq!(
        (&trace["error"], &trace["revertReason"]),
        (&json!("execution reverted"), &json!("no"))
    );
    let selectors =
        json!([{ "to": failing, "data": "0x1234567800" }, "latest", { "tracer": "4byteTracer" }]);
    assert_eq!(
        node.call("debug_traceCall", selectors).await,
        json!({ "0x12345678-1": 1 })
    );
    let error = node
        .error(
            "debug_traceCall",
            json!([{ "to": Address::ZERO }, "latest", { "tracer": "prestateTrace" }]),
        )
        .await;
    assert!(error.message.contains("callTracer"), "{}", error.message);
}

#[tokio::test]
async fn gas_by_charge_and_by_instruction() {
    let node = TestNode::start().await;
    let target = node.deploy(&code::STORE_AND_LOG).await;
    let caller = node.deploy(&CALLER).await;
    let data = format!("0x{:0>64}{:064x}", hex::encode(target), 7);
    let call = json!({ "to": caller, "data": data });
    let receipt = node.send(call.clone()).await;
    let used = quantity(&receipt["gasUsed"]) as u64;
    let by_charge = json!({ "tracer": "gasProfiler" });
    let by_instruction = json!({ "tracer": "gasProfiler", "tracerConfig": { "opcodes": true } });
    for (options, path) in [
        (&by_charge, ["block_writes;OnBlockLink", "host_calls"]),
        (&by_instruction, ["SSTORE", "STATICCALL"]),
    ] {
        let hash = &receipt["transactionHash"];
        let profile = node
            .call("debug_traceTransaction", json!([hash, options]))
            .await;
        let number = &receipt["blockNumber"];
        let block = node
            .call("debug_traceBlockByNumber", json!([number, options]))
            .await;
        assert_eq!(
            block,
            json!([{ "txHash": hash, "result": profile }]),
            "the block holds it alone"
        );
        assert_eq!(profile["gasUsed"], used);
        let stacks = profile["stacks"].as_array().unwrap();
        let stacks: Vec<_> = stacks.iter().map(|line| line.as_str().unwrap()).collect();
        let gas = |line: &&str| -> u64 { line.rsplit_once(' ').unwrap().1.parse().unwrap() };
        let sum: u64 = stacks.iter().map(gas).sum();
        // Each line is rounded down.
        assert!(
            sum <= used && used - sum <= stacks.len() as u64,
            "{sum} {used}"
        );
        for path in path {
            let found = stacks
                .iter()
                .any(|line| line.contains(&format!(";{path} ")));
            assert!(found, "{path} in {stacks:#?}");
        }
        let nested = stacks
            .iter()
            .filter(|line| line.matches("evm f0").count() == 2);
        assert!(nested.count() > 0, "{stacks:#?}");

        let profile = node
            .call("debug_traceCall", json!([call, "latest", options]))
            .await;
        assert!(profile["gasUsed"].as_u64().unwrap() > 0);
    }
    for (options, reason) in [
        (
            json!({ "tracer": "gasProfiler", "tracerConfig": { "opcodes": 1 } }),
            "\"opcodes\": expected true or false",
        ),
        (
            json!({ "tracer": "muxTracer", "tracerConfig": { "gasProfiler": {} } }),
            "cannot hold a gasProfiler",
        ),
    ] {
        let error = node
            .error("debug_traceCall", json!([call, "latest", options]))
            .await;
        assert!(error.message.contains(reason), "{}", error.message);
    }
}
