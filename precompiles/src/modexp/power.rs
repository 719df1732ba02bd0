//! Modular powers of any size.
//!
//! A modulus m = q * 2^k with q odd: the power is computed modulo q in Montgomery form and modulo
//! 2^k as it is, and put together by the Chinese remainder theorem.

use alloc::{vec, vec::Vec};

use super::{
    radix::Radix,
    ring::{Montgomery, PowerOfTwo, Ring},
};
use crate::{Result, bytes::zeros};

/// `base ^ exponent mod modulus`, all big-endian; as long as the modulus, zero if that is 0 or 1.
/// 0 ^ 0 is 1.
pub(crate) fn modexp<R: Radix>(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Result<Vec<u8>> {
    let mut out = zeros(modulus.len())?;
    let modulus = from_bytes::<R>(modulus);
    let base = from_bytes::<R>(base);
    let exponent = Exponent::new(exponent);
    let Some(low) = modulus.iter().position(|&limb| limb != 0) else {
        return Ok(out);
    };
    let twos = low * R::BITS as usize + modulus[low].trailing_zeros() as usize;
    let odd = shifted_right::<R>(&modulus, twos);
    let by_odd = (odd != [1]).then(|| {
        let ring = Montgomery::<R>::new(odd.clone());
        let (one, x) = ring.enter(&base);
        let x = power(&ring, one, x, &exponent);
        ring.leave(&x)
    });
    if twos == 0 {
        to_bytes::<R>(by_odd.as_deref().unwrap_or_default(), &mut out);
        return Ok(out);
    }
    let ring = PowerOfTwo::<R>::new(twos);
    let one = ring.truncated(&[1]);
    let x = ring.truncated(&base);
    let by_two = power(&ring, one, x, &exponent);
    let result = match by_odd {
        None => by_two,
        Some(by_odd) => combine(&ring, &odd, by_odd, by_two, modulus.len()),
    };
    to_bytes::<R>(&result, &mut out);
    Ok(out)
}

/// The number below `odd * 2^k` that is `by_odd` modulo `odd` and `by_two` modulo 2^k.
fn combine<R: Radix>(
    ring: &PowerOfTwo<R>,
    odd: &[u64],
    by_odd: Vec<u64>,
    mut by_two: Vec<u64>,
    limbs: usize,
) -> Vec<u64> {
    let inverse = ring.truncated(odd);
    let inverse = ring.invert(&inverse);
    R::sub(&mut by_two, &ring.truncated(&by_odd));
    let mut factor = vec![0; ring.limbs()];
    ring.mul(&mut factor, &by_two, &inverse);
    let mut out = by_odd;
    out.resize(limbs, 0);
    for (i, &a) in factor.iter().enumerate() {
        let mut carry = 0;
        let (low, high) = out[i..].split_at_mut(odd.len().min(limbs - i));
        for (out, &b) in low.iter_mut().zip(odd) {
            (*out, carry) = R::mul_add(*out, a, b, carry);
        }
        for out in high {
            if carry == 0 {
                break;
            }
            (*out, carry) = R::mul_add(*out, 0, 0, carry);
        }
    }
    out
}

/// A big-endian exponent as a string of bits.
#[derive(Debug)]
struct Exponent<'a> {
    bytes: &'a [u8],
    bits: usize,
}

impl<'a> Exponent<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let bytes = &bytes[zeros..];
        let spare = bytes
            .first()
            .map_or(0, |byte| byte.leading_zeros() as usize);
        Self {
            bytes,
            bits: 8 * bytes.len() - spare,
        }
    }

    /// Bit `i`, counted from the lowest.
    fn bit(&self, i: usize) -> bool {
        self.bytes[self.bytes.len() - 1 - i / 8] >> (i % 8) & 1 == 1
    }

    /// Window that needs the fewest products: a table of 2^(window - 1) against one product a
    /// window.
    const fn window(&self) -> usize {
        match self.bits {
            0..=24 => 1,
            25..=80 => 3,
            81..=240 => 4,
            241..=672 => 5,
            _ => 6,
        }
    }
}

/// `x ^ exponent` by sliding windows from the top.
fn power(ring: &impl Ring, one: Vec<u64>, x: Vec<u64>, exponent: &Exponent<'_>) -> Vec<u64> {
    let n = ring.limbs();
    let window = exponent.window();
    let mut spare = vec![0; n];
    // x, x^3, x^5, ...
    let mut table = vec![x];
    if window > 1 {
        let mut square = vec![0; n];
        ring.square(&mut square, &table[0]);
        for i in 1..1 << (window - 1) {
            let mut next = vec![0; n];
            ring.mul(&mut next, &table[i - 1], &square);
            table.push(next);
        }
    }
    let mut out = one;
    let mut started = false;
    let mut left = exponent.bits;
    while left > 0 {
        if !exponent.bit(left - 1) {
            ring.square(&mut spare, &out);
            core::mem::swap(&mut out, &mut spare);
            left -= 1;
            continue;
        }
        let mut end = left.saturating_sub(window);
        while !exponent.bit(end) {
            end += 1;
        }
        let value = (end..left)
            .rev()
            .fold(0, |value, i| value << 1 | usize::from(exponent.bit(i)));
        let odd_power = &table[value / 2];
        if started {
            for _ in end..left {
                ring.square(&mut spare, &out);
                core::mem::swap(&mut out, &mut spare);
            }
            ring.mul(&mut spare, &out, odd_power);
            core::mem::swap(&mut out, &mut spare);
        } else {
            out.copy_from_slice(odd_power);
            started = true;
        }
        left = end;
    }
    out
}

/// Limbs of a big-endian number, without leading zero limbs.
fn from_bytes<R: Radix>(bytes: &[u8]) -> Vec<u64> {
    let mut out = Vec::with_capacity(bytes.len() * 8 / R::BITS as usize + 1);
    let (mut limb, mut filled) = (0u64, 0);
    for &byte in bytes.iter().rev() {
        let byte = u64::from(byte);
        limb |= byte << filled;
        filled += 8;
        if filled >= R::BITS {
            out.push(limb & R::MASK);
            filled -= R::BITS;
            limb = byte >> (8 - filled);
        }
    }
    out.push(limb);
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

/// Writes a number big-endian, right-aligned; what does not fit is zero.
fn to_bytes<R: Radix>(limbs: &[u64], out: &mut [u8]) {
    for (i, byte) in out.iter_mut().rev().enumerate() {
        let (limb, shift) = (8 * i / R::BITS as usize, 8 * i as u32 % R::BITS);
        let at = |i: usize| limbs.get(i).copied().unwrap_or_default();
        let mut value = at(limb) >> shift;
        if shift + 8 > R::BITS {
            value |= at(limb + 1) << (R::BITS - shift);
        }
        *byte = value as u8;
    }
}

/// `number / 2^bits`, without leading zero limbs.
fn shifted_right<R: Radix>(number: &[u64], bits: usize) -> Vec<u64> {
    let (limbs, shift) = (bits / R::BITS as usize, bits as u32 % R::BITS);
    let mut out = number[limbs..].to_vec();
    if shift > 0 {
        let mut high = 0;
        for limb in out.iter_mut().rev() {
            let next = *limb << (R::BITS - shift) & R::MASK;
            *limb = *limb >> shift | high;
            high = next;
        }
    }
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}
