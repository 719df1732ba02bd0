//! Floor price of call data.

use crate::world::*;
use evm_interpreter::Fork;
use fevm_conformance::ethereum::Rejection;

fn gas(fork: Fork, data: &[u8]) -> u64 {
    World::calling(fork, Asm::new())
        .input(data)
        .ran()
        .receipt
        .gas_used
}

#[test]
fn begins_with_prague() {
    let data = [1; 100];
    assert_eq!(gas(Fork::Cancun, &data), CALL_COST + 16 * 100);
    assert_eq!(gas(Fork::Prague, &data), CALL_COST + 40 * 100);
    assert_eq!(gas(Fork::Prague, &[0; 100]), CALL_COST + 10 * 100);
}

#[test]
fn execution_counts_against_the_floor() {
    // 3,000 gas of work: with 100 bytes that is more than the floor adds.
    let work = Asm(vec![evm_interpreter::opcode::JUMPDEST; 3000]);
    let ran = World::calling(Fork::Prague, work).input(&[1; 100]).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 16 * 100 + 3000);
}

#[test]
fn the_limit_must_cover_it() {
    let world = |limit| {
        let mut world = World::calling(Fork::Prague, Asm::new()).input(&[1; 100]);
        world.transaction.gas_limit = limit;
        world
    };
    let floor = CALL_COST + 40 * 100;
    assert!(world(floor).run().is_ok());
    assert_eq!(
        world(floor - 1).rejection(),
        Rejection::FloorGas {
            limit: floor - 1,
            needed: floor
        }
    );
    assert!(matches!(
        world(CALL_COST).rejection(),
        Rejection::IntrinsicGas { .. }
    ));
}
