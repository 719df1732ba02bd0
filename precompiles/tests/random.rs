//! Both back ends on random input: no panic, and one answer.

#![cfg(all(feature = "native", not(target_arch = "wasm32")))]

use std::sync::LazyLock;

use evm_interpreter::Fork;
use precompiles::{Native, Portable, Registry, filecoin};
use proptest::{prelude::*, sample::Index};

/// Gas up to which a random MODEXP or BLAKE2F is worth running.
const AFFORDABLE: u64 = 200_000;

/// Number and inputs of each vector file.
static INPUTS: LazyLock<Vec<(u16, Vec<Vec<u8>>)>> = LazyLock::new(|| {
    let mut files: Vec<_> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .collect();
    files.sort();
    let inputs = |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let inputs = file["cases"].as_array().unwrap().iter();
        let inputs = inputs.map(|case| hex::decode(case["input"].as_str().unwrap()).unwrap());
        (file["number"].as_u64().unwrap() as u16, inputs.collect())
    };
    files.into_iter().map(inputs).collect()
});

/// Runs a precompile under all rules that differ, on both back ends.
fn check(number: u16, input: &[u8]) {
    let find = |table: &'static [precompiles::Precompile]| {
        table
            .iter()
            .find(|precompile| precompile.number == number)
            .unwrap()
    };
    let (portable, native) = (
        find(Registry::<Portable>::ALL),
        find(Registry::<Native>::ALL),
    );
    for fork in [Fork::Byzantium, Fork::Berlin, Fork::Osaka] {
        let gas = (portable.gas)(input, fork);
        assert_eq!(gas, (native.gas)(input, fork));
        if gas <= AFFORDABLE + 50_000 * input.len() as u64 / 160 {
            assert_eq!(
                (portable.run)(input, fork).ok(),
                (native.run)(input, fork).ok()
            );
        }
    }
    if (portable.gas)(input, Fork::Berlin) <= AFFORDABLE {
        let portable = filecoin::<Portable>(number).map(|run| run(input).ok());
        assert_eq!(
            portable,
            filecoin::<Native>(number).map(|run| run(input).ok())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(input in prop::collection::vec(any::<u8>(), 0..600)) {
        for precompile in Registry::<Portable>::ALL {
            check(precompile.number, &input);
        }
    }

    /// Input of the right length, which random bytes seldom are.
    #[test]
    fn any_bytes_of_a_vector_length(
        file in any::<Index>(), case in any::<Index>(), seed in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let (number, inputs) = file.get(&INPUTS);
        let len = case.get(inputs).len();
        check(*number, &seed.into_iter().cycle().take(len).collect::<Vec<_>>());
    }

    /// Vectors with some bytes changed, and cut or drawn out.
    #[test]
    fn damaged_vectors(
        file in any::<Index>(), case in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..3),
        cut in prop::option::weighted(0.2, any::<Index>()), more in 0..3usize,
    ) {
        let (number, inputs) = file.get(&INPUTS);
        let mut input = case.get(inputs).clone();
        for (at, byte) in changes {
            if !input.is_empty() {
                let at = at.index(input.len());
                input[at] ^= byte;
            }
        }
        if let Some(cut) = cut {
            input.truncate(cut.index(input.len() + 1));
        }
        input.extend(vec![0; if more == 2 { 32 } else { 0 }]);
        check(*number, &input);
    }

    /// Two vectors of one precompile, exchanged from a 32-byte word on.
    #[test]
    fn spliced_vectors(file in any::<Index>(), a in any::<Index>(), b in any::<Index>(), at in any::<Index>()) {
        let (number, inputs) = file.get(&INPUTS);
        let (a, b) = (a.get(inputs), b.get(inputs));
        let at = 32 * at.index(a.len().min(b.len()) / 32 + 1);
        check(*number, &[&a[..at], &b[at..]].concat());
    }
}
