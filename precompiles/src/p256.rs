//! 0x0100 P256VERIFY: ECDSA on secp256r1 (EIP-7951).

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Crypto, Gas, Result};

pub(crate) const fn gas(_: &[u8], _: Fork) -> Gas {
    6900
}

/// Input: hash, r, s, x, y, 32 bytes each. Output: 1 as a word if the signature is valid, nothing
/// otherwise, also where the length is not 160.
pub(crate) fn run<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    let Ok(input) = input.try_into() else {
        return Ok(Vec::new());
    };
    if !C::p256_verify(input)? {
        return Ok(Vec::new());
    }
    let mut out = alloc::vec![0; 32];
    out[31] = 1;
    Ok(out)
}
