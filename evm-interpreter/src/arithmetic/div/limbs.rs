//! Digits of 64 bits, quotient digits by reciprocal (Möller and Granlund, "Improved division by
//! invariant integers", IEEE Transactions on Computers 60, 2011).

// Which functions could be constant depends on the shape of multiplication.
#![allow(clippy::missing_const_for_fn)]

use crate::arithmetic::{
    Limbs, borrowing_sub, carrying_add,
    mul::shape::{mul_add, wide},
};

/// Quotient and remainder of `a ≥ b > 0`.
pub(in crate::arithmetic) fn div_rem(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    if b[1] | b[2] | b[3] == 0 {
        let (quotient, remainder) = div_rem_by_limb(a, b[0]);
        return (quotient, [remainder, 0, 0, 0]);
    }
    if b[3] != 0 {
        let shift = b[3].leading_zeros();
        let (q, r) = divide(shifted::<4, 5>(a, shift), shifted::<4, 4>(b, shift));
        (q, unshifted(&r, shift))
    } else if b[2] != 0 {
        let shift = b[2].leading_zeros();
        let (q, [r0, r1, r2]) = divide(shifted::<4, 5>(a, shift), shifted::<4, 3>(b, shift));
        (q, unshifted(&[r0, r1, r2, 0], shift))
    } else {
        let shift = b[1].leading_zeros();
        let (q, [r0, r1]) = divide(shifted::<4, 5>(a, shift), shifted::<4, 2>(b, shift));
        (q, unshifted(&[r0, r1, 0, 0], shift))
    }
}

/// Quotient and remainder by one limb, the usual divisor: no array with an index known only at run
/// time, so that all stays in registers.
#[inline(always)]
fn div_rem_by_limb(a: &Limbs, b: u64) -> (Limbs, u64) {
    let shift = b.leading_zeros();
    let up = 63u32.wrapping_sub(shift);
    let d = b << shift;
    let v = reciprocal(d);
    let (mut q3, mut q2) = (0, 0);
    let mut r = a[1] >> 1 >> up;
    if a[2] | a[3] != 0 {
        (q3, r) = div_2by1(a[3] >> 1 >> up, a[3] << shift | a[2] >> 1 >> up, d, v);
        (q2, r) = div_2by1(r, a[2] << shift | a[1] >> 1 >> up, d, v);
    }
    let (q1, r) = div_2by1(r, a[1] << shift | a[0] >> 1 >> up, d, v);
    let (q0, r) = div_2by1(r, a[0] << shift, d, v);
    ([q0, q1, q2, q3], r >> shift)
}

/// Remainder of a 512-bit number by `divisor > 0`.
pub(in crate::arithmetic) fn reduce_wide(number: &[u64; 8], b: &Limbs) -> Limbs {
    if b[3] != 0 {
        let shift = b[3].leading_zeros();
        let (_, r): ([u64; 5], _) =
            divide(shifted::<8, 9>(number, shift), shifted::<4, 4>(b, shift));
        unshifted(&r, shift)
    } else if b[2] != 0 {
        let shift = b[2].leading_zeros();
        let (_, [r0, r1, r2]): ([u64; 6], _) =
            divide(shifted::<8, 9>(number, shift), shifted::<4, 3>(b, shift));
        unshifted(&[r0, r1, r2, 0], shift)
    } else if b[1] != 0 {
        let shift = b[1].leading_zeros();
        let (_, [r0, r1]): ([u64; 7], _) =
            divide(shifted::<8, 9>(number, shift), shifted::<4, 2>(b, shift));
        unshifted(&[r0, r1, 0, 0], shift)
    } else {
        let shift = b[0].leading_zeros();
        let digits = shifted::<8, 9>(number, shift);
        let d = b[0] << shift;
        let v = reciprocal(d);
        let mut r = digits[8];
        for &digit in digits[..8].iter().rev() {
            (_, r) = div_2by1(r, digit, d, v);
        }
        [r >> shift, 0, 0, 0]
    }
}

/// Algorithm D: quotient and remainder of a number by a divisor of `D` limbs, the highest bit of which
/// is set. The `D` high limbs of the number are less than the divisor, so that the quotient has `N - D`
/// limbs.
#[inline(always)]
fn divide<const D: usize, const N: usize, const Q: usize>(
    number: [u64; N],
    d: [u64; D],
) -> ([u64; Q], [u64; D]) {
    const { assert!(D >= 2 && D < N && N - D <= Q) };
    let (d1, d0) = (d[D - 1], d[D - 2]);
    let v = reciprocal_2(d1, d0);
    let mut quotient = [0; Q];
    // The high limbs of what is still to be divided; the next limb comes in from below.
    let mut rest: [u64; D] = core::array::from_fn(|i| number[N - D + i]);
    for i in (0..N - D).rev() {
        if D == 2 {
            (quotient[i], rest[1], rest[0]) = div_3by2(rest[1], rest[0], number[i], d1, d0, v);
            continue;
        }
        let (u2, u1, u0) = (rest[D - 1], rest[D - 2], rest[D - 3]);
        let digit = if u2 == d1 && u1 == d0 {
            // The estimate would not fit a limb; the true digit is this or one less.
            u64::MAX
        } else {
            div_3by2(u2, u1, u0, d1, d0, v).0
        };
        quotient[i] = subtract_multiple(&mut rest, number[i], &d, digit);
    }
    (quotient, rest)
}

/// Takes `digit · d` from the number `rest` with `low` below it; what remains fits `rest`. Corrects
/// and returns the digit if it was too large.
#[inline(always)]
fn subtract_multiple<const D: usize>(
    rest: &mut [u64; D],
    low: u64,
    d: &[u64; D],
    mut digit: u64,
) -> u64 {
    let mut carry = 0;
    let mut borrow = false;
    let mut below = low;
    for (slot, &y) in rest.iter_mut().zip(d) {
        let x = below;
        below = *slot;
        let (low, high) = mul_add(digit, y, carry, 0);
        (*slot, borrow) = borrowing_sub(x, low, borrow);
        carry = high;
    }
    let (mut top, mut borrow) = borrowing_sub(below, carry, borrow);
    while borrow {
        digit = digit.wrapping_sub(1);
        let mut c = false;
        for (slot, &y) in rest.iter_mut().zip(d) {
            (*slot, c) = carrying_add(*slot, y, c);
        }
        (top, c) = carrying_add(top, 0, c);
        borrow = !c;
    }
    digit
}

/// The `N` low limbs of a number shifted left by less than a limb.
#[inline(always)]
fn shifted<const M: usize, const N: usize>(a: &[u64; M], shift: u32) -> [u64; N] {
    // `x >> 1 >> (63 - s)` is `x >> (64 - s)` and defined for s = 0 too.
    let up = 63u32.wrapping_sub(shift);
    core::array::from_fn(|i| {
        let low = if i > 0 { a[i - 1] >> 1 >> up } else { 0 };
        let high = if i < M { a[i] << shift } else { 0 };
        low | high
    })
}

#[inline(always)]
const fn unshifted(r: &Limbs, shift: u32) -> Limbs {
    let up = 63u32.wrapping_sub(shift);
    [
        r[0] >> shift | r[1] << 1 << up,
        r[1] >> shift | r[2] << 1 << up,
        r[2] >> shift | r[3] << 1 << up,
        r[3] >> shift,
    ]
}

/// Start values of [`reciprocal`] by the nine top bits of the divisor, the first of which is set.
static RECIPROCALS: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = (((1 << 19) - 3 * (1 << 8)) / (256 + i)) as u16;
        i += 1;
    }
    table
};

/// `⌊(2^128 − 1) / d⌋ − 2^64` for a normalised `d` (highest bit set): a table look-up and three
/// Newton steps (algorithm 3 of the paper), far quicker than a division of 128 bits.
#[inline(always)]
fn reciprocal(d: u64) -> u64 {
    let d0 = d & 1;
    let d9 = d >> 55;
    let d40 = (d >> 24).wrapping_add(1);
    let d63 = (d >> 1).wrapping_add(d0);
    let v0 = u64::from(RECIPROCALS[(d9 & 0xff) as usize]);
    // None of these wraps.
    let v1 = (v0 << 11)
        .wrapping_sub(v0.wrapping_mul(v0).wrapping_mul(d40) >> 40)
        .wrapping_sub(1);
    let rest = (1u64 << 60).wrapping_sub(v1.wrapping_mul(d40));
    let v2 = (v1 << 13).wrapping_add(v1.wrapping_mul(rest) >> 47);
    let e = ((v2 >> 1) & d0.wrapping_neg()).wrapping_sub(v2.wrapping_mul(d63));
    let v3 = (v2 << 31).wrapping_add(wide(v2, e).1 >> 1);
    let (low, high) = wide(v3, d);
    let (_, carry) = low.overflowing_add(d);
    v3.wrapping_sub(high.wrapping_add(d).wrapping_add(u64::from(carry)))
}

/// `⌊(2^192 − 1) / (d1·2^64 + d0)⌋ − 2^64` for a normalised divisor.
#[inline(always)]
fn reciprocal_2(d1: u64, d0: u64) -> u64 {
    let mut v = reciprocal(d1);
    let (mut p, overflow) = d1.wrapping_mul(v).overflowing_add(d0);
    if overflow {
        v = v.wrapping_sub(1);
        if p >= d1 {
            v = v.wrapping_sub(1);
            p = p.wrapping_sub(d1);
        }
        p = p.wrapping_sub(d1);
    }
    let (t0, t1) = wide(v, d0);
    let (p, overflow) = p.overflowing_add(t1);
    if overflow {
        v = v.wrapping_sub(1);
        if p > d1 || p == d1 && t0 >= d0 {
            v = v.wrapping_sub(1);
        }
    }
    v
}

/// Quotient and remainder of `u1·2^64 + u0` by a normalised `d > u1`; `v` is its reciprocal.
#[inline(always)]
fn div_2by1(u1: u64, u0: u64, d: u64, v: u64) -> (u64, u64) {
    let (q0, q1) = wide(v, u1);
    let (q0, c) = q0.overflowing_add(u0);
    let mut q = carrying_add(q1, u1, c).0.wrapping_add(1);
    let mut r = u0.wrapping_sub(q.wrapping_mul(d));
    if r > q0 {
        q = q.wrapping_sub(1);
        r = r.wrapping_add(d);
    }
    if r >= d {
        q = q.wrapping_add(1);
        r = r.wrapping_sub(d);
    }
    (q, r)
}

/// Quotient and two-limb remainder of `(u2, u1, u0)` by a normalised `(d1, d0) > (u2, u1)`; `v` is
/// its reciprocal.
#[inline(always)]
fn div_3by2(u2: u64, u1: u64, u0: u64, d1: u64, d0: u64, v: u64) -> (u64, u64, u64) {
    let (q0, q1) = wide(v, u2);
    let (q0, q1) = add_2((q0, q1), (u1, u2));
    let r1 = u1.wrapping_sub(q1.wrapping_mul(d1));
    let mut q = q1.wrapping_add(1);
    let mut r = sub_2(sub_2((u0, r1), wide(d0, q1)), (d0, d1));
    if r.1 >= q0 {
        q = q.wrapping_sub(1);
        r = add_2(r, (d0, d1));
    }
    if r.1 > d1 || r.1 == d1 && r.0 >= d0 {
        q = q.wrapping_add(1);
        r = sub_2(r, (d0, d1));
    }
    (q, r.1, r.0)
}

/// Sum of numbers of two limbs, low limb first, modulo 2^128.
#[inline(always)]
const fn add_2(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    let (low, c) = a.0.overflowing_add(b.0);
    (low, a.1.wrapping_add(b.1).wrapping_add(c as u64))
}

/// Difference of numbers of two limbs, low limb first, modulo 2^128.
#[inline(always)]
const fn sub_2(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    let (low, c) = a.0.overflowing_sub(b.0);
    (low, a.1.wrapping_sub(b.1).wrapping_sub(c as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn reciprocals_are_exact(d in prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), 0u64..1000], low in any::<u64>()) {
            let d = d | 1 << 63;
            let expected = u128::MAX / u128::from(d) - (1 << 64);
            prop_assert_eq!(u128::from(reciprocal(d)), expected);
            // By definition: (v + 2^64)·D ≤ 2^192 − 1 < (v + 2^64 + 1)·D with D = (d, low).
            let big = |hi: u64, lo: u64| num_bigint::BigUint::from(u128::from(hi) << 64 | u128::from(lo));
            let (v, divisor) = (big(1, reciprocal_2(d, low)), big(d, low));
            let all = (num_bigint::BigUint::from(1u8) << 192) - 1u8;
            prop_assert_eq!(v, all / divisor);
        }
    }
}
