//! BASEFEE.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::BASEFEE;

#[test]
fn begins_with_london() {
    begins(Fork::London, &Asm::new().op(BASEFEE));
}

#[test]
fn the_blocks_base_fee() {
    for fork in [Fork::London, Fork::Osaka] {
        assert_eq!(
            World::calling(fork, Asm::new().op(BASEFEE).return_top()).word(),
            7.into()
        );
    }
}

#[test]
fn costs_two() {
    assert_eq!(gas_of(Fork::London, Asm::new().op(BASEFEE)), 2);
}
