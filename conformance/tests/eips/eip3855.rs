//! PUSH0.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::*;

#[test]
fn begins_with_shanghai() {
    begins(Fork::Shanghai, &Asm::new().op(PUSH0));
}

#[test]
fn pushes_zero_for_two_gas() {
    let code = Asm::new().op(PUSH0).op(ISZERO).return_top();
    assert_eq!(World::calling(Fork::Shanghai, code).word(), 1.into());
    let ran = World::calling(Fork::Shanghai, Asm::new().op(PUSH0)).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 2);
}

#[test]
fn fills_the_stack() {
    let fills = |items| Asm(vec![PUSH0; items]);
    assert!(
        World::calling(Fork::Shanghai, fills(1024))
            .ran()
            .receipt
            .success
    );
    assert!(
        !World::calling(Fork::Shanghai, fills(1025))
            .ran()
            .receipt
            .success
    );
}
