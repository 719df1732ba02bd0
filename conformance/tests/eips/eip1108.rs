//! Cheaper bn254.

use crate::world::low;
use evm_interpreter::Fork;
use precompiles::{Native, Registry};

#[test]
fn prices_before_and_from_istanbul() {
    for (number, length, before, after) in [
        (6, 128, 500, 150),
        (7, 96, 40_000, 6_000),
        (8, 0, 100_000, 45_000),
        (8, 192, 180_000, 79_000),
        (8, 384, 260_000, 113_000),
    ] {
        for (fork, gas) in [(Fork::Petersburg, before), (Fork::Istanbul, after)] {
            let entry = Registry::<Native>::get(&low(number), fork).unwrap();
            assert_eq!(
                (entry.gas)(&vec![0; length], fork),
                gas,
                "{number} {length} {fork:?}"
            );
        }
    }
}
