//! Ethereum's precompiled contracts as pure functions of bytes.
//!
//! [`Registry`] holds each with its address, name, EIP, first fork, price and function, for a back
//! end of one's choice:
//!
//! ```
//! use evm_interpreter::{Fork, H160};
//! use precompiles::{Portable, Registry};
//!
//! let mut address = H160::zero();
//! address.0[19] = 2;
//! let sha256 = Registry::<Portable>::get(&address, Fork::Osaka).unwrap();
//! assert_eq!((sha256.gas)(b"abc", Fork::Osaka), 72);
//! assert_eq!((sha256.run)(b"abc", Fork::Osaka).unwrap()[..4], [0xba, 0x78, 0x16, 0xbf]);
//! ```
//!
//! Filecoin's EVM runs a part of them under rules of its own, with no price: [`filecoin()`].
//!
//! | module | what it holds |
//! |---|---|
//! | [`registry`] | the tables: Ethereum's by fork, Filecoin's |
//! | [`crypto`] | the primitives and where they come from: [`Crypto`], [`Portable`], [`Native`] |
//! | [`error`] | why there is no output |
//!
//! No input makes a precompile panic. All lengths are in bytes; numbers are big-endian unless the
//! EIP says otherwise.
//!
//! Features: `native` (default) adds [`Native`], which links C libraries; without it the crate is
//! pure Rust, `no_std`, and builds for wasm32.
#![no_std]
#![allow(
    clippy::needless_range_loop,
    reason = "limbs of several numbers share an index"
)]

extern crate alloc;
#[cfg(feature = "native")]
extern crate std;

mod blake2f;
mod bls12_381;
mod bn254;
mod bytes;
pub mod crypto;
mod ecrecover;
pub mod error;
mod hashes;
mod kzg;
mod modexp;
#[cfg(feature = "native")]
mod native;
mod p256;
mod portable;
pub mod registry;

#[cfg(feature = "native")]
pub use crypto::Native;
pub use crypto::{Crypto, Portable};
pub use error::{Error, Result};
pub use registry::{Outcome, Precompile, Registry, filecoin};

/// Ethereum gas.
pub type Gas = u64;
