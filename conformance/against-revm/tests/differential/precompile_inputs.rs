//! Inputs of precompiles: those of the golden vectors, and what lies close to them.

use crate::source::Source;
use evm_interpreter::U256;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Longer ones would only make long programs.
const LONGEST: usize = 800;

/// Inputs by the precompile's number.
fn known() -> &'static BTreeMap<u16, Vec<Vec<u8>>> {
    static KNOWN: OnceLock<BTreeMap<u16, Vec<Vec<u8>>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        macro_rules! vectors {
            ($($name:literal)*) => {
                [$(include_str!(concat!("../../../../precompiles/tests/vectors/", $name, ".json"))),*]
            };
        }
        let mut known: BTreeMap<u16, Vec<Vec<u8>>> = BTreeMap::new();
        for text in vectors!["blake2f" "bls12_g1add" "bls12_g1msm" "bls12_g2add" "bls12_g2msm"
            "bls12_map_fp2_to_g2" "bls12_map_fp_to_g1" "bls12_pairing" "bn254_add" "bn254_mul"
            "bn254_pairing" "ecrecover" "identity" "modexp" "p256verify" "point_evaluation"
            "ripemd160" "sha256"]
        {
            let file: Value = serde_json::from_str(text).unwrap();
            let inputs = file["cases"].as_array().unwrap().iter().map(|case| {
                alloy_primitives::hex::decode(case["input"].as_str().unwrap()).unwrap()
            });
            known
                .entry(file["number"].as_u64().unwrap() as u16)
                .or_default()
                .extend(inputs.filter(|input| input.len() <= LONGEST));
        }
        known
    })
}

/// An input for the precompile of this number.
pub(crate) fn input_for(source: &mut Source, number: u16) -> Vec<u8> {
    let inputs = known().get(&number).map_or(&[][..], Vec::as_slice);
    if inputs.is_empty() || source.percent(10) {
        let length = source.below(300);
        return source.bytes(length);
    }
    let mut input = source.pick(inputs).clone();
    match source.below(8) {
        0 if !input.is_empty() => {
            let at = source.below(input.len());
            input[at] = source.below(256) as u8;
        }
        1 => input.truncate(source.below(input.len() + 1)),
        2 => {
            let length = source.below(70);
            input.extend(source.bytes(length));
        }
        _ => {}
    }
    // Rounds of BLAKE2 that somebody could pay for would take minutes.
    if number == 9 && input.len() == 213 {
        input[..2].fill(0);
    }
    input
}

/// An input at an edge: of a length that is nearly right, of very many parts, of numbers at the ends
/// of their ranges.
pub(crate) fn edge_input(source: &mut Source, number: u16) -> Vec<u8> {
    match (number, source.below(3)) {
        (5, 0 | 1) => modexp(source),
        (9, 0) => {
            let mut input = input_for(source, 9);
            input.resize(213, 0);
            let rounds = *source.pick(&[0u32, 1, 9, 10, 11, 12, 255, 256, 65_535]);
            input[..4].copy_from_slice(&rounds.to_be_bytes());
            input[212] = source.below(3) as u8;
            let length = *source.pick(&[213, 213, 213, 212, 214, 0]);
            input.resize(length, 1);
            input
        }
        // Sums and products of pairs: very many of them.
        (6..=8 | 0x0b..=0x0f, 0) => {
            let count = match source.below(6) {
                0 => 0,
                1 => 129,
                _ => 1 + source.below(12),
            };
            let inputs = known().get(&number).map_or(&[][..], Vec::as_slice);
            // Only whole ones fit each other.
            let whole =
                |input: &&Vec<u8>| !input.is_empty() && input.len().is_multiple_of(part(number));
            let inputs: Vec<_> = inputs.iter().filter(whole).cloned().collect();
            let mut all = Vec::new();
            for _ in 0..count {
                let one: &Vec<u8> = source.pick(&inputs);
                all.extend_from_slice(one);
            }
            all.truncate(count * part(number));
            nudge(source, &mut all, part(number));
            all
        }
        _ => {
            let mut input = input_for(source, number);
            edge_word(source, &mut input);
            input
        }
    }
}

/// Length of one part of an input, bytes.
const fn part(number: u16) -> usize {
    match number {
        6 => 128,
        7 => 96,
        8 => 192,
        0x0b => 256,
        0x0c => 160,
        0x0d => 512,
        0x0e => 288,
        _ => 384,
    }
}

/// Makes one byte more or less now and then, or a part that is all zeros.
fn nudge(source: &mut Source, input: &mut Vec<u8>, part: usize) {
    match source.below(6) {
        0 => input.push(0),
        1 => input.truncate(input.len().saturating_sub(1)),
        2 if !input.is_empty() => {
            let at = part * source.below(input.len() / part);
            input[at..at + part].fill(0);
        }
        3 => edge_word(source, input),
        _ => {}
    }
}

/// Sets an aligned word to a number at the end of a range: that of words, of fields, of groups.
fn edge_word(source: &mut Source, input: &mut [u8]) {
    /// Moduli and orders: secp256k1, bn254, P-256, BLS12-381; of each its lower 256 bits.
    const ENDS: [&str; 8] = [
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47",
        "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
        "64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    ];
    let words = input.len() / 32;
    if words == 0 || source.percent(50) {
        return;
    }
    let at = 32 * source.below(words);
    let word = match source.below(4) {
        0 => source.word(),
        1 => U256::from(source.below(3)),
        _ => {
            let end = U256::from_str_radix(ENDS[source.below(ENDS.len())], 16).unwrap();
            end - U256::one() + source.below(3)
        }
    };
    input[at..at + 32].copy_from_slice(&word.to_big_endian());
}

/// An input of MODEXP: lengths at the limits of EIP-7823 and of words, numbers of few bits or many.
fn modexp(source: &mut Source) -> Vec<u8> {
    let length = |source: &mut Source| -> (U256, usize) {
        let usual = [0, 1, 2, 31, 32, 33, 63, 64, 65, 96, 255, 256, 257];
        let far = [1_023, 1_024, 1_025];
        match source.below(20) {
            0 => (source.word(), 0),
            1 => (U256::one() << *source.pick(&[31, 32, 63, 64, 128, 255]), 0),
            2..=4 => {
                let length = *source.pick(&far);
                (length.into(), length)
            }
            _ => {
                let length = *source.pick(&usual);
                (length.into(), length)
            }
        }
    };
    let lengths = [length(source), length(source), length(source)];
    let mut input = Vec::new();
    for (said, _) in lengths {
        input.extend(said.to_big_endian());
    }
    for (_, length) in lengths {
        let (all, first) = (source.below(4), source.below(256) as u8);
        let start = input.len();
        input.resize(start + length, if all == 0 { 0xff } else { 0 });
        let number = &mut input[start..];
        match all {
            // Small numbers behind zeros.
            1 => number
                .iter_mut()
                .rev()
                .take(2)
                .for_each(|byte| *byte = first),
            2 => number.iter_mut().take(1).for_each(|byte| *byte = first),
            3 => number.iter_mut().for_each(|byte| *byte = first),
            _ => {}
        }
    }
    if source.percent(20) {
        let length = source.below(input.len() + 40);
        input.resize(length, 1);
    }
    input
}
