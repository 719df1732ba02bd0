//! What a test came to.

use super::payload::CallError;
use crate::chain::BlockRejection;
use crate::runner::{self, Cause};
use core::fmt;
use evm_interpreter::{H160, H256};

/// Why a test failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The network is not known.
    UnknownNetwork(String),
    /// The genesis is not what the file says of it: which part, and how.
    Genesis(String),
    /// A block was refused and should not have been.
    Refused {
        /// Position among the blocks of the test.
        block: usize,
        /// Why.
        rejection: BlockRejection,
    },
    /// A block was not refused and should have been.
    NotRefused {
        /// Position among the blocks of the test.
        block: usize,
        /// Why, in the file's words.
        expected: String,
    },
    /// A block was refused, but not for the reason that the file has.
    WrongReason {
        /// Position among the blocks of the test.
        block: usize,
        /// Our reason.
        got: BlockRejection,
        /// The file's.
        expected: String,
    },
    /// The call that brings a block was answered with an error and should not have been, or with
    /// another one.
    CallRefused {
        /// Position among the blocks of the test.
        block: usize,
        /// Why.
        error: CallError,
    },
    /// The call that brings a block was not answered with an error and should have been.
    CallNotRefused {
        /// Position among the blocks of the test.
        block: usize,
        /// Code of the error.
        code: i64,
    },
    /// A block's header is not the one that the file has beside it.
    Header {
        /// Position among the blocks of the test.
        block: usize,
    },
    /// Another block is the head.
    LastBlock {
        /// Ours.
        got: H256,
        /// The file's.
        want: H256,
    },
    /// An account is not as it should be in the end.
    PostState {
        /// The account.
        account: H160,
        /// What differs.
        what: String,
    },
    /// State root in the end.
    PostRoot {
        /// Ours.
        got: H256,
        /// The file's.
        want: H256,
    },
    /// Our fault: the run of the test broke off.
    Panic(String),
}

impl Cause for Failure {
    fn cause(&self) -> String {
        match self {
            Self::UnknownNetwork(network) => format!("unknown network {network}"),
            Self::Genesis(_) => "genesis differs".into(),
            Self::Refused { rejection, .. } => format!("refused: {}", rejection.name()),
            Self::NotRefused { expected, .. } => format!("not refused: {expected}"),
            Self::WrongReason { got, expected, .. } => {
                format!("refused as {} instead of {expected}", got.name())
            }
            Self::CallRefused { error, .. } => format!("call refused: {}", error.code),
            Self::CallNotRefused { code, .. } => format!("call not refused: {code}"),
            Self::Header { .. } => "header differs".into(),
            Self::LastBlock { .. } => "last block differs".into(),
            Self::PostState { .. } | Self::PostRoot { .. } => "post state differs".into(),
            Self::Panic(_) => "broke off".into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownNetwork(network) => write!(f, "unsupported fork \"{network}\""),
            Self::Genesis(what) => write!(f, "genesis block doesn't match test: {what}"),
            Self::Refused { block, rejection } => {
                write!(
                    f,
                    "block (index {block}) refused: {rejection} ({})",
                    rejection.name()
                )
            }
            Self::NotRefused { block, expected } => write!(
                f,
                "block (index {block}) insertion should have failed due to: {expected}"
            ),
            Self::WrongReason {
                block,
                got,
                expected,
            } => write!(
                f,
                "block (index {block}) should have failed due to {expected}, got {}: {got}",
                got.name()
            ),
            Self::CallRefused { block, error } => {
                write!(f, "engine_newPayload (index {block}) refused: {error}")
            }
            Self::CallNotRefused { block, code } => write!(
                f,
                "engine_newPayload (index {block}) should have failed with code {code}"
            ),
            Self::Header { block } => {
                write!(
                    f,
                    "block (index {block}): the header differs from the file's blockHeader"
                )
            }
            Self::LastBlock { got, want } => write!(
                f,
                "last block hash validation mismatch: want: {want:x}, have: {got:x}"
            ),
            Self::PostState { account, what } => {
                write!(
                    f,
                    "post state validation failed: account {account:#x}: {what}"
                )
            }
            Self::PostRoot { got, want } => {
                write!(f, "post state root mismatch: got {got:x}, want {want:x}")
            }
            Self::Panic(what) => write!(f, "internal error: {what}"),
        }
    }
}

/// A test that was run.
pub type TestResult = runner::CaseResult<Failure>;
