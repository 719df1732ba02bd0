//! What is no test file gives an error that names the file and the place, and stops nothing else.

use fevm_conformance::statetest::all::{All, run_all};
use fevm_conformance::statetest::outcome::Failure;
use fevm_conformance::statetest::run::Selection;
use std::fs;
use std::path::{Path, PathBuf};

/// A test that passes.
const GOOD: &str =
    include_str!("../fixtures/ethereum-tests/GeneralStateTests/stExample/add11_yml.json");

/// A folder for one test's files, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("bad-input")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path) -> All {
    run_all(&[folder.to_path_buf()], &Selection::default(), 2).unwrap()
}

/// Runs `text` beside a good file; gives the error's message.
fn error_of(name: &str, text: &str) -> String {
    let folder = folder(name);
    fs::write(folder.join("bad.json"), text).unwrap();
    fs::write(folder.join("good.json"), GOOD).unwrap();
    let all = run(&folder);
    assert!(all.cases() > 0, "the good file runs");
    assert_eq!(all.failures().count(), 0);
    let [error] = all.errors.as_slice() else {
        panic!("{} errors", all.errors.len())
    };
    let message = error.to_string();
    assert!(message.contains("bad.json"), "{message}");
    message
}

#[test]
fn truncated_files() {
    for end in [
        0,
        1,
        GOOD.len() / 3,
        GOOD.len() / 2,
        GOOD.trim_end().len() - 1,
    ] {
        let message = error_of("truncated", &GOOD[..end]);
        assert!(message.contains("line"), "{message}");
    }
}

#[test]
fn other_json() {
    for text in ["[]", "3", "{\"a\": 1}", "{\"root\": {\"children\": []}}"] {
        error_of("other-json", text);
    }
}

#[test]
fn numbers_out_of_range() {
    let beyond = format!("\"currentNumber\": \"0x1{}\"", "0".repeat(16));
    let at = GOOD.find("\"currentNumber\"").unwrap();
    let end = at + GOOD[at..].find(',').unwrap();
    let text = format!("{}{beyond}{}", &GOOD[..at], &GOOD[end..]);
    let message = error_of("range", &text);
    assert!(message.contains("env.currentNumber"), "{message}");
    assert!(message.contains("beyond 64 bits"), "{message}");
}

#[test]
fn no_such_file() {
    let folder = folder("missing");
    let all = run(&folder.join("missing.json"));
    let [error] = all.errors.as_slice() else {
        panic!("{} errors", all.errors.len())
    };
    assert!(error.to_string().contains("missing.json"));
}

#[test]
fn unknown_fork() {
    let folder = folder("fork");
    fs::write(
        folder.join("a.json"),
        GOOD.replace("\"Cancun\"", "\"Atlantis\""),
    )
    .unwrap();
    let all = run(&folder);
    let failures: Vec<_> = all
        .failures()
        .map(|(_, case)| case.failure.clone())
        .collect();
    assert!(failures.contains(&Some(Failure::UnknownFork("Atlantis".into()))));
}

#[test]
fn index_out_of_range() {
    let folder = folder("index");
    let text = GOOD.replace("\"gas\" : 0", "\"gas\" : 7");
    assert_ne!(text, GOOD);
    fs::write(folder.join("a.json"), text).unwrap();
    let all = run(&folder);
    assert!(all.cases() > 0);
    for (_, case) in all.failures() {
        let message = case
            .failure
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(message.starts_with("indexes.gas is 7"), "{message}");
    }
    assert_eq!(all.failures().count(), all.cases());
}

#[test]
fn a_wrong_reason_fails() {
    let folder = folder("reason");
    let text = GOOD.replace("\"hash\"", "\"expectException\": \"TR_NoFunds\", \"hash\"");
    fs::write(folder.join("a.json"), text).unwrap();
    let all = run(&folder);
    assert!(all.cases() > 0);
    assert_eq!(all.failures().count(), all.cases());
}

#[test]
fn a_part_is_missing() {
    let without = GOOD.replacen("\"env\"", "\"environment\"", 1);
    assert!(error_of("missing-part", &without).contains("missing field `env`"));
    let number = error_of("number-for-test", "{\"name\": 1}");
    assert!(
        number.contains("a state test, an object with `env`"),
        "{number}"
    );
}
