//! The two rings that a modular power is computed in: modulo an odd number, and modulo a power of
//! two.

use alloc::{vec, vec::Vec};
use core::marker::PhantomData;

use super::radix::{Radix, at_least};

/// Multiplication in a ring whose elements are slices of one length, in a form of the ring's own.
pub(super) trait Ring {
    /// Limbs of an element.
    fn limbs(&self) -> usize;

    /// `out = a * b`.
    fn mul(&self, out: &mut [u64], a: &[u64], b: &[u64]);

    /// `out = a * a`.
    fn square(&self, out: &mut [u64], a: &[u64]) {
        self.mul(out, a, a);
    }
}

/// Integers modulo an odd number m, in Montgomery form: x stands as x * 2^(BITS * n) mod m.
///
/// An element has n limbs, and above them [`Radix::BLOCK`] that are zero.
#[derive(Debug)]
pub(super) struct Montgomery<R> {
    modulus: Vec<u64>,
    /// -1/m mod 2^BITS.
    inverse: u64,
    radix: PhantomData<R>,
}

impl<R: Radix> Montgomery<R> {
    /// The ring modulo `modulus`: odd and above 1.
    pub(super) fn new(mut modulus: Vec<u64>) -> Self {
        modulus.resize(modulus.len().next_multiple_of(R::BLOCK) + R::BLOCK, 0);
        let inverse = inverse_word(modulus[0]).wrapping_neg() & R::MASK;
        Self {
            modulus,
            inverse,
            radix: PhantomData,
        }
    }

    /// n.
    const fn used_limbs(&self) -> usize {
        self.modulus.len() - R::BLOCK
    }

    /// `x = 2 * x mod m`.
    fn double(&self, x: &mut [u64]) {
        R::double(x);
        if at_least(x, &self.modulus) {
            R::sub(x, &self.modulus);
        }
    }

    /// The form of 1 and that of 2^(BITS * n).
    fn constants(&self) -> (Vec<u64>, Vec<u64>) {
        let bits = self.used_limbs() * R::BITS as usize;
        // From the highest power of two below m to 2^bits.
        let mut one = vec![0; self.limbs()];
        let top = self
            .modulus
            .iter()
            .rposition(|&limb| limb != 0)
            .unwrap_or_default();
        let top_bit = self.modulus[top].ilog2();
        one[top] = 1 << top_bit;
        for _ in top * R::BITS as usize + top_bit as usize..bits {
            self.double(&mut one);
        }
        // The form of 2^e, e running through the leading bits of `bits`.
        let mut x = one.clone();
        let mut squared = vec![0; self.limbs()];
        for bit in (0..=bits.ilog2()).rev() {
            self.square(&mut squared, &x);
            core::mem::swap(&mut x, &mut squared);
            if bits >> bit & 1 == 1 {
                self.double(&mut x);
            }
        }
        (one, x)
    }

    /// The forms of 1 and of a number of any length.
    pub(super) fn enter(&self, number: &[u64]) -> (Vec<u64>, Vec<u64>) {
        let (one, square) = self.constants();
        let element = || vec![0; square.len()];
        let (mut sum, mut out, mut chunk) = (element(), element(), element());
        // Horner over chunks of n limbs, highest first. A product by `square` is both the form of
        // a chunk, which may exceed m, and a form's product by 2^(BITS * n).
        for limbs in number.chunks(self.used_limbs()).rev() {
            self.mul(&mut out, &sum, &square);
            chunk[..limbs.len()].copy_from_slice(limbs);
            chunk[limbs.len()..].fill(0);
            self.mul(&mut sum, &chunk, &square);
            R::add(&mut sum, &out);
            if at_least(&sum, &self.modulus) {
                R::sub(&mut sum, &self.modulus);
            }
        }
        (one, sum)
    }

    /// The number that `x` stands for.
    pub(super) fn leave(&self, x: &[u64]) -> Vec<u64> {
        let mut one = vec![0; self.limbs()];
        one[0] = 1;
        let mut out = vec![0; self.limbs()];
        self.mul(&mut out, x, &one);
        out.truncate(self.used_limbs());
        out
    }
}

impl<R: Radix> Ring for Montgomery<R> {
    fn limbs(&self) -> usize {
        self.modulus.len()
    }

    fn mul(&self, out: &mut [u64], a: &[u64], b: &[u64]) {
        R::montgomery(out, a, b, &self.modulus, self.inverse);
    }

    fn square(&self, out: &mut [u64], a: &[u64]) {
        R::montgomery_square(out, a, &self.modulus, self.inverse);
    }
}

/// Integers modulo 2^bits, as they are.
#[derive(Debug)]
pub(super) struct PowerOfTwo<R> {
    bits: usize,
    radix: PhantomData<R>,
}

impl<R: Radix> PowerOfTwo<R> {
    /// The ring modulo 2^bits, bits > 0.
    pub(super) const fn new(bits: usize) -> Self {
        Self {
            bits,
            radix: PhantomData,
        }
    }

    /// `number mod 2^bits`.
    pub(super) fn truncated(&self, number: &[u64]) -> Vec<u64> {
        let mut out = number.to_vec();
        out.resize(self.limbs(), 0);
        self.mask(&mut out);
        out
    }

    fn mask(&self, x: &mut [u64]) {
        let unused = self.limbs() * R::BITS as usize - self.bits;
        if let Some(top) = x.last_mut() {
            *top &= R::MASK >> unused;
        }
    }

    /// `1 / x`, x odd.
    pub(super) fn invert(&self, x: &[u64]) -> Vec<u64> {
        let n = self.limbs();
        let mut y = vec![0; n];
        y[0] = inverse_word(x[0]) & R::MASK;
        let mut correct = R::BITS as usize;
        let (mut product, mut factor) = (vec![0; n], vec![0; n]);
        while correct < n * R::BITS as usize {
            // Newton: y * (2 - x * y) doubles the number of correct bits.
            self.mul(&mut product, x, &y);
            factor.fill(0);
            factor[0] = 2;
            R::sub(&mut factor, &product);
            self.mul(&mut product, &y, &factor);
            core::mem::swap(&mut y, &mut product);
            correct *= 2;
        }
        self.mask(&mut y);
        y
    }
}

impl<R: Radix> Ring for PowerOfTwo<R> {
    fn limbs(&self) -> usize {
        self.bits.div_ceil(R::BITS as usize)
    }

    fn mul(&self, out: &mut [u64], a: &[u64], b: &[u64]) {
        out.fill(0);
        for (i, &a) in a.iter().enumerate() {
            let mut carry = 0;
            for (out, &b) in out[i..].iter_mut().zip(b) {
                (*out, carry) = R::mul_add(*out, a, b, carry);
            }
        }
        self.mask(out);
    }
}

/// `1 / x mod 2^64`, x odd.
const fn inverse_word(x: u64) -> u64 {
    // Correct to 5 bits, then 10, 20, 40, 80.
    let mut y = x.wrapping_mul(3) ^ 2;
    let mut i = 0;
    while i < 4 {
        y = y.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(y)));
        i += 1;
    }
    y
}
