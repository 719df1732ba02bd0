//! A bytecode-level EVM interpreter.
//!
//! The interpreter computes; the world decides. Everything outside the machine itself (accounts,
//! storage, logs, calls, the block) is behind [`Host`], what an instruction costs is behind
//! [`Metering`], and who watches is behind [`Inspector`]. All three are resolved at compile time,
//! so a world that does not meter or watch pays nothing for either.
//!
//! | module | what it holds |
//! |---|---|
//! | [`opcode`] | the instruction set: one const table |
//! | [`fork`] | Ethereum's hard forks, in order |
//! | [`host`] | the door to the world |
//! | [`metering`] | what instructions cost: nothing, or Ethereum's schedule |
//! | [`inspector`] | step observation |
//! | [`halt`] | the ways in which a frame ends |
//! | [`arithmetic`] | 256-bit kernels on four 64-bit limbs |
//! | [`bytecode`] | padded code and its valid jump destinations |
//! | [`memory`] | byte-addressed memory of a frame |
//! | [`stack`] | operand stack of a frame |
//! | [`interpreter`] | the dispatch loop |
#![no_std]

extern crate alloc;

pub mod arithmetic;
pub mod bytecode;
pub mod fork;
pub mod halt;
pub mod host;
pub mod inspector;
mod instructions;
pub mod interpreter;
pub mod memory;
pub mod metering;
pub mod opcode;
pub mod stack;
#[cfg(test)]
mod tests;

pub use bytecode::Bytecode;
pub use fork::Fork;
pub use halt::Halt;
pub use host::Host;
pub use inspector::Inspector;
pub use interpreter::Interpreter;
pub use metering::Metering;
pub use primitive_types::{H160, H256, U256};
