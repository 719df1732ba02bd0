//! Precompiles and system contracts, asked by a program that keeps all of the answer.

use super::{call_code, keep, push, push_address, put};
use crate::precompile_inputs::edge_input;
use crate::scene::Scene;
use crate::source::{Source, low};
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::{Account, Code};
use precompiles::{Native, Registry};

/// Bytes of output that are kept where there is no RETURNDATASIZE.
const ROOM: u64 = 256;

/// A precompile with an input at an edge, and gas at its price.
pub(super) fn precompile(source: &mut Source, scene: &mut Scene) {
    let fork = scene.block.fork;
    let numbers: Vec<_> = Registry::<Native>::at_fork(fork)
        .map(|precompile| precompile.number)
        .collect();
    let number = match source.below(20) {
        // Of a later fork, or none.
        0 => *source.pick(&[0, 5, 9, 10, 11, 0x11, 0x12, 0x100, 0x101]),
        _ => *source.pick(&numbers),
    };
    let input = edge_input(source, number);
    let price = Registry::<Native>::get(&low(number), fork)
        .map_or(0, |precompile| (precompile.gas)(&input, fork));
    let mut code = load_input();
    let gas = match source.below(8) {
        0 => Some(price),
        1 => Some(price.saturating_sub(1)),
        2 => Some(price.saturating_add(1)),
        _ => None,
    };
    let op = *source.pick(&[CALL, CALL, CALLCODE, DELEGATECALL, STATICCALL]);
    let op = if fork < Fork::Byzantium && op == STATICCALL || fork == Fork::Frontier {
        CALL
    } else {
        op
    };
    call(&mut code, op, low(number), gas);
    let room = price.saturating_add(600_000).min(14_000_000);
    if source.percent(10) {
        // By the transaction itself.
        scene.transaction.to = Some(low(number));
        scene.transaction.data = input.into();
        let room = room.min(2 * price.saturating_add(1));
        super::provide(source, scene, room);
        scene.transaction.gas_limit = scene.transaction.gas_limit.min(16_777_216);
    } else {
        call_after_byzantium(&mut code, fork);
        call_code(source, scene, code, input, room);
    }
}

/// Call data to the start of memory.
fn load_input() -> Vec<u8> {
    let mut code = vec![CALLDATASIZE];
    push(&mut code, 0);
    push(&mut code, 0);
    code.push(CALLDATACOPY);
    code
}

/// A call with all of the call data; the output overwrites the start of it.
fn call(code: &mut Vec<u8>, op: u8, to: H160, gas: Option<u64>) {
    push(code, ROOM);
    push(code, 0);
    code.push(CALLDATASIZE);
    push(code, 0);
    if matches!(op, CALL | CALLCODE) {
        push(code, 0);
    }
    push_address(code, to);
    match gas {
        Some(gas) => push(code, gas),
        // Before EIP-150 all that is left is more than there is once the call has been paid.
        None => {
            push(code, 50_000);
            code.extend([GAS, SUB]);
        }
    }
    code.push(op);
}

/// Keeps whether the call succeeded, its output, and the gas that is left.
fn call_after_byzantium(code: &mut Vec<u8>, fork: Fork) {
    keep(code, 0);
    push(code, ROOM);
    push(code, 0);
    code.push(KECCAK256);
    keep(code, 1);
    if fork >= Fork::Byzantium {
        code.push(RETURNDATASIZE);
        keep(code, 2);
        code.push(RETURNDATASIZE);
        push(code, 0);
        push(code, 0);
        code.push(RETURNDATACOPY);
        code.push(RETURNDATASIZE);
        push(code, 0);
        code.push(KECCAK256);
        keep(code, 3);
    }
    code.push(GAS);
    keep(code, 4);
}

/// The code of the system contracts as the EIPs publish it.
const SYSTEM_CONTRACTS: &str = include_str!("../../../../tests/data/system-contracts.json");

/// A question to a system contract that is full of answers (EIP-4788, 2935, 7002, 7251).
pub(super) fn system_contract(source: &mut Source, scene: &mut Scene) {
    let all: std::collections::BTreeMap<String, String> =
        serde_json::from_str(SYSTEM_CONTRACTS).unwrap();
    let all: Vec<_> = all
        .into_iter()
        .map(|(address, code)| {
            let address = alloy_primitives::hex::decode(address).unwrap();
            let code = alloy_primitives::hex::decode(code).unwrap();
            (H160::from_slice(&address), code)
        })
        .collect();
    let (address, code) = source.pick(&all).clone();
    let (number, time) = (scene.block.number, scene.block.timestamp);
    let slots = [
        number,
        number.wrapping_sub(1),
        number.wrapping_sub(8_190),
        number.wrapping_sub(8_191),
    ];
    let mut storage: Vec<_> = slots
        .iter()
        .filter(|_| source.percent(70))
        .map(|slot| (U256::from(slot % 8_191), U256::from(slot ^ 0x5a5a)))
        .collect();
    storage.push((U256::from(time % 8_191), U256::from(time)));
    storage.push((U256::from(time % 8_191 + 8_191), U256::from(0x77)));
    storage.retain(|(_, value)| !value.is_zero());
    storage.sort();
    storage.dedup_by_key(|(key, _)| *key);
    put(
        scene,
        address,
        Account {
            balance: U256::zero(),
            nonce: 1,
            code: Code::new(code),
            storage,
        },
    );
    let asked = match source.below(8) {
        0 => source.word(),
        1 => U256::from(time),
        2 => U256::from(time ^ 1),
        3 => U256::zero(),
        _ => U256::from(*source.pick(&slots)),
    };
    let mut input = asked.to_big_endian().to_vec();
    match source.below(10) {
        0 => input.truncate(31),
        1 => input.push(0),
        2 => input.clear(),
        3 => input.resize(*source.pick(&[48, 56, 96]), 1),
        _ => {}
    }
    let mut code = load_input();
    let op = *source.pick(&[CALL, CALL, STATICCALL, DELEGATECALL]);
    call(&mut code, op, address, None);
    call_after_byzantium(&mut code, scene.block.fork);
    call_code(source, scene, code, input, 400_000);
}
