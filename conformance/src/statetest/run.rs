//! Files and cases, one after the other.

use super::outcome::{CaseResult, Failure};
use super::prepared::Prepared;
use crate::ethereum::envelope::Envelope;
use crate::ethereum::memo::PrecompileMemo;
use crate::ethereum::{
    Block, Prestate, Receipt, Rejection, State, Tracer, Transaction, execute, logs_hash,
};
use crate::fixture::state_test::Case;
use crate::fixture::{FixtureError, StateTest, fork_by_name, read_state_tests};
use crate::runner::{Bench, dump, panic_text};
use crate::trace::{JsonTracer, TraceOptions};
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, H256};
use regex::Regex;
use std::collections::HashSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Least time that a case is repeated for when it is timed.
const BENCH_TIME: Duration = Duration::from_millis(100);

/// Which cases to run, and what to find out.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Tests whose name has a match.
    pub name: Option<Regex>,
    /// Cases of this fork alone.
    pub fork: Option<String>,
    /// Cases at this position alone.
    pub index: Option<usize>,
    /// Add the state after the transaction.
    pub dump: bool,
    /// Add the time.
    pub bench: bool,
    /// Outputs of expensive precompiles; not used where time is measured.
    pub memo: Arc<PrecompileMemo>,
}

/// Runs the cases of a file; with `trace`, writes their traces. After each case its state root is
/// written to `log` in go-ethereum's form.
///
/// # Errors
/// If the file cannot be read, or is no file of state tests.
pub fn run_file<W: Write>(
    path: &Path,
    selection: &Selection,
    trace: Option<TraceOptions>,
    log: &mut W,
) -> Result<Vec<CaseResult>, FixtureError> {
    let mut results = Vec::new();
    for (name, mut test) in read_state_tests(path)?.0 {
        if selection
            .name
            .as_ref()
            .is_some_and(|regex| !regex.is_match(&name))
        {
            continue;
        }
        run_test(&name, &mut test, selection, trace, log, &mut results);
    }
    Ok(results)
}

fn run_test<W: Write>(
    name: &str,
    test: &mut StateTest,
    selection: &Selection,
    trace: Option<TraceOptions>,
    log: &mut W,
    results: &mut Vec<CaseResult>,
) {
    let prepared = Prepared::new(test);
    let mut signed = HashSet::new();
    for (fork, cases) in &test.post.0 {
        if selection.fork.as_ref().is_some_and(|only| only != fork) {
            continue;
        }
        for (index, case) in cases.iter().enumerate() {
            if selection.index.is_some_and(|only| only != index) {
                continue;
            }
            let run = || run_case(&prepared, fork, case, selection, trace, log, &mut signed);
            let ran = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Ran {
                failure: Some(Failure::Panic(panic_text(panic.as_ref()))),
                ..Ran::default()
            });
            if let Some(root) = ran.state_root {
                let _ = writeln!(log, "{{\"stateRoot\": \"{root:#x}\"}}");
            }
            results.push(CaseResult {
                name: name.to_owned(),
                fork: fork.clone(),
                index,
                state_root: ran.state_root,
                failure: ran.failure,
                dump: ran.dump,
                bench: ran.bench,
            });
        }
    }
}

#[derive(Default)]
struct Ran {
    state_root: Option<H256>,
    failure: Option<Failure>,
    dump: Option<Box<serde_json::value::RawValue>>,
    bench: Option<Bench>,
}

fn run_case<'a, W: Write>(
    prepared: &Prepared,
    fork_name: &str,
    case: &'a Case,
    selection: &Selection,
    trace: Option<TraceOptions>,
    log: &mut W,
    signed: &mut HashSet<&'a [u8]>,
) -> Ran {
    let Some(fork) = fork_by_name(fork_name) else {
        return Ran {
            failure: Some(Failure::UnknownFork(fork_name.into())),
            ..Ran::default()
        };
    };
    let mut block = prepared.block(fork, fork_name);
    block.memo = (!selection.bench).then(|| Arc::clone(&selection.memo));
    let mut state = State::new(Arc::clone(&prepared.prestate));
    let transaction = match prepared.transaction(case, fork) {
        Ok(transaction) => transaction,
        Err(failure) => {
            return Ran {
                failure: Some(failure),
                ..Ran::default()
            };
        }
    };
    let outcome = transaction.and_then(|transaction| {
        check_kind(&transaction, &block)?;
        check_signed(case, &block, signed)?;
        match trace {
            None => execute_alone(&transaction, &block, &mut state, &mut NoInspector),
            Some(options) => {
                let mut tracer = JsonTracer::new(&mut *log, options, fork);
                execute_alone(&transaction, &block, &mut state, &mut tracer)
            }
        }
        .map(|receipt| (transaction, receipt))
    });
    let root = match &outcome {
        Ok(_) => state.root(),
        Err(_) => prepared.prestate.root(),
    };
    let bench = selection.bench.then(|| match &outcome {
        Ok((transaction, receipt)) => Bench {
            time: mean_time(transaction, &block, prepared),
            gas_used: receipt.gas_used,
        },
        Err(_) => Bench {
            time: Duration::ZERO,
            gas_used: 0,
        },
    });
    let dump = selection
        .dump
        .then(|| dump::state(&Prestate::new(state.accounts()), root));
    let outcome = outcome.map(|(_, receipt)| receipt);
    let mut failure = judge(outcome, root, case);
    // The tool that filled the older fixtures paid a reward of zero after a refused transaction,
    // and before EIP-161 that brings the coinbase into being.
    if matches!(failure, Some(Failure::StateRoot { .. }))
        && case.expect_exception.is_some()
        && fork < Fork::SpuriousDragon
        && rewarded(&mut state, &block) == case.hash.0
    {
        failure = None;
    }
    Ran {
        state_root: Some(root),
        failure,
        dump,
        bench,
    }
}

/// State root after a reward of zero to the coinbase.
fn rewarded(state: &mut State, block: &Block) -> H256 {
    let coinbase = state.load(block.coinbase);
    state.touch(coinbase);
    state.root()
}

fn execute_alone<T: Tracer>(
    transaction: &Transaction,
    block: &Block,
    state: &mut State,
    tracer: &mut T,
) -> Result<Receipt, Rejection> {
    execute(transaction, block, state, block.gas_limit, tracer)
}

/// Before all else: fields that the fork does not know say nothing.
pub(crate) const fn check_kind(transaction: &Transaction, block: &Block) -> Result<(), Rejection> {
    if block.fork.has(transaction.kind.since()) {
        Ok(())
    } else {
        Err(Rejection::TypeNotSupported(transaction.kind))
    }
}

/// Whether the signed form, if the file has it, is one, and signed. The same bytes need one look.
pub(crate) fn check_signed<'a>(
    case: &'a Case,
    block: &Block,
    signed: &mut HashSet<&'a [u8]>,
) -> Result<(), Rejection> {
    let Some(bytes) = case.txbytes.as_ref().map(|bytes| bytes.0.as_slice()) else {
        return Ok(());
    };
    if bytes.is_empty() || signed.contains(bytes) {
        return Ok(());
    }
    Envelope::decode(bytes, block.fork)?.recover(block.fork, block.chain_id)?;
    signed.insert(bytes);
    Ok(())
}

pub(crate) fn judge(
    outcome: Result<Receipt, Rejection>,
    root: H256,
    case: &Case,
) -> Option<Failure> {
    let expected = case
        .expect_exception
        .as_deref()
        .filter(|reason| !reason.is_empty());
    match (outcome, expected) {
        (Err(reason), None) => return Some(Failure::Rejected(reason)),
        (Err(got), Some(expected)) if !got.answers(expected) => {
            return Some(Failure::WrongReason {
                got,
                expected: expected.into(),
            });
        }
        (Ok(_), Some(expected)) => {
            return Some(Failure::NotRejected {
                expected: expected.into(),
            });
        }
        (Ok(receipt), None) => {
            let (got, want) = (logs_hash(&receipt.logs), case.logs.0);
            if root == case.hash.0 && got != want {
                return Some(Failure::Logs { got, want });
            }
        }
        (Err(_), Some(_)) => {}
    }
    (root != case.hash.0).then_some(Failure::StateRoot {
        got: root,
        want: case.hash.0,
    })
}

fn mean_time(transaction: &Transaction, block: &Block, prepared: &Prepared) -> Duration {
    let mut spent = Duration::ZERO;
    let mut runs = 0;
    while spent < BENCH_TIME {
        let mut state = State::new(Arc::clone(&prepared.prestate));
        let start = Instant::now();
        let ran = execute_alone(transaction, block, &mut state, &mut NoInspector);
        spent += start.elapsed();
        runs += 1;
        std::hint::black_box(ran.is_ok());
    }
    spent / runs
}
