//! Digits of 64 bits, quotient digits by reciprocal (Möller and Granlund, "Improved division by
//! invariant integers", IEEE Transactions on Computers 60, 2011).

use crate::arithmetic::{
    Limbs, borrowing_sub, carrying_add,
    mul::limb64::{mul_add, wide},
};

/// Quotient and remainder of `a ≥ b > 0`.
pub(in crate::arithmetic) fn div_rem(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    if b[1] | b[2] | b[3] == 0 {
        let (quotient, remainder) = div_rem_by_limb(a, b[0]);
        return (quotient, [remainder, 0, 0, 0]);
    }
    let mut number = [a[0], a[1], a[2], a[3], 0];
    let mut quotient = [0; 4];
    let remainder = divide(&mut number, significant_limbs(a), b, &mut quotient);
    (quotient, remainder)
}

/// Quotient and remainder by one limb, the usual divisor: no array with an index known only at run
/// time, so that all stays in registers.
#[inline(always)]
fn div_rem_by_limb(a: &Limbs, b: u64) -> (Limbs, u64) {
    let shift = b.leading_zeros();
    let up = 63 - shift;
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
pub(in crate::arithmetic) fn reduce_wide(number: &mut [u64; 8], divisor: &Limbs) -> Limbs {
    let mut digits = [0; 9];
    digits[..8].copy_from_slice(number);
    let len = 8 - number.iter().rev().take_while(|&&limb| limb == 0).count();
    divide(&mut digits, len, divisor, &mut [0; 8])
}

/// Divides the `len` low limbs of `number` and returns the remainder; the quotient goes to
/// `quotient`, zero before. `number` has at least `len + 1` limbs.
#[inline(always)]
fn divide<const N: usize, const Q: usize>(
    number: &mut [u64; N],
    len: usize,
    divisor: &Limbs,
    quotient: &mut [u64; Q],
) -> Limbs {
    let n = significant_limbs(divisor);
    if len < n {
        return [number[0], number[1], number[2], number[3]];
    }
    let shift = divisor[n - 1].leading_zeros();
    let d = shifted(divisor, shift);
    let mut top = 0;
    for limb in &mut number[..=len] {
        let next = *limb >> 1 >> (63 - shift);
        *limb = *limb << shift | top;
        top = next;
    }
    let remainder = match n {
        1 => {
            let v = reciprocal(d[0]);
            let mut r = number[len];
            for i in (0..len).rev() {
                (quotient[i], r) = div_2by1(r, number[i], d[0], v);
            }
            [r, 0, 0, 0]
        }
        2 => {
            let v = reciprocal_2(d[1], d[0]);
            let mut r = (number[len], number[len - 1]);
            for i in (0..len - 1).rev() {
                let (q, r1, r0) = div_3by2(r.0, r.1, number[i], d[1], d[0], v);
                quotient[i] = q;
                r = (r1, r0);
            }
            [r.1, r.0, 0, 0]
        }
        3 => {
            let [r0, r1, r2] = long_division([d[0], d[1], d[2]], number, len, quotient);
            [r0, r1, r2, 0]
        }
        _ => long_division(d, number, len, quotient),
    };
    unshifted(&remainder, shift)
}

/// Algorithm D for a normalised divisor of three or four limbs; returns the remainder.
#[inline(always)]
fn long_division<const D: usize, const N: usize, const Q: usize>(
    d: [u64; D],
    number: &[u64; N],
    len: usize,
    quotient: &mut [u64; Q],
) -> [u64; D] {
    let (d1, d0) = (d[D - 1], d[D - 2]);
    let v = reciprocal_2(d1, d0);
    // The top limbs of what is still to be divided; the next limb comes in from below.
    let mut rest: [u64; D] = core::array::from_fn(|i| number[len + 1 - D + i]);
    for i in (0..=len - D).rev() {
        let (u2, u1, u0) = (rest[D - 1], rest[D - 2], rest[D - 3]);
        let digit = if (u2, u1) == (d1, d0) {
            // The estimate would not fit a limb; the true digit is this or one less.
            u64::MAX
        } else {
            div_3by2(u2, u1, u0, d1, d0, v).0
        };
        quotient[i] = subtract_multiple(&mut rest, number[i], &d, digit);
    }
    rest
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

/// Number of limbs up to the most significant one that is not zero.
#[inline(always)]
const fn significant_limbs(a: &Limbs) -> usize {
    if a[3] != 0 {
        4
    } else if a[2] != 0 {
        3
    } else if a[1] != 0 {
        2
    } else {
        (a[0] != 0) as usize
    }
}

#[inline(always)]
const fn shifted(d: &Limbs, shift: u32) -> Limbs {
    let up = 63 - shift;
    [
        d[0] << shift,
        d[1] << shift | d[0] >> 1 >> up,
        d[2] << shift | d[1] >> 1 >> up,
        d[3] << shift | d[2] >> 1 >> up,
    ]
}

#[inline(always)]
const fn unshifted(r: &Limbs, shift: u32) -> Limbs {
    let up = 63 - shift;
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
    let d40 = (d >> 24) + 1;
    let d63 = (d >> 1) + d0;
    let v0 = u64::from(RECIPROCALS[(d9 & 0xff) as usize]);
    let v1 = (v0 << 11) - ((v0 * v0 * d40) >> 40) - 1;
    let v2 = (v1 << 13) + ((v1 * ((1 << 60) - v1 * d40)) >> 47);
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
const fn div_2by1(u1: u64, u0: u64, d: u64, v: u64) -> (u64, u64) {
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
        r -= d;
    }
    (q, r)
}

/// Quotient and two-limb remainder of `(u2, u1, u0)` by a normalised `(d1, d0) > (u2, u1)`; `v` is
/// its reciprocal.
#[inline(always)]
const fn div_3by2(u2: u64, u1: u64, u0: u64, d1: u64, d0: u64, v: u64) -> (u64, u64, u64) {
    let d = (d1 as u128) << 64 | d0 as u128;
    let q = (v as u128 * u2 as u128).wrapping_add((u2 as u128) << 64 | u1 as u128);
    let (q0, mut q1) = (q as u64, (q >> 64) as u64);
    let r1 = u1.wrapping_sub(q1.wrapping_mul(d1));
    let t = d0 as u128 * q1 as u128;
    let mut r = ((r1 as u128) << 64 | u0 as u128)
        .wrapping_sub(t)
        .wrapping_sub(d);
    q1 = q1.wrapping_add(1);
    if (r >> 64) as u64 >= q0 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(d);
    }
    if r >= d {
        q1 = q1.wrapping_add(1);
        r = r.wrapping_sub(d);
    }
    (q1, (r >> 64) as u64, r as u64)
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
