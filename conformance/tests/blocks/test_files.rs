//! Test files that are none, or not right: an error with the place, or a failure; never a panic.

use crate::{chain, verdicts};
use fevm_conformance::blocktest::outcome::Failure;
use fevm_conformance::blocktest::run::{Selection, run_file};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-block-tests");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn failure(name: &str, test: Value) -> Option<Failure> {
    let path = file(name, &json!({ "test": test }).to_string());
    let mut results = run_file(&path, &Selection::default(), None, &mut std::io::sink()).unwrap();
    results.pop().unwrap().failure
}

fn valid() -> Value {
    let chain = chain("Cancun");
    let blocks: Vec<_> = chain.blocks.iter().map(|block| (block, None)).collect();
    chain.test(&blocks)
}

#[test]
fn what_a_test_says_is_checked() {
    assert_eq!(failure("valid.json", valid()), None);
    let change = |name: &str, pointer: &str, value: Value| {
        let mut test = valid();
        *test.pointer_mut(pointer).unwrap() = value;
        failure(name, test).unwrap()
    };
    let zero = json!(format!("0x{}", "00".repeat(32)));
    assert!(matches!(
        change("a.json", "/network", json!("Nowhere")),
        Failure::UnknownNetwork(_)
    ));
    assert!(matches!(
        change("b.json", "/lastblockhash", zero.clone()),
        Failure::LastBlock { .. }
    ));
    let genesis = "/genesisBlockHeader/stateRoot";
    assert!(matches!(
        change("c.json", genesis, zero.clone()),
        Failure::Genesis(_)
    ));
    assert!(matches!(
        change("d.json", "/genesisRLP", json!("0xc0")),
        Failure::Genesis(_)
    ));
    let header = "/blocks/1/blockHeader/gasUsed";
    assert!(matches!(
        change("e.json", header, json!("0x1")),
        Failure::Header { block: 1 }
    ));
    assert!(matches!(
        change("f.json", "/blocks/1/rlp", json!("0xc0")),
        Failure::Refused { block: 1, .. }
    ));
    assert!(matches!(
        change("g.json", "/blocks/1/rlp", json!("0xzz")),
        Failure::Refused { block: 1, .. }
    ));
    let balance = format!("/postState/0x{}/balance", "c1".repeat(20));
    assert!(matches!(
        change("h.json", &balance, json!("0x1")),
        Failure::PostState { .. }
    ));
    let mut test = valid();
    test["postStateHash"] = zero;
    assert!(matches!(
        failure("i.json", test),
        Some(Failure::PostRoot { .. })
    ));
}

#[test]
fn what_is_no_test_names_the_place() {
    for (name, change, place) in [
        ("no-blocks.json", "blocks", "blocks"),
        (
            "no-genesis.json",
            "genesisBlockHeader",
            "genesisBlockHeader",
        ),
    ] {
        let mut test = valid();
        test.as_object_mut().unwrap().remove(change);
        let path = file(name, &json!({ "test": test }).to_string());
        let error = run_file(&path, &Selection::default(), None, &mut std::io::sink()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains(name) && message.contains(place),
            "{message}"
        );
    }
    let whole = json!({ "test": valid() }).to_string();
    for end in (0..whole.len()).step_by(997) {
        let path = file("cut.json", &whole[..end]);
        assert!(run_file(&path, &Selection::default(), None, &mut std::io::sink()).is_err());
    }
}

#[test]
fn no_changed_byte_of_a_block_makes_it_panic() {
    let tests = verdicts::tests("Osaka");
    let test = &tests["Osaka: valid"];
    let rlp = test["blocks"][0]["rlp"].as_str().unwrap();
    for at in (2..rlp.len()).step_by(61) {
        let mut changed = rlp.to_owned();
        let digit = if &rlp[at..=at] == "f" { "0" } else { "f" };
        changed.replace_range(at..=at, digit);
        let mut test = test.clone();
        test["blocks"][0]["rlp"] = json!(changed);
        let failure = failure("changed.json", test).unwrap();
        assert!(!matches!(failure, Failure::Panic(_)), "{at}: {failure}");
    }
}
