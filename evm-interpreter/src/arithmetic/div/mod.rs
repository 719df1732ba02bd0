//! Division: long division after Knuth (TAOCP 4.3.1, algorithm D), in two shapes.

#[cfg(any(test, target_arch = "wasm32", feature = "wasm-kernels"))]
pub(super) mod limb32;
#[cfg(any(test, not(any(target_arch = "wasm32", feature = "wasm-kernels"))))]
pub(super) mod limb64;

#[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
use limb32 as shape;
#[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
use limb64 as shape;

use super::{Limbs, as_u64, lt};
use primitive_types::U256;

const ZERO: U256 = U256([0; 4]);

/// DIV: quotient, zero if `b` is zero.
#[inline]
#[must_use]
pub fn div(a: U256, b: U256) -> U256 {
    if let (Some(x), Some(y)) = (as_u64(&a), as_u64(&b)) {
        return U256([x.checked_div(y).unwrap_or(0), 0, 0, 0]);
    }
    div_rem(a, b).0
}

/// MOD: remainder, zero if `b` is zero.
#[inline]
#[must_use]
pub fn rem(a: U256, b: U256) -> U256 {
    if let (Some(x), Some(y)) = (as_u64(&a), as_u64(&b)) {
        return U256([x.checked_rem(y).unwrap_or(0), 0, 0, 0]);
    }
    div_rem(a, b).1
}

/// Quotient and remainder; both zero if `b` is zero.
#[must_use]
pub fn div_rem(a: U256, b: U256) -> (U256, U256) {
    if b.0 == [0; 4] {
        return (ZERO, ZERO);
    }
    if lt(&a, &b) {
        return (ZERO, a);
    }
    let (quotient, remainder) = shape::div_rem(&a.0, &b.0);
    (U256(quotient), U256(remainder))
}

/// Remainder of a 512-bit number; `divisor` is not zero. The number's space is used up.
pub(super) fn reduce_wide(number: &mut [u64; 8], divisor: &Limbs) -> Limbs {
    shape::reduce_wide(number, divisor)
}
