//! What a case came to.

use crate::ethereum::Rejection;
use core::fmt;
use evm_interpreter::H256;
use std::time::Duration;

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The fork is not known.
    UnknownFork(String),
    /// The case chooses a value that the transaction does not have.
    IndexOutOfRange {
        /// Which of the indexes.
        name: &'static str,
        /// The index.
        index: usize,
        /// How many values there are.
        length: usize,
    },
    /// State root differs.
    StateRoot {
        /// Ours.
        got: H256,
        /// The file's.
        want: H256,
    },
    /// Logs differ.
    Logs {
        /// Hash of ours.
        got: H256,
        /// The file's.
        want: H256,
    },
    /// The transaction was refused and should not have been.
    Rejected(Rejection),
    /// The transaction was not refused and should have been.
    NotRejected {
        /// Why, in the file's words.
        expected: String,
    },
    /// The transaction was refused, but not for the reason that the file has.
    WrongReason {
        /// Our reason.
        got: Rejection,
        /// The file's.
        expected: String,
    },
    /// Our fault: the run of the case broke off.
    Panic(String),
}

impl Failure {
    /// What failures of the same kind have in common.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::UnknownFork(fork) => format!("unknown fork {fork}"),
            Self::IndexOutOfRange { .. } => "index out of range".into(),
            Self::StateRoot { .. } => "state root differs".into(),
            Self::Logs { .. } => "logs differ".into(),
            Self::Rejected(reason) => format!("refused: {}", reason.name()),
            Self::NotRejected { expected } => format!("not refused: {expected}"),
            Self::WrongReason { got, expected } => {
                format!("refused as {} instead of {expected}", got.name())
            }
            Self::Panic(_) => "broke off".into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFork(fork) => write!(f, "unsupported fork \"{fork}\""),
            Self::IndexOutOfRange { name, index, length } => {
                write!(f, "indexes.{name} is {index}, but the transaction has {length} of them")
            }
            Self::StateRoot { got, want } => {
                write!(f, "post state root mismatch: got {got:x}, want {want:x}")
            }
            Self::Logs { got, want } => {
                write!(f, "post state logs hash mismatch: got {got:x}, want {want:x}")
            }
            Self::Rejected(reason) => {
                write!(f, "unexpected error: {reason} (TransactionException.{})", reason.name())
            }
            Self::NotRejected { expected } => {
                write!(f, "expected error \"{expected}\", got no error")
            }
            Self::WrongReason { got, expected } => write!(
                f,
                "expected error \"{expected}\", got TransactionException.{}: {got}",
                got.name()
            ),
            Self::Panic(what) => write!(f, "internal error: {what}"),
        }
    }
}

/// A case that was run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Name of the test.
    pub name: String,
    /// Fork, as the file names it.
    pub fork: String,
    /// Position among the fork's cases.
    pub index: usize,
    /// State root after the transaction; none if there was nothing to run.
    pub state_root: Option<H256>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
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
