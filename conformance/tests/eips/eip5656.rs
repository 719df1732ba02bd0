//! MCOPY.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, U256};

fn copy(to: u64, from: u64, length: u64) -> Asm {
    apply(MCOPY, &[to.into(), from.into(), length.into()])
}

#[test]
fn begins_with_cancun() {
    begins(Fork::Cancun, &copy(0, 32, 32));
}

#[test]
fn overlapping() {
    let word = U256::from_big_endian(&core::array::from_fn::<u8, 32, _>(|at| at as u8));
    for (to, from, length) in [(1, 0, 31), (0, 1, 31), (0, 0, 32), (16, 0, 16)] {
        let mut memory: Vec<u8> = (0..32).collect();
        memory.copy_within(from..from + length, to);
        let mut code = Asm::new().push(word).push(0).op(MSTORE);
        code.0.extend(copy(to as u64, from as u64, length as u64).0);
        let code = code.push(0).op(MLOAD).return_top();
        let expected = U256::from_big_endian(&memory);
        assert_eq!(World::calling(Fork::Cancun, code).word(), expected);
    }
}

#[test]
fn cost() {
    let gas = |code| World::calling(Fork::Cancun, code).ran().receipt.gas_used - CALL_COST;
    assert_eq!(gas(copy(0, 0, 0)), 9 + 3);
    // Words copied, and memory as far as the farther of both reaches.
    assert_eq!(gas(copy(0, 32, 32)), 9 + 3 + 3 + 2 * 3);
    assert_eq!(gas(copy(32, 0, 33)), 9 + 3 + 2 * 3 + 3 * 3);
}

#[test]
fn beyond_any_memory() {
    for operands in [
        [U256::MAX, U256::zero(), U256::one()],
        [U256::zero(), U256::MAX, U256::one()],
    ] {
        assert!(
            !World::calling(Fork::Cancun, apply(MCOPY, &operands))
                .ran()
                .receipt
                .success
        );
    }
    let nothing = apply(MCOPY, &[U256::MAX, U256::MAX, U256::zero()]);
    assert!(World::calling(Fork::Cancun, nothing).ran().receipt.success);
}
