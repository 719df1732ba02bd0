//! 256-bit kernels on four 64-bit limbs, little-endian: what the instructions of the Yellow Paper's
//! appendix H compute, modulo 2^256, with every case that it defines (division by zero is zero).
//!
//! The multiplication of limbs comes in two shapes of one interface: `limb64` uses the 64×64→128
//! multiplication of ordinary processors, `limb32` the 32×32→64 one, since WebAssembly has nothing
//! wider; nor has it flags or byte swaps. The wasm32 build takes the second shape; feature
//! `wasm-kernels` builds it natively, and the tests here compare both with an independent big integer.

mod bits;
mod div;
mod exp;
mod modular;
mod mul;
mod order;
mod signed;

#[cfg(any(test, target_arch = "wasm32", feature = "wasm-kernels"))]
pub(crate) use bits::shr_small;
pub use bits::{and, byte, clz, or, sar, shl, shr, sign_extend, xor};
pub use div::{div, div_rem, rem};
pub(crate) use div::{div_assign, rem_assign};
pub use exp::exp;
pub(crate) use exp::exp_assign;
pub use modular::{add_mod, mul_mod};
pub use mul::mul;
pub(crate) use order::ByteOrder;
pub use signed::{sdiv, sgt, slt, smod};
pub(crate) use signed::{sdiv_assign, smod_assign};

use primitive_types::U256;

#[cfg(test)]
mod tests;

/// Limbs of a word, least significant first.
pub(crate) type Limbs = [u64; 4];

/// Sum modulo 2^256.
#[inline(always)]
#[must_use]
pub const fn add(a: U256, b: U256) -> U256 {
    let (x, y) = (a.0, b.0);
    let (r0, c) = x[0].overflowing_add(y[0]);
    let (r1, c) = carrying_add(x[1], y[1], c);
    let (r2, c) = carrying_add(x[2], y[2], c);
    let r3 = x[3].wrapping_add(y[3]).wrapping_add(c as u64);
    U256([r0, r1, r2, r3])
}

/// Difference modulo 2^256.
#[inline(always)]
#[must_use]
pub const fn sub(a: U256, b: U256) -> U256 {
    let (x, y) = (a.0, b.0);
    let (r0, c) = x[0].overflowing_sub(y[0]);
    let (r1, c) = borrowing_sub(x[1], y[1], c);
    let (r2, c) = borrowing_sub(x[2], y[2], c);
    let r3 = x[3].wrapping_sub(y[3]).wrapping_sub(c as u64);
    U256([r0, r1, r2, r3])
}

/// Whether `a < b`, unsigned.
#[inline(always)]
#[must_use]
pub const fn lt(a: &U256, b: &U256) -> bool {
    let (x, y) = (&a.0, &b.0);
    if cfg!(any(target_arch = "wasm32", feature = "wasm-kernels")) {
        // No flags there: the first limbs that differ decide.
        if x[3] != y[3] {
            return x[3] < y[3];
        }
        if x[2] != y[2] {
            return x[2] < y[2];
        }
        if x[1] != y[1] {
            return x[1] < y[1];
        }
        return x[0] < y[0];
    }
    let (_, c) = x[0].overflowing_sub(y[0]);
    let (_, c) = borrowing_sub(x[1], y[1], c);
    let (_, c) = borrowing_sub(x[2], y[2], c);
    let (_, c) = borrowing_sub(x[3], y[3], c);
    c
}

/// Whether `a == b`.
#[inline(always)]
#[must_use]
pub const fn eq(a: &U256, b: &U256) -> bool {
    let (x, y) = (&a.0, &b.0);
    (x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) == 0
}

/// Whether `a` is zero.
#[inline(always)]
#[must_use]
pub const fn is_zero(a: &U256) -> bool {
    a.0[0] | a.0[1] | a.0[2] | a.0[3] == 0
}

/// The word's value if it fits 64 bits.
#[inline(always)]
#[must_use]
pub const fn as_u64(a: &U256) -> Option<u64> {
    if a.0[1] | a.0[2] | a.0[3] == 0 {
        Some(a.0[0])
    } else {
        None
    }
}

/// The word's value, or the largest 64-bit number if it does not fit.
#[inline(always)]
#[must_use]
pub const fn saturating_u64(a: &U256) -> u64 {
    match as_u64(a) {
        Some(value) => value,
        None => u64::MAX,
    }
}

/// A word from 64 bits.
#[inline(always)]
#[must_use]
pub const fn word(value: u64) -> U256 {
    U256([value, 0, 0, 0])
}

/// A word from 32 big-endian bytes.
#[inline(always)]
#[must_use]
pub const fn from_be_bytes(bytes: &[u8; 32]) -> U256 {
    const fn limb(bytes: &[u8; 32], at: usize) -> u64 {
        let mut chunk = [0; 8];
        let mut i = 0;
        while i < 8 {
            chunk[i] = bytes[at + i];
            i += 1;
        }
        u64::from_be_bytes(chunk)
    }
    U256([
        limb(bytes, 24),
        limb(bytes, 16),
        limb(bytes, 8),
        limb(bytes, 0),
    ])
}

/// 32 big-endian bytes of a word.
#[inline(always)]
#[must_use]
pub fn to_be_bytes(a: &U256) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0..8].copy_from_slice(&a.0[3].to_be_bytes());
    bytes[8..16].copy_from_slice(&a.0[2].to_be_bytes());
    bytes[16..24].copy_from_slice(&a.0[1].to_be_bytes());
    bytes[24..32].copy_from_slice(&a.0[0].to_be_bytes());
    bytes
}

#[inline(always)]
pub(crate) const fn carrying_add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, c1) = a.overflowing_add(b);
    let (sum, c2) = sum.overflowing_add(carry as u64);
    (sum, c1 | c2)
}

#[inline(always)]
pub(crate) const fn borrowing_sub(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (diff, c1) = a.overflowing_sub(b);
    let (diff, c2) = diff.overflowing_sub(borrow as u64);
    (diff, c1 | c2)
}
