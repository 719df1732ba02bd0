//! Primitives in pure Rust, for every target.

pub(crate) mod bn254;
pub(crate) mod hashes;
pub(crate) mod secp256k1;
