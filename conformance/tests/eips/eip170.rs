//! Limit of the code's size.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::*;

const LIMIT: usize = 24_576;

fn deploying_zeros(size: usize) -> Vec<u8> {
    Asm::new().push(size).push(0).op(RETURN).0
}

#[test]
fn begins_with_spurious_dragon() {
    for (fork, size, created) in [
        (Fork::TangerineWhistle, LIMIT + 1, true),
        (Fork::SpuriousDragon, LIMIT, true),
        (Fork::SpuriousDragon, LIMIT + 1, false),
        (Fork::Osaka, LIMIT, true),
        (Fork::Osaka, LIMIT + 1, false),
    ] {
        let receipt = World::creating(fork, deploying_zeros(size)).ran().receipt;
        assert_eq!(receipt.created.is_some(), created, "{fork:?} {size}");
        if !created {
            assert_eq!(receipt.gas_used, 10_000_000, "all gas is gone");
        }
    }
}

#[test]
fn costs_200_a_byte() {
    let gas = |size| {
        World::creating(Fork::SpuriousDragon, deploying_zeros(size))
            .ran()
            .receipt
            .gas_used
    };
    // The same words of memory, and pushes of the same length.
    assert_eq!(gas(0x1010) - gas(0x1001), 15 * 200);
}
