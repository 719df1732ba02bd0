//! Precompiles of BLS12-381.

use crate::world::*;
use evm_interpreter::Fork;
use precompiles::{Native, Registry};

/// Addresses with an input of zeros (points at infinity, field elements 0) of a valid length.
const CALLS: [(u16, usize); 7] = [
    (0x0b, 256),
    (0x0c, 160),
    (0x0d, 512),
    (0x0e, 288),
    (0x0f, 384),
    (0x10, 64),
    (0x11, 128),
];

#[test]
fn begin_with_prague() {
    for (number, length) in CALLS {
        let input = vec![0; length];
        assert_eq!(
            precompile(number, &input, Fork::Cancun),
            (true, vec![]),
            "{number:#x}"
        );
        let (success, output) = precompile(number, &input, Fork::Prague);
        assert!(success && !output.is_empty(), "{number:#x}");
    }
}

#[test]
fn sums_and_products_of_infinity() {
    for (number, length, output) in [
        (0x0b, 256, 128),
        (0x0c, 160, 128),
        (0x0d, 512, 256),
        (0x0e, 288, 256),
    ] {
        let result = precompile(number, &vec![0; length], Fork::Prague);
        assert_eq!(result, (true, vec![0; output]), "{number:#x}");
    }
    let mut one = vec![0; 32];
    one[31] = 1;
    assert_eq!(precompile(0x0f, &[0; 384], Fork::Prague), (true, one));
}

#[test]
fn wrong_lengths_and_elements_fail() {
    for (number, length) in CALLS {
        for length in [0, length - 1, length + 1] {
            let (success, output) = precompile(number, &vec![0; length], Fork::Prague);
            assert!(!success && output.is_empty(), "{number:#x} {length}");
        }
        // The top sixteen bytes of a field element are zero.
        let mut input = vec![0; length];
        input[0] = 1;
        assert!(!precompile(number, &input, Fork::Prague).0, "{number:#x}");
    }
}

#[test]
fn prices() {
    for (number, length, gas) in [
        (0x0b, 256, 375),
        (0x0c, 160, 12_000),
        (0x0c, 320, 22_776),
        (0x0d, 512, 600),
        (0x0e, 288, 22_500),
        (0x0f, 384, 37_700 + 32_600),
        (0x0f, 768, 37_700 + 2 * 32_600),
        (0x10, 64, 5_500),
        (0x11, 128, 23_800),
    ] {
        let address = low(number);
        let entry = Registry::<Native>::get(&address, Fork::Prague).unwrap();
        assert_eq!(
            (entry.gas)(&vec![0; length], Fork::Prague),
            gas,
            "{number:#x} {length}"
        );
    }
}
