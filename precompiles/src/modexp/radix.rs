//! Multi-precision kernels in two widths: one for targets with a wide multiply, one for those
//! whose widest product has 64 bits, such as wasm32.
//!
//! Numbers are little-endian slices of `u64` that hold [`Radix::BITS`] bits each.

use alloc::vec::Vec;
use core::cell::Cell;

/// How many bits a limb holds, and the kernels that depend on it.
pub(crate) trait Radix {
    /// Bits per limb.
    const BITS: u32;

    /// Largest value of a limb.
    const MASK: u64 = u64::MAX >> (64 - Self::BITS);

    /// Low limb and carry of `a + b * c + carry`.
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64);

    /// Numbers modulo m have a multiple of this many limbs, and as many again, always zero, on top.
    const BLOCK: usize;

    /// `out = a * b / 2^(BITS * n) mod m` for slices of one length, n and the zeros on top. m odd,
    /// `inverse` = -1/m mod 2^BITS, a below 2^(BITS * n), b below m.
    fn montgomery(out: &mut [u64], a: &[u64], b: &[u64], m: &[u64], inverse: u64);

    /// As [`Self::montgomery`] with b = a, below m.
    fn montgomery_square(out: &mut [u64], a: &[u64], m: &[u64], inverse: u64) {
        Self::montgomery(out, a, a, m, inverse);
    }

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

/// 29-bit limbs: sums of up to 64 products fit 64 bits, so that columns need no carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow;

/// Rows of a product that are added at once, while the other operand passes by.
const ROWS: usize = 4;

/// A block of limbs.
type Block = [u64; ROWS];

/// Blocks of rows that leave room in a column: each adds 4 products and 4 multiples of m.
const BLOCKS_BEFORE_CARRY: usize = 7;
/// The same for a square, where the 4 products are of twice the size.
const SQUARE_BLOCKS_BEFORE_CARRY: usize = 4;

/// The operands of a block of rows: limbs of a, and the quotients that go with m.
struct Rows {
    x: Block,
    q: Block,
    /// What the lowest columns, which vanish, leave for the next.
    carry: u64,
}

impl Narrow {
    fn carry(columns: &mut [u64]) {
        let mut carry = 0u64;
        for column in columns {
            let sum = column.wrapping_add(carry);
            *column = sum & Self::MASK;
            carry = sum >> Self::BITS;
        }
    }

    /// The quotients of the next rows, which make the lowest columns vanish, and the carry out of
    /// these.
    #[inline(always)]
    fn quotients(columns: &Block, x: &Block, b: &Block, m: &Block, inverse: u64) -> Rows {
        let mut q = [0u64; ROWS];
        let mut carry = 0u64;
        for k in 0..ROWS {
            let mut sum = columns[k].wrapping_add(carry);
            for i in 0..=k {
                sum = sum.wrapping_add(x[i].wrapping_mul(b[k - i]));
            }
            for i in 0..k {
                sum = sum.wrapping_add(q[i].wrapping_mul(m[k - i]));
            }
            q[k] = sum.wrapping_mul(inverse) & Self::MASK;
            carry = sum.wrapping_add(q[k].wrapping_mul(m[0])) >> Self::BITS;
        }
        Rows { x: *x, q, carry }
    }

    /// Adds a block of rows to all columns but the lowest block, and moves them down by one block.
    /// `b` and `m` start at the block before, as its products reach into the next. Without
    /// `PRODUCTS`, b counts as 0.
    #[inline(always)]
    fn add_rows<const PRODUCTS: bool>(
        columns: &[Cell<Block>],
        rows: &Rows,
        b: &[Block],
        m: &[Block],
    ) {
        let ([b_first, b_rest @ ..], [m_first, m_rest @ ..], [_, higher @ ..]) = (b, m, columns)
        else {
            return;
        };
        let (mut b_low, mut m_low) = (*b_first, *m_first);
        let Rows { x, q, mut carry } = *rows;
        for (((to, from), b_high), m_high) in columns.iter().zip(higher).zip(b_rest).zip(m_rest) {
            let mut sums = from.get();
            sums[0] = sums[0].wrapping_add(carry);
            carry = 0;
            for k in 0..ROWS {
                let mut sum = sums[k];
                for i in 0..ROWS {
                    let at = ROWS + k - i;
                    let (b, m) = if at < ROWS {
                        (b_low[at], m_low[at])
                    } else {
                        (b_high[at - ROWS], m_high[at - ROWS])
                    };
                    if PRODUCTS {
                        sum = sum.wrapping_add(x[i].wrapping_mul(b));
                    }
                    sum = sum.wrapping_add(q[i].wrapping_mul(m));
                }
                sums[k] = sum;
            }
            to.set(sums);
            (b_low, m_low) = (*b_high, *m_high);
        }
    }

    /// The remainder in limbs, from columns below 2 m.
    fn finish(out: &mut [u64], m: &[u64]) {
        Self::carry(out);
        if at_least(out, m) {
            Self::sub(out, m);
        }
    }
}

impl Radix for Narrow {
    const BITS: u32 = 29;
    const BLOCK: usize = ROWS;

    #[inline(always)]
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
        let sum = b.wrapping_mul(c).wrapping_add(a).wrapping_add(carry);
        (sum & Self::MASK, sum >> Self::BITS)
    }

    #[inline(never)]
    fn montgomery(out: &mut [u64], a: &[u64], b: &[u64], m: &[u64], inverse: u64) {
        out.fill(0);
        let ((rows, _), (b, _), (blocks, _)) = (a.as_chunks(), b.as_chunks(), m.as_chunks());
        let (columns, _) = out.as_chunks_mut();
        // The last block of rows is the zeros on top.
        for (row, x) in rows[..rows.len() - 1].iter().enumerate() {
            if row % BLOCKS_BEFORE_CARRY == BLOCKS_BEFORE_CARRY - 1 {
                Self::carry(columns.as_flattened_mut());
            }
            let rows = Self::quotients(&columns[0], x, &b[0], &blocks[0], inverse);
            let columns = Cell::from_mut(&mut *columns).as_slice_of_cells();
            Self::add_rows::<true>(columns, &rows, b, blocks);
            columns[columns.len() - 1].set([0; ROWS]);
        }
        Self::finish(out, m);
    }

    #[inline(never)]
    fn montgomery_square(out: &mut [u64], a: &[u64], m: &[u64], inverse: u64) {
        out.fill(0);
        let ((a, _), (blocks, _)) = (a.as_chunks(), m.as_chunks());
        let (columns, _) = out.as_chunks_mut();
        // A product of two blocks stands once, doubled, in the row of the lower one. So the other
        // operand is 0 below the row's own block, that block itself, and doubled above.
        let mut b: Vec<Block> = a.iter().map(|block| block.map(|limb| limb << 1)).collect();
        for (row, x) in a[..a.len() - 1].iter().enumerate() {
            if row % SQUARE_BLOCKS_BEFORE_CARRY == SQUARE_BLOCKS_BEFORE_CARRY - 1 {
                Self::carry(columns.as_flattened_mut());
            }
            b[row] = *x;
            let lowest = if row == 0 { *x } else { [0; ROWS] };
            let mut rows = Self::quotients(&columns[0], x, &lowest, &blocks[0], inverse);
            let columns = Cell::from_mut(&mut *columns).as_slice_of_cells();
            if row > 0 {
                b[row - 1] = [0; ROWS];
            }
            let split = row.saturating_sub(1);
            if split > 0 {
                Self::add_rows::<false>(&columns[..=split], &rows, &b[..=split], &blocks[..=split]);
                rows.carry = 0;
            }
            Self::add_rows::<true>(&columns[split..], &rows, &b[split..], &blocks[split..]);
            columns[columns.len() - 1].set([0; ROWS]);
        }
        Self::finish(out, m);
    }
}

/// 64-bit limbs, for targets with a 64x64 to 128 bit multiply.
#[cfg(feature = "native")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide;

#[cfg(feature = "native")]
impl Radix for Wide {
    const BITS: u32 = 64;
    const BLOCK: usize = 1;

    #[inline(always)]
    fn mul_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
        let sum = u128::from(b) * u128::from(c) + u128::from(a) + u128::from(carry);
        (sum as u64, (sum >> 64) as u64)
    }

    fn montgomery(out: &mut [u64], a: &[u64], b: &[u64], m: &[u64], inverse: u64) {
        // Without the zeros on top, but for one that takes the last carry.
        let n = m.len() - 1;
        let (a, b, m, t) = (&a[..n], &b[..n], &m[..n], &mut out[..=n]);
        t.fill(0);
        for &a in a {
            // One row of the product and one of the reduction in the same pass.
            let (low, mut carry) = Self::mul_add(t[0], b[0], a, 0);
            let q = low.wrapping_mul(inverse);
            let (_, mut reduction) = Self::mul_add(low, q, m[0], 0);
            for j in 1..n {
                let low;
                (low, carry) = Self::mul_add(t[j], b[j], a, carry);
                (t[j - 1], reduction) = Self::mul_add(low, q, m[j], reduction);
            }
            let sum = u128::from(t[n]) + u128::from(carry) + u128::from(reduction);
            t[n - 1] = sum as u64;
            t[n] = (sum >> 64) as u64;
        }
        if t[n] != 0 || at_least(&t[..n], m) {
            let borrow = Self::sub(&mut t[..n], m);
            t[n] -= u64::from(borrow);
        }
    }
}
