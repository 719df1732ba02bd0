//! Blocks and chains of them: which rules a block is under, whether it is valid, what it does.
//!
//! | module | what it holds |
//! |---|---|
//! | [`network`] | which rules hold from which block on |
//! | [`block`] | blocks as they are on the wire |
//! | [`header`] | whether a header may follow its parent |
//! | [`difficulty`] | proof of work's difficulty, by fork |
//! | [`fees`] | base fee and excess blob gas |
//! | [`ommers`] | uncles and the rewards |
//! | [`transition`] | what a block does to the state |
//! | [`requests`] | what the execution layer asks of the consensus layer (EIP-7685) |
//! | [`receipt`] | receipts and their root |
//! | [`tree`] | blocks on blocks, and which of them is the head |
//! | [`build`] | new blocks |
//! | [`rejection`] | why a block is invalid |
//! | [`dao`] | the DAO fork |

pub mod block;
pub mod build;
pub mod convert;
pub mod dao;
pub mod difficulty;
pub mod fees;
pub mod header;
pub mod network;
pub mod ommers;
pub mod receipt;
pub mod rejection;
pub mod requests;
pub mod transition;
pub mod tree;

pub use block::SealedBlock;
pub use network::{Network, Rules};
pub use rejection::{BlockRejection, Reason};
pub use tree::Tree;

/// The header of a block.
pub use alloy_consensus::Header;
/// A withdrawal of the consensus layer (EIP-4895).
pub use alloy_eips::eip4895::Withdrawal;
