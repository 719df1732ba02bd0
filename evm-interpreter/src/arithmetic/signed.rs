//! Two's complement: comparisons and division.

use super::{div::div_rem_inlined, lt, sub};
use primitive_types::U256;

const ZERO: U256 = U256([0; 4]);

#[inline(always)]
const fn is_negative(a: &U256) -> bool {
    (a.0[3] as i64) < 0
}

#[inline(always)]
const fn magnitude(a: U256) -> U256 {
    if is_negative(&a) { sub(ZERO, a) } else { a }
}

#[inline(always)]
const fn with_sign(negative: bool, a: U256) -> U256 {
    if negative { sub(ZERO, a) } else { a }
}

/// Whether `a < b`, signed.
#[inline(always)]
#[must_use]
pub const fn slt(a: &U256, b: &U256) -> bool {
    const SIGN: u64 = 1 << 63;
    let x = U256([a.0[0], a.0[1], a.0[2], a.0[3] ^ SIGN]);
    let y = U256([b.0[0], b.0[1], b.0[2], b.0[3] ^ SIGN]);
    lt(&x, &y)
}

/// Whether `a > b`, signed.
#[inline(always)]
#[must_use]
pub const fn sgt(a: &U256, b: &U256) -> bool {
    slt(b, a)
}

/// SDIV: quotient rounded towards zero; zero if `b` is zero; -2^255 / -1 is -2^255.
#[inline]
#[must_use]
pub fn sdiv(a: U256, b: U256) -> U256 {
    let mut result = b;
    sdiv_assign(&a, &mut result);
    result
}

/// SMOD: remainder with the dividend's sign; zero if `b` is zero.
#[inline]
#[must_use]
pub fn smod(a: U256, b: U256) -> U256 {
    let mut result = b;
    smod_assign(&a, &mut result);
    result
}

/// Replaces `b` by the signed quotient of `a` and it.
#[inline(never)]
pub(crate) fn sdiv_assign(a: &U256, b: &mut U256) {
    let negative = is_negative(a) != is_negative(b);
    let (quotient, _) = div_rem_inlined(&magnitude(*a), &magnitude(*b));
    *b = with_sign(negative, quotient);
}

/// Replaces `b` by the signed remainder of `a` by it.
#[inline(never)]
pub(crate) fn smod_assign(a: &U256, b: &mut U256) {
    let (_, remainder) = div_rem_inlined(&magnitude(*a), &magnitude(*b));
    *b = with_sign(is_negative(a), remainder);
}
