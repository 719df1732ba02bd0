//! The three price schedules of MODEXP: EIP-198, EIP-2565 (Berlin), EIP-7883 (Osaka).

use evm_interpreter::Fork;

use super::{HEAD, Lengths};
use crate::{Gas, bytes::padded};

/// Saturates at the largest gas, which no limit covers.
pub(crate) fn gas(input: &[u8], fork: Fork) -> Gas {
    let lengths = Lengths::read(input);
    let longest = lengths.base.max(lengths.modulus);
    let head = exponent_head_bits(input, lengths);
    let gas = if fork.has(Fork::Osaka) {
        let complexity = if longest > 32 {
            2u128.saturating_mul(squared_words(longest))
        } else {
            16
        };
        complexity
            .saturating_mul(iterations(lengths.exponent, head, 16))
            .max(500)
    } else if fork.has(Fork::Berlin) {
        (squared_words(longest).saturating_mul(iterations(lengths.exponent, head, 8)) / 3).max(200)
    } else {
        complexity_198(longest).saturating_mul(iterations(lengths.exponent, head, 8)) / 20
    };
    Gas::try_from(gas).unwrap_or(Gas::MAX)
}

/// Square of the number of 64-bit words of an operand of `len` bytes.
const fn squared_words(len: u128) -> u128 {
    let words = len.div_ceil(8);
    words.saturating_mul(words)
}

/// EIP-198: quadratic, less steep from 64 and from 1024 bytes on.
const fn complexity_198(len: u128) -> u128 {
    let square = len.saturating_mul(len);
    if len <= 64 {
        square
    } else if len <= 1024 {
        square / 4 + 96 * len - 3072
    } else {
        (square / 16)
            .saturating_add(len.saturating_mul(480))
            .saturating_sub(199_680)
    }
}

/// Bit length of the exponent's first 32 bytes, or of all of it if it is shorter.
fn exponent_head_bits(input: &[u8], lengths: Lengths) -> u32 {
    let start = usize::try_from(lengths.base)
        .ok()
        .and_then(|len| len.checked_add(HEAD));
    let bytes = padded::<32>(
        start
            .and_then(|start| input.get(start..))
            .unwrap_or_default(),
    );
    let len = usize::try_from(lengths.exponent)
        .unwrap_or(usize::MAX)
        .min(32);
    let head = bytes.get(..len).unwrap_or_default();
    let zeros = head.iter().take_while(|&&byte| byte == 0).count();
    head.get(zeros)
        .map_or(0, |first| 8 * (len - zeros) as u32 - first.leading_zeros())
}

/// The EIPs' iteration count (EIP-198: adjusted exponent length), at least 1.
fn iterations(exponent_len: u128, head_bits: u32, per_byte: u128) -> u128 {
    let tail = exponent_len.saturating_sub(32).saturating_mul(per_byte);
    tail.saturating_add(head_bits.saturating_sub(1).into())
        .max(1)
}
