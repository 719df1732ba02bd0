//! Verdicts on executions that are compared for real: natively, in the FVM, and by go-ethereum where it is at hand
//! (FEVM_GETH, see scripts/get-geth).

use std::path::PathBuf;

use alloy_primitives::hex;
use fevm_differ::compare::fields::Field;
use fevm_differ::compare::{Comparator, Verdict};
use fevm_differ::report;
use fevm_differ::run::{Answer, Job};
use fevm_differ::side::SideSpec;
use fevm_differ::subject::{Code, DEFAULT_FORK, Subject};
use serde_json::{Map, Value, json};

fn code(code: &[u8], accounts: &[(&str, &[u8])]) -> Subject {
    let accounts: Map<String, Value> = accounts
        .iter()
        .map(|(address, code)| {
            let account = json!({ "balance": "0x5", "nonce": "0x1", "code": hex::encode_prefixed(code), "storage": {} });
            ((*address).to_owned(), account)
        })
        .collect();
    Subject::from_code(&Code {
        code: code.to_vec(),
        gas: 16_000_000,
        value: "0x0".into(),
        fork: DEFAULT_FORK.into(),
        accounts,
        ..Code::default()
    })
}

fn job(left: &str, right: &str, subject: Option<Subject>) -> Job {
    Job {
        left: left.parse().unwrap(),
        right: right.parse().unwrap(),
        subject,
        transaction: None,
        comparator: None,
        context: 5,
    }
}

#[track_caller]
fn run(job: &Job) -> Answer {
    job.run().unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn expect(answer: &Answer, job: &Job, verdict: Verdict, ids: &str) {
    assert_eq!(
        answer.verdict,
        verdict,
        "{}",
        report::text::text(job, answer)
    );
    assert_eq!(
        answer.ids().to_string(),
        ids,
        "{}",
        report::text::text(job, answer)
    );
}

/// PUSH1 5, PUSH1 7, MUL, PUSH0, MSTORE, hash of it stored, and read again.
const PLAIN: [u8; 20] = hex!("60056007025f5260205f205f555f545060015f53");

#[test]
fn arithmetic_memory_and_storage_are_equal_in_the_fvm() {
    let job = job("native", "fvm", Some(code(&PLAIN, &[])));
    let answer = run(&job);
    expect(&answer, &job, Verdict::ByDesign, "fees");
    assert!(answer.comparison.parting.is_none());
    assert_eq!(answer.comparison.steps, 16);
}

#[test]
fn what_a_run_computes_from_gas_is_explained() {
    // GAS, doubled, kept in memory and storage, and a branch on whether it is above 2^40, which it never is.
    let subject = code(
        &hex!("5a8001805f525f555f515a600a1c5050 60285a 1c 601a57 00 5b00"),
        &[],
    );
    let job = job("fvm", "native", Some(subject));
    let answer = run(&job);
    expect(&answer, &job, Verdict::ByDesign, "gas, fees");
    let first = &answer.comparison.met[0];
    assert!(
        first
            .fields
            .iter()
            .all(|field| matches!(field, Field::Stack(_))),
        "{:?}",
        first.fields
    );
    let states = answer.states.unwrap();
    assert!(
        states
            .iter()
            .any(|difference| difference.what.starts_with("slot"))
    );
}

#[test]
fn a_jump_on_gas_is_a_parting_by_design() {
    // JUMPI if GAS is above 2^24: an FVM's is.
    let job = job(
        "fvm",
        "native",
        Some(code(&hex!("5a60181c600a575f5f005b5f5f5f00"), &[])),
    );
    let answer = run(&job);
    assert_eq!(
        answer.verdict,
        Verdict::ByDesign,
        "{}",
        report::text::text(&job, &answer)
    );
    let parting = answer.comparison.parting.as_ref().unwrap();
    assert_eq!(parting.ids.to_string(), "gas");
    assert!(report::html::html(&job, &answer).contains("class=\"parting\""));
}

#[test]
fn callcode_is_undefined_and_the_caller_goes_on() {
    let callee = "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    // The callee uses CALLCODE; the caller passes over whether it worked.
    let caller = hex!("5f5f5f5f5f73bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb5af15060015f5500");
    let inner = hex!("5f5f5f5f5f30 5af2 50 00");
    let job = job("native", "fvm", Some(code(&caller, &[(callee, &inner)])));
    let answer = run(&job);
    expect(&answer, &job, Verdict::ByDesign, "gas, callcode, fees");
}

#[test]
fn a_wrong_value_is_found_where_it_is_made() {
    let folder = std::env::temp_dir().join(format!("fevm-verdicts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let good = folder.join("good.jsonl");
    let bad = folder.join("bad.jsonl");
    let line = |pc: u64, op: u8, stack: &str, gas: u64| {
        format!(
            "{{\"pc\":{pc},\"op\":{op},\"gas\":\"{gas:#x}\",\"gasCost\":\"0x3\",\"memSize\":0,\"stack\":[{stack}],\"depth\":1,\"refund\":0}}\n"
        )
    };
    let trace = |product: &str, gas: u64| {
        [
            line(0, 0x60, "", gas),
            line(2, 0x60, "\"0x5\"", gas - 3),
            line(4, 2, "\"0x5\",\"0x7\"", gas - 6),
            line(5, 0x50, product, gas - 11),
        ]
        .concat()
    };
    std::fs::write(&good, trace("\"0x23\"", 1000)).unwrap();
    std::fs::write(&bad, trace("\"0x24\"", 1000)).unwrap();
    let sides = |left: &PathBuf, right: &PathBuf| Job {
        left: SideSpec::File(left.clone()),
        right: SideSpec::File(right.clone()),
        ..job("native", "native", None)
    };
    let answer = run(&sides(&good, &bad));
    assert_eq!(answer.verdict, Verdict::Unexplained);
    let parting = answer.comparison.parting.as_ref().unwrap();
    assert_eq!(
        (parting.index, &parting.fields[..]),
        (3, &[Field::Stack(0)][..])
    );
    assert_eq!(parting.common.last().unwrap().0.name(), "MUL");
    assert_eq!(run(&sides(&good, &good)).verdict, Verdict::Equal);

    // Another price is a verdict of its own, and none for whoever does not count gas.
    std::fs::write(&bad, trace("\"0x23\"", 900)).unwrap();
    assert_eq!(run(&sides(&good, &bad)).verdict, Verdict::GasOnly);
    let without = Job {
        comparator: Some(Comparator::NoGas),
        ..sides(&good, &bad)
    };
    assert_eq!(run(&without).verdict, Verdict::Equal);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn as_geth_executes() {
    if std::env::var_os("FEVM_GETH").is_none_or(|path| path.is_empty()) {
        println!("skipped: FEVM_GETH does not name go-ethereum's evm (see scripts/get-geth)");
        return;
    }
    let subject = code(&PLAIN, &[]);
    for left in ["native", "geth"] {
        let job = job(left, "geth", Some(subject.clone()));
        let answer = run(&job);
        expect(&answer, &job, Verdict::Equal, "");
        assert_eq!(answer.states, Some(Vec::new()));
    }
    let job = job("fvm", "geth", Some(subject));
    expect(&run(&job), &job, Verdict::ByDesign, "fees");
}

/// COINBASE, behind and before much that has nothing to do with it, in a callee: without the knowledge that it differs
/// by design it is a fault, and little more than it is left.
#[test]
fn a_fault_is_all_that_a_minimized_subject_keeps() {
    // Counts down from 6 in a loop, then calls the other contract.
    let looping = hex!("60065b80156100105760019003600256 5b50").to_vec();
    let other = "0x00000000000000000000000000000000000c0ffe";
    let call = hex!("5f5f5f5f5f620c0ffe6305f5e100f150").to_vec();
    let mut main = looping.clone();
    main.extend(&call);
    main.extend(hex!("5f545060015f55"));
    // PUSH0 MLOAD POP, COINBASE, KECCAK256 of it, SSTORE of a number.
    let callee = hex!("5f51506001600201505f5f5f41505f5260205f205060036002556001600101505050");
    let subject = code(
        &main,
        &[
            (other, &callee),
            ("0x00000000000000000000000000000000000000aa", &[0x5b; 40]),
        ],
    );
    let mut job = job("native", "fvm", Some(subject));
    job.comparator = Some(Comparator::NoGas);
    let before = run(&job);
    assert_eq!(before.verdict, Verdict::Unexplained);
    let op = |answer: &Answer| {
        let parting = answer.comparison.parting.as_ref().expect("they part");
        parting
            .common
            .last()
            .map(|(step, _)| step.name().to_owned())
    };
    assert_eq!(op(&before).as_deref(), Some("COINBASE"));

    let small = fevm_differ::minimize::minimize(&job, |_| {})
        .unwrap()
        .expect("a fault");
    let size = |subject: &Subject| {
        let accounts = subject.test["pre"].as_object().unwrap().values();
        accounts
            .map(|account| account["code"].as_str().unwrap().len() / 2 - 1)
            .sum::<usize>()
    };
    let code_left = (size(job.subject.as_ref().unwrap()), size(&small));
    job.subject = Some(small);
    let after = run(&job);
    assert_eq!(
        (after.verdict, op(&after)),
        (Verdict::Unexplained, op(&before))
    );
    // The call of 15 bytes, COINBASE, and what shows its result.
    assert!(code_left.0 > 100 && code_left.1 <= 24, "{code_left:?}");
}
