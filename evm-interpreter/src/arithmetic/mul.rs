//! Multiplication.

// Which functions could be constant depends on the shape.
#![allow(clippy::missing_const_for_fn)]

use super::Limbs;
use primitive_types::U256;

/// Product modulo 2^256. Inlined for EXP: on WebAssembly the call costs a fifth of the product.
#[inline(always)]
#[must_use]
pub fn mul(a: U256, b: U256) -> U256 {
    let (x, y) = (&a.0, &b.0);
    if y[1] | y[2] | y[3] == 0 {
        return scale(a, y[0]);
    }
    if x[1] | x[2] | x[3] == 0 {
        return scale(b, x[0]);
    }
    U256(shape::truncated(x, y))
}

/// Product with a single limb, modulo 2^256.
#[inline(always)]
fn scale(a: U256, y: u64) -> U256 {
    let x = &a.0;
    let (r0, c) = shape::wide(x[0], y);
    if x[1] | x[2] | x[3] == 0 {
        return U256([r0, c, 0, 0]);
    }
    let (r1, c) = shape::mul_add(x[1], y, c, 0);
    let (r2, c) = shape::mul_add(x[2], y, c, 0);
    U256([r0, r1, r2, x[3].wrapping_mul(y).wrapping_add(c)])
}

/// Square modulo 2^256.
#[inline(always)]
#[must_use]
pub(super) fn square(a: U256) -> U256 {
    let x = &a.0;
    if x[1] | x[2] | x[3] == 0 {
        let (lo, hi) = shape::wide(x[0], x[0]);
        return U256([lo, hi, 0, 0]);
    }
    let (r0, h00) = shape::wide(x[0], x[0]);
    let (l01, h01) = shape::wide(x[0], x[1]);
    let (l02, h02) = shape::wide(x[0], x[2]);
    let (l11, h11) = shape::wide(x[1], x[1]);

    let (r1, c) = h00.overflowing_add(l01 << 1);
    let (r2, c) = (h01 << 1 | l01 >> 63).overflowing_add(c as u64);
    let mut r3 = (h01 >> 63).wrapping_add(c as u64);
    let (r2, c) = r2.overflowing_add(l02 << 1);
    r3 = r3.wrapping_add(c as u64);
    let (r2, c) = r2.overflowing_add(l11);
    r3 = r3.wrapping_add(c as u64);

    let twice = h02
        .wrapping_add(x[0].wrapping_mul(x[3]))
        .wrapping_add(x[1].wrapping_mul(x[2]));
    r3 = r3.wrapping_add(twice << 1 | l02 >> 63).wrapping_add(h11);
    U256([r0, r1, r2, r3])
}

/// Full product of two 256-bit numbers.
#[inline(always)]
pub(super) fn full(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let row = |x: u64, r: [u64; 4]| {
        let (r0, c) = shape::mul_add(x, b[0], r[0], 0);
        let (r1, c) = shape::mul_add(x, b[1], r[1], c);
        let (r2, c) = shape::mul_add(x, b[2], r[2], c);
        let (r3, c) = shape::mul_add(x, b[3], r[3], c);
        (r0, [r1, r2, r3, c])
    };
    let (r0, rest) = row(a[0], [0; 4]);
    let (r1, rest) = row(a[1], rest);
    let (r2, rest) = row(a[2], rest);
    let (r3, [r4, r5, r6, r7]) = row(a[3], rest);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

#[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
pub(super) use limb64 as shape;

#[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
pub(super) use limb32 as shape;

/// By the processor's 64×64→128 multiplication.
#[cfg(any(test, not(any(target_arch = "wasm32", feature = "wasm-kernels"))))]
pub(super) mod limb64 {
    use super::Limbs;

    /// `a·b` as low and high limb.
    #[inline(always)]
    pub(in crate::arithmetic) const fn wide(a: u64, b: u64) -> (u64, u64) {
        let p = a as u128 * b as u128;
        (p as u64, (p >> 64) as u64)
    }

    /// `a·b + c + d` as low and high limb; cannot overflow.
    #[inline(always)]
    pub(in crate::arithmetic) const fn mul_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
        let p = a as u128 * b as u128 + c as u128 + d as u128;
        (p as u64, (p >> 64) as u64)
    }

    /// Product modulo 2^256.
    #[inline(always)]
    pub(in crate::arithmetic) const fn truncated(a: &Limbs, b: &Limbs) -> Limbs {
        let (r0, c) = wide(a[0], b[0]);
        let (r1, c) = mul_add(a[0], b[1], c, 0);
        let (r2, c) = mul_add(a[0], b[2], c, 0);
        let r3 = a[0].wrapping_mul(b[3]).wrapping_add(c);

        let (r1, c) = mul_add(a[1], b[0], r1, 0);
        let (r2, c) = mul_add(a[1], b[1], r2, c);
        let r3 = r3.wrapping_add(a[1].wrapping_mul(b[2])).wrapping_add(c);

        let (r2, c) = mul_add(a[2], b[0], r2, 0);
        let r3 = r3.wrapping_add(a[2].wrapping_mul(b[1])).wrapping_add(c);

        let r3 = r3.wrapping_add(a[3].wrapping_mul(b[0]));
        [r0, r1, r2, r3]
    }
}

/// By 32×32→64 multiplications alone.
#[cfg(any(test, target_arch = "wasm32", feature = "wasm-kernels"))]
pub(super) mod limb32 {
    use super::Limbs;

    /// Ones in the lower half of a limb.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn low_half() -> u64 {
        // The compiler may not see it: it would know the whole for a multiplication of 128 bits, and
        // call its library.
        static ONES: u64 = 0xffff_ffff;
        // SAFETY: a valid reference.
        unsafe { (&raw const ONES).read_volatile() }
    }

    /// Ones in the lower half of a limb.
    #[cfg(not(target_arch = "wasm32"))]
    #[inline(always)]
    const fn low_half() -> u64 {
        0xffff_ffff
    }

    /// `a·b` as low and high limb.
    #[inline(always)]
    pub(in crate::arithmetic) fn wide(a: u64, b: u64) -> (u64, u64) {
        let (a0, a1) = (a & 0xffff_ffff, a >> 32);
        let (b0, b1) = (b & 0xffff_ffff, b >> 32);
        // Neither sum can overflow: (2^32-1)^2 + 2 (2^32-1) = 2^64 - 1.
        let mid = a1.wrapping_mul(b0).wrapping_add(a0.wrapping_mul(b0) >> 32);
        let mid2 = a0.wrapping_mul(b1).wrapping_add(mid & low_half());
        let high = a1
            .wrapping_mul(b1)
            .wrapping_add(mid >> 32)
            .wrapping_add(mid2 >> 32);
        (a.wrapping_mul(b), high)
    }

    /// `a·b + c + d` as low and high limb; cannot overflow.
    #[inline(always)]
    pub(in crate::arithmetic) fn mul_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
        let (lo, hi) = wide(a, b);
        let (lo, k1) = lo.overflowing_add(c);
        let (lo, k2) = lo.overflowing_add(d);
        (lo, hi.wrapping_add(k1 as u64).wrapping_add(k2 as u64))
    }

    /// Product modulo 2^256.
    #[inline(always)]
    pub(in crate::arithmetic) fn truncated(a: &Limbs, b: &Limbs) -> Limbs {
        // Column sums: two-limb accumulators, carries counted into the next column.
        let (r0, h00) = wide(a[0], b[0]);
        let (l01, h01) = wide(a[0], b[1]);
        let (l10, h10) = wide(a[1], b[0]);
        let (r1, k) = h00.overflowing_add(l01);
        let (r1, k2) = r1.overflowing_add(l10);
        let c1 = (k as u64).wrapping_add(k2 as u64);

        let (l02, h02) = wide(a[0], b[2]);
        let (l11, h11) = wide(a[1], b[1]);
        let (l20, h20) = wide(a[2], b[0]);
        let (r2, k) = h01.overflowing_add(h10);
        let mut c2 = k as u64;
        let (r2, k) = r2.overflowing_add(c1);
        c2 = c2.wrapping_add(k as u64);
        let (r2, k) = r2.overflowing_add(l02);
        c2 = c2.wrapping_add(k as u64);
        let (r2, k) = r2.overflowing_add(l11);
        c2 = c2.wrapping_add(k as u64);
        let (r2, k) = r2.overflowing_add(l20);
        c2 = c2.wrapping_add(k as u64);

        let r3 = c2
            .wrapping_add(h02)
            .wrapping_add(h11)
            .wrapping_add(h20)
            .wrapping_add(a[0].wrapping_mul(b[3]))
            .wrapping_add(a[1].wrapping_mul(b[2]))
            .wrapping_add(a[2].wrapping_mul(b[1]))
            .wrapping_add(a[3].wrapping_mul(b[0]));
        [r0, r1, r2, r3]
    }
}
