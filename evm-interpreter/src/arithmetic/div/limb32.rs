//! Digits of 32 bits: WebAssembly divides 64 bits by 64 in one instruction, so a quotient digit is
//! one division, and products of digits fit.

use crate::arithmetic::Limbs;

/// Quotient and remainder of `a ≥ b > 0`.
pub(in crate::arithmetic) fn div_rem(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    let mut number = [0u32; 9];
    split(a, &mut number);
    let mut quotient = [0u32; 8];
    let remainder = divide(&mut number, 8, b, Some(&mut quotient));
    (joined(&quotient), remainder)
}

/// Remainder of a 512-bit number by `divisor > 0`.
pub(in crate::arithmetic) fn reduce_wide(number: &mut [u64; 8], divisor: &Limbs) -> Limbs {
    let mut digits = [0u32; 17];
    split(number, &mut digits);
    divide(&mut digits, 16, divisor, None)
}

#[inline(always)]
fn split(limbs: &[u64], digits: &mut [u32]) {
    for (pair, &limb) in digits.chunks_exact_mut(2).zip(limbs) {
        pair[0] = limb as u32;
        pair[1] = (limb >> 32) as u32;
    }
}

#[inline(always)]
const fn joined(digits: &[u32; 8]) -> Limbs {
    [
        digits[0] as u64 | (digits[1] as u64) << 32,
        digits[2] as u64 | (digits[3] as u64) << 32,
        digits[4] as u64 | (digits[5] as u64) << 32,
        digits[6] as u64 | (digits[7] as u64) << 32,
    ]
}

/// Divides the digits of `number`, the last of which is zero and room to normalise, and returns the
/// remainder. `len` is `number.len() - 1`.
fn divide(
    number: &mut [u32],
    mut len: usize,
    divisor: &Limbs,
    mut quotient: Option<&mut [u32; 8]>,
) -> Limbs {
    let mut d = [0u32; 8];
    split(divisor, &mut d);
    let mut n = 8;
    while n > 1 && d[n - 1] == 0 {
        n -= 1;
    }
    while len > 0 && number[len - 1] == 0 {
        len -= 1;
    }

    if n == 1 {
        let d0 = u64::from(d[0]);
        let mut r = 0u64;
        for i in (0..len).rev() {
            let u = r << 32 | u64::from(number[i]);
            let q = u / d0;
            r = u.wrapping_sub(q.wrapping_mul(d0));
            if let Some(quotient) = &mut quotient {
                quotient[i] = q as u32;
            }
        }
        return [r, 0, 0, 0];
    }
    if len < n {
        let mut low = [0u32; 8];
        low.copy_from_slice(&number[..8]);
        return joined(&low);
    }

    let shift = d[n - 1].leading_zeros();
    shift_left(&mut d[..n], shift);
    shift_left(&mut number[..=len], shift);
    let d1 = u64::from(d[n - 1]);
    let d2 = u64::from(d[n - 2]);
    for i in (0..=len - n).rev() {
        let u = u64::from(number[i + n]) << 32 | u64::from(number[i + n - 1]);
        let below = u64::from(number[i + n - 2]);
        let mut q = u / d1;
        let mut r = u.wrapping_sub(q.wrapping_mul(d1));
        // At most two rounds (Knuth, theorem B and exercise 20).
        while q >> 32 != 0 || q.wrapping_mul(d2) > (r << 32 | below) {
            q = q.wrapping_sub(1);
            r = r.wrapping_add(d1);
            if r >> 32 != 0 {
                break;
            }
        }
        let q = subtract_multiple(&mut number[i..=i + n], &d[..n], q);
        if let Some(quotient) = &mut quotient {
            quotient[i] = q as u32;
        }
    }

    let mut remainder = [0u32; 8];
    let mut i = 0;
    while i < n {
        let wide = u64::from(number[i + 1]) << 32 | u64::from(number[i]);
        remainder[i] = (wide >> shift) as u32;
        i += 1;
    }
    joined(&remainder)
}

/// Subtracts `digit · d` from `u`, one digit longer than `d`; corrects and returns the digit if that
/// was one too much.
#[inline(always)]
fn subtract_multiple(u: &mut [u32], d: &[u32], digit: u64) -> u64 {
    let mut carry = 0u64;
    for (x, &y) in u.iter_mut().zip(d) {
        // What is to be taken away: below 2^64, as digit, y and carry are below 2^32.
        let p = digit.wrapping_mul(u64::from(y)).wrapping_add(carry);
        let low = p as u32;
        carry = (p >> 32).wrapping_add(u64::from(*x < low));
        *x = x.wrapping_sub(low);
    }
    let last = d.len();
    let top = u64::from(u[last]);
    u[last] = top.wrapping_sub(carry) as u32;
    if top >= carry {
        return digit;
    }
    let mut carry = 0u64;
    for (x, &y) in u.iter_mut().zip(d) {
        let s = u64::from(*x).wrapping_add(u64::from(y)).wrapping_add(carry);
        *x = s as u32;
        carry = s >> 32;
    }
    u[last] = u[last].wrapping_add(carry as u32);
    digit.wrapping_sub(1)
}

#[inline(always)]
fn shift_left(digits: &mut [u32], shift: u32) {
    let mut below = 0u64;
    for digit in digits {
        let wide = u64::from(*digit) << shift;
        *digit = (wide | below) as u32;
        below = wide >> 32;
    }
}
