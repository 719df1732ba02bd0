//! Access lists.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::{AccessListItem, Rejection, TransactionKind};

const OTHER: H160 = H160([0xdd; 20]);

fn item(address: H160, keys: &[u64]) -> AccessListItem {
    let storage_keys = keys
        .iter()
        .map(|key| H256(U256::from(*key).to_big_endian()))
        .collect();
    AccessListItem {
        address,
        storage_keys,
    }
}

fn world(fork: Fork, code: Asm, items: &[AccessListItem]) -> World {
    let mut world = World::calling(fork, code);
    world.transaction.kind = TransactionKind::AccessList;
    world.transaction.access_list = items.into();
    world
}

fn gas(code: Asm, items: &[AccessListItem]) -> u64 {
    world(Fork::Berlin, code, items).ran().receipt.gas_used - CALL_COST
}

#[test]
fn begins_with_berlin() {
    assert_eq!(
        world(Fork::Istanbul, Asm::new(), &[]).rejection(),
        Rejection::TypeNotSupported(TransactionKind::AccessList)
    );
    assert!(world(Fork::Berlin, Asm::new(), &[]).ran().receipt.success);
}

#[test]
fn prices() {
    assert_eq!(gas(Asm::new(), &[]), 0);
    assert_eq!(gas(Asm::new(), &[item(OTHER, &[])]), 2_400);
    assert_eq!(gas(Asm::new(), &[item(OTHER, &[1, 2])]), 2_400 + 2 * 1_900);
    // What is named twice is paid twice.
    assert_eq!(
        gas(Asm::new(), &[item(OTHER, &[1, 1]), item(OTHER, &[])]),
        2 * 2_400 + 2 * 1_900
    );
}

#[test]
fn accounts_and_slots_are_warm() {
    let balance = Asm::new().address(OTHER).op(BALANCE);
    assert_eq!(gas(balance, &[item(OTHER, &[])]), 2_400 + 3 + 100);
    let load = Asm::new().push(1).op(SLOAD);
    assert_eq!(
        gas(load.clone(), &[item(TARGET, &[1])]),
        2_400 + 1_900 + 3 + 100
    );
    assert_eq!(
        gas(load.clone(), &[item(TARGET, &[2])]),
        2_400 + 1_900 + 3 + 2_100
    );
    assert_eq!(
        gas(load, &[item(OTHER, &[1])]),
        2_400 + 1_900 + 3 + 2_100,
        "of another account"
    );
}

#[test]
fn the_limit_must_cover_it() {
    let limited = |limit| {
        let mut world = world(Fork::Berlin, Asm::new(), &[item(OTHER, &[1])]);
        world.transaction.gas_limit = limit;
        world
    };
    let needed = CALL_COST + 2_400 + 1_900;
    assert!(limited(needed).run().is_ok());
    assert_eq!(
        limited(needed - 1).rejection(),
        Rejection::IntrinsicGas {
            limit: needed - 1,
            needed
        }
    );
}
