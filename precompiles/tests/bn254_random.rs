//! alt_bn128 on random points, against the independent library substrate-bn.

#![cfg(not(target_arch = "wasm32"))]

use evm_interpreter::Fork;
use precompiles::{Crypto, Portable, Registry};
use proptest::prelude::*;
use substrate_bn::{AffineG1, AffineG2, Fr, G1, G2, Group};

fn run<C: Crypto>(number: u16, input: &[u8]) -> Vec<u8> {
    let find = |precompile: &&precompiles::Precompile| precompile.number == number;
    (Registry::<C>::ALL.iter().find(find).unwrap().run)(input, Fork::LATEST).unwrap()
}

fn run_all(number: u16, input: &[u8]) -> Vec<u8> {
    let output = run::<Portable>(number, input);
    #[cfg(feature = "native")]
    assert_eq!(output, run::<precompiles::Native>(number, input));
    output
}

fn g1(point: G1) -> Vec<u8> {
    let mut out = vec![0; 64];
    if let Some(point) = AffineG1::from_jacobian(point) {
        point.x().to_big_endian(&mut out[..32]).unwrap();
        point.y().to_big_endian(&mut out[32..]).unwrap();
    }
    out
}

fn g2(point: G2) -> Vec<u8> {
    let mut out = vec![0; 128];
    if let Some(point) = AffineG2::from_jacobian(point) {
        let (x, y) = (point.x(), point.y());
        let elements = [x.imaginary(), x.real(), y.imaginary(), y.real()];
        for (element, out) in elements.into_iter().zip(out.chunks_mut(32)) {
            element.to_big_endian(out).unwrap();
        }
    }
    out
}

fn scalar(bytes: [u8; 32]) -> Fr {
    Fr::from_slice(&bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sums_and_products(a in any::<[u8; 32]>(), b in any::<[u8; 32]>(), small in 0..9u8) {
        let (p, q) = (G1::one() * scalar(a), G1::one() * scalar(b));
        prop_assert_eq!(run_all(6, &[g1(p), g1(q)].concat()), g1(p + q));
        prop_assert_eq!(run_all(7, &[g1(p), b.to_vec()].concat()), g1(p * scalar(b)));
        let mut few = [0; 32];
        few[31] = small;
        prop_assert_eq!(run_all(7, &[g1(p), few.to_vec()].concat()), g1(p * scalar(few)));
    }

    #[test]
    fn pairings(a in any::<[u8; 32]>(), b in any::<[u8; 32]>()) {
        let (a, b) = (scalar(a), scalar(b));
        let pair = |p, q| [g1(p), g2(q)].concat();
        let (p, q) = (G1::one() * a, G2::one() * b);
        let product = [pair(p, q), pair(-G1::one() * (a * b), G2::one())].concat();
        prop_assert_eq!(run_all(8, &product)[31], 1);
        let other = [pair(p, q), pair(G1::one() * (a * b), G2::one())].concat();
        prop_assert_eq!(run_all(8, &other)[31], 0);
    }
}
