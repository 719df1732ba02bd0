//! REVERT.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

#[test]
fn begins_with_byzantium() {
    let code = Asm::new().push(0).push(0).op(REVERT);
    let before = World::calling(Fork::SpuriousDragon, code.clone())
        .ran()
        .receipt;
    assert!(!before.success);
    assert_eq!(
        before.gas_used, 10_000_000,
        "an unknown instruction takes all gas"
    );
    let after = World::calling(Fork::Byzantium, code).ran().receipt;
    assert!(!after.success);
    assert_eq!(after.gas_used, CALL_COST + 6, "the rest is given back");
}

#[test]
fn gives_data_and_undoes() {
    let callee = H160([0xdd; 20]);
    let reverting = Asm::new()
        .push(9)
        .push(1)
        .op(SSTORE)
        .push(0)
        .push(0)
        .op(LOG0)
        .push(77)
        .push(0)
        .op(MSTORE)
        .push(32)
        .push(0)
        .op(REVERT);
    // Success, size and word of what came back.
    let code = Asm::new()
        .call(CALL, callee, 0)
        .push(0)
        .op(MSTORE)
        .op(RETURNDATASIZE)
        .push(32)
        .op(MSTORE)
        .push(32)
        .push(0)
        .push(64)
        .op(RETURNDATACOPY)
        .push(96)
        .push(0)
        .op(RETURN);
    let mut ran = World::calling(Fork::Byzantium, code)
        .with(callee, account(0, 1, reverting.0))
        .ran();
    let word = |at: usize| ran.receipt.output[32 * at..32 * at + 32].to_vec();
    assert_eq!([word(0)[31], word(1)[31], word(2)[31]], [0, 32, 77]);
    assert!(ran.receipt.logs.is_empty());
    let id = ran.state.load(callee);
    assert_eq!(ran.state.load_slot(id, 1.into()).value, 0.into());
}

#[test]
fn costs_its_memory_alone() {
    // 3 words of memory.
    let code = Asm::new().push(65).push(0).op(REVERT);
    assert_eq!(gas_of(Fork::Byzantium, code), 6 + 3 * 3);
    let beyond = Asm::new().push(1).push(u64::MAX).op(REVERT);
    let ran = World::calling(Fork::Byzantium, beyond).ran();
    assert_eq!(ran.receipt.gas_used, 10_000_000);
}

#[test]
fn creations_give_the_reason_and_no_code() {
    let init = Asm::new()
        .push(7)
        .push(0)
        .op(MSTORE)
        .push(32)
        .push(0)
        .op(REVERT);
    let ran = World::creating(Fork::Byzantium, init.0).ran();
    assert!(!ran.receipt.success);
    assert_eq!(ran.receipt.created, None);
    assert_eq!(ran.receipt.output[31], 7);
}
