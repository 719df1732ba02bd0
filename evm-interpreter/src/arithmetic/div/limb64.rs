//! Digits of 64 bits, quotient digits by reciprocal (Möller and Granlund, "Improved division by
//! invariant integers", IEEE Transactions on Computers 60, 2011).

use crate::arithmetic::{
    Limbs, borrowing_sub, carrying_add,
    mul::limb64::{mul_add, wide},
    significant_limbs,
};

/// Quotient and remainder of `a ≥ b > 0`.
pub(in crate::arithmetic) fn div_rem(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    let mut number = [a[0], a[1], a[2], a[3], 0];
    let mut quotient = [0; 4];
    let remainder = divide(&mut number, significant_limbs(a), b, &mut quotient);
    (quotient, remainder)
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

    let mut remainder = [0; 4];
    match n {
        1 => {
            let v = reciprocal(d[0]);
            let mut r = number[len];
            for i in (0..len).rev() {
                (quotient[i], r) = div_2by1(r, number[i], d[0], v);
            }
            remainder[0] = r;
        }
        2 => {
            let v = reciprocal_2(d[1], d[0]);
            let mut r = (number[len], number[len - 1]);
            for i in (0..len - 1).rev() {
                let (q, r1, r0) = div_3by2(r.0, r.1, number[i], d[1], d[0], v);
                quotient[i] = q;
                r = (r1, r0);
            }
            remainder[1] = r.0;
            remainder[0] = r.1;
        }
        _ => {
            let (d1, d0) = (d[n - 1], d[n - 2]);
            let v = reciprocal_2(d1, d0);
            for i in (0..=len - n).rev() {
                let (u2, u1, u0) = (number[i + n], number[i + n - 1], number[i + n - 2]);
                let digit = if (u2, u1) == (d1, d0) {
                    // The estimate would not fit a limb; the true digit is this or one less.
                    u64::MAX
                } else {
                    div_3by2(u2, u1, u0, d1, d0, v).0
                };
                quotient[i] = subtract_multiple(&mut number[i..=i + n], &d[..n], digit);
            }
            remainder[..n].copy_from_slice(&number[..n]);
        }
    }
    unshifted(&remainder, shift)
}

/// Subtracts `digit · d` from `u`, one limb longer than `d`; corrects and returns the digit if that
/// was too much.
#[inline(always)]
fn subtract_multiple(u: &mut [u64], d: &[u64], mut digit: u64) -> u64 {
    let mut carry = 0;
    let mut borrow = false;
    for (x, &y) in u.iter_mut().zip(d) {
        let (low, high) = mul_add(digit, y, carry, 0);
        (*x, borrow) = borrowing_sub(*x, low, borrow);
        carry = high;
    }
    let last = d.len();
    (u[last], borrow) = borrowing_sub(u[last], carry, borrow);
    while borrow {
        digit -= 1;
        let mut c = false;
        for (x, &y) in u.iter_mut().zip(d) {
            (*x, c) = carrying_add(*x, y, c);
        }
        (u[last], c) = carrying_add(u[last], 0, c);
        borrow = !c;
    }
    digit
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

/// `⌊(2^128 − 1) / d⌋ − 2^64` for a normalised `d` (highest bit set).
#[inline(always)]
const fn reciprocal(d: u64) -> u64 {
    // 2^128 - 1 - d·2^64 = (!d, MAX), and the quotient fits 64 bits.
    (((!d as u128) << 64 | u64::MAX as u128) / d as u128) as u64
}

/// `⌊(2^192 − 1) / (d1·2^64 + d0)⌋ − 2^64` for a normalised divisor.
#[inline(always)]
const fn reciprocal_2(d1: u64, d0: u64) -> u64 {
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
