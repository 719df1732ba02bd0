//! The error of actors.

use crate::exit_code::ExitCode;
use crate::runtime::Block;
use core::fmt;
use std::borrow::Cow;

/// Ends the invocation: exit code, a message for debugging and optional return data.
///
/// One word, so that results on hot paths stay small.
#[derive(Clone, PartialEq, Eq)]
pub struct Abort(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: ExitCode,
    message: Cow<'static, str>,
    data: Option<Block>,
}

impl Abort {
    /// Ends with `code`. The message is no part of the receipt.
    #[cold]
    pub fn new(code: ExitCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            data: None,
        }))
    }

    /// Ends with `code` and a return block.
    #[cold]
    pub fn with_data(
        code: ExitCode,
        message: impl Into<Cow<'static, str>>,
        data: Option<Block>,
    ) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            data,
        }))
    }

    /// Exit 16.
    #[cold]
    pub fn illegal_argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::ILLEGAL_ARGUMENT, message)
    }

    /// Exit 18.
    #[cold]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::FORBIDDEN, message)
    }

    /// Exit 20.
    #[cold]
    pub fn illegal_state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::ILLEGAL_STATE, message)
    }

    /// Exit 21.
    #[cold]
    pub fn serialization(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::SERIALIZATION, message)
    }

    /// Exit 22.
    #[cold]
    pub fn unhandled(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::UNHANDLED_MESSAGE, message)
    }

    /// Exit 24.
    #[cold]
    pub fn assertion_failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::ASSERTION_FAILED, message)
    }

    /// Exit 25.
    #[cold]
    pub fn read_only(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExitCode::READ_ONLY, message)
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        self.0.code
    }

    /// The message for debugging.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The return block, if there is one.
    #[must_use]
    pub fn data(&self) -> Option<&Block> {
        self.0.data.as_ref()
    }
}

impl fmt::Debug for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Abort")
            .field("code", &self.0.code.value())
            .field("message", &self.0.message)
            .field("data", &self.0.data)
            .finish()
    }
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}: {}", self.0.code, self.0.message)
    }
}

impl std::error::Error for Abort {}
