//! Files of `blockchain_tests_engine`: blocks as calls of `engine_newPayload`.

use crate::builder::{Chain, STORE, parts, words};
use alloy_primitives::hex;
use fevm_conformance::blocktest::outcome::Failure;
use fevm_conformance::blocktest::run::{Selection, run_file};
use fevm_conformance::chain::SealedBlock;
use fevm_conformance::ethereum::envelope::Envelope;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What the version of the method for a network is.
fn version(network: &str) -> u64 {
    match network {
        "Paris" => 1,
        "Shanghai" => 2,
        "Cancun" => 3,
        _ => 4,
    }
}

/// A block as the call that brings it; the builder's blocks have no requests.
fn call(block: &SealedBlock, network: &str) -> Value {
    let header = &block.header;
    let quantity = |number: u64| format!("{number:#x}");
    let mut payload = json!({
        "parentHash": header.parent_hash.to_string(),
        "feeRecipient": header.beneficiary.to_string(),
        "stateRoot": header.state_root.to_string(),
        "receiptsRoot": header.receipts_root.to_string(),
        "logsBloom": header.logs_bloom.to_string(),
        "blockNumber": quantity(header.number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": header.extra_data.to_string(),
        "prevRandao": header.mix_hash.to_string(),
        "baseFeePerGas": quantity(header.base_fee_per_gas.unwrap()),
        "blockHash": format!("{:#x}", block.hash),
        "transactions": block.transactions.iter().map(hex::encode_prefixed).collect::<Vec<_>>(),
    });
    if let Some(withdrawals) = &block.withdrawals {
        payload["withdrawals"] = withdrawals
            .iter()
            .map(|one| {
                json!({
                    "index": quantity(one.index),
                    "validatorIndex": quantity(one.validator_index),
                    "address": one.address.to_string(),
                    "amount": quantity(one.amount),
                })
            })
            .collect();
    }
    let mut params = vec![payload];
    let version = version(network);
    if version >= 3 {
        params[0]["blobGasUsed"] = json!(quantity(header.blob_gas_used.unwrap()));
        params[0]["excessBlobGas"] = json!(quantity(header.excess_blob_gas.unwrap()));
        let fork = crate::builder::fork(network);
        let hashes = block.transactions.iter().flat_map(|transaction| {
            let envelope = Envelope::decode(transaction, fork).unwrap();
            let hashes = envelope.blob_hashes().iter();
            hashes
                .map(|hash| json!(format!("{hash:#x}")))
                .collect::<Vec<_>>()
        });
        params.push(hashes.collect());
        params.push(json!(header.parent_beacon_block_root.unwrap().to_string()));
    }
    if version >= 4 {
        params.push(json!([]));
    }
    json!({
        "params": params,
        "newPayloadVersion": version.to_string(),
        "forkchoiceUpdatedVersion": version.min(3).to_string(),
    })
}

/// A test of three blocks, one of them with blobs where there are any.
fn test(network: &str) -> Value {
    let mut chain = Chain::new(network);
    for number in 1..3 {
        let call = chain.call(STORE, &words(number, 7), 5);
        chain.add(parts(vec![call]));
    }
    let mut last = vec![chain.call(STORE, &words(9, 7), 0)];
    if version(network) >= 3 {
        last.push(chain.blobs(2));
        last.push(chain.blobs(1));
    }
    chain.add(parts(last));
    let mut test = chain.test(&[]);
    let object = test.as_object_mut().unwrap();
    object.remove("blocks");
    // These files have no bytes.
    object.remove("genesisRLP");
    let calls: Vec<_> = chain
        .blocks
        .iter()
        .map(|block| call(block, network))
        .collect();
    test["engineNewPayloads"] = json!(calls);
    test
}

fn failure(name: &str, test: &Value) -> Option<Failure> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, json!({ "test": test }).to_string()).unwrap();
    let mut results = run_file(&path, &Selection::default(), None, &mut std::io::sink()).unwrap();
    results.pop().unwrap().failure
}

const NETWORKS: [&str; 5] = ["Paris", "Shanghai", "Cancun", "Prague", "Osaka"];

#[test]
fn payloads_are_taken() {
    for network in NETWORKS {
        let test = test(network);
        assert_eq!(failure("valid.json", &test), None, "{network}");
        let mut wrong = test;
        wrong["lastblockhash"] = json!(format!("0x{}", "11".repeat(32)));
        let failure = failure("head.json", &wrong);
        assert!(
            matches!(failure, Some(Failure::LastBlock { .. })),
            "{network}: {failure:?}"
        );
    }
}

/// Changes the last payload and says why it is to be refused; the blocks before it are the chain.
fn refused(test: &Value, place: &str, value: Value, reason: &str) -> Option<Failure> {
    let mut test = test.clone();
    let last = &mut test["engineNewPayloads"][2];
    *last.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
    last["validationError"] = json!(reason);
    test["lastblockhash"] = test["engineNewPayloads"][1]["params"][0]["blockHash"].clone();
    test.as_object_mut().unwrap().remove("postState");
    failure("refused.json", &test)
}

#[test]
fn payloads_are_refused() {
    let hash = json!(format!("0x{}", "22".repeat(32)));
    for network in NETWORKS {
        let test = test(network);
        let wrong_hash = "BlockException.INVALID_BLOCK_HASH";
        // Whatever is changed, the hash is another.
        for place in [
            "/params/0/stateRoot",
            "/params/0/blockHash",
            "/params/0/prevRandao",
        ] {
            assert_eq!(
                refused(&test, place, hash.clone(), wrong_hash),
                None,
                "{network} {place}"
            );
        }
        let other = refused(
            &test,
            "/params/0/stateRoot",
            hash.clone(),
            "BlockException.INVALID_GASLIMIT",
        );
        assert!(
            matches!(other, Some(Failure::WrongReason { block: 2, .. })),
            "{other:?}"
        );
        // A refusal that does not come.
        let claim = refused(
            &test,
            "/newPayloadVersion",
            json!(version(network).to_string()),
            wrong_hash,
        );
        assert!(
            matches!(claim, Some(Failure::NotRefused { block: 2, .. })),
            "{claim:?}"
        );
        if version(network) >= 3 {
            let none = json!([]);
            let reason = "BlockException.INVALID_VERSIONED_HASHES";
            assert_eq!(refused(&test, "/params/1", none, reason), None, "{network}");
            assert_eq!(
                refused(&test, "/params/2", hash.clone(), wrong_hash),
                None,
                "{network}"
            );
        }
        if version(network) >= 4 {
            let requests = json!(["0x0011"]);
            assert_eq!(
                refused(&test, "/params/3", requests, wrong_hash),
                None,
                "{network}"
            );
        }
    }
}

/// Changes the last payload and says which error the call ends with.
fn called(test: &Value, place: &str, value: Value, code: i64) -> Option<Failure> {
    let mut test = test.clone();
    let last = &mut test["engineNewPayloads"][2];
    *last.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
    last["errorCode"] = json!(code.to_string());
    test["lastblockhash"] = test["engineNewPayloads"][1]["params"][0]["blockHash"].clone();
    test.as_object_mut().unwrap().remove("postState");
    failure("called.json", &test)
}

#[test]
fn calls_are_refused() {
    const INVALID_PARAMS: i64 = -32_602;
    const UNSUPPORTED_FORK: i64 = -38_005;
    let cancun = test("Cancun");
    for (place, value, code) in [
        ("/params/0/blobGasUsed", Value::Null, INVALID_PARAMS),
        ("/params/0/withdrawals", Value::Null, INVALID_PARAMS),
        ("/params/1", Value::Null, INVALID_PARAMS),
        ("/params/2", Value::Null, INVALID_PARAMS),
        ("/newPayloadVersion", json!("2"), INVALID_PARAMS),
        ("/newPayloadVersion", json!("4"), INVALID_PARAMS),
    ] {
        assert_eq!(called(&cancun, place, value, code), None, "{place}");
    }
    let shanghai = test("Shanghai");
    let call = |version| {
        called(
            &shanghai,
            "/newPayloadVersion",
            json!(version),
            INVALID_PARAMS,
        )
    };
    assert_eq!(call("1"), None);
    assert_eq!(call("3"), None);
    let prague = test("Prague");
    for requests in [
        json!(["0x"]),
        json!(["0x00"]),
        json!(["0x0111", "0x0011"]),
        Value::Null,
    ] {
        assert_eq!(called(&prague, "/params/3", requests, INVALID_PARAMS), None);
    }
    // A block of Cancun by the method of Prague.
    let mut later = test("Cancun");
    for call in later["engineNewPayloads"].as_array_mut().unwrap() {
        call["params"].as_array_mut().unwrap().push(json!([]));
    }
    let last = later["engineNewPayloads"][2].clone();
    let mut calls = cancun["engineNewPayloads"].clone();
    calls[2] = last;
    later["engineNewPayloads"] = calls;
    let version = "/newPayloadVersion";
    assert_eq!(called(&later, version, json!("4"), UNSUPPORTED_FORK), None);
    let other = called(&later, version, json!("4"), INVALID_PARAMS);
    assert!(
        matches!(other, Some(Failure::CallRefused { block: 2, .. })),
        "{other:?}"
    );
    let claim = called(&prague, version, json!("4"), INVALID_PARAMS);
    assert!(
        matches!(claim, Some(Failure::CallNotRefused { block: 2, .. })),
        "{claim:?}"
    );
}

#[test]
fn what_is_no_payload_names_the_place() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine");
    fs::create_dir_all(&folder).unwrap();
    for (place, value, named) in [
        (
            "/engineNewPayloads/1/params",
            json!([]),
            "engineNewPayloads[1]",
        ),
        (
            "/engineNewPayloads/1/params/0/gasUsed",
            json!("0xg"),
            "gasUsed",
        ),
        (
            "/engineNewPayloads/1/newPayloadVersion",
            json!("one"),
            "engineNewPayloads[1]",
        ),
    ] {
        let mut test = test("Prague");
        *test.pointer_mut(place).unwrap() = value;
        let path = folder.join("malformed.json");
        fs::write(&path, json!({ "test": test }).to_string()).unwrap();
        let error = run_file(&path, &Selection::default(), None, &mut std::io::sink());
        let message = error.unwrap_err().to_string();
        assert!(message.contains(named), "{message}");
    }
}
