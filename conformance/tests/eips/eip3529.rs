//! Smaller refunds.

use crate::net_metering::{Example, check};
use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

/// The table of the EIP.
const EXAMPLES: [Example; 17] = [
    (&[0, 0], 0, 212, 0),
    (&[0, 1], 0, 20_112, 0),
    (&[1, 0], 0, 20_112, 19_900),
    (&[1, 2], 0, 20_112, 0),
    (&[1, 1], 0, 20_112, 0),
    (&[0, 0], 1, 3_012, 4_800),
    (&[0, 1], 1, 3_012, 2_800),
    (&[0, 2], 1, 3_012, 0),
    (&[2, 0], 1, 3_012, 4_800),
    (&[2, 3], 1, 3_012, 0),
    (&[2, 1], 1, 3_012, 2_800),
    (&[2, 2], 1, 3_012, 0),
    (&[1, 0], 1, 3_012, 4_800),
    (&[1, 2], 1, 3_012, 0),
    (&[1, 1], 1, 212, 0),
    (&[1, 0, 1], 0, 40_118, 19_900),
    (&[0, 1, 0], 1, 5_918, 7_600),
];

#[test]
fn examples() {
    check(Fork::London, &EXAMPLES);
}

#[test]
fn berlin_still_gives_more() {
    check(
        Fork::Berlin,
        &[(&[0, 0], 1, 3_012, 15_000), (&[0, 1, 0], 1, 5_918, 17_800)],
    );
}

#[test]
fn no_refund_for_selfdestruct() {
    let code = Asm::new().address(H160([0xdd; 20])).op(SELFDESTRUCT);
    let refund = |fork| World::calling(fork, code.clone()).ran().receipt.refunded;
    // 24,000, but at most half of what was used.
    assert_eq!(refund(Fork::Berlin), (CALL_COST + 3 + 5_000 + 2_600) / 2);
    assert_eq!(refund(Fork::London), 0);
}

#[test]
fn at_most_a_fifth() {
    // Clears 100 slots: 4,800 refund each for 5,000 + 6 gas.
    let code = (0..100u64).fold(Asm::new(), |asm, key| asm.push(0).push(key).op(SSTORE));
    let mut target = account(0, 1, code.0);
    target.storage = (0..100u64).map(|key| (key.into(), 1.into())).collect();
    for (fork, quotient) in [(Fork::Berlin, 2), (Fork::London, 5)] {
        let receipt = World::calling(fork, Asm::new())
            .with(TARGET, target.clone())
            .ran()
            .receipt;
        let used = CALL_COST + 100 * (6 + 5_000);
        assert_eq!(receipt.refunded, used / quotient, "{fork:?}");
        assert_eq!(receipt.gas_used, used - used / quotient);
    }
}
