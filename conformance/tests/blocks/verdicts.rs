//! go-ethereum's `evm blocktest` on the same chains and the same mutations: its verdicts and state
//! roots must be ours. Two tests for each mutation: one expects the refusal, one does not.

use crate::builder::Chain;
use crate::mutations::MUTATIONS;
use crate::{NETWORKS, builder, chain, parts, transition, words};
use fevm_conformance::blocktest::run::{Selection, run_file};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names that go-ethereum has no rules for.
const OWN_NETWORKS: &[&str] = &["EIP150ToEIP158At5", "IstanbulToBerlinAt5"];

/// Tests of a network by name.
pub(crate) fn tests(network: &str) -> Map<String, Value> {
    let mut tests = Map::new();
    let mut chain = chain(network);
    let transactions = vec![chain.call(builder::STORE, &words(7, 7), 0)];
    let last = chain.build(parts(transactions));
    let fork = builder::fork(network);
    let blocks = chain.blocks.clone();
    let whole: Vec<_> = blocks.iter().map(|block| (block, None)).collect();
    tests.insert(format!("{network}: valid"), chain.test(&whole));
    for mutation in MUTATIONS.iter().filter(|mutation| mutation.applies(fork)) {
        let wrong = mutation.apply(&last, &chain);
        let prefix = if mutation.reason.contains("NONCE")
            || mutation.reason.contains("INTRINSIC")
            || mutation.reason.contains("MAX_FEE")
            || mutation.reason.contains("ALLOWANCE")
            || mutation.reason.contains("EXCEEDS_MAXIMUM")
            || mutation.reason == "RLP_INVALID_VALUE"
        {
            "TransactionException"
        } else {
            "BlockException"
        };
        let reason = format!("{prefix}.{}", mutation.reason);
        let mut arrivals = whole.clone();
        arrivals.push((&wrong, Some(reason)));
        let name = format!("{network}: {} refused", mutation.name);
        tests.insert(name, chain.test(&arrivals));
    }
    // The wrong block said to be right must fail the test.
    for mutation in MUTATIONS
        .iter()
        .filter(|mutation| mutation.applies(fork))
        .step_by(5)
    {
        let wrong = mutation.apply(&last, &chain);
        let mut arrivals = whole.clone();
        arrivals.push((&wrong, None));
        tests.insert(
            format!("{network}: {} taken", mutation.name),
            chain.test(&arrivals),
        );
    }
    // And the right block said to be wrong.
    let mut arrivals = whole.clone();
    arrivals.push((&last, Some("BlockException.INVALID_STATE_ROOT".into())));
    tests.insert(format!("{network}: right refused"), chain.test(&arrivals));
    tests
}

fn transition_test(network: &str, seconds: u64) -> (String, Value) {
    let chain: Chain = transition(network, seconds);
    let blocks: Vec<_> = chain.blocks.iter().map(|block| (block, None)).collect();
    (format!("{network}: valid"), chain.test(&blocks))
}

/// Every test, a file for each network.
fn write_all(folder: &Path) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let mut files = Vec::new();
    let mut write = |name: &str, tests: Map<String, Value>| {
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, Value::Object(tests).to_string()).unwrap();
        files.push(path);
    };
    for network in NETWORKS {
        write(network, tests(network));
    }
    let mut transitions = Map::new();
    for (network, seconds) in [
        ("FrontierToHomesteadAt5", 12),
        ("HomesteadToEIP150At5", 12),
        ("EIP158ToByzantiumAt5", 12),
        ("ByzantiumToConstantinopleFixAt5", 12),
        ("ConstantinopleFixToIstanbulAt5", 12),
        ("BerlinToLondonAt5", 12),
        ("ArrowGlacierToParisAtDiffC0000", 1),
        ("ParisToShanghaiAtTime15k", 3_000),
        ("ShanghaiToCancunAtTime15k", 3_000),
        ("CancunToPragueAtTime15k", 3_000),
        ("PragueToOsakaAtTime15k", 3_000),
        ("OsakaToBPO1AtTime15k", 3_000),
        ("BPO1ToBPO2AtTime15k", 3_000),
    ] {
        assert!(!OWN_NETWORKS.contains(&network));
        let (name, test) = transition_test(network, seconds);
        transitions.insert(name, test);
    }
    write("transitions", transitions);
    files
}

#[test]
fn as_geth() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("block-tests");
    let files = write_all(&folder);
    let geth = std::env::var_os("FEVM_GETH").filter(|path| !path.is_empty());
    let (mut compared, mut passed, mut wrong) = (0, 0, Vec::new());
    for path in &files {
        let ours = run_file(path, &Selection::default(), None, &mut std::io::sink()).unwrap();
        for result in &ours {
            let right = result.name.ends_with("valid")
                || result.name.ends_with(" refused") && !result.name.ends_with("right refused");
            if result.failure.is_none() != right {
                let failure = result.failure.as_ref().map(ToString::to_string);
                wrong.push(format!("{}: {failure:?}", result.name));
            }
        }
        let Some(geth) = &geth else { continue };
        let run = Command::new(geth)
            .arg("blocktest")
            .arg(path)
            .output()
            .expect("FEVM_GETH runs");
        let text = String::from_utf8_lossy(&run.stdout);
        // What go-ethereum has to say of blocks that it should have refused stands in front.
        let start = text
            .find("[\n")
            .unwrap_or_else(|| panic!("{}: {text}", path.display()));
        let theirs: Value = serde_json::from_str(&text[start..]).unwrap();
        let theirs = theirs.as_array().unwrap();
        assert_eq!(theirs.len(), ours.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            let name = &ours.name;
            assert_eq!(theirs["name"], *name);
            assert_eq!(theirs["fork"], ours.fork);
            let root = ours.state_root.map(|root| format!("{root:#x}"));
            if theirs["pass"] != ours.failure.is_none()
                || theirs["stateRoot"].as_str() != root.as_deref()
            {
                wrong.push(format!(
                    "{name}: go-ethereum has {theirs}, we {:?}",
                    ours.failure
                ));
            }
            compared += 1;
            passed += usize::from(ours.failure.is_none());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    if geth.is_none() {
        println!("skipped: FEVM_GETH does not name go-ethereum's evm (see scripts/get-geth)");
    } else {
        println!(
            "{compared} tests in {} files as go-ethereum, {passed} of them passed",
            files.len()
        );
        assert!(compared > 500, "{compared}");
    }
}
