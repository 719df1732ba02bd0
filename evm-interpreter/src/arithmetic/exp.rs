//! Exponentiation.

use super::{bits::shl, mul, mul::square, word};
use primitive_types::U256;

/// `base` to the power of `exponent`, modulo 2^256; anything to the power of zero is one.
#[must_use]
pub fn exp(base: U256, exponent: U256) -> U256 {
    if base.0 == [2, 0, 0, 0] {
        return shl(&exponent, &word(1));
    }
    let Some(top) = (0..4).rev().find(|&i| exponent.0[i] != 0) else {
        return word(1);
    };
    // From the highest bit down: square for each bit, multiply where it is set.
    let mut result = base;
    let mut bit = 63 - exponent.0[top].leading_zeros();
    let mut limb = top;
    loop {
        if bit == 0 {
            if limb == 0 {
                return result;
            }
            limb -= 1;
            bit = 64;
        }
        bit -= 1;
        result = square(result);
        if exponent.0[limb] >> bit & 1 == 1 {
            result = mul(result, base);
        }
    }
}
