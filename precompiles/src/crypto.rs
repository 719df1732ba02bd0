//! The primitives below the precompiles, and the back ends that supply them.

use alloc::vec::Vec;
use core::fmt::Debug;

use crate::{Result, portable};

/// Where the cryptographic primitives come from.
///
/// Every method has a portable answer in pure Rust. A back end replaces those that it can do
/// better: the FVM actor by system calls, [`Native`] by the fastest native libraries. The methods
/// have no receiver, so that a table of precompiles is a constant and what is not called is not
/// linked.
///
/// Points, field elements and scalars are encoded as in the EIP of their precompile.
pub trait Crypto: Debug + 'static {
    /// Keccak-256 digest.
    fn keccak256(data: &[u8]) -> Result<[u8; 32]> {
        Ok(portable::hashes::keccak256(data))
    }

    /// SHA-256 digest.
    fn sha256(data: &[u8]) -> Result<[u8; 32]> {
        Ok(portable::hashes::sha256(data))
    }

    /// RIPEMD-160 digest.
    fn ripemd160(data: &[u8]) -> Result<[u8; 20]> {
        Ok(portable::hashes::ripemd160(data))
    }

    /// The public key (65 bytes: 4, x, y) whose signature of `hash` is r, s, parity of R's y (32,
    /// 32, 1 bytes; parity 0 or 1); `None` if there is none. A high s is valid.
    fn secp256k1_recover(hash: &[u8; 32], signature: &[u8; 65]) -> Result<Option<[u8; 65]>> {
        Ok(portable::secp256k1::recover(hash, signature))
    }

    /// `base ^ exponent mod modulus`, big-endian, as long as the modulus.
    fn modexp(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Result<Vec<u8>> {
        crate::modexp::modexp::<crate::modexp::Narrow>(base, exponent, modulus)
    }

    /// Sum of two points of alt_bn128 (EIP-196). Fails on an invalid point.
    fn bn254_add(points: &[u8; 128]) -> Result<[u8; 64]> {
        portable::bn254::add(points)
    }

    /// Product of a point of alt_bn128 and a scalar (EIP-196). Fails on an invalid point.
    fn bn254_mul(point_and_scalar: &[u8; 96]) -> Result<[u8; 64]> {
        portable::bn254::mul(point_and_scalar)
    }

    /// Whether the product of the pairings of the pairs is one (EIP-197); the length of `pairs` is
    /// a multiple of 192. Fails on an invalid point.
    fn bn254_pairing(pairs: &[u8]) -> Result<bool> {
        portable::bn254::pairing(pairs)
    }

    /// Sum of two points of the curve of G1 (EIP-2537). Fails on an invalid point.
    fn bls12_g1_add(points: &[u8; 256]) -> Result<[u8; 128]> {
        portable::bls12_381::g1_add(points)
    }

    /// Sum of the products of points and scalars (EIP-2537); the length of `terms` is a multiple of
    /// 160, not 0. Fails on a point that is not in G1.
    fn bls12_g1_msm(terms: &[u8]) -> Result<[u8; 128]> {
        portable::bls12_381::g1_msm(terms)
    }

    /// Sum of two points of the curve of G2 (EIP-2537). Fails on an invalid point.
    fn bls12_g2_add(points: &[u8; 512]) -> Result<[u8; 256]> {
        portable::bls12_381::g2_add(points)
    }

    /// Sum of the products of points and scalars (EIP-2537); the length of `terms` is a multiple of
    /// 288, not 0. Fails on a point that is not in G2.
    fn bls12_g2_msm(terms: &[u8]) -> Result<[u8; 256]> {
        portable::bls12_381::g2_msm(terms)
    }

    /// Whether the product of the pairings of the pairs is one (EIP-2537); the length of `pairs` is
    /// a multiple of 384, not 0. Fails on a point that is not in its group.
    fn bls12_pairing(pairs: &[u8]) -> Result<bool> {
        portable::bls12_381::pairing(pairs)
    }

    /// The point of G1 of a field element (EIP-2537). Fails on an invalid element.
    fn bls12_map_fp_to_g1(element: &[u8; 64]) -> Result<[u8; 128]> {
        portable::bls12_381::map_fp_to_g1(element)
    }

    /// The point of G2 of a field element (EIP-2537). Fails on an invalid element.
    fn bls12_map_fp2_to_g2(element: &[u8; 128]) -> Result<[u8; 256]> {
        portable::bls12_381::map_fp2_to_g2(element)
    }

    /// Whether a KZG proof shows that the committed polynomial is y at z (EIP-4844); z and y are
    /// below the order of the field. Fails on an invalid point.
    fn kzg_verify(
        commitment: &[u8; 48],
        z: &[u8; 32],
        y: &[u8; 32],
        proof: &[u8; 48],
    ) -> Result<bool> {
        portable::bls12_381::kzg_verify(commitment, z, y, proof)
    }

    /// Whether a signature on secp256r1 is valid: hash, r, s and the key's x, y (EIP-7951).
    fn p256_verify(input: &[u8; 160]) -> Result<bool> {
        Ok(portable::p256::verify(input))
    }
}

/// The back end in pure Rust, for every target.
#[derive(Clone, Copy, Debug)]
pub enum Portable {}

impl Crypto for Portable {}

#[cfg(feature = "native")]
pub use crate::native::Native;
