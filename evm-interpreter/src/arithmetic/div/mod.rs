//! Division: long division after Knuth (TAOCP 4.3.1, algorithm D), a quotient digit of 64 bits from a
//! reciprocal of the divisor; on WebAssembly, where they pay, digits of 32 bits from its division.

#[cfg(any(test, target_arch = "wasm32", feature = "wasm-kernels"))]
pub(super) mod halves;
pub(super) mod limbs;

use super::{Limbs, as_u64};
use primitive_types::U256;

/// DIV: quotient, zero if `b` is zero.
#[inline]
#[must_use]
pub fn div(a: U256, b: U256) -> U256 {
    let mut result = b;
    div_assign(&a, &mut result);
    result
}

/// MOD: remainder, zero if `b` is zero.
#[inline]
#[must_use]
pub fn rem(a: U256, b: U256) -> U256 {
    let mut result = b;
    rem_assign(&a, &mut result);
    result
}

/// Replaces `b` by the quotient of `a` and it: where items of the stack are divided, none is copied.
#[inline(always)]
pub(crate) fn div_assign(a: &U256, b: &mut U256) {
    match (as_u64(a), as_u64(b)) {
        (Some(x), Some(y)) => b.0[0] = x.checked_div(y).unwrap_or(0),
        _ => long_div(a, b),
    }
}

/// Replaces `b` by the remainder of `a` by it.
#[inline(always)]
pub(crate) fn rem_assign(a: &U256, b: &mut U256) {
    match (as_u64(a), as_u64(b)) {
        (Some(x), Some(y)) => b.0[0] = x.checked_rem(y).unwrap_or(0),
        _ => long_rem(a, b),
    }
}

#[inline(never)]
fn long_div(a: &U256, b: &mut U256) {
    *b = div_rem_inlined(a, b).0;
}

#[inline(never)]
fn long_rem(a: &U256, b: &mut U256) {
    *b = div_rem_inlined(a, b).1;
}

/// Quotient and remainder; both zero if `b` is zero.
#[must_use]
pub fn div_rem(a: U256, b: U256) -> (U256, U256) {
    div_rem_inlined(&a, &b)
}

/// The shape for WebAssembly.
#[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
#[inline(always)]
pub(super) fn div_rem_inlined(a: &U256, b: &U256) -> (U256, U256) {
    let (quotient, remainder) = halves::div_rem(&a.0, &b.0);
    (U256(quotient), U256(remainder))
}

/// The shape for ordinary processors.
#[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
#[inline(always)]
pub(super) fn div_rem_inlined(a: &U256, b: &U256) -> (U256, U256) {
    use super::{lt, shr, sub};

    const ZERO: U256 = U256([0; 4]);

    let (a, b) = (*a, *b);
    if b.0 == [0; 4] {
        return (ZERO, ZERO);
    }
    if lt(&a, &b) {
        return (ZERO, a);
    }
    if let Some(shift) = log2(&b) {
        // Compilers wrote shifts as divisions before SHR existed (EIP-145).
        let quotient = shr(&U256([shift, 0, 0, 0]), &a);
        let mask = sub(b, U256([1, 0, 0, 0]));
        let remainder = core::array::from_fn(|i| a.0[i] & mask.0[i]);
        return (quotient, U256(remainder));
    }
    let (quotient, remainder) = limbs::div_rem(&a.0, &b.0);
    (U256(quotient), U256(remainder))
}

/// The exponent, if `a` is a power of two.
#[inline(always)]
const fn log2(a: &U256) -> Option<u64> {
    let v = &a.0;
    let (limb, below, rest) = if v[3] != 0 {
        (v[3], 192, v[0] | v[1] | v[2])
    } else if v[2] != 0 {
        (v[2], 128, v[0] | v[1])
    } else if v[1] != 0 {
        (v[1], 64, v[0])
    } else {
        (v[0], 0, 0)
    };
    if rest == 0 && limb.is_power_of_two() {
        Some(below + limb.trailing_zeros() as u64)
    } else {
        None
    }
}

/// Remainder of a 512-bit number; `divisor` is not zero.
pub(super) fn reduce_wide(number: &[u64; 8], divisor: &Limbs) -> Limbs {
    limbs::reduce_wide(number, divisor)
}
