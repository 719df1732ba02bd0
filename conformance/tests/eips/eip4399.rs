//! DIFFICULTY becomes PREVRANDAO.

use crate::world::*;
use evm_interpreter::opcode::PREVRANDAO;
use evm_interpreter::{Fork, U256};

#[test]
fn shows_the_blocks_word_in_full() {
    for fork in [Fork::Frontier, Fork::Paris, Fork::Osaka] {
        let mut world = World::calling(fork, Asm::new().op(PREVRANDAO).return_top());
        world.block.prev_randao = U256::MAX;
        assert_eq!(world.word(), U256::MAX);
    }
}

#[test]
fn costs_two_gas() {
    let ran = World::calling(Fork::Paris, Asm::new().op(PREVRANDAO)).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 2);
}
