//! Scenes taken to an edge of one rule: sizes and prices at their limits, forms that are not valid,
//! accounts in the way.
//!
//! | module | what it holds |
//! |---|---|
//! | `delegation` | authorizations of every form (EIP-7702) |
//! | `creation` | sizes of code and init code, collisions, contracts that go as they come |
//! | `calls` | precompiles and system contracts, asked for exactly what a program keeps |
//! | `surroundings` | the block, the sender, access lists, blobs |

mod calls;
mod creation;
mod delegation;
mod surroundings;

use crate::scene::{KEYS, Scene, contract, signer};
use crate::source::{Source, low};
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::fees::intrinsic;
use fevm_conformance::ethereum::{Account, Code};
use std::sync::Arc;

/// Takes a scene to an edge.
pub(crate) fn sharpen(source: &mut Source, scene: &mut Scene) {
    let fork = scene.block.fork;
    match source.below(14) {
        0 | 1 if fork >= Fork::Prague => delegation::authorize(source, scene),
        2 if fork >= Fork::Cancun => surroundings::blobs(source, scene),
        3 => creation::by_transaction(source, scene),
        4 => creation::by_contract(source, scene),
        5 => creation::collide(source, scene),
        6 => creation::come_and_go(source, scene),
        7 | 8 => calls::precompile(source, scene),
        9 if fork >= Fork::Cancun => calls::system_contract(source, scene),
        10 => surroundings::sender(source, scene),
        11 if fork >= Fork::Berlin => surroundings::access_list(source, scene),
        12 => surroundings::block(source, scene),
        _ => call_data(source, scene),
    }
}

/// Much call data, and gas close to what it costs (EIP-2028, 7623).
fn call_data(source: &mut Source, scene: &mut Scene) {
    let length = match source.below(4) {
        0 => source.below(100),
        1 => 31 + source.below(3),
        _ => source.below(3_000),
    };
    let zeros = source.below(101);
    let data = (0..length).map(|_| match source.percent(zeros) {
        true => 0,
        false => 1 + source.below(255) as u8,
    });
    scene.transaction.data = data.collect();
    let room = *source.pick(&[100, 30_000, 1_000_000]);
    provide(source, scene, room);
}

/// A gas limit at what the transaction costs before it runs, or up to `room` more.
fn provide(source: &mut Source, scene: &mut Scene, room: u64) {
    let cost = intrinsic(&scene.transaction, scene.block.fork);
    let least = cost.gas.max(cost.floor);
    scene.transaction.gas_limit = match source.below(12) {
        0 => least - 1,
        1 => least,
        // Between the two prices of EIP-7623.
        2 => cost.gas.midpoint(least),
        _ => least + source.long() % (room + 1),
    };
}

/// Puts an account into the scene, in the place of one that is there.
fn put(scene: &mut Scene, at: H160, account: Account) {
    match scene
        .accounts
        .iter_mut()
        .find(|(address, _)| *address == at)
    {
        Some((_, known)) => *known = account,
        None => scene.accounts.push((at, account)),
    }
}

/// The account at an address, made if there is none.
fn account_mut(scene: &mut Scene, at: H160) -> &mut Account {
    let known = scene
        .accounts
        .iter()
        .position(|(address, _)| *address == at);
    let known = known.unwrap_or_else(|| {
        let account = Account {
            balance: U256::zero(),
            nonce: 0,
            code: Code::EMPTY,
            storage: Vec::new(),
        };
        scene.accounts.push((at, account));
        scene.accounts.len() - 1
    });
    &mut scene.accounts[known].1
}

/// Makes the transaction call the first contract, which gets this code.
fn call_code(source: &mut Source, scene: &mut Scene, code: Vec<u8>, data: Vec<u8>, room: u64) {
    account_mut(scene, contract(0)).code = Code::new(code);
    scene.transaction.to = Some(contract(0));
    scene.transaction.data = data.into();
    let cost = intrinsic(&scene.transaction, scene.block.fork);
    let least = cost.gas.max(cost.floor);
    scene.transaction.gas_limit = (least + room - source.below(3) as u64).min(16_777_216);
}

/// Any account that is there, a precompile, or one that something watches.
fn somebody(source: &mut Source, scene: &Scene) -> H160 {
    match source.below(8) {
        0 => low(source.below(0x13) as u16),
        1 => low(0x100),
        2 => scene.block.coinbase,
        3 => H160([source.below(256) as u8; 20]),
        4 => signer(source.below(KEYS.len())),
        _ => source.pick(&scene.accounts).0,
    }
}

/// A push of a number.
fn push(code: &mut Vec<u8>, number: impl Into<U256>) {
    let bytes = number.into().to_big_endian();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(31);
    code.push(PUSH1 + (31 - start) as u8);
    code.extend_from_slice(&bytes[start..]);
}

/// A push of an address.
fn push_address(code: &mut Vec<u8>, address: H160) {
    code.push(PUSH1 + 19);
    code.extend_from_slice(&address.0);
}

/// Keeps the item on top in a slot.
fn keep(code: &mut Vec<u8>, slot: u64) {
    push(code, slot);
    code.push(SSTORE);
}

/// An empty list of whatever a transaction has lists of.
fn none<T>() -> Arc<[T]> {
    Arc::default()
}
