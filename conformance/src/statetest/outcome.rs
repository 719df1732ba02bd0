//! What a case came to.

use crate::ethereum::Rejection;
use crate::runner::{self, Cause};
use core::fmt;
use evm_interpreter::H256;

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

impl Cause for Failure {
    fn cause(&self) -> String {
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
            Self::IndexOutOfRange {
                name,
                index,
                length,
            } => {
                write!(
                    f,
                    "indexes.{name} is {index}, but the transaction has {length} of them"
                )
            }
            Self::StateRoot { got, want } => {
                write!(f, "post state root mismatch: got {got:x}, want {want:x}")
            }
            Self::Logs { got, want } => {
                write!(
                    f,
                    "post state logs hash mismatch: got {got:x}, want {want:x}"
                )
            }
            Self::Rejected(reason) => {
                write!(
                    f,
                    "unexpected error: {reason} (TransactionException.{})",
                    reason.name()
                )
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
pub type CaseResult = runner::CaseResult<Failure>;
