//! CREATE2.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::hash::create2_address;
use fevm_conformance::fixture::quantity::FromText;

#[test]
fn begins_with_constantinople() {
    begins(
        Fork::Constantinople,
        &Asm::new().push(0).push(0).push(0).push(0).op(CREATE2),
    );
}

/// Code that creates with `init_code` and `salt`, and returns the address.
fn creating(init_code: &[u8], salt: U256) -> Asm {
    let mut padded = init_code.to_vec();
    padded.resize(init_code.len().next_multiple_of(32), 0);
    let asm = padded
        .chunks(32)
        .enumerate()
        .fold(Asm::new(), |asm, (at, chunk)| {
            asm.push(U256::from_big_endian(chunk))
                .push(32 * at)
                .op(MSTORE)
        });
    asm.push(salt)
        .push(init_code.len())
        .push(0)
        .push(0)
        .op(CREATE2)
        .return_top()
}

#[test]
fn addresses_of_the_eips_examples() {
    for (creator, salt, init_code, address) in [
        (
            "0000000000000000000000000000000000000000",
            U256::zero(),
            "00",
            "4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38",
        ),
        (
            "deadbeef00000000000000000000000000000000",
            U256::zero(),
            "00",
            "B928f69Bb1D91Cd65274e3c79d8986362984fDA3",
        ),
        (
            "deadbeef00000000000000000000000000000000",
            U256::from_str_radix("feed000000000000000000000000000000000000", 16).unwrap(),
            "00",
            "D04116cDd17beBE565EB2422F2497E06cC1C9833",
        ),
        (
            "0000000000000000000000000000000000000000",
            U256::zero(),
            "deadbeef",
            "70f2b2914A2a4b783FaEFb75f459A580616Fcb5e",
        ),
        (
            "00000000000000000000000000000000deadbeef",
            U256::from(0xcafe_babe_u64),
            "deadbeef",
            "60f3f640a8508fC6a86d45DF051962668E1e8AC7",
        ),
        (
            "0000000000000000000000000000000000000000",
            U256::zero(),
            "",
            "E33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0",
        ),
    ] {
        let init_code = alloy_primitives::hex::decode(init_code).unwrap();
        let salt = H256(salt.to_big_endian());
        assert_eq!(
            create2_address(H160::from_text(creator).unwrap(), salt, &init_code),
            H160::from_text(address).unwrap()
        );
    }
}

#[test]
fn the_address_depends_on_salt_and_code_alone() {
    let init_code = Asm::deploying(&[STOP]).0;
    let expected = create2_address(TARGET, H256(U256::from(5).to_big_endian()), &init_code);
    for nonce in [1, 7] {
        let code = creating(&init_code, 5.into());
        let world = World::calling(Fork::Constantinople, Asm::new())
            .with(TARGET, account(0, nonce, code.0));
        assert_eq!(world.word(), U256::from_big_endian(&expected.0));
    }
}

#[test]
fn the_same_twice_collides() {
    let init_code = Asm::deploying(&[STOP]).0;
    let once = creating(&init_code, 5.into());
    let address = create2_address(TARGET, H256(U256::from(5).to_big_endian()), &init_code);
    let world = World::calling(Fork::Constantinople, once);
    assert_eq!(
        world.with(address, account(0, 1, vec![STOP])).word(),
        U256::zero()
    );
}

#[test]
fn costs_the_hashing_of_the_code() {
    let gas = |size: u64| {
        gas_of(
            Fork::Constantinople,
            Asm::new().push(0).push(size).push(0).push(0).op(CREATE2),
        )
    };
    let create = gas_of(
        Fork::Constantinople,
        Asm::new().push(0).push(0).push(0).op(CREATE),
    );
    assert_eq!(create, 9 + 32_000);
    assert_eq!(gas(0), 12 + 32_000);
    // A word: hashed for 6, with a word of memory for 3; a STOP runs.
    assert_eq!(gas(1), 12 + 32_000 + 6 + 3);
    assert_eq!(gas(33), 12 + 32_000 + 2 * (6 + 3));
    let shanghai = gas_of(
        Fork::Shanghai,
        Asm::new().push(0).push(33).push(0).push(0).op(CREATE2),
    );
    // PUSH1 0 costs 3 as well; the coldness of the new address costs nothing.
    assert_eq!(shanghai, 12 + 32_000 + 2 * (6 + 3 + 2));
}
