//! Transient storage.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};

#[test]
fn begins_with_cancun() {
    begins(Fork::Cancun, &Asm::new().push(1).op(TLOAD));
    begins(Fork::Cancun, &Asm::new().push(1).push(2).op(TSTORE));
}

#[test]
fn holds_what_was_stored() {
    let code = Asm::new()
        .push(7)
        .push(U256::MAX)
        .op(TSTORE)
        .push(U256::MAX)
        .op(TLOAD)
        .return_top();
    assert_eq!(World::calling(Fork::Cancun, code).word(), 7.into());
    let code = Asm::new()
        .push(7)
        .push(1)
        .op(TSTORE)
        .push(2)
        .op(TLOAD)
        .return_top();
    assert_eq!(World::calling(Fork::Cancun, code).word(), 0.into());
}

#[test]
fn costs_a_warm_access() {
    let code = Asm::new().push(1).op(TLOAD);
    assert_eq!(
        World::calling(Fork::Cancun, code).ran().receipt.gas_used,
        CALL_COST + 3 + 100
    );
    let code = Asm::new().push(1).push(1).op(TSTORE);
    assert_eq!(
        World::calling(Fork::Cancun, code).ran().receipt.gas_used,
        CALL_COST + 6 + 100
    );
}

#[test]
fn belongs_to_the_account_and_is_undone_by_revert() {
    let other = H160([0xdd; 20]);
    let call = |asm: Asm| {
        asm.push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(other)
            .op(GAS)
            .op(CALL)
            .op(POP)
    };
    let code = call(Asm::new().push(5).push(1).op(TSTORE))
        .push(1)
        .op(TLOAD)
        .return_top();
    // The callee stores at the same key of its own.
    let world = World::calling(Fork::Cancun, code.clone()).with(
        other,
        account(0, 1, Asm::new().push(9).push(1).op(TSTORE).0),
    );
    assert_eq!(world.word(), 5.into());
    // By DELEGATECALL it is the caller's, unless it reverts.
    for (end, expected) in [(STOP, 9), (REVERT, 5)] {
        let callee = Asm::new()
            .push(9)
            .push(1)
            .op(TSTORE)
            .push(0)
            .push(0)
            .op(end);
        let code = Asm::new()
            .push(5)
            .push(1)
            .op(TSTORE)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(other)
            .op(GAS)
            .op(DELEGATECALL)
            .op(POP)
            .push(1)
            .op(TLOAD)
            .return_top();
        let world = World::calling(Fork::Cancun, code).with(other, account(0, 1, callee.0));
        assert_eq!(world.word(), expected.into());
    }
}

#[test]
fn no_store_in_a_static_call() {
    let other = H160([0xdd; 20]);
    let code = Asm::new()
        .push(0)
        .push(0)
        .push(0)
        .push(0)
        .address(other)
        .push(100_000)
        .op(STATICCALL)
        .return_top();
    let callee = Asm::new().push(9).push(1).op(TSTORE);
    let world = World::calling(Fork::Cancun, code).with(other, account(0, 1, callee.0));
    assert_eq!(world.word(), 0.into());
}
