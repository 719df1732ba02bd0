//! The scenes of seeds in go-ethereum's `evm` (`scripts/get-geth` installs it, `FEVM_GETH` names
//! it): the same state roots, and the same traces.

use crate::{scene_of, state_test, with_deep_stack};
use fevm_conformance::statetest::run::{Selection, run_file};
use fevm_conformance::trace::TraceOptions;
use fevm_conformance::trace::steps::{difference, read};
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn geth() -> Option<OsString> {
    let geth = std::env::var_os("FEVM_GETH").filter(|path| !path.is_empty());
    if geth.is_none() {
        println!("skipped: FEVM_GETH does not name go-ethereum's evm (see scripts/get-geth)");
    }
    geth
}

/// Writes the scenes of seeds as one file.
fn write(name: &str, seeds: core::ops::Range<u64>) -> PathBuf {
    let tests: Map<String, Value> = seeds
        .map(|seed| {
            (
                format!("seed {seed:020}"),
                state_test::test(&scene_of(seed)),
            )
        })
        .collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, Value::from(tests).to_string()).unwrap();
    path
}

fn run(geth: &OsString, path: &Path) -> Output {
    Command::new(geth)
        .arg("statetest")
        .arg(path)
        .output()
        .expect("FEVM_GETH runs")
}

/// Compares the roots, the logs and whether transactions are refused.
fn compare_roots(geth: &OsString, seeds: core::ops::Range<u64>) {
    let path = write(&format!("seeds-{}.json", seeds.start), seeds.clone());
    let verdicts: Vec<Value> = serde_json::from_slice(&run(geth, &path).stdout).unwrap();
    assert_eq!(verdicts.len() as u64, seeds.end - seeds.start);
    for verdict in &verdicts {
        assert_eq!(verdict["pass"], true, "{verdict}; see {}", path.display());
    }
}

#[test]
fn as_geth() {
    let Some(geth) = geth() else { return };
    with_deep_stack(|| compare_roots(&geth, 0..3_000));
}

#[test]
fn as_geth_traces() {
    let Some(geth) = geth() else { return };
    let steps = with_deep_stack(|| compare_traces(&geth, 20_000..20_150));
    println!("{steps} steps");
    assert!(steps > 10_000, "only {steps} steps");
}

/// Compares traces; gives the number of steps.
fn compare_traces(geth: &OsString, seeds: core::ops::Range<u64>) -> usize {
    // A file each: go-ethereum runs the tests of one file in any order.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traced-{}", seeds.start));
    fs::create_dir_all(&folder).unwrap();
    let files: Vec<_> = seeds
        .map(|seed| {
            let path = folder.join(format!("{seed}.json"));
            fs::write(&path, state_test::file(&scene_of(seed), &seed.to_string())).unwrap();
            path
        })
        .collect();
    let theirs = read(&run_batch(geth, &files)).unwrap();
    let options = TraceOptions {
        memory: false,
        stack: true,
        return_data: false,
    };
    let mut ours = Vec::new();
    for path in &files {
        run_file(path, &Selection::default(), Some(options), &mut ours).unwrap();
    }
    let ours = read(&ours).unwrap();
    assert_eq!((ours.len(), theirs.len()), (files.len(), files.len()));
    let mut steps = 0;
    for ((ours, theirs), path) in ours.iter().zip(&theirs).zip(&files) {
        assert_eq!(difference(ours, theirs), None, "{}", path.display());
        steps += ours.steps.len();
    }
    fs::remove_dir_all(&folder).unwrap();
    steps
}

/// The traces that go-ethereum writes of files that it is told of one after the other.
fn run_batch(geth: &OsString, files: &[PathBuf]) -> Vec<u8> {
    let mut child = Command::new(geth)
        .args(["statetest", "--trace", "--trace.format=json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("FEVM_GETH runs");
    let mut names = child.stdin.take().unwrap();
    let list: String = files
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect();
    // It answers while it reads.
    let writer = std::thread::spawn(move || names.write_all(list.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output.stderr
}

/// The long run (`scripts/fuzz`): FEVM_FUZZ_SECONDS from FEVM_FUZZ_SEED on, or from the time of day.
#[test]
#[ignore = "as long as FEVM_FUZZ_SECONDS says"]
fn as_geth_for_long() {
    const BATCH: u64 = 1_000;
    let Some(geth) = geth() else { return };
    let end = std::time::Instant::now() + crate::long_run().0;
    let (first, mut batches, mut steps) = (crate::long_run().1, 0, 0);
    println!("first seed {first}");
    while std::time::Instant::now() < end {
        let start = first.wrapping_add(batches * BATCH);
        steps += with_deep_stack(|| {
            compare_roots(&geth, start..start.saturating_add(BATCH));
            compare_traces(&geth, start..start.saturating_add(BATCH / 20))
        });
        batches += 1;
    }
    println!(
        "{} scenes and {steps} steps, no difference",
        batches * BATCH
    );
}
