//! What can go wrong with a side, and at which line of its trace.

use core::fmt;

/// One of the two executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The first.
    Left,
    /// The second.
    Right,
}

impl Place {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// Why a trace cannot be had or read; the side is named by whoever knows it.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A line is none of a trace.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The trace breaks off.
    #[error("line {line}: the trace is cut off here")]
    CutOff {
        /// From 1.
        line: u64,
    },
    /// There is no step in it, where there should be.
    #[error("{0}")]
    NoTrace(String),
    /// The program, file or node behind it fails.
    #[error("{0}")]
    Source(String),
}

/// A comparison that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A side's fault.
    #[error("{place} side ({name}): {cause}")]
    Side {
        /// Which.
        place: Place,
        /// Its name.
        name: String,
        /// What is wrong.
        cause: TraceError,
    },
    /// The subject's.
    #[error("{0}")]
    Subject(String),
    /// A report cannot be written.
    #[error("{path}: {cause}")]
    Report {
        /// Where.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
}
