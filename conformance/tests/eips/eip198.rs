//! MODEXP.

use crate::world::*;
use evm_interpreter::{Fork, U256};
use precompiles::{Native, Registry};

fn input(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let mut input = Vec::new();
    for part in [base, exponent, modulus] {
        input.extend(U256::from(part.len()).to_big_endian());
    }
    [input.as_slice(), base, exponent, modulus].concat()
}

/// 2^256 - 2^32 - 978 and the prime above it: the EIP's first example.
fn fermat() -> Vec<u8> {
    let prime = U256::MAX - (U256::one() << 32) - 976;
    input(&[3], &(prime - 1).to_big_endian(), &prime.to_big_endian())
}

#[test]
fn begins_with_byzantium() {
    assert_eq!(
        sent_to_precompile(5, &fermat(), Fork::SpuriousDragon),
        (true, vec![])
    );
    let (success, output) = precompile(5, &fermat(), Fork::Byzantium);
    assert!(success);
    assert_eq!(U256::from_big_endian(&output), U256::one());
}

#[test]
fn lengths_and_zeros() {
    for (input, output) in [
        // Zero to the power of zero is one, but nothing is modulo one, and modulo zero all is zero.
        (input(&[0], &[0], &[5]), vec![1]),
        (input(&[], &[], &[5]), vec![1]),
        (input(&[3], &[2], &[1]), vec![0]),
        (input(&[3], &[2], &[0, 0]), vec![0, 0]),
        (input(&[3], &[5], &[100]), vec![43]),
        (input(&[3], &[5], &[]), vec![]),
        (Vec::new(), vec![]),
    ] {
        assert_eq!(precompile(5, &input, Fork::Byzantium), (true, output));
    }
    // What is missing is zero: the modulus here.
    let mut short = input(&[3], &[5], &[7, 7]);
    short.truncate(short.len() - 2);
    assert_eq!(precompile(5, &short, Fork::Byzantium), (true, vec![0, 0]));
}

#[test]
fn prices() {
    let gas = |input: &[u8]| {
        (Registry::<Native>::get(&low(5), Fork::Istanbul)
            .unwrap()
            .gas)(input, Fork::Istanbul)
    };
    assert_eq!(gas(&fermat()), 13_056);
    assert_eq!(gas(&[]), 0);
    // Up to 64 bytes the length squared, up to 1,024 x^2 / 4 + 96 x - 3,072, then x^2 / 16 + 480 x -
    // 199,680.
    assert_eq!(gas(&input(&[1; 64], &[2], &[1; 64])), 4_096 / 20);
    assert_eq!(
        gas(&input(&[1; 1024], &[2], &[1; 1024])),
        (262_144 + 98_304 - 3_072) / 20
    );
    let longer = gas(&input(&[1; 2048], &[2], &[1; 2048]));
    assert_eq!(longer, (262_144 + 983_040 - 199_680) / 20);
}

#[test]
fn lengths_that_nobody_can_pay() {
    for at in 0..3 {
        let mut lengths = [U256::one(); 3];
        lengths[at] = U256::MAX;
        let input: Vec<u8> = lengths
            .iter()
            .flat_map(|length| length.to_big_endian())
            .collect();
        assert_eq!(
            precompile(5, &input, Fork::Byzantium),
            (false, vec![]),
            "{at}"
        );
    }
}
