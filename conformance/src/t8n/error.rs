//! Errors with the status that the process ends with.

use core::fmt;
use std::process::ExitCode;

/// What kind of error it is; as a number, the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The block cannot be.
    Evm = 2,
    /// The arguments, or the environment, do not fit the fork.
    Config = 3,
    /// BLOCKHASH asked for a hash that the environment does not have.
    MissingBlockHash = 4,
    /// No JSON, or not of the form.
    Json = 10,
    /// A file cannot be read or written.
    Io = 11,
    /// No RLP.
    Rlp = 12,
}

/// An error that ends the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of error it is.
    pub kind: Kind,
    /// What is wrong, and where.
    pub message: String,
}

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The status that the process ends with.
    #[must_use]
    pub fn status(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ERROR({}): {}", self.kind as u8, self.message)
    }
}

impl core::error::Error for Error {}
