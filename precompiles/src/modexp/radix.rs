//! Multi-precision kernels in two widths: one for targets with a wide multiply, one for those
//! whose widest product has 64 bits, such as wasm32.
//!
//! Numbers are little-endian slices of `u64` that hold [`Radix::BITS`] bits each.

/// How many bits a limb holds, and the kernels that depend on it.
pub(crate) trait Radix {
    /// Bits per limb.
    const BITS: u32;

    /// Largest value of a limb.
    const MASK: u64 = u64::MAX >> (64 - Self::BITS);

    /// Low limb and carry of `a + b * c + carry`.
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64);

    /// `out = a * b / 2^(BITS * n) mod m` for n = the length of all but `scratch`, which is two
    /// longer. m odd, `inverse` = -1/m mod 2^BITS, a * b < m * 2^(BITS * n).
    fn montgomery(
        out: &mut [u64],
        a: &[u64],
        b: &[u64],
        m: &[u64],
        inverse: u64,
        scratch: &mut [u64],
    );

    /// As [`Self::montgomery`] with b = a.
    fn montgomery_square(out: &mut [u64], a: &[u64], m: &[u64], inverse: u64, scratch: &mut [u64]);

    /// `a += b`; answers the carry. Slices of equal length.
    fn add(a: &mut [u64], b: &[u64]) -> bool {
        let mut carry = 0;
        for (a, b) in a.iter_mut().zip(b) {
            (*a, carry) = Self::mul_add(*a, *b, 1, carry);
        }
        carry != 0
    }

    /// `a -= b`; answers the borrow. Slices of equal length.
    fn sub(a: &mut [u64], b: &[u64]) -> bool {
        let mut borrow = false;
        for (a, b) in a.iter_mut().zip(b) {
            let (x, first) = a.overflowing_sub(*b);
            let (x, second) = x.overflowing_sub(borrow.into());
            borrow = first | second;
            *a = x & Self::MASK;
        }
        borrow
    }

    /// `a = 2 * a`; answers the carry.
    fn double(a: &mut [u64]) -> bool {
        let mut carry = 0;
        for a in a {
            let high = *a >> (Self::BITS - 1);
            *a = (*a << 1 | carry) & Self::MASK;
            carry = high;
        }
        carry != 0
    }
}

/// Whether `a >= b`; slices of equal length.
pub(super) fn at_least(a: &[u64], b: &[u64]) -> bool {
    a.iter().rev().ge(b.iter().rev())
}

/// 29-bit limbs: sums of up to 64 products fit 64 bits, so columns need no carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow;

/// Products summed before the sum is folded; less than 64, to leave room for what is there.
const BLOCK: usize = 56;

/// A column sum: `low + high * 2^29`, low a limb.
#[derive(Clone, Copy)]
struct Column {
    low: u64,
    high: u64,
}

impl Column {
    /// `a[0] * b[n - 1] + ... + a[n - 1] * b[0]`.
    #[inline(always)]
    fn dot(a: &[u64], b: &[u64]) -> Self {
        let mut sum = Self { low: 0, high: 0 };
        for (a, b) in a.chunks(BLOCK).zip(b.rchunks(BLOCK)) {
            let (a_chunks, a_rest) = a.as_chunks::<8>();
            let (b_rest, b_chunks) = b.as_rchunks::<8>();
            let mut block = sum.low;
            for (a, b) in a_chunks.iter().zip(b_chunks.iter().rev()) {
                block = block
                    .wrapping_add(a[0].wrapping_mul(b[7]))
                    .wrapping_add(a[1].wrapping_mul(b[6]))
                    .wrapping_add(a[2].wrapping_mul(b[5]))
                    .wrapping_add(a[3].wrapping_mul(b[4]))
                    .wrapping_add(a[4].wrapping_mul(b[3]))
                    .wrapping_add(a[5].wrapping_mul(b[2]))
                    .wrapping_add(a[6].wrapping_mul(b[1]))
                    .wrapping_add(a[7].wrapping_mul(b[0]));
            }
            for (a, b) in a_rest.iter().zip(b_rest.iter().rev()) {
                block = block.wrapping_add(a.wrapping_mul(*b));
            }
            sum.low = block & Narrow::MASK;
            sum.high = sum.high.wrapping_add(block >> Narrow::BITS);
        }
        sum
    }

    const fn doubled(self) -> Self {
        Self {
            low: self.low << 1,
            high: self.high << 1,
        }
    }
}

impl Narrow {
    /// Montgomery reduction of the number whose column k is `product(k)`, column by column.
    #[inline(always)]
    fn reduce(
        out: &mut [u64],
        m: &[u64],
        inverse: u64,
        quotient: &mut [u64],
        product: impl Fn(usize) -> Column,
    ) {
        let n = m.len();
        let quotient = &mut quotient[..n];
        let mut carry = 0u64;
        for k in 0..n {
            let (a, b) = (product(k), Column::dot(&quotient[..k], &m[1..=k]));
            let sum = carry.wrapping_add(a.low).wrapping_add(b.low);
            let q = sum.wrapping_mul(inverse) & Self::MASK;
            quotient[k] = q;
            let sum = sum.wrapping_add(q.wrapping_mul(m[0]));
            carry = (sum >> Self::BITS)
                .wrapping_add(a.high)
                .wrapping_add(b.high);
        }
        for k in n..2 * n {
            let (a, b) = (
                product(k),
                Column::dot(&quotient[k - n + 1..], &m[k - n + 1..]),
            );
            let sum = carry.wrapping_add(a.low).wrapping_add(b.low);
            out[k - n] = sum & Self::MASK;
            carry = (sum >> Self::BITS)
                .wrapping_add(a.high)
                .wrapping_add(b.high);
        }
        if carry != 0 || at_least(out, m) {
            Self::sub(out, m);
        }
    }
}

impl Radix for Narrow {
    const BITS: u32 = 29;

    #[inline(always)]
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
        let sum = b.wrapping_mul(c).wrapping_add(a).wrapping_add(carry);
        (sum & Self::MASK, sum >> Self::BITS)
    }

    fn montgomery(
        out: &mut [u64],
        a: &[u64],
        b: &[u64],
        m: &[u64],
        inverse: u64,
        scratch: &mut [u64],
    ) {
        let n = m.len();
        let (a, b) = (&a[..n], &b[..n]);
        Self::reduce(out, m, inverse, scratch, |k| {
            if k < n {
                Column::dot(&a[..=k], &b[..=k])
            } else {
                Column::dot(&a[k - n + 1..], &b[k - n + 1..])
            }
        });
    }

    fn montgomery_square(out: &mut [u64], a: &[u64], m: &[u64], inverse: u64, scratch: &mut [u64]) {
        let n = m.len();
        let a = &a[..n];
        Self::reduce(out, m, inverse, scratch, |k| {
            // Each product of two different limbs occurs twice.
            let first = (k + 1).saturating_sub(n);
            let middle = k / 2;
            let (low, high) = (&a[first..k.div_ceil(2)], &a[middle + 1..(k + 1).min(n)]);
            let mut sum = Column::dot(low, high).doubled();
            if k.is_multiple_of(2) && middle < n {
                sum.low = sum.low.wrapping_add(a[middle].wrapping_mul(a[middle]));
            }
            sum
        });
    }
}

/// 64-bit limbs, for targets with a 64x64 to 128 bit multiply.
#[cfg(feature = "native")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide;

#[cfg(feature = "native")]
impl Radix for Wide {
    const BITS: u32 = 64;

    #[inline(always)]
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
        let sum = u128::from(b) * u128::from(c) + u128::from(a) + u128::from(carry);
        (sum as u64, (sum >> 64) as u64)
    }

    fn montgomery(
        out: &mut [u64],
        a: &[u64],
        b: &[u64],
        m: &[u64],
        inverse: u64,
        scratch: &mut [u64],
    ) {
        let n = m.len();
        let (a, b, out, t) = (&a[..n], &b[..n], &mut out[..n], &mut scratch[..n]);
        t.fill(0);
        let mut top = 0u64;
        for &b in b {
            // One row of the product and one of the reduction in the same pass.
            let (low, mut carry) = Self::mul_add(t[0], a[0], b, 0);
            let q = low.wrapping_mul(inverse);
            let (_, mut reduction) = Self::mul_add(low, q, m[0], 0);
            for j in 1..n {
                let low;
                (low, carry) = Self::mul_add(t[j], a[j], b, carry);
                (t[j - 1], reduction) = Self::mul_add(low, q, m[j], reduction);
            }
            let sum = u128::from(top) + u128::from(carry) + u128::from(reduction);
            t[n - 1] = sum as u64;
            top = (sum >> 64) as u64;
        }
        out.copy_from_slice(t);
        if top != 0 || at_least(out, m) {
            Self::sub(out, m);
        }
    }

    fn montgomery_square(out: &mut [u64], a: &[u64], m: &[u64], inverse: u64, scratch: &mut [u64]) {
        Self::montgomery(out, a, a, m, inverse, scratch);
    }
}
