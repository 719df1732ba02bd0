//! What a debugger asks: the opcode logger, storage by ranges, preimages. The calls are those of Remix's
//! debugger, in its order.

use alloy_primitives::{B256, U256, hex, keccak256};
use serde_json::{Value, json};

use crate::common::{TestNode, quantity};

/// What Remix sends with `debug_traceTransaction`.
fn remix() -> Value {
    json!({ "disableStorage": true, "enableMemory": true, "disableStack": false, "fullStorage": false })
}

/// A mapping at slot 1: adds the second word of the call data to the entry of the first, whose slot is the hash
/// of key and 1; reads it again.
const MAPPING: [u8; 30] =
    hex!("5f355f526001602052 60405f20 80 54 602035 01 81 55 54 5f52 60205ff3 0000");

#[tokio::test]
async fn a_transaction_as_remix_debugs_it() {
    let node = TestNode::start().await;
    let contract = node.deploy(&MAPPING).await;
    let data = format!("0x{:064x}{:064x}", 0xabc, 42);
    let receipt = node.send(json!({ "to": contract, "data": data })).await;
    let hash = &receipt["transactionHash"];

    // The debugger finds the transaction, its block and the code, then asks for the trace.
    let transaction = node.call("eth_getTransactionByHash", json!([hash])).await;
    let code = node.call("eth_getCode", json!([contract, "latest"])).await;
    let trace = node
        .call("debug_traceTransaction", json!([hash, remix()]))
        .await;
    assert_eq!(trace["failed"], false);
    assert_eq!(trace["gas"], json!(quantity(&receipt["gasUsed"]) as u64));
    assert_eq!(trace["returnValue"], json!(format!("0x{:064x}", 42)));
    assert_eq!(trace.get("warning"), None);
    let logs = trace["structLogs"].as_array().unwrap();
    let ops: Vec<&str> = logs.iter().map(|log| log["op"].as_str().unwrap()).collect();
    assert_eq!(ops[..4], ["PUSH0", "CALLDATALOAD", "PUSH0", "MSTORE"]);
    assert_eq!(ops.last(), Some(&"RETURN"));
    let code = hex::decode(code.as_str().unwrap()).unwrap();
    for pair in logs.windows(2) {
        // Each step names the instruction that is there, and gas falls by its cost.
        let [step, next] = pair else { unreachable!() };
        assert!(usize::try_from(step["pc"].as_u64().unwrap()).unwrap() < code.len());
        assert_eq!(step["depth"], 1);
        let [gas, cost, left] =
            [&step["gas"], &step["gasCost"], &next["gas"]].map(|n| n.as_u64().unwrap());
        assert_eq!(gas - cost, left);
        assert_eq!(step.get("storage"), None, "disableStorage");
    }
    // Stack, bottom first, and memory in words.
    let sstore = logs.iter().find(|log| log["op"] == "SSTORE").unwrap();
    let slot = keccak256([B256::from(U256::from(0xabc)).0, B256::from(U256::from(1)).0].concat());
    assert_eq!(sstore["stack"], json!([slot, "0x2a", slot]));
    let words = [U256::from(0xabc), U256::from(1)].map(B256::from);
    assert_eq!(sstore["memory"], json!(words));

    // Storage before the transaction and, as one with the next index, behind it.
    let block = &transaction["blockHash"];
    let all = format!("{:#066x}", 0);
    let before = node
        .call(
            "debug_storageRangeAt",
            json!([block, 0, contract, all, 1000]),
        )
        .await;
    assert_eq!(before, json!({ "storage": {}, "nextKey": null }));
    let after = node
        .call(
            "debug_storageRangeAt",
            json!([block, 1, contract, "0x00", 1000]),
        )
        .await;
    let hashed = keccak256(slot);
    assert_eq!(
        after,
        json!({
            "storage": { hashed.to_string(): { "key": slot, "value": B256::from(U256::from(42)) } },
            "nextKey": null
        })
    );
    // The slot behind the hash, and the mapping's key behind the slot.
    assert_eq!(
        node.call("debug_preimage", json!([hashed])).await,
        json!(slot)
    );
    let preimage = node.call("debug_preimage", json!([slot])).await;
    assert_eq!(preimage, json!(hex::encode_prefixed(words.concat())));
    let error = node.error("debug_preimage", json!([B256::ZERO])).await;
    assert_eq!(error.message, "unknown preimage");
}

#[tokio::test]
async fn options_of_the_logger() {
    let node = TestNode::start().await;
    let contract = node.deploy(&MAPPING).await;
    let call = json!({ "to": contract, "data": format!("0x{:064x}{:064x}", 1, 7) });
    let trace = async |options: Value| {
        node.call("debug_traceCall", json!([call, "latest", options]))
            .await
    };

    let plain = trace(json!({})).await;
    let logs = plain["structLogs"].as_array().unwrap();
    let sload = logs.iter().find(|log| log["op"] == "SLOAD").unwrap();
    assert_eq!(sload.get("memory"), None);
    let slot = sload["stack"].as_array().unwrap().last().unwrap();
    assert_eq!(
        sload["storage"],
        json!({ slot.as_str().unwrap(): B256::ZERO })
    );
    let sstore = logs.iter().find(|log| log["op"] == "SSTORE").unwrap();
    assert_eq!(
        sstore["storage"],
        json!({ slot.as_str().unwrap(): B256::from(U256::from(7)) })
    );

    let bare = trace(json!({ "disableStack": true, "disableStorage": true })).await;
    assert_eq!(bare["structLogs"].as_array().unwrap().len(), logs.len());
    for log in bare["structLogs"].as_array().unwrap() {
        assert_eq!((log.get("stack"), log.get("storage")), (None, None));
    }
    let limited = trace(json!({ "limit": 500 })).await;
    let count = limited["structLogs"].as_array().unwrap().len();
    assert!(count > 1 && count < logs.len(), "{count}");
    assert_eq!(limited["returnValue"], plain["returnValue"]);
    let error = node
        .error(
            "debug_traceCall",
            json!([call, "latest", { "limit": "many" }]),
        )
        .await;
    assert_eq!(error.code, -32602);
}

#[tokio::test]
async fn blocks_and_failures() {
    let node = TestNode::manual().await;
    let mut hashes = Vec::new();
    // Init code that stores and then executes INVALID; and a plain transfer, which has no steps.
    for transaction in [
        json!({ "from": node.account(0), "data": "0x60015f55fe", "gas": "0x3b9aca00" }),
        json!({ "from": node.account(1), "to": node.account(2), "value": "0x1" }),
    ] {
        hashes.push(node.call("eth_sendTransaction", json!([transaction])).await);
    }
    node.call("evm_mine", json!([])).await;
    let traces = node
        .call("debug_traceBlockByNumber", json!(["latest", {}]))
        .await;
    let named = traces
        .as_array()
        .unwrap()
        .iter()
        .map(|trace| trace["txHash"].clone());
    assert_eq!(named.collect::<Vec<_>>(), hashes);
    let failing = traces
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["txHash"] == hashes[0])
        .unwrap();
    assert_eq!(failing["result"]["failed"], true);
    let last = failing["result"]["structLogs"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert_eq!(
        (&last["op"], &last["error"]),
        (&json!("INVALID"), &json!("invalid opcode"))
    );
    let alone = node
        .call("debug_traceTransaction", json!([hashes[1], {}]))
        .await;
    assert_eq!(alone["structLogs"], json!([]));

    let range = node
        .error(
            "debug_storageRangeAt",
            json!(["latest", 9, node.account(0), "0x00", 1]),
        )
        .await;
    assert!(range.message.contains("out of range"), "{}", range.message);
}
