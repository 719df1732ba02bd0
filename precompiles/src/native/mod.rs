//! Primitives by the fastest native libraries.

mod bls12_381;
mod blst;
mod bn254;
mod p256;
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

    fn bls12_g1_add(points: &[u8; 256]) -> Result<[u8; 128]> {
        bls12_381::g1_add(points)
    }

    fn bls12_g1_msm(terms: &[u8]) -> Result<[u8; 128]> {
        bls12_381::g1_msm(terms)
    }

    fn bls12_g2_add(points: &[u8; 512]) -> Result<[u8; 256]> {
        bls12_381::g2_add(points)
    }

    fn bls12_g2_msm(terms: &[u8]) -> Result<[u8; 256]> {
        bls12_381::g2_msm(terms)
    }

    fn bls12_pairing(pairs: &[u8]) -> Result<bool> {
        bls12_381::pairing(pairs)
    }

    fn bls12_map_fp_to_g1(element: &[u8; 64]) -> Result<[u8; 128]> {
        bls12_381::map_fp_to_g1(element)
    }

    fn bls12_map_fp2_to_g2(element: &[u8; 128]) -> Result<[u8; 256]> {
        bls12_381::map_fp2_to_g2(element)
    }

    fn kzg_verify(
        commitment: &[u8; 48],
        z: &[u8; 32],
        y: &[u8; 32],
        proof: &[u8; 48],
    ) -> Result<bool> {
        bls12_381::kzg_verify(commitment, z, y, proof)
    }

    fn p256_verify(input: &[u8; 160]) -> Result<bool> {
        Ok(p256::verify(input))
    }
}
