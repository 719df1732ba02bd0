//! The fields at their edges: what one operation does at once against the plain ones in turn.

use alloc::vec::Vec;

use super::{
    bls12_381, bn254,
    field::{Field, Fp, Modulus},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

/// Zero, one, powers of two, their neighbours, squares and opposites.
fn elements<M: Modulus<N>, const N: usize>(powers: usize) -> Vec<Fp<M, N>> {
    let one = Fp::<M, N>::ONE;
    let mut power = one;
    let mut out = Vec::new();
    for _ in 0..powers {
        let near = [
            power,
            power.add(&one),
            power.sub(&one),
            power.square().add(&power),
        ];
        out.extend(near.into_iter().flat_map(|x| [x, x.neg()]));
        power = power.double();
    }
    out
}

fn check_inverses<M: Modulus<N>, const N: usize>() {
    assert!(Fp::<M, N>::ZERO.invert().is_zero());
    for x in elements::<M, N>(400) {
        let expected = if x.is_zero() { x } else { Fp::ONE };
        assert_eq!(x.invert().mul(&x), expected);
        assert_eq!(x.invert(), x.pow(&Fp::<M, N>::exponent(-2, 0)), "by Fermat");
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn inverse_times_number_is_one() {
    check_inverses::<bn254::Prime, 9>();
    check_inverses::<bls12_381::Prime, 14>();
}

/// `factor * x` by addition.
fn times<F: Field>(x: &F, factor: i32) -> F {
    let sum = (0..factor.unsigned_abs()).fold(F::ZERO, |sum, _| sum.add(x));
    if factor < 0 { sum.neg() } else { sum }
}

fn check_sums<M: Modulus<N>, const N: usize>() {
    // Montgomery form makes every one of them large in all limbs; these are small or close to p.
    let raw = |x: Fp<M, N>| Fp::<M, N>::new(x.to_limbs());
    let all: Vec<_> = elements::<M, N>(2)
        .into_iter()
        .flat_map(|x| [x, raw(x)])
        .collect();
    for a in &all {
        for b in &all {
            for (k, m) in [
                (1, -1),
                (1, -12),
                (2, 1),
                (3, 1),
                (3, -2),
                (9, 1),
                (9, -1),
                (14, 1),
                (1, -14),
            ] {
                assert_eq!(
                    a.linear(k, b, m),
                    times(a, k as i32).add(&times(b, m)),
                    "{k} {m}"
                );
            }
            for c in &all {
                assert_eq!(a.sub_both(b, c), a.sub(b).sub(c));
                for d in &all {
                    let (ab, cd) = (a.mul(b), c.mul(d));
                    assert_eq!(Fp::sum_of_products(a, b, c, d), ab.add(&cd));
                    assert_eq!(Fp::difference_of_products(a, b, c, d), ab.sub(&cd));
                }
            }
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn sums_reduced_once_are_sums_reduced_each() {
    check_sums::<bn254::Prime, 9>();
    check_sums::<bls12_381::Prime, 14>();
}
