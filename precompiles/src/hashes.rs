//! 0x02 SHA256, 0x03 RIPEMD160 and 0x04 IDENTITY: priced by the word.

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Crypto, Gas, Result, bytes::words};

pub(crate) const fn sha256_gas(input: &[u8], _: Fork) -> Gas {
    60 + 12 * words(input.len())
}

/// Output: the SHA-256 digest, 32 bytes.
pub(crate) fn sha256<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::sha256(input)?.to_vec())
}

pub(crate) const fn ripemd160_gas(input: &[u8], _: Fork) -> Gas {
    600 + 120 * words(input.len())
}

/// Output: the RIPEMD-160 digest, left-padded to 32 bytes.
pub(crate) fn ripemd160<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    let mut out = alloc::vec![0; 32];
    out[12..].copy_from_slice(&C::ripemd160(input)?);
    Ok(out)
}

pub(crate) const fn identity_gas(input: &[u8], _: Fork) -> Gas {
    15 + 3 * words(input.len())
}

/// Output: the input.
pub(crate) fn identity(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(input.to_vec())
}
