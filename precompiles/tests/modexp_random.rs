//! MODEXP on random operands, against an independent big integer.

#![cfg(not(target_arch = "wasm32"))]

use evm_interpreter::Fork;
use num_bigint::BigUint;
use precompiles::{Crypto, Portable, Registry};
use proptest::prelude::*;

fn expected(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be;
    let modulus_number = number(modulus);
    let mut out = vec![0; modulus.len()];
    if modulus_number == BigUint::ZERO {
        return out;
    }
    let result = number(base).modpow(&number(exponent), &modulus_number);
    if result != BigUint::ZERO {
        let digits = result.to_bytes_be();
        let start = out.len() - digits.len();
        out[start..].copy_from_slice(&digits);
    }
    out
}

/// Bytes with runs of zeros and ones, in which carries go far.
fn operand(max: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => any::<u8>(), 1 => Just(0), 1 => Just(0xff)];
    let runs = prop::collection::vec((any::<u8>(), 1..9usize), 0..=max / 5).prop_map(|runs| {
        runs.into_iter()
            .flat_map(|(byte, n)| vec![if byte < 128 { 0 } else { 255 }; n])
            .collect()
    });
    prop_oneof![prop::collection::vec(byte, 0..=max), runs]
}

fn check<C: Crypto>(base: &[u8], exponent: &[u8], modulus: &[u8]) {
    let mut input = Vec::new();
    for operand in [base, exponent, modulus] {
        input.extend([0; 24]);
        input.extend((operand.len() as u64).to_be_bytes());
    }
    for operand in [base, exponent, modulus] {
        input.extend(operand);
    }
    let modexp = Registry::<C>::ALL
        .iter()
        .find(|precompile| precompile.number == 5)
        .unwrap();
    let output = (modexp.run)(&input, Fork::Berlin).unwrap();
    assert_eq!(output, expected(base, exponent, modulus));
}

fn check_all(base: &[u8], exponent: &[u8], modulus: &[u8]) {
    check::<Portable>(base, exponent, modulus);
    #[cfg(feature = "native")]
    check::<precompiles::Native>(base, exponent, modulus);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_modulus(base in operand(80), exponent in operand(40), modulus in operand(70)) {
        check_all(&base, &exponent, &modulus);
    }

    #[test]
    fn even_modulus(base in operand(60), exponent in operand(20), modulus in operand(40), twos in 0..40usize) {
        let modulus = [modulus, vec![0; twos]].concat();
        check_all(&base, &exponent, &modulus);
    }

    #[test]
    fn small_odd_modulus(base in operand(60), exponent in operand(10), modulus in any::<u16>()) {
        check_all(&base, &exponent, &(modulus | 1).to_be_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn large(base in operand(1100), exponent in operand(6), modulus in operand(1024)) {
        check_all(&base, &exponent, &modulus);
    }
}
