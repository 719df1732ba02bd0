//! DELEGATECALL.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};

const LIBRARY: H160 = H160([0xdd; 20]);

#[test]
fn begins_with_homestead() {
    begins(
        Fork::Homestead,
        &Asm::new()
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(LIBRARY)
            .push(0)
            .op(DELEGATECALL),
    );
}

#[test]
fn sender_value_and_storage_are_the_callers() {
    // Stores sender and value at 0 and 1.
    let library = Asm::new()
        .op(CALLER)
        .push(0)
        .op(SSTORE)
        .op(CALLVALUE)
        .push(1)
        .op(SSTORE);
    for (op, sender) in [(DELEGATECALL, SENDER), (CALLCODE, TARGET)] {
        let mut world = World::calling(Fork::TangerineWhistle, Asm::new().call(op, LIBRARY, 0))
            .with(LIBRARY, account(0, 1, library.0.clone()));
        world.transaction.value = 5.into();
        let mut ran = world.ran();
        let target = ran.state.load(TARGET);
        let expected = U256::from_big_endian(&sender.0);
        assert_eq!(ran.state.load_slot(target, 0.into()).value, expected);
        let value = if op == DELEGATECALL { 5 } else { 0 };
        assert_eq!(ran.state.load_slot(target, 1.into()).value, value.into());
    }
}

#[test]
fn costs_a_call_without_value() {
    let code = |op: u8| {
        let asm = Asm::new().push(0).push(0).push(0).push(0);
        let asm = if op == CALL { asm.push(0) } else { asm };
        asm.address(LIBRARY).push(0).op(op)
    };
    let library = || account(0, 1, Vec::new());
    let gas = |fork, op| {
        World::calling(fork, code(op))
            .with(LIBRARY, library())
            .ran()
            .receipt
            .gas_used
            - CALL_COST
    };
    assert_eq!(gas(Fork::Homestead, DELEGATECALL), 6 * 3 + 40);
    assert_eq!(gas(Fork::TangerineWhistle, DELEGATECALL), 6 * 3 + 700);
    assert_eq!(gas(Fork::Berlin, DELEGATECALL), 6 * 3 + 2600);
    assert_eq!(gas(Fork::Homestead, CALL), 7 * 3 + 40);
}
