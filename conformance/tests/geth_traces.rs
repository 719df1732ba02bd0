//! Traces against those of go-ethereum's `evm` (`scripts/get-geth` installs it, `FEVM_GETH` names
//! it): goevmlab's normal form of the lines, with gas cost and refund besides.

use fevm_conformance::runner::STACK_SIZE;
use fevm_conformance::statetest::run::{Selection, run_file};
use fevm_conformance::trace::TraceOptions;
use fevm_conformance::trace::steps::{difference, read};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every so manieth file of the selection is taken.
const STRIDE: usize = 3;

#[test]
fn as_geth_traces() {
    let Some(geth) = std::env::var_os("FEVM_GETH").filter(|path| !path.is_empty()) else {
        println!("skipped: FEVM_GETH does not name go-ethereum's evm (see scripts/get-geth)");
        return;
    };
    // Room for 1,024 frames.
    let thread = std::thread::Builder::new().stack_size(STACK_SIZE);
    let compared = thread.spawn(move || compare(&geth)).unwrap().join();
    if let Err(panic) = compared {
        std::panic::resume_unwind(panic);
    }
}

fn compare(geth: &OsStr) {
    let mut files = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"),
        &mut files,
    );
    files.sort();
    let single = Path::new(env!("CARGO_TARGET_TMPDIR")).join("single-case.json");
    let (mut compared, mut steps, mut refused_by_geth) = (0, 0, 0);
    for path in files.iter().step_by(STRIDE) {
        fs::write(&single, single_case(path).to_string()).unwrap();
        let run = Command::new(geth)
            .args(["statetest", "--trace", "--trace.format=json"])
            .arg(&single)
            .output()
            .expect("FEVM_GETH can be run");
        let verdict: Value = serde_json::from_slice(&run.stdout).unwrap();
        if verdict[0]["pass"] != true {
            // Not every version of go-ethereum has all of EIP-7610 and of the older fixtures' roots.
            refused_by_geth += 1;
            continue;
        }
        let mut ours = Vec::new();
        let options = TraceOptions {
            memory: false,
            stack: true,
            return_data: false,
        };
        run_file(&single, &Selection::default(), Some(options), &mut ours).unwrap();
        let (ours, theirs) = (read(&ours).unwrap(), read(&run.stderr).unwrap());
        assert_eq!((ours.len(), theirs.len()), (1, 1), "{}", path.display());
        assert_eq!(difference(&ours[0], &theirs[0]), None, "{}", path.display());
        compared += 1;
        steps += ours[0].steps.len();
    }
    println!("{compared} cases, {steps} steps; {refused_by_geth} that go-ethereum fails");
    assert!(compared > 50 && steps > 1000);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
}

/// The file with nothing but its first test's first case.
fn single_case(path: &Path) -> Value {
    let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let (name, test) = file.as_object().unwrap().iter().next().unwrap();
    let (fork, cases) = test["post"]
        .as_object()
        .unwrap()
        .iter()
        .next_back()
        .unwrap();
    let mut test = test.clone();
    test["post"] = json!({ fork: [cases[0]] });
    json!({ name: test })
}
