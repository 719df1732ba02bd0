//! 0x09 BLAKE2F: the compression function F of BLAKE2b (EIP-152, RFC 7693).

#[cfg(all(feature = "native", target_arch = "x86_64"))]
mod avx2;

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Error, Gas, Result};

const LENGTH: usize = 213;

/// One gas a round. Input of a wrong length is free, as it fails before any round.
pub(crate) fn gas(input: &[u8], _: Fork) -> Gas {
    match input.first_chunk() {
        Some(rounds) if input.len() == LENGTH => u32::from_be_bytes(*rounds).into(),
        _ => 0,
    }
}

/// Input: rounds (4 bytes, big-endian), h (64), m (128), t (16), all little-endian words of 64
/// bits, and the final flag (1). Output: the new h.
pub(crate) fn run(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    let input: &[u8; LENGTH] = input
        .try_into()
        .map_err(|_| Error::Failure("input length is not 213"))?;
    let last = match input[212] {
        0 => false,
        1 => true,
        _ => return Err(Error::Failure("final block flag is neither 0 nor 1")),
    };
    let rounds = u32::from_be_bytes([input[0], input[1], input[2], input[3]]);
    let (words, _) = input[4..212].as_chunks();
    let word = |i: usize| u64::from_le_bytes(words[i]);
    let h = core::array::from_fn(word);
    let m = core::array::from_fn(|i| word(8 + i));
    let h = compress(rounds, h, &m, [word(24), word(25)], last);
    Ok(h.iter().flat_map(|word| word.to_le_bytes()).collect())
}

const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

type State = [u64; 16];

#[inline(always)]
const fn mix(v: &mut State, [a, b, c, d]: [usize; 4], x: u64, y: u64) {
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

/// One round with the message words in the order `s`; a constant order leaves no look-ups.
#[inline(always)]
const fn round(v: &mut State, m: &[u64; 16], s: [usize; 16]) {
    mix(v, [0, 4, 8, 12], m[s[0]], m[s[1]]);
    mix(v, [1, 5, 9, 13], m[s[2]], m[s[3]]);
    mix(v, [2, 6, 10, 14], m[s[4]], m[s[5]]);
    mix(v, [3, 7, 11, 15], m[s[6]], m[s[7]]);
    mix(v, [0, 5, 10, 15], m[s[8]], m[s[9]]);
    mix(v, [1, 6, 11, 12], m[s[10]], m[s[11]]);
    mix(v, [2, 7, 8, 13], m[s[12]], m[s[13]]);
    mix(v, [3, 4, 9, 14], m[s[14]], m[s[15]]);
}

/// The ten orders of RFC 7693.
const ORDERS: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

fn compress(rounds: u32, mut h: [u64; 8], m: &[u64; 16], t: [u64; 2], last: bool) -> [u64; 8] {
    let mut v = [0; 16];
    v[..8].copy_from_slice(&h);
    v[8..].copy_from_slice(&IV);
    v[12] ^= t[0];
    v[13] ^= t[1];
    if last {
        v[14] = !v[14];
    }
    mix_rounds(rounds, &mut v, m);
    for i in 0..8 {
        h[i] ^= v[i] ^ v[i + 8];
    }
    h
}

/// The rounds by the fastest way that the processor has.
#[inline(always)]
fn mix_rounds(rounds: u32, v: &mut State, m: &[u64; 16]) {
    #[cfg(all(feature = "native", target_arch = "x86_64"))]
    if avx2::is_available() {
        // SAFETY: the processor has AVX2; nothing else is asked of the caller.
        return unsafe { avx2::rounds(rounds, v, m) };
    }
    portable(rounds, v, m);
}

#[inline(always)]
const fn portable(rounds: u32, v: &mut State, m: &[u64; 16]) {
    let mut left = rounds;
    'rounds: loop {
        // Written out, so that each round's order is constant.
        macro_rules! rounds {
            ($($at:literal)*) => {$(
                if left == 0 {
                    break 'rounds;
                }
                left -= 1;
                round(v, m, const { ORDERS[$at] });
            )*};
        }
        rounds!(0 1 2 3 4 5 6 7 8 9);
    }
}

#[cfg(all(test, feature = "native", target_arch = "x86_64"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn avx2_as_portable(rounds in 0u32..60, v: State, m: [u64; 16]) {
            if avx2::is_available() {
                let (mut one, mut other) = (v, v);
                portable(rounds, &mut one, &m);
                // SAFETY: the processor has AVX2.
                unsafe { avx2::rounds(rounds, &mut other, &m) };
                prop_assert_eq!(one, other);
            }
        }
    }
}
