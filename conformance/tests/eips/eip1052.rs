//! EXTCODEHASH.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::hash::{EMPTY_CODE_HASH, keccak};

const OTHER: H160 = H160([0xdd; 20]);

fn hash_of(address: H160) -> Asm {
    Asm::new().address(address).op(EXTCODEHASH)
}

#[test]
fn begins_with_constantinople() {
    begins(Fork::Constantinople, &hash_of(OTHER));
}

#[test]
fn hashes() {
    let empty = U256::from_big_endian(&EMPTY_CODE_HASH.0);
    let world = |address| World::calling(Fork::Constantinople, hash_of(address).return_top());
    // Nobody, an empty account, and a precompile that nobody has sent anything.
    assert_eq!(world(OTHER).word(), U256::zero());
    assert_eq!(
        world(OTHER).with(OTHER, account(0, 0, Vec::new())).word(),
        U256::zero()
    );
    assert_eq!(world(low(1)).word(), U256::zero());
    assert_eq!(
        world(low(1)).with(low(1), account(1, 0, Vec::new())).word(),
        empty
    );
    assert_eq!(
        world(OTHER).with(OTHER, account(1, 0, Vec::new())).word(),
        empty
    );
    assert_eq!(
        world(OTHER).with(OTHER, account(0, 1, Vec::new())).word(),
        empty
    );
    let code = vec![STOP, STOP];
    let expected = U256::from_big_endian(&keccak(&code).0);
    assert_eq!(
        world(OTHER).with(OTHER, account(0, 0, code)).word(),
        expected
    );
}

#[test]
fn of_code_under_construction() {
    // The contract has no code yet while its init code runs.
    let init = Asm::new()
        .op(ADDRESS)
        .op(EXTCODEHASH)
        .push(0)
        .op(MSTORE)
        .push(32)
        .push(0)
        .op(RETURN);
    let mut ran = World::creating(Fork::Constantinople, init.0).ran();
    let id = ran.state.load(ran.receipt.created.unwrap());
    assert_eq!(ran.state.code(id).as_slice(), EMPTY_CODE_HASH.0);
}

#[test]
fn costs() {
    for (fork, gas) in [
        (Fork::Constantinople, 400),
        (Fork::Istanbul, 700),
        (Fork::Berlin, 2600),
    ] {
        assert_eq!(gas_of(fork, hash_of(OTHER)), 3 + gas, "{fork:?}");
    }
    assert_eq!(gas_of(Fork::Berlin, hash_of(TARGET)), 3 + 100);
}
