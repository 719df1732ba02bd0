//! Net gas metering of SSTORE, in Constantinople alone.

use crate::net_metering::{Example, check};
use evm_interpreter::Fork;

/// The table of the EIP.
const EXAMPLES: [Example; 17] = [
    (&[0, 0], 0, 412, 0),
    (&[0, 1], 0, 20_212, 0),
    (&[1, 0], 0, 20_212, 19_800),
    (&[1, 2], 0, 20_212, 0),
    (&[1, 1], 0, 20_212, 0),
    (&[0, 0], 1, 5_212, 15_000),
    (&[0, 1], 1, 5_212, 4_800),
    (&[0, 2], 1, 5_212, 0),
    (&[2, 0], 1, 5_212, 15_000),
    (&[2, 3], 1, 5_212, 0),
    (&[2, 1], 1, 5_212, 4_800),
    (&[2, 2], 1, 5_212, 0),
    (&[1, 0], 1, 5_212, 15_000),
    (&[1, 2], 1, 5_212, 0),
    (&[1, 1], 1, 412, 0),
    (&[1, 0, 1], 0, 40_218, 19_800),
    (&[0, 1, 0], 1, 10_218, 19_800),
];

#[test]
fn examples() {
    check(Fork::Constantinople, &EXAMPLES);
}

#[test]
fn before_and_after_each_write_counts_alone() {
    for fork in [Fork::Byzantium, Fork::Petersburg] {
        check(
            fork,
            &[
                (&[0, 0], 0, 10_012, 0),
                (&[1, 0], 0, 25_012, 15_000),
                (&[1, 2], 0, 25_012, 0),
                (&[0, 1], 1, 25_012, 15_000),
                (&[1, 1], 1, 10_012, 0),
            ],
        );
    }
}
