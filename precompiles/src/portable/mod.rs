//! Primitives in pure Rust, for every target.

pub(crate) mod bls12_381;
pub(crate) mod bn254;
mod curve;
mod endomorphism;
mod field;
pub(crate) mod hashes;
mod inverse;
pub(crate) mod p256;
mod pairing;
pub(crate) mod secp256k1;
mod tower;

#[cfg(test)]
mod tests;
