//! fevm under the name `evm`, driven by the very commands that goevmlab and execution-spec-tests
//! issue to go-ethereum's, and read as they read it.

// Of it only chains of blocks are needed.
#[allow(dead_code)]
#[path = "../../../conformance/tests/blocks/builder.rs"]
mod builder;

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A link named `evm` to the program, in a folder of the test's own.
fn evm(test: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("as_evm")
        .join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let link = folder.join("evm");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fevm"), &link).unwrap();
    (link, folder)
}

fn run(evm: &Path, arguments: &[&str]) -> Output {
    Command::new(evm)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap()
}

/// Python's `re.escape`.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Names as execution-spec-tests makes them.
const NAMES: [&str; 2] = [
    "tests/prague/eip7702_set_code_tx/test_gas.py::test_it[fork_Prague-state_test-a & b~c#1]",
    "tests/prague/eip7702_set_code_tx/test_gas.py::test_it[fork_Prague-state_test-a & b~c#2]",
];

/// A state test whose code adds two numbers, stores the sum and stops; its root may be wrong.
fn state_test(root: &str) -> Value {
    let sender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
    json!({
        "env": {
            "currentCoinbase": "0x00000000000000000000000000000000000000ba",
            "currentGasLimit": "0x1c9c380",
            "currentNumber": "0x1",
            "currentTimestamp": "0x3e8",
            "currentDifficulty": "0x0",
            "currentRandom": "0x0000000000000000000000000000000000000000000000000000000000000007",
            "currentBaseFee": "0x7",
            "currentExcessBlobGas": "0x0",
        },
        "pre": {
            sender: {"balance": "0xde0b6b3a7640000", "nonce": "0x0", "code": "0x", "storage": {}},
            "0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0": {
                "balance": "0x0", "nonce": "0x1", "storage": {},
                // Three and two: their sum to slot 1. A call of the identity, and STOP.
                "code": "0x600360020160015560006000600060006000600461fffff15000",
            },
        },
        "transaction": {
            "data": ["0x"], "gasLimit": ["0x186a0"], "value": ["0x0"], "nonce": "0x0",
            "to": "0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0", "gasPrice": "0xa",
            "sender": sender,
            "secretKey": "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8",
        },
        "post": { "Prague": [{
            "hash": root,
            "logs": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
            "indexes": {"data": 0, "gas": 0, "value": 0},
        }]},
    })
}

/// The root that the state test ends in.
fn right_root(evm: &Path, folder: &Path) -> String {
    let path = folder.join("unfilled.json");
    let wrong = format!("0x{}", "00".repeat(32));
    fs::write(&path, json!({"a": state_test(&wrong)}).to_string()).unwrap();
    let out = run(evm, &["statetest", path.to_str().unwrap()]);
    assert!(out.status.success());
    root_on_stdout(text(&out.stdout)).to_owned()
}

/// goevmlab's fast mode: the first root on standard output, found as text.
fn root_on_stdout(stdout: &str) -> &str {
    let start = stdout.find("\"stateRoot\": \"").expect(stdout) + 14;
    let root = &stdout[start..start + 66];
    assert!(root.starts_with("0x") && root[2..].bytes().all(|byte| byte.is_ascii_hexdigit()));
    root
}

/// A line of a trace in goevmlab's normal form; nothing for a STOP, and for lines of depth zero.
fn normal(line: &Value) -> Option<String> {
    let number = |name: &str| line[name].as_u64();
    let depth = number("depth")?;
    let op = number("op").unwrap();
    if depth == 0 || op == 0 {
        return None;
    }
    let gas = u64::from_str_radix(&line["gas"].as_str().unwrap()[2..], 16).unwrap();
    let stack: Vec<_> = line["stack"].as_array().unwrap().iter().collect();
    let last = &stack[stack.len().saturating_sub(6)..];
    Some(format!(
        "{depth} {} {gas} 0x{op:02x} {} {}",
        number("pc").unwrap(),
        line["opName"].as_str().unwrap(),
        last.iter()
            .map(|item| item.as_str().unwrap())
            .collect::<Vec<_>>()
            .join(",")
    ))
}

/// What goevmlab makes of a trace: operations, then the root; reading stops at the root.
fn normal_trace(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut out = Vec::new();
    for line in lines {
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        if let Some(root) = value["stateRoot"].as_str() {
            out.push(root.to_owned());
            return out;
        }
        out.extend(normal(&value));
    }
    panic!("no state root after {out:?}");
}

const TRACE: [&str; 5] = [
    "statetest",
    "--trace",
    "--trace.format=json",
    "--trace.nomemory=true",
    "--trace.noreturndata=true",
];

#[test]
fn goevmlab() {
    let (evm, folder) = evm("goevmlab");
    let root = right_root(&evm, &folder);
    let path = folder.join("test.json");
    fs::write(&path, json!({"a": state_test(&root)}).to_string()).unwrap();
    let path = path.to_str().unwrap();

    let out = run(&evm, &[&TRACE[..], &[path]].concat());
    assert!(out.status.success());
    let trace = normal_trace(text(&out.stderr).lines().map(str::to_owned));
    assert_eq!(trace[0], "1 0 79000 0x60 PUSH1 ");
    assert_eq!(trace[1], "1 2 78997 0x60 PUSH1 0x3");
    assert_eq!(trace[2], "1 4 78994 0x01 ADD 0x3,0x2");
    assert_eq!(trace.last().unwrap(), &root);
    assert_eq!(trace.len(), 15, "{trace:#?}");

    let fast = run(&evm, &["statetest", path]);
    assert_eq!(root_on_stdout(text(&fast.stdout)), root);

    // Batches: the names one by one, each once the answer to the one before is there.
    let mut child = Command::new(&evm)
        .args(TRACE)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut names = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    for _ in 0..3 {
        writeln!(names, "{path}").unwrap();
        assert_eq!(normal_trace(&mut lines), trace);
    }
    drop(names);
    assert!(child.wait().unwrap().success());
}

#[test]
fn consume_direct_state_tests() {
    let (evm, folder) = evm("state_tests");
    // What tells the client.
    for flag in ["-v", "--version"] {
        let out = run(&evm, &[flag]);
        assert!(text(&out.stdout).starts_with("evm version "), "{out:?}");
    }
    let root = right_root(&evm, &folder);
    let wrong = format!("0x{}", "11".repeat(32));
    let path = folder.join("fixtures.json");
    let file = json!({NAMES[0]: state_test(&root), NAMES[1]: state_test(&wrong)});
    fs::write(&path, file.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let with_dump = ["--verbosity", "100", "statetest", "--trace", path];
    for arguments in [&["statetest", path][..], &with_dump] {
        let out = run(&evm, arguments);
        // Also where a test fails.
        assert_eq!(out.status.code(), Some(0));
        let results: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        let verdict = |name: &str| {
            let mut found = results.iter().filter(|result| result["name"] == name);
            let result = found.next().unwrap();
            assert!(found.next().is_none());
            (result["pass"].as_bool().unwrap(), result["error"].clone())
        };
        assert_eq!(verdict(NAMES[0]), (true, Value::Null));
        let (pass, error) = verdict(NAMES[1]);
        assert!(
            !pass && error.as_str().unwrap().contains("state root"),
            "{error}"
        );
    }
}

#[test]
fn consume_direct_block_tests() {
    let (evm, folder) = evm("block_tests");
    let mut chain = builder::Chain::new("Prague");
    let call = chain.call(builder::STORE, &builder::words(1, 2), 0);
    chain.add(builder::parts(vec![call]));
    let arrivals: Vec<_> = chain.blocks.iter().map(|block| (block, None)).collect();
    let good = chain.test(&arrivals);
    let mut bad = good.clone();
    bad["lastblockhash"] = json!(format!("0x{}", "22".repeat(32)));
    let path = folder.join("fixtures.json");
    fs::write(&path, json!({NAMES[0]: good, NAMES[1]: bad}).to_string()).unwrap();
    for (name, passes) in [(NAMES[0], true), (NAMES[1], false)] {
        let out = run(
            &evm,
            &["blocktest", "--run", &escaped(name), path.to_str().unwrap()],
        );
        assert_eq!(out.status.code(), Some(0));
        let results: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(results.len(), 1, "{results:?}");
        assert_eq!(results[0]["name"], name);
        assert_eq!(results[0]["pass"], passes, "{results:?}");
    }
}

#[test]
fn fill() {
    let (evm, folder) = evm("fill");
    // The forks that `fill` looks for in the help.
    let help = run(&evm, &["t8n", "--help"]);
    for fork in [
        "Frontier",
        "ConstantinopleFix",
        "Prague",
        "Osaka",
        "ShanghaiToCancunAtTime15k",
    ] {
        assert!(text(&help.stdout).contains(fork), "{fork}");
    }
    let test = state_test("");
    // Unsigned, with the key to sign it.
    let transaction = json!({
        "type": "0x0",
        "chainId": "0x1",
        "nonce": "0x0",
        "gasPrice": "0xa",
        "gas": "0x186a0",
        "to": test["transaction"]["to"],
        "value": "0x0",
        "input": "0x",
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
        "secretKey": test["transaction"]["secretKey"],
    });
    let mut env = test["env"].clone();
    for (name, value) in [
        (
            "parentBeaconBlockRoot",
            json!(format!("0x{}", "33".repeat(32))),
        ),
        ("withdrawals", json!([])),
        (
            "blockHashes",
            json!({"0": format!("0x{}", "44".repeat(32))}),
        ),
        ("ommers", json!([])),
    ] {
        env[name] = value;
    }
    let input = json!({"alloc": test["pre"], "txs": [transaction], "env": env});
    let base = format!("--output.basedir={}", folder.display());
    let mut child = Command::new(&evm)
        .args([
            "t8n",
            "--input.alloc=stdin",
            "--input.txs=stdin",
            "--input.env=stdin",
            "--output.result=stdout",
            "--output.alloc=stdout",
            "--output.body=stdout",
            "--state.fork=Cancun",
            "--state.chainid=1",
            "--state.reward=0",
            "--trace",
            &base,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = input.to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(bytes.as_bytes())
        .unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let output: Value = serde_json::from_slice(&out.stdout).unwrap();
    let result = &output["result"];
    assert_eq!(result["rejected"], Value::Null, "{result}");
    let receipt = &result["receipts"][0];
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    assert!(output["body"].as_str().unwrap().starts_with("0x"));
    let account = &output["alloc"]["0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"];
    let storage = account["storage"].as_object().unwrap();
    assert!(
        storage
            .values()
            .any(|value| value.as_str().unwrap().ends_with('5')),
        "{account}"
    );
    // The trace of each receipt, under its hash.
    let hash = receipt["transactionHash"].as_str().unwrap();
    let trace = fs::read_to_string(folder.join(format!("trace-0-{hash}.jsonl"))).unwrap();
    let lines: Vec<Value> = trace
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[2]["opName"], "ADD");
    // The last line of each is the summary.
    assert!(lines.last().unwrap()["gasUsed"].is_string(), "{trace}");
}
