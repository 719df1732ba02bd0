//! STATICCALL.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};

const CALLEE: H160 = H160([0xdd; 20]);
const THIRD: H160 = H160([0xee; 20]);

/// Whether code can run in a static call.
fn allowed(fork: Fork, code: Asm) -> bool {
    let outer = Asm::new()
        .push(0)
        .push(0)
        .push(0)
        .push(0)
        .address(CALLEE)
        .push(1_000_000);
    let success = World::calling(fork, outer.op(STATICCALL).return_top())
        .with(CALLEE, account(100, 1, code.0))
        .word();
    success == U256::one()
}

#[test]
fn begins_with_byzantium() {
    begins(Fork::Byzantium, &Asm::new().call(STATICCALL, CALLEE, 0));
}

#[test]
fn nothing_changes_the_state() {
    let fork = Fork::Byzantium;
    for (name, code) in [
        ("SSTORE", Asm::new().push(1).push(1).op(SSTORE)),
        ("SSTORE of the same", Asm::new().push(0).push(1).op(SSTORE)),
        ("LOG0", Asm::new().push(0).push(0).op(LOG0)),
        (
            "LOG4",
            (0..6).fold(Asm::new(), |asm, _| asm.push(0)).op(LOG4),
        ),
        ("CREATE", Asm::new().push(0).push(0).push(0).op(CREATE)),
        ("SELFDESTRUCT", Asm::new().push(0).op(SELFDESTRUCT)),
        ("CALL with value", Asm::new().call(CALL, THIRD, 1)),
    ] {
        assert!(!allowed(fork, code), "{name}");
    }
    let create2 = Asm::new().push(0).push(0).push(0).push(0).op(CREATE2);
    assert!(!allowed(Fork::Constantinople, create2));
}

#[test]
fn what_changes_nothing_is_allowed() {
    let fork = Fork::Byzantium;
    for (name, code) in [
        ("SLOAD", Asm::new().push(1).op(SLOAD)),
        ("CALL without value", Asm::new().call(CALL, THIRD, 0)),
        ("CALLCODE with value", Asm::new().call(CALLCODE, THIRD, 1)),
        ("DELEGATECALL", Asm::new().call(DELEGATECALL, THIRD, 0)),
        ("STATICCALL", Asm::new().call(STATICCALL, THIRD, 0)),
    ] {
        assert!(allowed(fork, code), "{name}");
    }
}

#[test]
fn calls_below_are_static_too() {
    let store = Asm::new().push(1).push(1).op(SSTORE);
    for op in [CALL, CALLCODE, DELEGATECALL, STATICCALL] {
        // Hands on the inner call's success.
        let middle = Asm::new().call(op, THIRD, 0).return_top();
        let outer = Asm::new()
            .push(32)
            .push(0)
            .push(0)
            .push(0)
            .address(CALLEE)
            .op(GAS);
        let outer = outer.op(STATICCALL).op(POP).push(0).op(MLOAD).return_top();
        let world = World::calling(Fork::Byzantium, outer)
            .with(CALLEE, account(0, 1, middle.0))
            .with(THIRD, account(0, 1, store.0.clone()));
        assert_eq!(world.word(), U256::zero(), "{op:#x}");
    }
}

#[test]
fn costs_a_call_without_value() {
    assert_eq!(
        gas_of(Fork::Byzantium, Asm::new().call(STATICCALL, CALLEE, 0)),
        5 * 3 + 2 + 700
    );
    assert_eq!(
        gas_of(Fork::Berlin, Asm::new().call(STATICCALL, CALLEE, 0)),
        5 * 3 + 2 + 2600
    );
}
