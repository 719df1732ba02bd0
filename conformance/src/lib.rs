//! Ethereum's world over the interpreter, and the runners of Ethereum's conformance tests.
//!
//! | module | what it holds |
//! |---|---|
//! | [`divergence`] | every deliberate difference of Filecoin from Ethereum |
//! | [`ethereum`] | state, blocks, transactions, each rule from its fork on |
//! | [`fixture`] | the formats of test files |
//! | [`fvm`] | state tests in the Filecoin VM, with every difference explained |
//! | [`trace`] | traces as go-ethereum writes them (EIP-3155) |
//! | [`statetest`] | the state-test runner and its command line |

pub mod divergence;
pub mod ethereum;
pub mod fixture;
pub mod fvm;
pub mod statetest;
pub mod trace;
