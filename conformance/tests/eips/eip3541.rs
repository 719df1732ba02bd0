//! No new code that begins with 0xef.

use crate::world::*;
use evm_interpreter::Fork;

fn deploys(fork: Fork, code: &[u8]) -> bool {
    World::creating(fork, Asm::deploying(code).0)
        .ran()
        .receipt
        .created
        .is_some()
}

#[test]
fn begins_with_london() {
    assert!(deploys(Fork::Berlin, &[0xef]));
    assert!(!deploys(Fork::London, &[0xef]));
}

#[test]
fn only_the_first_byte_counts() {
    for (code, expected) in [
        (&[0xef, 0][..], false),
        (&[0xef, 1, 0], false),
        (&[0xee, 0xef], true),
        (&[], true),
    ] {
        assert_eq!(deploys(Fork::London, code), expected, "{code:?}");
    }
}

#[test]
fn consumes_all_gas() {
    let ran = World::creating(Fork::London, Asm::deploying(&[0xef]).0).ran();
    assert_eq!(ran.receipt.gas_used, 10_000_000);
}
