//! The sides: who executes, or has executed.
//!
//! | module | what it holds |
//! |---|---|
//! | [`native`] | this suite's interpreter natively, by Ethereum's rules |
//! | [`fvm`] | this suite's actors, or others', in the Filecoin VM |
//! | [`geth`] | go-ethereum's `evm` |
//! | [`node`] | a node's `debug_traceTransaction` |

pub mod fvm;
pub mod geth;
pub mod native;
pub mod node;

use core::fmt;
use core::str::FromStr;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use crate::error::TraceError;
use crate::normal::Steps;
use crate::read;
use crate::state::Accounts;

/// One side, as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideSpec {
    /// `native`.
    Native,
    /// `fvm`, or `fvm:FILE` with the actors of a CAR file.
    Fvm(Option<PathBuf>),
    /// `geth`, or `geth:FILE`.
    Geth(Option<PathBuf>),
    /// `rpc`, or `rpc:URL`.
    Node(Option<String>),
    /// A file with a trace.
    File(PathBuf),
}

impl FromStr for SideSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest).filter(|rest| !rest.is_empty())),
            None => (text, None),
        };
        Ok(match (kind, rest) {
            ("native", None) => Self::Native,
            ("native", Some(_)) => return Err("native takes nothing behind a colon".into()),
            ("fvm", rest) => Self::Fvm(rest.map(PathBuf::from)),
            ("geth", rest) => Self::Geth(rest.map(PathBuf::from)),
            ("rpc", rest) => Self::Node(rest.map(str::to_owned)),
            ("file", Some(rest)) => Self::File(rest.into()),
            ("http" | "https", Some(_)) => Self::Node(Some(text.into())),
            _ if text.is_empty() => return Err("a side is native, fvm, geth, rpc or a file".into()),
            _ => Self::File(text.into()),
        })
    }
}

impl fmt::Display for SideSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native => f.write_str("native"),
            Self::Fvm(None) => f.write_str("fvm"),
            Self::Fvm(Some(path)) => write!(f, "fvm:{}", path.display()),
            Self::Geth(None) => f.write_str("geth"),
            Self::Geth(Some(path)) => write!(f, "geth:{}", path.display()),
            Self::Node(None) => f.write_str("rpc"),
            Self::Node(Some(url)) => write!(f, "rpc:{url}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl SideSpec {
    /// Whether it executes the subject itself.
    #[must_use]
    pub const fn executes(&self) -> bool {
        matches!(self, Self::Native | Self::Fvm(_) | Self::Geth(_))
    }
}

/// A side at work.
#[derive(Debug)]
pub struct Running {
    /// Its steps.
    pub steps: Steps,
    /// What it says when it has ended: the state, or what went wrong. `None` if it cannot know.
    pub end: Option<Receiver<Result<Option<Accounts>, TraceError>>>,
}

impl Running {
    /// A recorded trace.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn recorded(path: &std::path::Path) -> Result<Self, TraceError> {
        let file =
            std::fs::File::open(path).map_err(|error| TraceError::Source(error.to_string()))?;
        Ok(Self {
            steps: Steps::new(read::open(file)?),
            end: None,
        })
    }

    /// Waits for the state behind the execution.
    ///
    /// # Errors
    /// The execution failed.
    pub fn finish(self) -> Result<Option<Accounts>, TraceError> {
        // A program that is still writing steps that nobody wants ends when its pipe is closed.
        drop(self.steps);
        match self.end {
            Some(end) => end.recv().unwrap_or(Ok(None)),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sides() {
        let of = |text: &str| text.parse::<SideSpec>().unwrap();
        assert_eq!(of("native"), SideSpec::Native);
        assert_eq!(of("fvm:a/b.car"), SideSpec::Fvm(Some("a/b.car".into())));
        assert_eq!(of("geth"), SideSpec::Geth(None));
        assert_eq!(
            of("rpc:http://localhost:8545"),
            SideSpec::Node(Some("http://localhost:8545".into()))
        );
        assert_eq!(
            of("http://localhost:8545"),
            SideSpec::Node(Some("http://localhost:8545".into()))
        );
        assert_eq!(of("trace.jsonl"), SideSpec::File("trace.jsonl".into()));
        for text in ["", "native:x"] {
            assert!(text.parse::<SideSpec>().is_err());
        }
        for text in ["native", "fvm:x.car", "geth:/bin/evm", "rpc:http://h"] {
            assert_eq!(of(text).to_string(), text);
        }
    }
}
