//! The selection of official state tests in `fixtures/`, in the Filecoin VM.

use fevm_conformance::divergence::Switch;
use fevm_conformance::ethereum::memo::PrecompileMemo;
use fevm_conformance::fvm::run::{Selection, run_file};
use fevm_conformance::fvm::setup::Laboratory;
use fevm_conformance::fvm::tally::Tally;
use fevm_conformance::fvm::{Class, Report};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn fixtures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fixtures(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

fn laboratory() -> Laboratory {
    Laboratory::new(&fevm_bundle::ours().unwrap()).unwrap()
}

/// Runs on a thread with room for 1,024 frames of the native run.
fn deep(job: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new();
    let stack = fevm_conformance::runner::STACK_SIZE;
    thread.stack_size(stack).spawn(job).unwrap().join().unwrap();
}

#[test]
fn every_difference_is_explained() {
    deep(|| {
        let mut files = Vec::new();
        fixtures(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"),
            &mut files,
        );
        files.sort();
        let (laboratory, memo) = (laboratory(), Arc::new(PrecompileMemo::default()));
        let mut tally = Tally::default();
        for path in &files {
            let reports = run_file(path, &Selection::default(), &laboratory, &memo).unwrap();
            tally.add(path, &reports);
        }
        for case in tally.wrong() {
            eprintln!("{case}");
        }
        assert!(tally.wrong().is_empty());
        assert!(tally.count("identical") > 0 && tally.count("by design") > 0);
        println!("{} cases", tally.cases());
    });
}

/// A state test of one contract that runs `code`, called with much gas.
fn run(code: &str) -> Report {
    let contract = "0x00000000000000000000000000000000c0de0001";
    let sender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
    // The fixture's own claims do not matter where only the class is asked for.
    let json = serde_json::json!({"test": {
        "env": {
            "currentCoinbase": "0x00000000000000000000000000000000000000cb",
            "currentGasLimit": "0x5f5e100", "currentNumber": "0x1", "currentTimestamp": "0x3e8",
            "currentRandom": "0x20000", "currentBaseFee": "0xa", "currentExcessBlobGas": "0x0",
        },
        "pre": {
            contract: {"balance": "0x64", "nonce": "0x1", "code": code, "storage": {}},
            sender: {"balance": "0xde0b6b3a7640000", "nonce": "0x0", "code": "0x", "storage": {}},
        },
        "transaction": {
            "data": ["0x"], "gasLimit": ["0xf4240"], "value": ["0x0"], "nonce": "0x0",
            "to": contract, "gasPrice": "0xa", "sender": sender,
        },
        "post": {"Osaka": [{
            "hash": format!("0x{}", "0".repeat(64)), "logs": format!("0x{}", "0".repeat(64)),
            "indexes": {"data": 0, "gas": 0, "value": 0},
        }]},
    }});
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("fvm-{}.json", code.len()));
    let mut json = json;
    let memo = Arc::new(PrecompileMemo::default());
    let laboratory = laboratory();
    let once = |json: &serde_json::Value| {
        std::fs::write(&path, json.to_string()).unwrap();
        run_file(&path, &Selection::default(), &laboratory, &memo)
            .unwrap()
            .remove(0)
    };
    // A first run tells the root and the logs that a right fixture has.
    let first = once(&json);
    let case = &mut json["test"]["post"]["Osaka"][0];
    case["hash"] = format!("{:#x}", first.state_root.unwrap()).into();
    let second = once(&json);
    match &second.class {
        Class::Failed(fevm_conformance::statetest::outcome::Failure::Logs { got, .. }) => {
            json["test"]["post"]["Osaka"][0]["logs"] = format!("{got:#x}").into();
            once(&json)
        }
        _ => second,
    }
}

fn differences(code: &str) -> Vec<Switch> {
    match run(code).class {
        Class::ByDesign(switches) => switches.iter().collect(),
        Class::Identical => Vec::new(),
        other => panic!("{code}: {other}"),
    }
}

#[test]
fn differences_are_named_by_their_cause() {
    deep(|| {
        // sstore(0, OP): what the opcode shows is kept.
        for (code, expected) in [
            ("0x600160005500", &[][..]),
            ("0x4160005500", &[Switch::Coinbase]),
            ("0x4560005500", &[Switch::GasLimit]),
            ("0x4460005500", &[Switch::Randomness]),
            ("0x5a60005500", &[Switch::Gas]),
            ("0x600160005560004950", &[Switch::BlobOpcodes]),
            // extcodehash(4)
            ("0x60043f60005500", &[Switch::PrecompileHash]),
            // selfdestruct(0xbeef)
            ("0x61beefff", &[Switch::SelfDestruct]),
            // staticcall(gas, 0x12, 0, 0, 0, 0x20) and its success: the same on both sides
            ("0x60206000600060006012620f4240fa60005500", &[]),
        ] {
            assert_eq!(differences(code), expected, "{code}");
        }
    });
}
