//! Decoders on any bytes, and on bytes close to right ones: an error, never a panic. The stable
//! twin of the targets in `fuzz/`.

use evm_interpreter::Fork;
use fevm_conformance::ethereum::envelope::Envelope;
use fevm_conformance::fixture::{StateTestFile, parse};
use fevm_conformance::statetest::outcome::Failure;
use fevm_conformance::statetest::run::{Selection, run_file};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// Signed transactions of every kind, from the committed fixtures.
fn transactions() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        collect(&folder, &mut all);
        all.sort();
        all.dedup();
        let kinds: std::collections::BTreeSet<_> = all
            .iter()
            .filter_map(|bytes| bytes.first())
            .filter(|first| **first < 0xc0)
            .collect();
        assert!(
            all.len() > 50 && kinds.len() == 4,
            "{} {kinds:?}",
            all.len()
        );
        all
    })
}

fn collect(folder: &Path, all: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, all);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: StateTestFile = parse(&fs::read(&path).unwrap()).unwrap();
        for (_, test) in file.0 {
            let cases = test.post.0.into_iter().flat_map(|(_, cases)| cases);
            all.extend(cases.filter_map(|case| case.txbytes).map(|bytes| bytes.0));
        }
    }
}

/// A change of bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..5))
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<usize>(), 1usize..40).prop_map(|(at, length)| Change::Remove(at, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |at: usize| at % (bytes.len() + 1);
    match change {
        Change::Set(at, byte) => {
            let at = place(*at);
            if let Some(old) = bytes.get_mut(at) {
                *old = *byte;
            }
        }
        Change::Cut(at) => bytes.truncate(place(*at)),
        Change::Insert(at, new) => {
            let at = place(*at);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Remove(at, length) => {
            let at = place(*at);
            let end = (at + length).min(bytes.len());
            bytes.drain(at..end);
        }
    }
}

fn decode_everywhere(bytes: &[u8]) {
    for fork in Fork::ALL {
        if let Ok(envelope) = Envelope::decode(bytes, fork) {
            let _ = envelope.recover(fork, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        decode_everywhere(&bytes);
        let _ = parse::<StateTestFile>(&bytes);
    }

    #[test]
    fn changed_transactions(
        which: usize,
        changes in proptest::collection::vec(change(), 0..4),
    ) {
        let all = transactions();
        let mut bytes = all[which % all.len()].clone();
        for change in &changes {
            apply(&mut bytes, change);
        }
        decode_everywhere(&bytes);
    }
}

/// A small file with an access list, several cases and forks.
const FIXTURE: &str =
    include_str!("../fixtures/ethereum-tests/GeneralStateTests/stExample/add11_yml.json");

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    // What still is a file of tests can be run: its cases fail, or they pass.
    #[test]
    fn changed_fixtures(changes in proptest::collection::vec(change(), 1..3)) {
        let mut bytes = FIXTURE.as_bytes().to_vec();
        for change in &changes {
            apply(&mut bytes, change);
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("changed-fixture.json");
        fs::write(&path, &bytes).unwrap();
        match run_file(&path, &Selection::default(), None, &mut Vec::new()) {
            Ok(results) => {
                for result in results {
                    prop_assert!(!matches!(result.failure, Some(Failure::Panic(_))), "{result:?}");
                }
            }
            Err(error) => prop_assert!(error.to_string().contains("changed-fixture.json")),
        }
    }
}
