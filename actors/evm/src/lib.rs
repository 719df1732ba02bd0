//! The EVM actor: a contract on Filecoin.
//!
//! Methods, parameters, state, events and exit codes are those of the EVM actor of builtin-actors
//! v18 (FIP-0054 and its successors), so that a contract's state can pass from the one to the other.
//!
//! | module | what it holds |
//! |---|---|
//! | [`methods`] | the methods of the actor and their dispatch |
//! | [`state`] | the state tuple |
//! | [`contract`] | a contract in one invocation: its state, its slots, its sends |
//! | [`host`] | the world as the interpreter asks for it |
//! | [`precompiles`] | Ethereum's precompiles by syscalls, and Filecoin's own |
//!
//! With the feature `trace` every step is reported to the kernel by a syscall that only a tracing
//! kernel has. That build takes the place of the shipping one while a message is run again; the
//! bundle's actor carries nothing of it.

pub mod contract;
pub mod host;
pub mod methods;
pub mod precompiles;
pub mod state;

pub use methods::dispatch;

/// Entry of the WASM instance.
#[cfg(all(target_arch = "wasm32", not(feature = "trace")))]
#[unsafe(no_mangle)]
pub extern "C" fn invoke(params: u32) -> u32 {
    fevm_runtime::entry::run(params, dispatch)
}
