//! Gas of first accesses.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

fn gas(fork: Fork, code: Asm) -> u64 {
    World::calling(fork, code).ran().receipt.gas_used - CALL_COST
}

#[test]
fn accounts() {
    let other = H160([0xdd; 20]);
    let once = Asm::new().address(other).op(BALANCE);
    let twice = once.clone().address(other).op(BALANCE);
    assert_eq!(gas(Fork::Istanbul, once.clone()), 3 + 700);
    assert_eq!(gas(Fork::Berlin, once), 3 + 2600);
    assert_eq!(gas(Fork::Berlin, twice), 3 + 2600 + 3 + 100);
    // Sender, target and precompiles are warm from the start.
    for warm in [SENDER, TARGET, low(1), low(9)] {
        assert_eq!(
            gas(Fork::Berlin, Asm::new().address(warm).op(BALANCE)),
            3 + 100
        );
    }
    // The ninth is the last at Berlin.
    let tenth = low(10);
    assert_eq!(
        gas(Fork::Berlin, Asm::new().address(tenth).op(BALANCE)),
        3 + 2600
    );
}

#[test]
fn slots() {
    let once = Asm::new().push(1).op(SLOAD);
    let twice = once.clone().push(1).op(SLOAD);
    assert_eq!(gas(Fork::Istanbul, once.clone()), 3 + 800);
    assert_eq!(gas(Fork::Berlin, once), 3 + 2100);
    assert_eq!(gas(Fork::Berlin, twice), 3 + 2100 + 3 + 100);
    let store = Asm::new().push(1).push(1).op(SSTORE);
    assert_eq!(gas(Fork::Istanbul, store.clone()), 6 + 20_000);
    assert_eq!(gas(Fork::Berlin, store), 6 + 20_000 + 2100);
}

#[test]
fn a_reverted_access_is_cold_again() {
    let other = H160([0xdd; 20]);
    let third = H160([0xee; 20]);
    let after = |end: u8| {
        let callee = Asm::new()
            .address(third)
            .op(BALANCE)
            .push(0)
            .push(0)
            .op(end);
        let code = Asm::new()
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(other)
            .op(GAS)
            .op(CALL)
            .op(POP)
            .op(GAS)
            .address(third)
            .op(BALANCE)
            .op(POP)
            .op(GAS)
            .op(SWAP1)
            .op(SUB)
            .return_top();
        World::calling(Fork::Berlin, code)
            .with(other, account(0, 1, callee.0))
            .word()
            .as_u64()
    };
    assert_eq!(after(REVERT) - after(RETURN), 2500);
}
