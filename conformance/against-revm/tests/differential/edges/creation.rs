//! Creations: sizes of code and init code, accounts in the way, contracts that go as they come.

use super::{account_mut, call_code, keep, push, push_address, put, somebody};
use crate::scene::{Scene, contract};
use crate::source::Source;
use alloy_primitives::{Address, keccak256};
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::fees::intrinsic;
use fevm_conformance::ethereum::{Account, Code, TransactionKind};

/// Largest code, bytes (EIP-170); init code may be twice as large (EIP-3860).
const MAX_CODE: usize = 24_576;

/// A size close to a limit, or any.
fn size(source: &mut Source) -> usize {
    match source.below(8) {
        0 | 1 => MAX_CODE - 1 + source.below(3),
        2 | 3 => 2 * MAX_CODE - 1 + source.below(3),
        4 => 32 * source.below(100) + source.below(3),
        _ => source.below(200),
    }
}

/// Init code that deploys so many zeros, perhaps with a first byte of its own (EIP-3541).
fn deploying_zeros(source: &mut Source, length: usize) -> Vec<u8> {
    let mut code = Vec::new();
    if source.percent(30) {
        let first = *source.pick(&[0xef, 0xfe, 0x01]);
        push(&mut code, first);
        push(&mut code, 0);
        code.push(MSTORE8);
    }
    push(&mut code, length);
    push(&mut code, 0);
    code.push(RETURN);
    code
}

/// A creation by the transaction, its init code and its code at their limits.
pub(super) fn by_transaction(source: &mut Source, scene: &mut Scene) {
    let deployed = size(source);
    let mut init_code = deploying_zeros(source, deployed);
    let length = size(source).max(init_code.len());
    let filler = *source.pick(&[0, 0, STOP, JUMPDEST, 0xff]);
    init_code.resize(length, filler);
    let transaction = &mut scene.transaction;
    transaction.to = None;
    transaction.data = init_code.into();
    // Of these kinds there are no creations.
    if matches!(
        transaction.kind,
        TransactionKind::Blob | TransactionKind::SetCode
    ) && source.percent(80)
    {
        crate::scene::as_kind(transaction, TransactionKind::DynamicFee);
    }
    let cost = intrinsic(&scene.transaction, scene.block.fork);
    let least = cost.gas.max(cost.floor);
    let deposit = 200 * deployed as u64;
    scene.transaction.gas_limit = least
        + match source.below(6) {
            0 => 0,
            1 => deposit,
            2 => deposit + source.below(12_000) as u64,
            _ => 8_000_000,
        };
}

/// A creation by a contract, its init code and its code at their limits.
pub(super) fn by_contract(source: &mut Source, scene: &mut Scene) {
    let deployed = size(source);
    let init_code = deploying_zeros(source, deployed);
    let length = size(source).max(init_code.len());
    let two = scene.block.fork >= Fork::Constantinople && source.percent(50);
    let mut code = Vec::new();
    write(&mut code, &init_code);
    for _ in 0..1 + source.below(2) {
        create(source, &mut code, length, two);
        code.push(DUP1);
        keep(&mut code, 0);
        code.push(EXTCODESIZE);
        keep(&mut code, 1);
    }
    code.push(GAS);
    keep(&mut code, 2);
    let room = *source.pick(&[60_000, 500_000, 6_000_000, 14_000_000]);
    call_code(source, scene, code, Vec::new(), room);
}

/// Something at the address of a contract to be: a nonce or code (EIP-684), or only a balance.
///
/// Storage alone (EIP-7610) is not tried: neither revm nor go-ethereum from 1.17 on looks at it, and
/// the official tests, which have it, are right about it.
pub(super) fn collide(source: &mut Source, scene: &mut Scene) {
    let init_code = deploying_zeros(source, 1);
    let address = match source.below(3) {
        0 => {
            let creator = Address::new(scene.transaction.sender.0);
            let address = creator.create(scene.transaction.nonce);
            let transaction = &mut scene.transaction;
            if matches!(
                transaction.kind,
                TransactionKind::Blob | TransactionKind::SetCode
            ) {
                crate::scene::as_kind(transaction, TransactionKind::DynamicFee);
            }
            transaction.to = None;
            transaction.data = init_code.into();
            let cost = intrinsic(transaction, scene.block.fork);
            transaction.gas_limit = cost.gas.max(cost.floor) + 100_000;
            address
        }
        which => {
            let two = which == 2 && scene.block.fork >= Fork::Constantinople;
            let mut code = Vec::new();
            write(&mut code, &init_code);
            for _ in 0..2 {
                code.push(GAS);
                let salt = two.then_some(0);
                create_with(source, &mut code, init_code.len(), salt);
                code.push(DUP1);
                keep(&mut code, 0);
                code.push(
                    EXTCODEHASH_OR_BALANCE[usize::from(scene.block.fork < Fork::Constantinople)],
                );
                keep(&mut code, 1);
                code.extend([GAS, SWAP1, SUB]);
                keep(&mut code, 2);
            }
            call_code(source, scene, code, Vec::new(), 1_000_000);
            let creator = Address::new(contract(0).0);
            if two {
                creator.create2([0; 32], keccak256(&init_code))
            } else {
                let nonce = account_mut(scene, contract(0)).nonce;
                creator.create(nonce)
            }
        }
    };
    let mut there = Account {
        balance: U256::from(source.below(2)),
        nonce: 0,
        code: Code::EMPTY,
        storage: Vec::new(),
    };
    match source.below(5) {
        0 => there.nonce = 1,
        1 => there.code = Code::new(vec![STOP]),
        2 => there.code = Code::delegation(contract(0)),
        _ => {}
    }
    if (there.nonce > 0 || !there.code.is_empty()) && source.percent(50) {
        there.storage = vec![(U256::from(source.below(3)), U256::one())];
    }
    let address = H160(address.into_array());
    // An account without anything is one only before EIP-161.
    let nothing = there.balance.is_zero() && there.nonce == 0 && there.code.is_empty();
    if nothing && scene.block.fork >= Fork::SpuriousDragon {
        return;
    }
    put(scene, address, there);
}

/// What tells most of an account, from Constantinople on and before.
const EXTCODEHASH_OR_BALANCE: [u8; 2] = [EXTCODEHASH, BALANCE];

/// Contracts that are destructed in the transaction that creates them, or that were there before
/// (EIP-6780), and created once more.
pub(super) fn come_and_go(source: &mut Source, scene: &mut Scene) {
    let two = scene.block.fork >= Fork::Constantinople;
    let heir = somebody(source, scene);
    let mut going = Vec::new();
    if source.percent(40) {
        push(&mut going, source.below(3));
        keep(&mut going, 0);
    }
    match source.below(4) {
        0 => going.push(ADDRESS),
        1 => going.push(CALLER),
        2 => going.push(ORIGIN),
        _ => push_address(&mut going, heir),
    }
    going.push(SELFDESTRUCT);
    let goes_at_once = source.percent(30);
    let init_code = match goes_at_once {
        true => going.clone(),
        false => crate::program::deploying(&going),
    };
    let mut code = Vec::new();
    write(&mut code, &init_code);
    let salt = two.then(|| source.below(2));
    create_with(source, &mut code, init_code.len(), salt);
    for at in 0..1 + source.below(3) as u64 {
        // Calls what was created, with wei now and then: they arrive before it goes, or after.
        push(&mut code, 0);
        push(&mut code, 0);
        push(&mut code, 0);
        push(&mut code, 0);
        push(&mut code, source.below(2));
        code.extend([DUP6, GAS, CALL]);
        keep(&mut code, 4 + at);
    }
    for (op, slot) in [(BALANCE, 8), (EXTCODESIZE, 9)] {
        code.extend([DUP1, op]);
        keep(&mut code, slot);
    }
    if source.percent(60) {
        create_with(source, &mut code, init_code.len(), salt);
        keep(&mut code, 10);
    }
    if source.percent(40) {
        // The creator goes, too: it was there before.
        push_address(&mut code, heir);
        code.push(SELFDESTRUCT);
    }
    if source.percent(20) {
        // One that was there before, under a delegate call or not.
        account_mut(scene, contract(1)).code = Code::new(going);
    }
    let room = 1_000_000;
    call_code(source, scene, code, Vec::new(), room);
    account_mut(scene, contract(0)).balance = U256::from(source.below(20));
}

/// Writes bytes to memory, from its start on.
fn write(code: &mut Vec<u8>, bytes: &[u8]) {
    for (at, chunk) in bytes.chunks(32).enumerate() {
        let mut padded = [0; 32];
        padded[..chunk.len()].copy_from_slice(chunk);
        push(code, U256::from_big_endian(&padded));
        push(code, 32 * at);
        code.push(MSTORE);
    }
}

fn create(source: &mut Source, code: &mut Vec<u8>, length: usize, two: bool) {
    let salt = two.then(|| source.below(2));
    create_with(source, code, length, salt);
}

/// CREATE of the init code at the start of memory, or CREATE2.
fn create_with(source: &mut Source, code: &mut Vec<u8>, length: usize, salt: Option<usize>) {
    if let Some(salt) = salt {
        push(code, salt);
    }
    push(code, length);
    push(code, 0);
    let value = if source.percent(80) {
        0
    } else {
        source.below(30)
    };
    push(code, value);
    code.push(if salt.is_some() { CREATE2 } else { CREATE });
}
