//! What a case came to.

use core::fmt::Display;
use evm_interpreter::H256;
use std::time::Duration;

/// Why a case failed: the whole reason by [`Display`], and what it has in common with others.
pub trait Cause: Display {
    /// What failures of the same kind have in common.
    fn cause(&self) -> String;
}

/// A case that was run.
#[derive(Clone, Debug)]
pub struct CaseResult<F> {
    /// Name of the test.
    pub name: String,
    /// Fork, as the file names it.
    pub fork: String,
    /// Position among the fork's cases.
    pub index: usize,
    /// State root after the transaction; none if there was nothing to run.
    pub state_root: Option<H256>,
    /// Why it failed, if it did.
    pub failure: Option<F>,
    /// The state after the transaction, if asked for.
    pub dump: Option<Box<serde_json::value::RawValue>>,
    /// Mean time of the transaction and its gas, if asked for.
    pub bench: Option<Bench>,
}

/// How fast a case is.
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// Mean of the runs.
    pub time: Duration,
    /// Gas of the transaction; 0 if it was refused.
    pub gas_used: u64,
}
