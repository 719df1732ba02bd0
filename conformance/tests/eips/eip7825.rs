//! Gas limit of a transaction.

use crate::world::*;
use evm_interpreter::Fork;
use fevm_conformance::ethereum::Rejection;

#[test]
fn begins_with_osaka() {
    let world = |fork, limit| {
        let mut world = World::calling(fork, Asm::new());
        world.transaction.gas_limit = limit;
        world
    };
    let most = 1 << 24;
    assert!(world(Fork::Prague, most + 1).run().is_ok());
    assert!(world(Fork::Osaka, most).run().is_ok());
    assert_eq!(
        world(Fork::Osaka, most + 1).rejection(),
        Rejection::GasLimitAboveMaximum(most + 1)
    );
}
