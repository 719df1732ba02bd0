//! Exponentiation.

use super::{as_u64, bits::shl, eq, mul, mul::square, word};
use primitive_types::U256;

/// `base` to the power of `exponent`, modulo 2^256; anything to the power of zero is one.
#[must_use]
pub fn exp(base: U256, exponent: U256) -> U256 {
    let mut result = exponent;
    exp_assign(&base, &mut result);
    result
}

/// Replaces `exponent` by `base` to its power.
#[inline(never)]
pub(crate) fn exp_assign(base: &U256, exponent: &mut U256) {
    *exponent = if eq(base, &word(2)) {
        shl(exponent, &word(1))
    } else if let Some(small) = as_u64(exponent) {
        by_bits(*base, small)
    } else {
        let long = |i: &usize| exponent.0[*i] != 0;
        let top = [3, 2].into_iter().find(long).unwrap_or(1);
        by_windows(*base, exponent, top)
    };
}

/// Power by an exponent of one limb: from the highest bit down, a square for each bit, and a product
/// where it is set.
#[inline(always)]
fn by_bits(base: U256, exponent: u64) -> U256 {
    if exponent == 0 {
        return word(1);
    }
    let mut result = base;
    for bit in (0..63u32.wrapping_sub(exponent.leading_zeros())).rev() {
        result = square(result);
        if exponent >> bit & 1 == 1 {
            result = mul(result, base);
        }
    }
    result
}

/// Power by an exponent of which limb `top` is the highest that is not zero: four bits at a time, a
/// product for each four from a table.
fn by_windows(base: U256, exponent: &U256, top: usize) -> U256 {
    let mut powers = [word(1); 16];
    powers[1] = base;
    for i in 1..8 {
        powers[2 * i] = square(powers[i]);
        powers[2 * i + 1] = mul(powers[2 * i], base);
    }
    let digit = |at: usize| (exponent.0[at >> 6] >> (at & 63) & 15) as usize;
    let mut at = 64 * top + (63u32.wrapping_sub(exponent.0[top].leading_zeros()) & !3) as usize;
    let mut result = powers[digit(at)];
    while at > 0 {
        at = at.wrapping_sub(4);
        for _ in 0..4 {
            result = square(result);
        }
        if digit(at) != 0 {
            result = mul(result, powers[digit(at)]);
        }
    }
    result
}
