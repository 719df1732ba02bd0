//! One case, natively and in the FVM.

use super::explain::Native;
use super::expressible::{Inexpressible, of_refusal, of_state, of_transaction};
use super::post::Post;
use super::script;
use super::send::{Done, NotSent, send};
use super::setup::{Laboratory, Ready};
use crate::divergence::{Switch, Switches};
use crate::ethereum::memo::PrecompileMemo;
use crate::ethereum::script::Script;
use crate::ethereum::{Block, Prestate, Receipt, Rejection, Rules, State, Transaction, execute_by};
use crate::fixture::fork_by_name;
use crate::fixture::state_test::Case;
use crate::statetest::outcome::Failure;
use crate::statetest::prepared::Prepared;
use crate::statetest::run::{check_kind, check_signed, judge};
use core::fmt;
use evm_interpreter::H256;
use evm_interpreter::inspector::NoInspector;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Exit code of a message whose gas ended.
const OUT_OF_GAS: u32 = 7;
/// Exit code of a trap of WebAssembly.
const ILLEGAL_INSTRUCTION: u32 = 4;

/// What a case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// The FVM ends in Ethereum's state.
    Identical,
    /// It ends in another, for these differences.
    ByDesign(Switches),
    /// It needs more gas than a block of Filecoin has.
    OutOfGas,
    /// It cannot be set up on Filecoin.
    Inexpressible(Inexpressible),
    /// It ends in another state, and nobody knows why: a bug.
    Unexplained(String),
    /// Ethereum's own run does not end as the fixture says.
    Failed(Failure),
}

impl Class {
    /// Its name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::ByDesign(_) => "by design",
            Self::OutOfGas => "out of gas",
            Self::Inexpressible(_) => "not expressible",
            Self::Unexplained(_) => "unexplained",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_fine(&self) -> bool {
        !matches!(self, Self::Unexplained(_) | Self::Failed(_))
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Identical | Self::OutOfGas => Ok(()),
            Self::ByDesign(switches) => write!(f, ": {switches}"),
            Self::Inexpressible(reason) => write!(f, ": {reason}"),
            Self::Unexplained(what) => write!(f, ": {what}"),
            Self::Failed(failure) => write!(f, ": {failure}"),
        }
    }
}

/// A case that was run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name of the test.
    pub name: String,
    /// Fork, as the file names it.
    pub fork: String,
    /// Position among the fork's cases.
    pub index: usize,
    /// Ethereum's state root after the transaction.
    pub state_root: Option<H256>,
    /// What it is.
    pub class: Class,
    /// Gas that the message used in the FVM.
    pub gas_used: Option<u64>,
}

/// A test's state, which its cases share.
#[derive(Debug)]
pub(super) struct TestState {
    pub(super) prepared: Prepared,
    ready: Option<Ready>,
}

/// What all cases share.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) laboratory: &'a Laboratory,
    pub(super) memo: &'a Arc<PrecompileMemo>,
    /// Wall-clock time of a case's message at most.
    pub(super) timeout: Duration,
}

impl TestState {
    pub(super) const fn new(prepared: Prepared) -> Self {
        Self {
            prepared,
            ready: None,
        }
    }

    fn ready(&mut self, bench: &Bench<'_>, chain_id: u64) -> Result<&Ready, String> {
        if self.ready.is_none() {
            let set_up = bench.laboratory.set_up(&self.prepared.prestate, chain_id);
            self.ready = Some(set_up.map_err(|error| format!("set-up: {error}"))?);
        }
        self.ready.as_ref().ok_or_else(String::new)
    }
}

/// Runs a case; its state root, its class, and gas used by the FVM.
pub(super) fn run_case(
    test: &mut TestState,
    fork_name: &str,
    case: &Case,
    bench: &Bench<'_>,
) -> (Option<H256>, Class, Option<u64>) {
    let failed = |failure| (None, Class::Failed(failure), None);
    let Some(fork) = fork_by_name(fork_name) else {
        return failed(Failure::UnknownFork(fork_name.into()));
    };
    let mut block = test.prepared.block(fork, fork_name);
    block.memo = Some(Arc::clone(bench.memo));
    let transaction = match test.prepared.transaction(case, fork) {
        Ok(transaction) => transaction,
        Err(failure) => return failed(failure),
    };
    let state = Arc::clone(&test.prepared.prestate);

    // Ethereum's own run, which must be right.
    let mut rules = Rules::ethereum();
    let mut after = State::new(Arc::clone(&state));
    let ran = transaction.and_then(|transaction| {
        check_kind(&transaction, &block)?;
        check_signed(case, &block, &mut HashSet::new())?;
        Ok(transaction)
    });
    let (transaction, outcome) = match ran {
        Ok(transaction) => {
            let limit = block.gas_limit;
            let outcome = execute_by(
                &transaction,
                &block,
                &mut after,
                limit,
                &mut NoInspector,
                &mut rules,
            );
            (Some(transaction), outcome)
        }
        Err(reason) => (None, Err(reason)),
    };
    let root = if outcome.is_ok() {
        after.root()
    } else {
        state.root()
    };
    let refusal = outcome.as_ref().err().cloned();
    if let Some(failure) = wrong(outcome, root, case) {
        return (Some(root), Class::Failed(failure), None);
    }
    let Some(transaction) = transaction else {
        let reason = refusal.as_ref().and_then(of_refusal);
        let reason = reason.unwrap_or(Inexpressible::Refused("TYPE_NOT_SUPPORTED"));
        return (Some(root), Class::Inexpressible(reason), None);
    };
    let reason = of_transaction(&transaction, &block, &state)
        .or_else(|| refusal.as_ref().and_then(of_refusal))
        .or_else(|| of_state(&state));
    if let Some(reason) = reason {
        return (Some(root), Class::Inexpressible(reason), None);
    }

    let ready = match test.ready(bench, block.chain_id) {
        Ok(ready) => ready,
        Err(error) => return (Some(root), Class::Unexplained(error), None),
    };
    let done = match send(ready, &state, &transaction, &block, bench.timeout) {
        Ok(done) => done,
        Err(NotSent::Inexpressible(reason)) => {
            return (Some(root), Class::Inexpressible(reason), None);
        }
        Err(NotSent::Broken(error)) => {
            return (Some(root), Class::Unexplained(error.to_string()), None);
        }
    };
    let gas = done.outcome.gas.used;
    let class = if done.time > bench.timeout {
        Class::Unexplained(format!("took more than {} s", bench.timeout.as_secs()))
    } else {
        classify(
            &transaction,
            &block,
            &state,
            refusal.as_ref(),
            &done,
            rules.met(),
        )
    };
    (Some(root), class, Some(gas))
}

/// What Ethereum's own run has wrong. The state after a refusal is that before it; what older
/// fixtures have of it is the native runner's business.
fn wrong(outcome: Result<Receipt, Rejection>, root: H256, case: &Case) -> Option<Failure> {
    let refused = outcome.is_err();
    judge(outcome, root, case)
        .filter(|failure| !(refused && matches!(failure, Failure::StateRoot { .. })))
}

fn classify(
    transaction: &Transaction,
    block: &Block,
    state: &Arc<Prestate>,
    refusal: Option<&Rejection>,
    done: &Done,
    met: Switches,
) -> Class {
    let code = done.outcome.exit_code.value();
    if code == ILLEGAL_INSTRUCTION || done.observed.as_ref().is_some_and(script::trapped) {
        return Class::Unexplained("a trap of WebAssembly".into());
    }
    if done.is_refused() {
        return match refusal {
            Some(Rejection::NonceTooHigh { .. } | Rejection::NonceTooLow { .. }) => {
                Class::Identical
            }
            _ => Class::Unexplained(
                done.outcome
                    .failure
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
        };
    }
    let script: Script = script::of_message(done.observed.as_ref());
    let out_of_gas = code == OUT_OF_GAS;
    let native = Native {
        transaction,
        block,
        state,
        script: &script,
        out_of_gas,
    };
    let mut met = met;
    if refusal.is_none() {
        let ethereum = native.run(Switches::NONE);
        if ethereum.post == done.post {
            return Class::Identical;
        }
        met = met.union(ethereum.met);
    }
    if out_of_gas {
        return Class::OutOfGas;
    }
    match native.explain(&done.post, met) {
        Ok(switches) => Class::ByDesign(switches.without(Switch::Fees)),
        Err(what) => {
            Class::Unexplained(format!("{what} (exit code {code}{})", describe(&done.post)))
        }
    }
}

fn describe(post: &Post) -> String {
    format!(
        ", {} accounts, {} logs",
        post.accounts.len(),
        post.logs.len()
    )
}
