//! The Filecoin Virtual Machine, embedded.
//!
//! * [`store`]: content-addressed blocks; every state is one root CID in them
//! * [`bundle`]: actor bundles (CAR files with a manifest)
//! * [`genesis`]: a first state, written without running messages
//! * [`chain`]: what the machine asks its chain: tipset CIDs, randomness
//! * [`engine`]: compiled actors, shared by the whole process
//! * [`vm`]: [`Vm`](vm::Vm) and [`Session`](vm::Session), where messages are applied
//! * [`worker`]: the threads with deep stacks that messages run on
//! * [`executor`]: one message: pre-flight, execution, fees
//! * [`outcome`]: what a message did
//! * [`trace`]: the tree of calls behind an outcome
//! * [`effects`]: values moved and events made, in order
//! * [`steps`]: its EVM code step by step
//! * [`observe`]: gas and sends of an execution, for replays
//! * [`gas`]: its gas by class of charge
//! * [`profile`]: its gas by the path of calls, for flame graphs
//! * [`message`]: Filecoin messages for Ethereum calls and creations
//! * [`transaction`]: signed Ethereum transactions as Filecoin messages
//! * [`state`]: reading and writing actors in a state tree
//! * [`evm_state`]: the state object of an EVM actor and its storage
//! * [`logs`]: Ethereum logs in actor events
//! * [`revert`]: reasons in revert data
//! * [`exit`]: names of exit codes
//! * [`address`]: 0x, f410 and masked-ID addresses
//! * [`amount`]: attoFIL in the types of both worlds
//! * [`error`]: the classes of failure

pub mod address;
pub mod amount;
pub mod bundle;
pub mod chain;
pub mod effects;
pub mod engine;
pub mod error;
pub mod evm_state;
pub mod executor;
pub mod exit;
pub mod gas;
pub mod genesis;
pub mod logs;
pub mod message;
pub mod observe;
pub mod outcome;
pub mod profile;
pub mod revert;
mod scratch;
pub mod state;
pub mod steps;
pub mod store;
pub mod trace;
pub mod transaction;
pub mod vm;
pub mod worker;

pub use bundle::Bundle;
pub use chain::ChainView;
pub use error::MachineError;
pub use executor::ApplyKind;
pub use outcome::Outcome;
pub use state::StateTree;
pub use store::Store;
pub use vm::{BlockContext, Network, Session, Vm};
