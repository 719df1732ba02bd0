//! Net gas metering of SSTORE once more, with a sentry.

use crate::net_metering::{Example, check};
use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

/// The table of the EIP.
const EXAMPLES: [Example; 17] = [
    (&[0, 0], 0, 1_612, 0),
    (&[0, 1], 0, 20_812, 0),
    (&[1, 0], 0, 20_812, 19_200),
    (&[1, 2], 0, 20_812, 0),
    (&[1, 1], 0, 20_812, 0),
    (&[0, 0], 1, 5_812, 15_000),
    (&[0, 1], 1, 5_812, 4_200),
    (&[0, 2], 1, 5_812, 0),
    (&[2, 0], 1, 5_812, 15_000),
    (&[2, 3], 1, 5_812, 0),
    (&[2, 1], 1, 5_812, 4_200),
    (&[2, 2], 1, 5_812, 0),
    (&[1, 0], 1, 5_812, 15_000),
    (&[1, 2], 1, 5_812, 0),
    (&[1, 1], 1, 1_612, 0),
    (&[1, 0, 1], 0, 40_818, 19_200),
    (&[0, 1, 0], 1, 10_818, 19_200),
];

#[test]
fn examples() {
    check(Fork::Istanbul, &EXAMPLES);
}

#[test]
fn not_with_the_stipend_alone() {
    // A write that costs 800 needs more than 2,300 to be there.
    let callee = H160([0xdd; 20]);
    let store = Asm::new().push(0).push(0).op(SSTORE);
    let success = |fork, gas: u64| {
        let code = Asm::new()
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(callee)
            .push(gas);
        World::calling(fork, code.op(CALL).return_top())
            .with(callee, account(0, 1, store.0.clone()))
            .word()
            .as_u64()
    };
    assert_eq!(success(Fork::Istanbul, 2_306), 0);
    assert_eq!(success(Fork::Istanbul, 2_307), 1);
    // EIP-1283 had no such limit.
    assert_eq!(success(Fork::Constantinople, 206), 1);
    assert_eq!(success(Fork::Constantinople, 205), 0);
}
