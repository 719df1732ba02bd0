//! BLAKE2b's compression function.

use crate::world::*;
use evm_interpreter::Fork;
use precompiles::{Native, Registry};

/// Test vector 5 of the EIP without its rounds: "abc", last block.
const STATE: &str = "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b";

fn input(rounds: u32, last: u8) -> Vec<u8> {
    let mut input = rounds.to_be_bytes().to_vec();
    input.extend(alloy_primitives::hex::decode(STATE).unwrap());
    let mut block = [0; 128];
    block[..3].copy_from_slice(b"abc");
    input.extend(block);
    input.extend(3u64.to_le_bytes());
    input.extend(0u64.to_le_bytes());
    input.push(last);
    input
}

#[test]
fn begins_with_istanbul() {
    assert_eq!(
        precompile(9, &input(12, 1), Fork::Petersburg),
        (true, vec![])
    );
    assert_eq!(precompile(9, &input(12, 1), Fork::Istanbul).1.len(), 64);
}

#[test]
fn vectors_of_the_eip() {
    for (rounds, last, expected) in [
        (
            0,
            1,
            "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b",
        ),
        (
            12,
            1,
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        ),
        (
            12,
            0,
            "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735",
        ),
        (
            1,
            1,
            "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421",
        ),
    ] {
        let (success, output) = precompile(9, &input(rounds, last), Fork::Istanbul);
        assert!(success);
        assert_eq!(
            alloy_primitives::hex::encode(output),
            expected,
            "{rounds} rounds"
        );
    }
}

#[test]
fn other_lengths_and_flags_fail() {
    let good = input(12, 1);
    for bad in [
        Vec::new(),
        good[..212].to_vec(),
        [good.as_slice(), &[0]].concat(),
        input(12, 2),
    ] {
        assert_eq!(precompile(9, &bad, Fork::Istanbul), (false, vec![]));
    }
}

#[test]
fn costs_a_gas_a_round() {
    let entry = Registry::<Native>::get(&low(9), Fork::Istanbul).unwrap();
    for rounds in [0, 1, 12, u32::MAX] {
        assert_eq!(
            (entry.gas)(&input(rounds, 1), Fork::Istanbul),
            u64::from(rounds)
        );
    }
}
