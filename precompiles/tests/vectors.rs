//! Golden vectors of every precompile, on every back end, under every fork (see
//! `vectors/README.md`).

use evm_interpreter::{Fork, H160};
use precompiles::{Crypto, Error, Portable, Registry, filecoin};
use serde::Deserialize;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Deserialize)]
struct File {
    number: u16,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    input: String,
    results: Vec<Expected>,
}

/// What holds from a fork on, until the next entry.
#[derive(Deserialize)]
struct Expected {
    fork: String,
    gas: u64,
    /// Absent where the price is beyond any block, so that nobody ran it.
    ok: Option<bool>,
    output: Option<String>,
}

/// Gas beyond any block.
const BEYOND: u64 = 60_000_000;

fn fork(name: &str) -> Fork {
    // The precompiles of Homestead are those of Frontier.
    let name = if name == "Homestead" {
        "Frontier"
    } else {
        name
    };
    Fork::ALL
        .into_iter()
        .find(|fork| format!("{fork:?}") == name)
        .unwrap()
}

fn address(number: u16) -> H160 {
    let mut address = H160::zero();
    address.0[18..].copy_from_slice(&number.to_be_bytes());
    address
}

fn check<C: Crypto>(json: &str) {
    let file: File = serde_json::from_str(json).unwrap();
    let address = address(file.number);
    assert!(!file.cases.is_empty());
    for case in &file.cases {
        let input = hex::decode(&case.input).unwrap();
        let since = fork(&case.results[0].fork);
        let mut last = None;
        for at in Fork::ALL {
            let Some(precompile) = Registry::<C>::get(&address, at) else {
                assert!(at < since, "{} is missing in {at:?}", file.number);
                continue;
            };
            assert!(at >= since, "{} is too early in {at:?}", precompile.name);
            assert_eq!(precompile.address(), address);
            let expected = case
                .results
                .iter()
                .rfind(|result| fork(&result.fork) <= at)
                .unwrap();
            let place = format!("{} {:?} in {at:?}", precompile.name, case.name);
            let gas = (precompile.gas)(&input, at);
            let Some(ok) = expected.ok else {
                // Where lengths of 256 bits saturate is everyone's own affair.
                assert!(gas > BEYOND, "gas of {place}");
                continue;
            };
            assert_eq!(gas, expected.gas, "gas of {place}");
            // Running again where nothing has changed would only take time.
            if last == Some(&expected.fork) {
                continue;
            }
            last = Some(&expected.fork);
            let output = expected
                .output
                .as_ref()
                .map(|output| hex::decode(output).unwrap());
            assert_eq!(output.is_some(), ok);
            let outcome = precompile.call(&input, expected.gas, at);
            match (&outcome, &output) {
                (Ok(outcome), Some(output)) => {
                    assert_eq!(hex::encode(&outcome.output), hex::encode(output), "{place}");
                    assert_eq!(outcome.gas_used, expected.gas);
                }
                (Err(Error::Failure(_)), None) => {}
                _ => panic!("{place} gives {outcome:?} instead of {output:?}"),
            }
            if expected.gas > 0 {
                let outcome = precompile.call(&input, expected.gas - 1, at);
                assert_eq!(outcome, Err(Error::OutOfGas), "{place}");
            }
        }
        check_filecoin::<C>(file.number, case, &input);
    }
}

/// Filecoin's rules are Ethereum's before Osaka, but that MODEXP refuses lengths above 32 bits.
fn check_filecoin<C: Crypto>(number: u16, case: &Case, input: &[u8]) {
    let Some(run) = filecoin::<C>(number) else {
        assert_eq!(number, 0x0a);
        return;
    };
    let expected = case
        .results
        .iter()
        .rfind(|result| fork(&result.fork) < Fork::Osaka);
    let Some(expected) = expected.or(case.results.last()) else {
        return;
    };
    if expected.ok.is_none() {
        return;
    }
    let lengths = input.iter().take(96).copied().collect::<Vec<_>>();
    let too_long = lengths
        .chunks(32)
        .any(|length| length.iter().take(28).any(|&byte| byte != 0));
    let output = run(input);
    if number == 5 && too_long {
        assert!(output.is_err(), "{}", case.name);
    } else {
        assert_eq!(
            output.ok().map(hex::encode),
            expected.output,
            "{}",
            case.name
        );
    }
}

/// One test a file, named after it, on both back ends.
macro_rules! vectors {
    ($($name:ident),* $(,)?) => {$(
        #[cfg_attr(not(target_arch = "wasm32"), test)]
        #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
        fn $name() {
            let json = include_str!(concat!("vectors/", stringify!($name), ".json"));
            check::<Portable>(json);
            #[cfg(feature = "native")]
            check::<precompiles::Native>(json);
        }
    )*};
}

vectors!(
    ecrecover,
    sha256,
    ripemd160,
    identity,
    modexp,
    bn254_add,
    bn254_mul,
    bn254_pairing,
    blake2f,
    point_evaluation,
    bls12_g1add,
    bls12_g1msm,
    bls12_g2add,
    bls12_g2msm,
    bls12_pairing,
    bls12_map_fp_to_g1,
    bls12_map_fp2_to_g2,
    p256verify,
);

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn filecoin_has_its_own_set() {
    let set: Vec<u16> = (0..=0x200)
        .filter(|&number| filecoin::<Portable>(number).is_some())
        .collect();
    let expected: Vec<u16> = (0x01..=0x09).chain(0x0b..=0x11).chain([0x0100]).collect();
    assert_eq!(set, expected);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn addresses_with_high_bytes_are_no_precompiles() {
    for at in 0..18 {
        let mut address = address(1);
        address.0[at] = 1;
        assert!(Registry::<Portable>::get(&address, Fork::LATEST).is_none());
    }
    assert!(Registry::<Portable>::get(&address(0x12), Fork::LATEST).is_none());
    assert!(Registry::<Portable>::get(&address(0), Fork::LATEST).is_none());
}

/// Lengths that Filecoin's rules allow, of operands that the input does not have.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen_test]
fn modexp_of_operands_beyond_memory_fails() {
    let run = filecoin::<Portable>(5).unwrap();
    for (base, modulus) in [
        (0, u32::MAX),
        (0, 1 << 31),
        (0, 1 << 28),
        (1 << 30, 1),
        (u32::MAX, 1),
    ] {
        let mut input = vec![0; 96];
        input[28..32].copy_from_slice(&u32::to_be_bytes(base));
        input[92..].copy_from_slice(&u32::to_be_bytes(modulus));
        if base == 0 {
            // The modulus starts with 1, so that it is not 0.
            input.push(1);
            assert!(run(&input).is_err(), "{base} {modulus}");
        } else {
            assert_eq!(run(&input), Ok(vec![0]), "{base} {modulus}: a modulus of 0");
        }
    }
}
