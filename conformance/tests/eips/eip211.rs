//! RETURNDATASIZE and RETURNDATACOPY.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

const CALLEE: H160 = H160([0xdd; 20]);

/// Returns 40 bytes of ones.
fn callee() -> Vec<u8> {
    let ones = evm_interpreter::U256::MAX;
    let asm = Asm::new()
        .push(ones)
        .push(0)
        .op(MSTORE)
        .push(ones)
        .push(32)
        .op(MSTORE);
    asm.push(40).push(0).op(RETURN).0
}

#[test]
fn begin_with_byzantium() {
    begins(Fork::Byzantium, &Asm::new().op(RETURNDATASIZE));
    begins(
        Fork::Byzantium,
        &Asm::new().push(0).push(0).push(0).op(RETURNDATACOPY),
    );
}

#[test]
fn size_of_the_last_call() {
    let size = |before: Asm| {
        World::calling(Fork::Byzantium, before.op(RETURNDATASIZE).return_top())
            .with(CALLEE, account(0, 1, callee()))
            .word()
            .as_u64()
    };
    assert_eq!(size(Asm::new()), 0);
    let call = Asm::new().call(CALL, CALLEE, 0).op(POP);
    assert_eq!(size(call.clone()), 40);
    // A call of nobody empties it, and a creation that succeeds does.
    assert_eq!(size(call.clone().call(CALL, low(0x99), 0)), 0);
    assert_eq!(size(call.clone().push(0).push(0).push(0).op(CREATE)), 0);
    // So does a call that cannot be paid for.
    assert_eq!(size(call.call(CALL, CALLEE, 1)), 0);
}

#[test]
fn reading_beyond_its_end_fails() {
    for (offset, length, success) in [
        (0, 40, true),
        (40, 0, true),
        (39, 1, true),
        (0, 41, false),
        (41, 0, false),
    ] {
        let code = Asm::new()
            .call(CALL, CALLEE, 0)
            .push(length)
            .push(offset)
            .push(0)
            .op(RETURNDATACOPY);
        let ran = World::calling(Fork::Byzantium, code)
            .with(CALLEE, account(0, 1, callee()))
            .ran();
        assert_eq!(ran.receipt.success, success, "{offset} {length}");
    }
    let wraps = Asm::new().push(1).push(u64::MAX).push(0).op(RETURNDATACOPY);
    assert!(!World::calling(Fork::Byzantium, wraps).ran().receipt.success);
}

#[test]
fn costs() {
    assert_eq!(gas_of(Fork::Byzantium, Asm::new().op(RETURNDATASIZE)), 2);
    // Two words copied, two of memory.
    let copy = |length: u8| {
        let code = Asm::new()
            .call(CALL, CALLEE, 0)
            .push(length)
            .push(0)
            .push(0)
            .op(RETURNDATACOPY);
        let world = World::calling(Fork::Byzantium, code);
        world
            .with(CALLEE, account(0, 1, callee()))
            .ran()
            .receipt
            .gas_used
    };
    assert_eq!(copy(40) - copy(0), 2 * 3 + 2 * 3);
}
