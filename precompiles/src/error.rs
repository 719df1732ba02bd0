//! Why a precompile gave no output.

use core::fmt;

/// Why a precompile gave no output.
///
/// Classified by consequence: the first two are the caller's fault and end the call, the last is
/// the machine's and must end the whole execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The gas limit does not cover the price. Consumes all gas of the call.
    OutOfGas,
    /// The precompile rejects its input. Consumes all gas of the call, gives no return data.
    Failure(&'static str),
    /// The back end broke (a host call that cannot fail did fail): no verdict on the input.
    Fatal(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfGas => f.write_str("out of gas"),
            Self::Failure(reason) => f.write_str(reason),
            Self::Fatal(reason) => write!(f, "fatal: {reason}"),
        }
    }
}

impl core::error::Error for Error {}

/// What a precompile, or a primitive of a back end, answers.
pub type Result<T> = core::result::Result<T, Error>;
