//! Methods, parameters and returns by which actors know one another.
//!
//! One module per actor, so that no actor's crate needs another's.

pub mod account;
pub mod eam;
pub mod evm;
pub mod init;

/// Number of every actor's constructor.
pub const CONSTRUCTOR: u64 = 1;
/// A bare send: value moves, no code runs.
pub const SEND: u64 = 0;
