//! Ethereum's addresses and Filecoin's, and the way between them.
//!
//! An actor made for Ethereum has a delegated address of the EAM's namespace, f410, whose
//! sub-address is its 20-byte Ethereum address. Any other actor is known to contracts by its masked
//! ID: `0xff`, eleven zeros, the ID in big-endian (FIP-0055).
//!
//! | module | what it holds |
//! |---|---|
//! | [`binary`] | addresses in binary form, as the FVM takes them |
//! | [`ethereum`] | masked IDs, reserved addresses, both ways between 0x and f410 |
//! | `text` | text forms with their checksums (feature `text`) |
#![cfg_attr(not(feature = "text"), no_std)]

pub mod binary;
pub mod ethereum;
#[cfg(feature = "text")]
pub mod text;

pub use binary::{Address, Protocol};
pub use ethereum::{from_delegated, from_masked_id, is_forbidden, masked_id, to_filecoin};
pub use primitive_types::H160;
#[cfg(feature = "text")]
pub use text::{Network, ParseError};
