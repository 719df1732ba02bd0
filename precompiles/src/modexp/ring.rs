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
    fn mul(&mut self, out: &mut [u64], a: &[u64], b: &[u64]);

    /// `out = a * a`.
    fn square(&mut self, out: &mut [u64], a: &[u64]) {
        self.mul(out, a, a);
    }
}

/// Integers modulo an odd number m, in Montgomery form: x stands as x * 2^(BITS * n) mod m.
#[derive(Debug)]
pub(super) struct Montgomery<R> {
    modulus: Vec<u64>,
    /// -1/m mod 2^BITS.
    inverse: u64,
    scratch: Vec<u64>,
    radix: PhantomData<R>,
}

impl<R: Radix> Montgomery<R> {
    /// The ring modulo `modulus`: odd, above 1, top limb not zero.
    pub(super) fn new(modulus: Vec<u64>) -> Self {
        let scratch = vec![0; modulus.len()];
        let inverse = inverse_word(modulus[0]).wrapping_neg() & R::MASK;
        Self {
            modulus,
            inverse,
            scratch,
            radix: PhantomData,
        }
    }

    /// `x = 2 * x mod m`.
    fn double(&self, x: &mut [u64]) {
        if R::double(x) || at_least(x, &self.modulus) {
            R::sub(x, &self.modulus);
        }
    }

    /// The form of 1 and that of 2^(BITS * n).
    fn constants(&mut self) -> (Vec<u64>, Vec<u64>) {
        let n = self.limbs();
        let bits = n as u32 * R::BITS;
        let spare = R::BITS - (64 - self.modulus[n - 1].leading_zeros());
        // From half the smallest power of two above m to 2^bits.
        let mut one = vec![0; n];
        one[n - 1] = 1 << (R::BITS - 1 - spare);
        for _ in 0..=spare {
            self.double(&mut one);
        }
        // x -> 2^e in Montgomery form, e running through the leading bits of `bits`.
        let mut x = one.clone();
        let mut squared = vec![0; n];
        for bit in (0..u32::BITS - bits.leading_zeros()).rev() {
            self.square(&mut squared, &x);
            core::mem::swap(&mut x, &mut squared);
            if bits >> bit & 1 == 1 {
                self.double(&mut x);
            }
        }
        (one, x)
    }

    /// The forms of 1 and of a number of any length.
    pub(super) fn enter(&mut self, number: &[u64]) -> (Vec<u64>, Vec<u64>) {
        let n = self.limbs();
        let (one, square) = self.constants();
        let (mut sum, mut out, mut chunk) = (vec![0; n], vec![0; n], vec![0; n]);
        // Horner over chunks of n limbs, highest first. A product by `square` is both the form of
        // a chunk, which may exceed m, and a form's product by 2^(BITS * n).
        for limbs in number.chunks(n).rev() {
            self.mul(&mut out, &sum, &square);
            chunk[..limbs.len()].copy_from_slice(limbs);
            chunk[limbs.len()..].fill(0);
            self.mul(&mut sum, &chunk, &square);
            if R::add(&mut sum, &out) || at_least(&sum, &self.modulus) {
                R::sub(&mut sum, &self.modulus);
            }
        }
        (one, sum)
    }

    /// The number that `x` stands for.
    pub(super) fn leave(&mut self, x: &[u64]) -> Vec<u64> {
        let mut one = vec![0; self.limbs()];
        one[0] = 1;
        let mut out = vec![0; self.limbs()];
        self.mul(&mut out, x, &one);
        out
    }
}

impl<R: Radix> Ring for Montgomery<R> {
    fn limbs(&self) -> usize {
        self.modulus.len()
    }

    fn mul(&mut self, out: &mut [u64], a: &[u64], b: &[u64]) {
        R::montgomery(out, a, b, &self.modulus, self.inverse, &mut self.scratch);
    }

    fn square(&mut self, out: &mut [u64], a: &[u64]) {
        R::montgomery_square(out, a, &self.modulus, self.inverse, &mut self.scratch);
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
    pub(super) fn invert(&mut self, x: &[u64]) -> Vec<u64> {
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

    fn mul(&mut self, out: &mut [u64], a: &[u64], b: &[u64]) {
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
