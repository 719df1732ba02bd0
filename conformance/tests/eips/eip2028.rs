//! Cheaper call data.

use crate::world::*;
use evm_interpreter::Fork;

#[test]
fn a_byte_that_is_not_zero() {
    for (fork, byte) in [
        (Fork::Frontier, 68),
        (Fork::Petersburg, 68),
        (Fork::Istanbul, 16),
        (Fork::Cancun, 16),
    ] {
        let gas = |data: &[u8]| {
            World::calling(fork, Asm::new())
                .input(data)
                .ran()
                .receipt
                .gas_used
        };
        assert_eq!(gas(&[1, 0, 255]), CALL_COST + 2 * byte + 4, "{fork:?}");
        assert_eq!(gas(&[0; 10]), CALL_COST + 40, "{fork:?}");
    }
}

#[test]
fn the_limit_must_cover_it() {
    let mut world = World::calling(Fork::Istanbul, Asm::new()).input(&[1; 10]);
    world.transaction.gas_limit = CALL_COST + 160;
    assert!(world.run().is_ok());
    let mut world = World::calling(Fork::Petersburg, Asm::new()).input(&[1; 10]);
    world.transaction.gas_limit = CALL_COST + 160;
    assert!(matches!(
        world.rejection(),
        fevm_conformance::ethereum::Rejection::IntrinsicGas {
            limit: 21_160,
            needed: 21_680
        }
    ));
}
