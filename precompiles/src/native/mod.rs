//! Primitives by the fastest native libraries.

mod bn254;
mod secp256k1;

use alloc::vec::Vec;

use crate::{Crypto, Result, modexp};

/// The back end for native targets.
#[derive(Clone, Copy, Debug)]
pub enum Native {}

impl Crypto for Native {
    fn secp256k1_recover(hash: &[u8; 32], signature: &[u8; 65]) -> Result<Option<[u8; 65]>> {
        Ok(secp256k1::recover(hash, signature))
    }

    fn modexp(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Result<Vec<u8>> {
        modexp::modexp::<modexp::Wide>(base, exponent, modulus)
    }

    fn bn254_add(points: &[u8; 128]) -> Result<[u8; 64]> {
        bn254::add(points)
    }

    fn bn254_mul(point_and_scalar: &[u8; 96]) -> Result<[u8; 64]> {
        bn254::mul(point_and_scalar)
    }

    fn bn254_pairing(pairs: &[u8]) -> Result<bool> {
        bn254::pairing(pairs)
    }
}
