//! BLOBBASEFEE.

use crate::world::*;
use evm_interpreter::opcode::BLOBBASEFEE;
use evm_interpreter::{Fork, U256};

#[test]
fn begins_with_cancun() {
    begins(Fork::Cancun, &Asm::new().op(BLOBBASEFEE));
}

#[test]
fn shows_the_price_for_two_gas() {
    let mut world = World::calling(Fork::Cancun, Asm::new().op(BLOBBASEFEE).return_top());
    world.block.blob_base_fee = U256::MAX;
    assert_eq!(world.word(), U256::MAX);
    let ran = World::calling(Fork::Cancun, Asm::new().op(BLOBBASEFEE)).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 2);
}
