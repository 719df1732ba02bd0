//! Limit and price of init code.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, U256};
use fevm_conformance::ethereum::Rejection;

const LIMIT: usize = 2 * 24_576;

#[test]
fn transactions() {
    let size = |fork, size| World::creating(fork, vec![0; size]).run();
    assert!(size(Fork::Shanghai, LIMIT).is_ok());
    let refused = size(Fork::Shanghai, LIMIT + 1)
        .map(|ran| ran.receipt)
        .unwrap_err();
    assert_eq!(refused, Rejection::InitCodeTooLarge(LIMIT + 1));
    assert!(size(Fork::Paris, LIMIT + 1).is_ok());
}

#[test]
fn price_in_transactions() {
    let gas = |fork, size| World::creating(fork, vec![0; size]).ran().receipt.gas_used;
    for (size, words) in [(0, 0), (1, 1), (32, 1), (33, 2), (LIMIT, 1536)] {
        assert_eq!(
            gas(Fork::Shanghai, size) - gas(Fork::Paris, size),
            2 * words
        );
    }
}

#[test]
fn instructions() {
    for op in [CREATE, CREATE2] {
        let code = |size: usize| {
            let code = if op == CREATE2 {
                Asm::new().push(0)
            } else {
                Asm::new()
            };
            code.push(size).push(0).push(0).op(op).return_top()
        };
        assert_ne!(
            World::calling(Fork::Shanghai, code(LIMIT)).word(),
            U256::zero()
        );
        assert!(
            !World::calling(Fork::Shanghai, code(LIMIT + 1))
                .ran()
                .receipt
                .success
        );
        assert_ne!(
            World::calling(Fork::Paris, code(LIMIT + 1)).word(),
            U256::zero()
        );
        let gas = |fork, size| World::calling(fork, code(size)).ran().receipt.gas_used;
        assert_eq!(gas(Fork::Shanghai, 33) - gas(Fork::Paris, 33), 4);
    }
}
