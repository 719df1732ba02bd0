//! The thin typed layer between actors and the Filecoin VM.
//!
//! Actors are libraries, generic over [`Runtime`], so that one source runs as WASM inside the FVM
//! and natively under the strict stand-in of the feature `testing`. The layer adds no host call
//! that the actor did not ask for: 14,000 gas each.
//!
//! | module | what it holds |
//! |---|---|
//! | [`runtime`] | the trait [`Runtime`] and the types that cross it |
//! | [`abort`] | the error of actors: exit code, message, optional data |
//! | [`exit_code`] | exit codes and how they propagate |
//! | [`params`] | parameters of a method and their decoding rules |
//! | [`bytes`] | comparing bytes and words, and their order |
//! | [`cbor`] | a small CBOR reader, as lenient as mainnet's, and a strict writer |
//! | [`cid`] | CIDs of blake2b-256 blocks |
//! | [`actor_type`] | numbers of the built-in actor types |
//! | [`subcall`] | sends whose failure ends the sender too |
//! | [`singletons`] | IDs of the singleton actors |
//! | [`frc42`] | FRC-0042 method numbers |
//! | [`internal_api`] | who may call methods below 2^24 of actors that are not programmable |
//! | [`interface`] | methods, parameters and returns by which actors know one another |
//! | `testing` | the native stand-in (feature `testing`) |

pub mod abort;
pub mod actor_type;
#[cfg(any(test, target_arch = "wasm32"))]
pub mod allocator;
pub mod bytes;
pub mod cbor;
pub mod cid;
#[cfg(target_arch = "wasm32")]
pub mod entry;
pub mod exit_code;
pub mod frc42;
#[cfg(target_arch = "wasm32")]
pub mod fvm;
pub mod interface;
pub mod internal_api;
pub mod params;
pub mod runtime;
pub mod singletons;
pub mod subcall;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use abort::Abort;
pub use actor_type::ActorType;
pub use cid::Cid;
pub use exit_code::ExitCode;
pub use fvm_shared::error::ErrorNumber;
pub use params::Params;
pub use runtime::{Block, MessageContext, NetworkContext, Runtime, SendRequest, Sent};

/// Identifier of an actor in the state tree.
pub type ActorId = u64;
