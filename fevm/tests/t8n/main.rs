//! `fevm t8n` against go-ethereum's `evm t8n` (`scripts/get-geth` installs it, `FEVM_GETH` names
//! it) on generated blocks of every fork: everything that is printed must be the same, to the
//! letter, and everything that is written to files.
//!
//! `FEVM_BLOCKS` is how many blocks of each fork there are to be; `FEVM_SEED` begins elsewhere.

mod random;
mod transactions;
mod world;

use evm_interpreter::{Fork, U256};
use fevm_conformance::chain::Network;
use random::{Random, hex, quantity};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const NETWORKS: &[&str] = &[
    "Frontier",
    "Homestead",
    "EIP150",
    "EIP158",
    "Byzantium",
    "Constantinople",
    "ConstantinopleFix",
    "Istanbul",
    "MuirGlacier",
    "Berlin",
    "London",
    "ArrowGlacier",
    "GrayGlacier",
    "Merge",
    "Paris",
    "Shanghai",
    "Cancun",
    "Prague",
    "Osaka",
    "BPO1",
    "BPO2",
    "BPO3",
    "BPO4",
    "FrontierToHomesteadAt5",
    "HomesteadToEIP150At5",
    "HomesteadToDaoAt5",
    "EIP158ToByzantiumAt5",
    "ByzantiumToConstantinopleFixAt5",
    "ConstantinopleFixToIstanbulAt5",
    "BerlinToLondonAt5",
    "ParisToShanghaiAtTime15k",
    "ShanghaiToCancunAtTime15k",
    "CancunToPragueAtTime15k",
    "PragueToOsakaAtTime15k",
    "OsakaToBPO1AtTime15k",
    "BPO1ToBPO2AtTime15k",
];

/// Differences that are shown.
const SHOWN: usize = 12;
/// Blocks of each network unless told otherwise.
const BLOCKS: u64 = 5;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

fn geth() -> Option<OsString> {
    let geth = std::env::var_os("FEVM_GETH").filter(|path| !path.is_empty());
    if geth.is_none() {
        println!("skipped: FEVM_GETH does not name go-ethereum's evm (see scripts/get-geth)");
    }
    geth
}

fn t8n(program: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(program)
        .arg("t8n")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// A random environment, its rules, and the base fee that transactions should know.
fn environment(network: &str, random: &mut Random) -> (Value, Fork, u64) {
    let early = network.contains("At5");
    let height = if early {
        3 + random.below(4)
    } else if random.once_in(3) {
        // go-ethereum's Constantinople ends at 10,000,000.
        8_900_000
            + random.below(if network == "Constantinople" {
                1_000_000
            } else {
                4_000_000
            })
    } else {
        1 + random.below(400_000)
    };
    let time = if network.contains("15k") {
        14_998 + random.below(4)
    } else {
        20_000 + random.below(1 << 30)
    };
    let rules = Network::by_name(network, &[])
        .unwrap()
        .rules(height, time, U256::MAX);
    let fork = rules.fork;
    let mut env = json!({
        "currentCoinbase": match random.below(4) {
            0 => format!("0x{}", "e0".repeat(20)),
            1 => world::address(1),
            _ => hex(&random.bytes(20)),
        },
        "currentGasLimit": quantity(if random.once_in(6) { 500_000 } else { 30_000_000 }),
        "currentNumber": quantity(height),
        "currentTimestamp": quantity(time),
    });
    let longest = if random.once_in(4) { 2_000 } else { 30 };
    let parent_time = time - 1 - random.below(longest);
    if fork >= Fork::Paris {
        env["currentRandom"] = json!(random.hash());
    } else if random.once_in(2) {
        env["currentDifficulty"] = json!(quantity(0x2_0000 + random.below(1 << 40)));
    } else {
        env["parentDifficulty"] = json!(quantity(0x2_0000 + random.below(1 << 40)));
        env["parentTimestamp"] = json!(quantity(parent_time));
        if random.once_in(2) {
            env["parentUncleHash"] = json!(random.hash());
        }
    }
    let mut base_fee = 0;
    if fork >= Fork::London {
        base_fee = 7 + random.below(1000);
        if random.once_in(2) {
            env["currentBaseFee"] = json!(quantity(base_fee));
        } else {
            let limit = 30_000_000;
            env["parentBaseFee"] = json!(quantity(base_fee));
            env["parentGasUsed"] = json!(quantity(random.below(limit)));
            env["parentGasLimit"] = json!(quantity(limit));
            base_fee += base_fee / 8 + 1;
        }
    }
    let hashes: BTreeMap<String, String> = (1..=height.min(if random.once_in(9) { 0 } else { 2 }))
        .map(|back| ((height - back).to_string(), random.hash()))
        .collect();
    if !random.once_in(12) {
        env["blockHashes"] = json!(hashes);
    }
    if fork < Fork::Paris {
        let ommers: Vec<_> = (0..random.below(3))
            .map(|_| json!({"delta": 1 + random.below(6), "address": hex(&random.bytes(20))}))
            .collect();
        env["ommers"] = json!(ommers);
    }
    if fork >= Fork::Shanghai {
        env["withdrawals"] = withdrawals(random);
    }
    if fork >= Fork::Cancun {
        env["parentBeaconBlockRoot"] = json!(random.hash());
        let most = if random.once_in(2) { 1 << 22 } else { 1 << 26 };
        let excess = random.below(most);
        match random.below(8) {
            0 => {}
            1..=3 => env["currentExcessBlobGas"] = json!(quantity(excess)),
            _ => {
                env["parentExcessBlobGas"] = json!(quantity(excess));
                env["parentBlobGasUsed"] = json!(quantity(random.below(10) << 17));
                env["parentBaseFee"] = json!(quantity(base_fee));
            }
        }
    }
    (env, fork, base_fee)
}

fn withdrawals(random: &mut Random) -> Value {
    (0..random.below(4))
        .map(|index| {
            let address = match random.below(3) {
                0 => world::address(0),
                1 => format!("0x{}", "e0".repeat(20)),
                _ => hex(&random.bytes(20)),
            };
            json!({
                "index": quantity(index),
                "validatorIndex": quantity(random.below(1000)),
                "address": address,
                "amount": quantity(random.below(3) * random.below(1 << 40)),
            })
        })
        .collect()
}

fn reward(fork: Fork, random: &mut Random) -> String {
    match random.below(4) {
        0 => "-1".into(),
        1 => "0".into(),
        _ if fork < Fork::Paris => (2_000_000_000_000_000_000u64).to_string(),
        _ => "0".into(),
    }
}

/// What differs first, with a little around it.
fn difference(ours: &str, theirs: &str) -> String {
    let at = ours.lines().zip(theirs.lines()).position(|(a, b)| a != b);
    let at = at.unwrap_or_else(|| ours.lines().count().min(theirs.lines().count()));
    let lines = |text: &str| -> String {
        text.lines()
            .skip(at.saturating_sub(3))
            .take(6)
            .map(|line| format!("  {line}\n"))
            .collect()
    };
    format!("ours:\n{}theirs:\n{}", lines(ours), lines(theirs))
}

#[test]
fn as_geth() {
    let Some(geth) = geth() else { return };
    let ours = Path::new(env!("CARGO_BIN_EXE_fevm"));
    let blocks = number("FEVM_BLOCKS", BLOCKS);
    let seed = number("FEVM_SEED", 1);
    let (mut total, mut included, mut rejected, mut statuses) = (0, 0, 0, BTreeMap::new());
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let mut differences: Vec<String> = Vec::new();
    for (index, network) in NETWORKS.iter().enumerate() {
        for block in 0..blocks {
            let mut random = Random::new((seed << 32) + (index as u64) * 1_000_003 + block);
            let (env, fork, base_fee) = environment(network, &mut random);
            let alloc = world::alloc(fork, &mut random);
            let mut nonces = transactions::Nonces::of(&alloc);
            let txs: Vec<_> = (0..1 + random.below(9))
                .map(|_| transactions::transaction(fork, base_fee, &mut nonces, &mut random))
                .collect();
            let input = json!({"alloc": alloc, "env": env, "txs": txs}).to_string();
            let reward = format!("--state.reward={}", reward(fork, &mut random));
            let state_fork = format!("--state.fork={network}");
            let arguments = [
                "--input.alloc=stdin",
                "--input.env=stdin",
                "--input.txs=stdin",
                "--output.alloc=stdout",
                "--output.result=stdout",
                "--output.body=stdout",
                state_fork.as_str(),
                reward.as_str(),
            ];
            let mine = t8n(ours, &arguments, &input);
            let theirs = t8n(Path::new(&geth), &arguments, &input);
            let case = format!("{network}, block {block} of seed {seed}");
            let name = Path::new(env!("CARGO_TARGET_TMPDIR"))
                .join(format!("t8n-{network}-{block}-differs.json"));
            let keep = || fs::write(&name, &input).unwrap();
            if mine.status.code() != theirs.status.code() {
                keep();
                differences.push(format!(
                    "{case} ({}): status {:?}, go-ethereum's {:?}\n{}\n{}",
                    name.display(),
                    mine.status.code(),
                    theirs.status.code(),
                    String::from_utf8_lossy(&mine.stderr),
                    String::from_utf8_lossy(&theirs.stderr)
                ));
            }
            let (mine, theirs_out) = (text(&mine), text(&theirs));
            if mine != theirs_out {
                keep();
                let difference = difference(&mine, &theirs_out);
                differences.push(format!("{case} ({}):\n{difference}", name.display()));
            }
            *statuses.entry(theirs.status.code()).or_insert(0) += 1;
            total += 1;
            if let Ok(result) = serde_json::from_str::<Value>(&mine) {
                included += result["result"]["receipts"].as_array().map_or(0, Vec::len);
                for refused in result["result"]["rejected"]
                    .as_array()
                    .into_iter()
                    .flatten()
                {
                    rejected += 1;
                    let reason = refused["error"].as_str().unwrap();
                    let reason = reason.split([':', '(']).next().unwrap().trim();
                    *reasons.entry(reason.to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    println!(
        "{total} blocks of {} networks, {included} transactions included, {rejected} rejected; \
         statuses {statuses:?}; reasons {reasons:#?}",
        NETWORKS.len()
    );
    let shown = differences
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        differences.is_empty(),
        "{} differences:\n{shown}",
        differences.len()
    );
    assert!(included > 0 && rejected > 0);
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Files of a folder by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("t8n")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Inputs and outputs by files, with opcode counts; signed transactions as a body, too.
#[test]
fn files_as_geth() {
    let Some(geth) = geth() else { return };
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_fevm"));
    for (index, network) in ["Berlin", "London", "Prague", "Osaka"].iter().enumerate() {
        let mut random = Random::new(77 + index as u64);
        let (mut env, fork, base_fee) = environment(network, &mut random);
        env["blockHashes"] = (1..4)
            .map(|back| {
                let height = env["currentNumber"].as_str().unwrap()[2..].to_owned();
                let height = u64::from_str_radix(&height, 16).unwrap();
                (quantity(height.saturating_sub(back)), json!(random.hash()))
            })
            .collect();
        let alloc = world::alloc(fork, &mut random);
        let mut nonces = transactions::Nonces::of(&alloc);
        let txs: Vec<_> = (0..12)
            .map(|_| transactions::transaction(fork, base_fee, &mut nonces, &mut random))
            .collect();
        let input = empty("input");
        for (name, value) in [("alloc", &alloc), ("env", &env), ("txs", &json!(txs))] {
            fs::write(input.join(format!("{name}.json")), value.to_string()).unwrap();
        }
        let run = |program: &Path, name: &str, transactions: &Path| {
            let output = empty(name);
            let argument = |name: &str, path: &Path| format!("--{name}={}", path.display());
            let arguments = [
                argument("input.alloc", &input.join("alloc.json")),
                argument("input.env", &input.join("env.json")),
                argument("input.txs", transactions),
                argument("output.basedir", &output),
                "--output.body=body.rlp".into(),
                "--opcode.count=opcodes.json".into(),
                format!("--state.fork={network}"),
            ];
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let run = t8n(program, &arguments, "");
            assert!(
                run.status.success(),
                "{}",
                String::from_utf8_lossy(&run.stderr)
            );
            files(&output)
        };
        let txs = input.join("txs.json");
        let mine = run(&ours, "ours", &txs);
        let theirs = run(Path::new(&geth), "theirs", &txs);
        assert_eq!(
            mine.keys().collect::<Vec<_>>(),
            theirs.keys().collect::<Vec<_>>()
        );
        for (name, text) in &mine {
            assert!(
                text == &theirs[name],
                "{network} {name}:\n{}",
                difference(text, &theirs[name])
            );
        }
        // The body that came out goes in again.
        let body = input.join("body.rlp");
        fs::write(&body, &mine["body.rlp"]).unwrap();
        let mine = run(&ours, "ours", &body);
        let theirs = run(Path::new(&geth), "theirs", &body);
        assert_eq!(mine, theirs, "{network}, from a body");
    }
}
