//! Ethereum's world over the interpreter, and the runners of Ethereum's conformance tests.
//!
//! | module | what it holds |
//! |---|---|
//! | [`divergence`] | every deliberate difference of Filecoin from Ethereum |
//! | [`ethereum`] | state, blocks, transactions, each rule from its fork on |
//! | [`chain`] | chains of blocks: validity, rewards, forks of the chain |
//! | [`fixture`] | the formats of test files |
//! | [`fvm`] | state tests in the Filecoin VM, with every difference explained (feature `fvm`, on by default) |
//! | [`trace`] | traces as go-ethereum writes them (EIP-3155) |
//! | [`runner`] | what the runners of tests share |
//! | [`statetest`] | the state-test runner and its command line |
//! | [`blocktest`] | the blockchain-test runner and its command line |
//! | [`t8n`] | one block on one state: go-ethereum's `evm t8n` |

pub mod blocktest;
pub mod chain;
pub mod divergence;
pub mod ethereum;
pub mod fixture;
#[cfg(feature = "fvm")]
pub mod fvm;
pub mod runner;
pub mod statetest;
pub mod t8n;
pub mod trace;
