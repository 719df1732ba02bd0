//! Safe forms of the functions of blst that the precompiles need.

use alloc::vec::Vec;

use blst::{
    BLST_ERROR, blst_bendian_from_fp, blst_fp, blst_fp_from_bendian, blst_fp2, blst_fp12, limb_t,
};

use crate::{Error, Result};

/// Order of bytes and words: the base field's modulus, big-endian.
const MODULUS: [u8; 48] = [
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
];

/// A field element from its number, which is checked to be below the modulus.
pub(super) fn fp(number: &[u8; 48]) -> Result<blst_fp> {
    if *number >= MODULUS {
        return Err(Error::Failure("field element is not below the modulus"));
    }
    let mut out = blst_fp::default();
    // SAFETY: reads 48 bytes, writes a whole element.
    unsafe { blst_fp_from_bendian(&mut out, number.as_ptr()) };
    Ok(out)
}

/// The number of a field element.
pub(super) fn fp_bytes(element: &blst_fp) -> [u8; 48] {
    let mut out = [0; 48];
    // SAFETY: writes 48 bytes, reads a whole element.
    unsafe { blst_bendian_from_fp(out.as_mut_ptr(), element) };
    out
}

/// The functions of one group, which blst has twice under two prefixes.
macro_rules! group {
    ($name:ident, $field:ty, $point:ident, $affine:ident, $on_curve:ident, $in_group:ident,
     $is_infinity:ident, $from_affine:ident, $to_affine:ident, $add:ident, $generator:ident,
     $negate:ident, $scratch:ident, $multiply:ident, $map:ident) => {
        pub(super) mod $name {
            use core::ptr;

            use super::*;

            pub(in super::super) type Affine = blst::$affine;

            /// Whether a point is on the curve.
            pub(in super::super) fn on_curve(point: &Affine) -> bool {
                // SAFETY: reads a whole point.
                unsafe { blst::$on_curve(point) }
            }

            /// Whether a point of the curve is in the group of order r.
            pub(in super::super) fn in_group(point: &Affine) -> bool {
                // SAFETY: reads a whole point.
                unsafe { blst::$in_group(point) }
            }

            pub(in super::super) fn is_infinity(point: &Affine) -> bool {
                // SAFETY: reads a whole point.
                unsafe { blst::$is_infinity(point) }
            }

            fn affine(point: &blst::$point) -> Affine {
                let mut out = Affine::default();
                // SAFETY: reads and writes whole points.
                unsafe { blst::$to_affine(&mut out, point) };
                out
            }

            fn projective(point: &Affine) -> blst::$point {
                let mut out = blst::$point::default();
                // SAFETY: reads and writes whole points.
                unsafe { blst::$from_affine(&mut out, point) };
                out
            }

            pub(in super::super) fn add(a: &Affine, b: &Affine) -> Affine {
                let mut out = projective(a);
                let left = out;
                // SAFETY: reads and writes whole points; infinity and equal points are allowed.
                unsafe { blst::$add(&mut out, &left, b) };
                affine(&out)
            }

            /// The opposite of the group's generator.
            pub(in super::super) fn minus_generator() -> Affine {
                // SAFETY: points to a constant of the library.
                let mut point = unsafe { *blst::$generator() };
                // SAFETY: changes a whole point.
                unsafe { blst::$negate(&mut point, true) };
                affine(&point)
            }

            /// Sum of the products of points, none of which is infinity, and of little-endian
            /// scalars.
            pub(in super::super) fn multiply_add(points: &[Affine], scalars: &[[u8; 32]]) -> Affine {
                let n = points.len().min(scalars.len());
                if n == 0 {
                    return Affine::default();
                }
                // SAFETY: computes a size.
                let bytes = unsafe { blst::$scratch(n) };
                let mut scratch: Vec<limb_t> = alloc::vec![0; bytes.div_ceil(size_of::<limb_t>())];
                let points: [*const Affine; 2] = [points.as_ptr(), ptr::null()];
                let scalars: [*const u8; 2] = [scalars.as_ptr().cast(), ptr::null()];
                let mut out = blst::$point::default();
                // SAFETY: each list of pointers has one that leads to `n` items in a row, and the
                // null that says so; a scalar has 256 bits, the scratch the size asked for.
                unsafe {
                    blst::$multiply(
                        &mut out,
                        points.as_ptr(),
                        n,
                        scalars.as_ptr(),
                        256,
                        scratch.as_mut_ptr(),
                    );
                }
                affine(&out)
            }

            /// The group's point of a field element.
            pub(in super::super) fn map(element: &$field) -> Affine {
                let mut out = blst::$point::default();
                // SAFETY: reads a whole element, writes a whole point; null is no second element.
                unsafe { blst::$map(&mut out, element, ptr::null()) };
                affine(&out)
            }
        }
    };
}

group!(
    g1,
    blst_fp,
    blst_p1,
    blst_p1_affine,
    blst_p1_affine_on_curve,
    blst_p1_affine_in_g1,
    blst_p1_affine_is_inf,
    blst_p1_from_affine,
    blst_p1_to_affine,
    blst_p1_add_or_double_affine,
    blst_p1_generator,
    blst_p1_cneg,
    blst_p1s_mult_pippenger_scratch_sizeof,
    blst_p1s_mult_pippenger,
    blst_map_to_g1
);

group!(
    g2,
    blst_fp2,
    blst_p2,
    blst_p2_affine,
    blst_p2_affine_on_curve,
    blst_p2_affine_in_g2,
    blst_p2_affine_is_inf,
    blst_p2_from_affine,
    blst_p2_to_affine,
    blst_p2_add_or_double_affine,
    blst_p2_generator,
    blst_p2_cneg,
    blst_p2s_mult_pippenger_scratch_sizeof,
    blst_p2s_mult_pippenger,
    blst_map_to_g2
);

/// A point of the curve of G1 from its compressed form.
pub(super) fn uncompress(bytes: &[u8; 48]) -> Result<g1::Affine> {
    let mut out = g1::Affine::default();
    // SAFETY: reads 48 bytes, writes a whole point.
    match unsafe { blst::blst_p1_uncompress(&mut out, bytes.as_ptr()) } {
        BLST_ERROR::BLST_SUCCESS => Ok(out),
        _ => Err(Error::Failure("invalid compressed point")),
    }
}

/// Whether the product of the pairings is one. The points are in their groups, none is infinity.
pub(super) fn product_is_one(left: &[g1::Affine], right: &[g2::Affine]) -> bool {
    let n = left.len().min(right.len());
    if n == 0 {
        return true;
    }
    let left: [*const g1::Affine; 2] = [left.as_ptr(), core::ptr::null()];
    let right: [*const g2::Affine; 2] = [right.as_ptr(), core::ptr::null()];
    let mut product = blst_fp12::default();
    let mut out = blst_fp12::default();
    // SAFETY: each list of pointers has one that leads to `n` points in a row, and the null that
    // says so; the others are whole elements.
    unsafe {
        blst::blst_miller_loop_n(&mut product, right.as_ptr(), left.as_ptr(), n);
        blst::blst_final_exp(&mut out, &product);
        blst::blst_fp12_is_one(&out)
    }
}
