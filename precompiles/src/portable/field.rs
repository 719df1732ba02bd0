//! Prime fields in Montgomery form, for targets whose widest product has 64 bits.
//!
//! A number is `N` limbs of fewer than 30 bits, lowest first. Products of such limbs add up in
//! 64 bits without a carry, so that a product of two numbers is nothing but multiply and add; the
//! carries run once, at its end.

use core::fmt::Debug;

use super::inverse::Inverter;

/// What curves and extensions need of a field. Values are in canonical form: equal if and only if
/// the representation is.
pub(crate) trait Field: Copy + PartialEq + Debug + 'static {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// `self + other`.
    fn add(&self, other: &Self) -> Self;
    /// `self - other`.
    fn sub(&self, other: &Self) -> Self;
    /// `self * other`.
    fn mul(&self, other: &Self) -> Self;
    /// `1 / self`; 0 for 0.
    fn invert(&self) -> Self;

    /// `self - a - b`.
    fn sub_both(&self, a: &Self, b: &Self) -> Self;
    /// `k * self + m * other`, for `k + |m|` up to 15.
    fn linear(&self, k: u32, other: &Self, m: i32) -> Self;

    /// `a * b + c * d`.
    fn sum_of_products(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        a.mul(b).add(&c.mul(d))
    }

    /// `a * b - c * d`.
    fn difference_of_products(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        a.mul(b).sub(&c.mul(d))
    }

    /// `3 * self`.
    fn triple(&self) -> Self {
        self.linear(2, self, 1)
    }

    /// `self ^ 2`.
    fn square(&self) -> Self {
        self.mul(self)
    }

    /// `-self`.
    fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    /// `2 * self`.
    fn double(&self) -> Self {
        self.add(self)
    }

    /// Whether this is 0.
    fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// A prime modulus p and the shape of its limbs; p has 4 bits less than `N` limbs hold, or fewer.
pub(crate) trait Modulus<const N: usize>: Copy + PartialEq + Debug + 'static {
    /// Bits per limb, at most 29. `2 * N` products of two limbs fit 64 bits.
    const BITS: u32;
    /// p.
    const MODULUS: [u32; N];
}

/// The number that big-endian hexadecimal digits spell, in limbs of `bits` bits.
pub(crate) const fn limbs<const N: usize>(hex: &str, bits: u32) -> [u32; N] {
    let digits = hex.as_bytes();
    let mut out = [0; N];
    let mut i = 0;
    while i < digits.len() {
        let digit = match digits[digits.len() - 1 - i] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => panic!("not a lower-case hexadecimal digit"),
        };
        // A digit may stand in two limbs.
        let mut j = 0;
        while j < 4 {
            let bit = 4 * i as u32 + j;
            if digit >> j & 1 == 1 {
                out[(bit / bits) as usize] |= 1 << (bit % bits);
            }
            j += 1;
        }
        i += 1;
    }
    out
}

/// An element of the field with modulus `M`, x as x * 2^(BITS * N) mod p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fp<M, const N: usize> {
    limbs: [u32; N],
    modulus: core::marker::PhantomData<M>,
}

impl<M: Modulus<N>, const N: usize> Fp<M, N> {
    const MASK: u32 = (1 << M::BITS) - 1;

    /// -1/p mod 2^BITS.
    const INVERSE: u32 = {
        let p = M::MODULUS[0];
        // Correct to 5 bits, then 10, 20, 40.
        let mut y = p.wrapping_mul(3) ^ 2;
        let mut i = 0;
        while i < 3 {
            y = y.wrapping_mul(2u32.wrapping_sub(p.wrapping_mul(y)));
            i += 1;
        }
        y.wrapping_neg() & Self::MASK
    };

    /// 2^(BITS * N) mod p, the form of 1.
    const FORM_OF_ONE: [u32; N] = Self::doubled_one(M::BITS * N as u32);

    /// 2^(2 * BITS * N) mod p, the form of the factor 2^(BITS * N).
    const FORM_OF_FACTOR: Self = Self::new(Self::doubled_one(2 * M::BITS * N as u32));

    /// 2^(3 * BITS * N) mod p, the form of the factor's square.
    const FORM_OF_FACTOR_SQUARED: Self = Self::new(Self::doubled_one(3 * M::BITS * N as u32));

    /// `2^times mod p`.
    const fn doubled_one(times: u32) -> [u32; N] {
        let mut x = [0; N];
        x[0] = 1;
        let mut i = 0;
        while i < times {
            x = Self::add_limbs(&x, &x);
            i += 1;
        }
        x
    }

    pub(super) const fn new(limbs: [u32; N]) -> Self {
        Self {
            limbs,
            modulus: core::marker::PhantomData,
        }
    }

    /// A constant of the field, in lower-case hexadecimal.
    pub(crate) const fn from_hex(hex: &str) -> Self {
        let number = Self::new(limbs(hex, M::BITS));
        assert!(
            !at_least(&number.limbs, &M::MODULUS),
            "not below the modulus"
        );
        Self::new(Self::product(&number.limbs, &Self::FORM_OF_FACTOR.limbs))
    }

    /// The number as limbs, out of Montgomery form.
    pub(crate) const fn to_limbs(self) -> [u32; N] {
        let mut one = [0; N];
        one[0] = 1;
        Self::product(&self.limbs, &one)
    }

    /// Limbs of a big-endian number; `None` if it has more bits than they.
    fn split(bytes: &[u8]) -> Option<[u32; N]> {
        let mut out = [0; N];
        let (mut limb, mut filled, mut at) = (0u64, 0, 0);
        for &byte in bytes.iter().rev() {
            limb |= u64::from(byte) << filled;
            filled += 8;
            if filled >= M::BITS {
                *out.get_mut(at)? = limb as u32 & Self::MASK;
                at += 1;
                limb >>= M::BITS;
                filled -= M::BITS;
            }
        }
        match out.get_mut(at) {
            Some(top) => *top = limb as u32,
            None if limb != 0 => return None,
            None => {}
        }
        Some(out)
    }

    /// A big-endian number; `None` unless it is below the modulus.
    pub(crate) fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        let number = Self::split(bytes)?;
        if at_least(&number, &M::MODULUS) {
            return None;
        }
        Some(Self::new(number).mul(&Self::FORM_OF_FACTOR))
    }

    /// A big-endian number that is below twice the modulus, modulo it.
    pub(crate) fn from_be_bytes_modulo(bytes: &[u8; 32]) -> Self {
        Self::new(Self::reduced(Self::split(bytes).unwrap_or([0; N]))).mul(&Self::FORM_OF_FACTOR)
    }

    /// Writes the number big-endian, right-aligned.
    pub(crate) fn to_be_bytes(self, out: &mut [u8]) {
        let limbs = self.to_limbs();
        let (mut word, mut filled, mut at) = (0u64, 0, 0);
        for byte in out.iter_mut().rev() {
            if filled < 8 {
                word |= u64::from(limbs.get(at).copied().unwrap_or_default()) << filled;
                filled += M::BITS;
                at += 1;
            }
            *byte = word as u8;
            word >>= 8;
            filled -= 8;
        }
    }

    /// `self ^ exponent`.
    pub(crate) fn pow(&self, exponent: &[u32; N]) -> Self {
        // Windows of 4 bits.
        let mut table = [Self::ONE; 16];
        for i in 1..16 {
            table[i] = table[i - 1].mul(self);
        }
        let bits = M::BITS * N as u32;
        let mut out = Self::ONE;
        for window in (0..bits.div_ceil(4)).rev() {
            for _ in 0..4 {
                out = out.square();
            }
            let bit = |i: u32| {
                exponent
                    .get((i / M::BITS) as usize)
                    .map_or(0, |limb| limb >> (i % M::BITS) & 1)
            };
            let digit = (0..4)
                .rev()
                .fold(0, |digit, i| digit << 1 | bit(4 * window + i));
            if digit != 0 {
                out = out.mul(&table[digit as usize]);
            }
        }
        out
    }

    /// `(p + add) / 2^shift`, an exponent.
    pub(crate) const fn exponent(add: i32, shift: u32) -> [u32; N] {
        let mut out = M::MODULUS;
        let mut carry = add as i64;
        let mut i = 0;
        while i < N {
            let sum = out[i] as i64 + carry;
            out[i] = sum as u32 & Self::MASK;
            carry = sum >> M::BITS;
            i += 1;
        }
        let mut i = 0;
        while i < N {
            let high = if i + 1 < N { out[i + 1] } else { 0 };
            out[i] = (out[i] >> shift | high << (M::BITS - shift)) & Self::MASK;
            i += 1;
        }
        out
    }

    /// A square root, for p = 3 mod 4.
    pub(crate) fn sqrt(&self) -> Option<Self> {
        let root = self.pow(&const { Self::exponent(1, 2) });
        (root.square() == *self).then_some(root)
    }

    /// Whether the number is odd.
    pub(crate) const fn is_odd(&self) -> bool {
        self.to_limbs()[0] & 1 == 1
    }

    #[inline(always)]
    const fn add_limbs(a: &[u32; N], b: &[u32; N]) -> [u32; N] {
        let mut out = [0; N];
        let mut carry = 0u32;
        let mut i = 0;
        while i < N {
            let sum = a[i].wrapping_add(b[i]).wrapping_add(carry);
            out[i] = sum & Self::MASK;
            carry = sum >> M::BITS;
            i += 1;
        }
        // No carry is left: the sum is below 2 p.
        Self::reduced(out)
    }

    /// `x mod p` for x below 2 p.
    #[inline(always)]
    const fn reduced(x: [u32; N]) -> [u32; N] {
        if at_least(&x, &M::MODULUS) {
            Self::sub_limbs(&x, &M::MODULUS).0
        } else {
            x
        }
    }

    /// Difference modulo 2^(BITS * N), and 1 as a borrow.
    #[inline(always)]
    const fn sub_limbs(a: &[u32; N], b: &[u32; N]) -> ([u32; N], u32) {
        let mut out = [0; N];
        let mut borrow = 0u32;
        let mut i = 0;
        while i < N {
            let difference = a[i].wrapping_sub(b[i]).wrapping_sub(borrow);
            out[i] = difference & Self::MASK;
            borrow = difference >> 31;
            i += 1;
        }
        (out, borrow)
    }

    /// Montgomery product: `a * b / 2^(BITS * N) mod p`, for `a * b < p * 2^(BITS * N)`.
    #[inline(always)]
    const fn product(a: &[u32; N], b: &[u32; N]) -> [u32; N] {
        // Column sums of one row after the other; each row's reduction clears the lowest column.
        let mut t = [0u64; N];
        let mut i = 0;
        while i < N {
            let x = a[i] as u64;
            let low = t[0].wrapping_add(x.wrapping_mul(b[0] as u64));
            let q = low.wrapping_mul(Self::INVERSE as u64) & Self::MASK as u64;
            let carry = low.wrapping_add(q.wrapping_mul(M::MODULUS[0] as u64)) >> M::BITS;
            let mut j = 1;
            while j < N {
                t[j - 1] = t[j]
                    .wrapping_add(x.wrapping_mul(b[j] as u64))
                    .wrapping_add(q.wrapping_mul(M::MODULUS[j] as u64));
                j += 1;
            }
            t[N - 1] = 0;
            t[0] = t[0].wrapping_add(carry);
            i += 1;
        }
        let mut out = [0; N];
        let mut carry = 0u64;
        let mut i = 0;
        while i < N {
            let sum = t[i].wrapping_add(carry);
            out[i] = sum as u32 & Self::MASK;
            carry = sum >> M::BITS;
            i += 1;
        }
        Self::reduced(out)
    }

    /// The sum or the difference of two Montgomery products, for one reduction.
    #[inline(always)]
    fn two_products<const SUBTRACT: bool>(
        a: &[u32; N],
        b: &[u32; N],
        c: &[u32; N],
        d: &[u32; N],
    ) -> [u32; N] {
        // As in a single product, with columns that have a sign.
        const { assert!((N as u64) * 3 < 1 << (63 - 2 * M::BITS)) };
        let mask = i64::from(Self::MASK);
        let mut t = [0i64; N];
        for i in 0..N {
            let x = i64::from(a[i]);
            let y = if SUBTRACT {
                -i64::from(c[i])
            } else {
                i64::from(c[i])
            };
            let column = |t: i64, j: usize| {
                t.wrapping_add(x.wrapping_mul(b[j].into()))
                    .wrapping_add(y.wrapping_mul(d[j].into()))
            };
            let low = column(t[0], 0);
            let q = low.wrapping_mul(Self::INVERSE.into()) & mask;
            let carry = low.wrapping_add(q.wrapping_mul(M::MODULUS[0].into())) >> M::BITS;
            for j in 1..N {
                t[j - 1] = column(t[j], j).wrapping_add(q.wrapping_mul(M::MODULUS[j].into()));
            }
            t[N - 1] = 0;
            t[0] = t[0].wrapping_add(carry);
        }
        let mut out = [0; N];
        let mut carry = 0i64;
        for i in 0..N {
            let sum = t[i].wrapping_add(carry);
            out[i] = (sum & mask) as u32;
            carry = sum >> M::BITS;
        }
        // Between -p and 2 p, as the products are below p * 2^(BITS * N) / 2 each.
        if carry < 0 {
            Self::plus_modulus(&out).0
        } else {
            Self::reduced(out)
        }
    }

    /// `x + p` modulo 2^(BITS * N), and the carry.
    #[inline(always)]
    fn plus_modulus(x: &[u32; N]) -> ([u32; N], u32) {
        let mut out = [0; N];
        let mut carry = 0;
        for i in 0..N {
            let sum = x[i].wrapping_add(M::MODULUS[i]).wrapping_add(carry);
            out[i] = sum & Self::MASK;
            carry = sum >> M::BITS;
        }
        (out, carry)
    }
}

impl<M: Modulus<N>, const N: usize> Field for Fp<M, N> {
    const ZERO: Self = Self::new([0; N]);
    const ONE: Self = Self::new(Self::FORM_OF_ONE);

    #[inline(never)]
    fn add(&self, other: &Self) -> Self {
        Self::new(Self::add_limbs(&self.limbs, &other.limbs))
    }

    #[inline(never)]
    fn sub(&self, other: &Self) -> Self {
        let (out, borrow) = Self::sub_limbs(&self.limbs, &other.limbs);
        Self::new(if borrow == 0 {
            out
        } else {
            Self::plus_modulus(&out).0
        })
    }

    #[inline(never)]
    fn mul(&self, other: &Self) -> Self {
        Self::new(Self::product(&self.limbs, &other.limbs))
    }

    #[inline(never)]
    fn sub_both(&self, a: &Self, b: &Self) -> Self {
        let mut out = [0; N];
        let mut carry = 0i32;
        for i in 0..N {
            let [x, a, b] = [self.limbs[i], a.limbs[i], b.limbs[i]].map(|limb| limb as i32);
            let sum = x.wrapping_sub(a).wrapping_sub(b).wrapping_add(carry);
            out[i] = sum as u32 & Self::MASK;
            carry = sum >> M::BITS;
        }
        // Above -2 p, so that at most two additions make it positive.
        while carry < 0 {
            let up;
            (out, up) = Self::plus_modulus(&out);
            carry = carry.wrapping_add(up as i32);
        }
        Self::new(out)
    }

    #[inline(never)]
    fn linear(&self, k: u32, other: &Self, m: i32) -> Self {
        // With as many moduli as a negative m takes away at most.
        let (k, m, offset) = (
            i64::from(k),
            i64::from(m),
            i64::from(m.min(0).unsigned_abs()),
        );
        let mut sum = [0i64; N];
        let mut carry = 0i64;
        for i in 0..N {
            let column = k
                .wrapping_mul(self.limbs[i].into())
                .wrapping_add(m.wrapping_mul(other.limbs[i].into()))
                .wrapping_add(offset.wrapping_mul(M::MODULUS[i].into()))
                .wrapping_add(carry);
            sum[i] = column & i64::from(Self::MASK);
            carry = column >> M::BITS;
        }
        // At most one less than the number of moduli in the sum.
        let quotient = (sum[N - 1] as u32 / (M::MODULUS[N - 1] + 1)).into();
        let mut out = [0; N];
        let mut carry = 0i64;
        for i in 0..N {
            let column = sum[i].wrapping_sub(i64::wrapping_mul(quotient, M::MODULUS[i].into()));
            let column = column.wrapping_add(carry);
            out[i] = column as u32 & Self::MASK;
            carry = column >> M::BITS;
        }
        Self::new(Self::reduced(out))
    }

    #[inline(never)]
    fn sum_of_products(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        Self::new(Self::two_products::<false>(
            &a.limbs, &b.limbs, &c.limbs, &d.limbs,
        ))
    }

    #[inline(never)]
    fn difference_of_products(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        Self::new(Self::two_products::<true>(
            &a.limbs, &b.limbs, &c.limbs, &d.limbs,
        ))
    }

    fn invert(&self) -> Self {
        let inverter = Inverter {
            modulus: &M::MODULUS,
            bits: M::BITS,
            minus_inverse: Self::INVERSE,
        };
        // From 1 / (x * 2^(BITS * N)) to 2^(BITS * N) / x.
        Self::new(inverter.invert(&self.limbs)).mul(&Self::FORM_OF_FACTOR_SQUARED)
    }
}

/// Whether `a >= b`.
#[inline(always)]
const fn at_least<const N: usize>(a: &[u32; N], b: &[u32; N]) -> bool {
    let mut i = N;
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return a[i] > b[i];
        }
    }
    true
}
