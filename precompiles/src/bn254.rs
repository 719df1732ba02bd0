//! 0x06 ECADD, 0x07 ECMUL (EIP-196) and 0x08 ECPAIRING (EIP-197) on the curve alt_bn128.

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Crypto, Error, Gas, Result, bytes::padded};

/// Bytes of one pair: a G1 point, a G2 point.
pub(crate) const PAIR: usize = 192;

/// EIP-1108 repriced the curve in Istanbul.
const fn repriced(fork: Fork, before: Gas, after: Gas) -> Gas {
    if fork.has(Fork::Istanbul) {
        after
    } else {
        before
    }
}

pub(crate) const fn add_gas(_: &[u8], fork: Fork) -> Gas {
    repriced(fork, 500, 150)
}

/// Input: two points (x, y, 32 bytes each), zero-padded on the right. Output: their sum.
pub(crate) fn add<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bn254_add(&padded(input))?.to_vec())
}

pub(crate) const fn mul_gas(_: &[u8], fork: Fork) -> Gas {
    repriced(fork, 40_000, 6000)
}

/// Input: a point and a 32-byte scalar, zero-padded on the right. Output: their product.
pub(crate) fn mul<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bn254_mul(&padded(input))?.to_vec())
}

pub(crate) const fn pairing_gas(input: &[u8], fork: Fork) -> Gas {
    let pairs = (input.len() / PAIR) as u64;
    repriced(fork, 100_000, 45_000) + pairs * repriced(fork, 80_000, 34_000)
}

/// Input: any number of pairs. Output: 1 as a word if the product of their pairings is one, else 0.
pub(crate) fn pairing<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    if !input.len().is_multiple_of(PAIR) {
        return Err(Error::Failure("input length is not a multiple of 192"));
    }
    let mut out = alloc::vec![0; 32];
    out[31] = u8::from(C::bn254_pairing(input)?);
    Ok(out)
}
