//! The blockchain-test runner.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | the command line, in the form of go-ethereum's `evm blocktest` |
//! | [`run`] | files and tests, one after the other |
//! | [`payload`] | blocks of the consensus layer |
//! | [`outcome`] | what a test came to |

pub mod cli;
pub mod outcome;
pub mod payload;
pub mod run;
