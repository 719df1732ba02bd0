//! The Ethereum world: state, blocks and transactions, each rule from its fork on.
//!
//! | module | what it holds |
//! |---|---|
//! | [`prestate`] | a state at rest, shared by the transactions that start from it |
//! | [`state`] | the journaled working set over it |
//! | [`block`] | what transactions can know of their block |
//! | [`rules`] | rules that may be Filecoin's instead |
//! | [`script`] | what frames of another machine saw, to follow |
//! | [`transaction`] | transactions of every kind |
//! | [`envelope`] | their wire form, read |
//! | [`signed`] | their wire form, signed and written |
//! | [`authorization`] | signers |
//! | [`rejection`] | why a transaction cannot be part of a block |
//! | [`fees`] | what a transaction costs before it runs |
//! | [`execute`](mod@execute) | a transaction from its checks to its fees |
//! | [`system_call`](mod@system_call) | calls that the protocol itself makes |
//! | [`memo`] | outputs of expensive precompiles, kept |
//! | [`tracer`] | observation |
//! | [`trie`] | roots and the logs' hash |
//! | [`hash`] | Keccak-256, RLP and addresses of contracts |

pub mod account;
pub mod authorization;
pub mod block;
mod builtin;
pub mod envelope;
pub mod execute;
pub mod fees;
mod follow;
mod frame;
pub mod hash;
mod journal;
pub mod memo;
mod meters;
pub mod prestate;
pub mod rejection;
mod rest;
pub mod rules;
pub mod script;
pub mod signed;
mod spare;
pub mod state;
pub mod system_call;
pub mod tracer;
pub mod transaction;
pub mod trie;
mod validity;
mod world;

pub use account::Code;
pub use block::{BlobSchedule, Block, BlockHashes, RequiredHashes};
pub use builtin::is_reserved;
pub use execute::{Receipt, execute, execute_by};
pub use journal::Checkpoint;
pub use prestate::{Account, Prestate};
pub use rejection::Rejection;
pub use rules::Rules;
pub use state::State;
pub use system_call::{SystemReply, system_call};
pub use tracer::Tracer;
pub use transaction::{AccessListItem, Authorization, Transaction, TransactionKind};
pub use trie::{Log, logs_hash};
