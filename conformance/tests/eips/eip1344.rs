//! CHAINID.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::CHAINID;

#[test]
fn begins_with_istanbul() {
    begins(Fork::Istanbul, &Asm::new().op(CHAINID));
}

#[test]
fn the_blocks_chain() {
    for chain in [1, 314, u64::MAX] {
        let mut world = World::calling(Fork::Istanbul, Asm::new().op(CHAINID).return_top());
        world.block.chain_id = chain;
        assert_eq!(world.word(), chain.into());
    }
}

#[test]
fn costs_two() {
    assert_eq!(gas_of(Fork::Istanbul, Asm::new().op(CHAINID)), 2);
}
