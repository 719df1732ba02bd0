//! The blockchain-test runner.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | the command line, in the form of go-ethereum's `evm blocktest` |
//! | [`run`] | files and tests, one after the other |
//! | [`outcome`] | what a test came to |

pub mod cli;
pub mod outcome;
pub mod run;
