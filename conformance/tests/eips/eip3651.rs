//! The coinbase is warm.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::{BALANCE, COINBASE as COINBASE_OP};

#[test]
fn begins_with_shanghai() {
    let code = Asm::new().op(COINBASE_OP).op(BALANCE);
    let gas = |fork| World::calling(fork, code.clone()).ran().receipt.gas_used - CALL_COST;
    assert_eq!(gas(Fork::Paris), 2 + 2600);
    assert_eq!(gas(Fork::Shanghai), 2 + 100);
    assert_eq!(gas(Fork::Osaka), 2 + 100);
}
