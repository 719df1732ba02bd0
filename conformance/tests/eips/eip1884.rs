//! Dearer look-ups of the state, and SELFBALANCE.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

#[test]
fn prices() {
    let other = H160([0xdd; 20]);
    for (code, before, after) in [
        (Asm::new().push(1).op(SLOAD), 200, 800),
        (Asm::new().address(other).op(BALANCE), 400, 700),
        (Asm::new().address(other).op(EXTCODEHASH), 400, 700),
    ] {
        assert_eq!(gas_of(Fork::Petersburg, code.clone()), 3 + before);
        assert_eq!(gas_of(Fork::Istanbul, code), 3 + after);
    }
}

#[test]
fn selfbalance() {
    begins(Fork::Istanbul, &Asm::new().op(SELFBALANCE));
    assert_eq!(gas_of(Fork::Istanbul, Asm::new().op(SELFBALANCE)), 5);
    let code = Asm::new().op(SELFBALANCE).return_top();
    let mut world =
        World::calling(Fork::Istanbul, Asm::new()).with(TARGET, account(100, 1, code.0));
    world.transaction.value = 11.into();
    assert_eq!(world.word(), 111.into());
}
