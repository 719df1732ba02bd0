//! 0x01 ECRECOVER: the address that signed a hash.

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Crypto, Gas, Result, bytes::padded};

pub(crate) const fn gas(_: &[u8], _: Fork) -> Gas {
    3000
}

/// Input: hash, v (27 or 28), r, s, 32 bytes each, zero-padded on the right.
///
/// Output: the address, left-padded to 32 bytes; nothing if the signature is not valid. A high s
/// is valid here (EIP-2 binds transactions alone).
pub(crate) fn run<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    let input = padded::<128>(input);
    let Some((hash, rest)) = input.split_first_chunk::<32>() else {
        return Ok(Vec::new());
    };
    let Some((v, rs)) = rest.split_first_chunk::<32>() else {
        return Ok(Vec::new());
    };
    let parity = match v {
        [zeros @ .., v @ 27..=28] if zeros.iter().all(|&byte| byte == 0) => v - 27,
        _ => return Ok(Vec::new()),
    };
    let mut signature = [0; 65];
    signature[..64].copy_from_slice(rs);
    signature[64] = parity;
    let Some(key) = C::secp256k1_recover(hash, &signature)? else {
        return Ok(Vec::new());
    };
    let mut out = C::keccak256(&key[1..])?.to_vec();
    out[..12].fill(0);
    Ok(out)
}
