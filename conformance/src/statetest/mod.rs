//! The state-test runner.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | the command line, in the form of go-ethereum's `evm statetest` |
//! | [`run`] | files and cases, one after the other |
//! | [`all`] | whole folders at once |
//! | [`outcome`] | what a case came to |

pub mod all;
#[cfg(feature = "fvm")]
pub mod cli;
pub mod outcome;
pub(crate) mod prepared;
pub mod run;
