//! Ethereum's schedule where it is more than a constant.

use super::program::Program;
use super::world::{World, run_on};
use crate::Fork;
use crate::halt::Halt;
use crate::metering::Ethereum;
use crate::opcode::*;
use primitive_types::U256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Gas and refund of writing `values` to slot 0, one after the other, from `original` on; the price
/// of the two PUSH of each write is included, as in the tables of EIP-1283 and EIP-2200.
fn writes(fork: Fork, original: u64, values: &[u64]) -> (u64, i64) {
    let mut world = World::default();
    world
        .storage
        .insert(U256::zero(), (original.into(), original.into()));
    let mut program = Program::new();
    for &value in values {
        program = program.push(value).push(0).op([SSTORE]);
    }
    let ran = world.run(&program.end(), Ethereum::new(fork, 1_000_000));
    assert_eq!(ran.halt, Halt::Stop);
    (1_000_000 - ran.gas_left, ran.refund)
}

/// EIP-1283, section "Test Cases".
#[test]
fn net_storage_gas_of_eip_1283() {
    let fork = Fork::Constantinople;
    for (values, original, gas, refund) in [
        (&[0, 0][..], 0, 412, 0),
        (&[0, 1], 0, 20212, 0),
        (&[1, 0], 0, 20212, 19800),
        (&[1, 2], 0, 20212, 0),
        (&[1, 1], 0, 20212, 0),
        (&[0, 0], 1, 5212, 15000),
        (&[0, 1], 1, 5212, 4800),
        (&[0, 2], 1, 5212, 0),
        (&[2, 0], 1, 5212, 15000),
        (&[2, 3], 1, 5212, 0),
        (&[2, 1], 1, 5212, 4800),
        (&[1, 0], 1, 5212, 15000),
        (&[1, 2], 1, 5212, 0),
        (&[1, 1], 1, 412, 0),
        (&[0, 1, 0], 1, 10218, 19800),
        (&[1, 0, 1], 0, 40218, 19800),
    ] {
        assert_eq!(
            writes(fork, original, values),
            (gas, refund),
            "{original} -> {values:?}"
        );
    }
}

/// EIP-2200, section "Test Cases".
#[test]
fn net_storage_gas_of_eip_2200() {
    let fork = Fork::Istanbul;
    for (values, original, gas, refund) in [
        (&[0, 0][..], 0, 1612, 0),
        (&[0, 1], 0, 20812, 0),
        (&[1, 0], 0, 20812, 19200),
        (&[1, 2], 0, 20812, 0),
        (&[1, 1], 0, 20812, 0),
        (&[0, 0], 1, 5812, 15000),
        (&[0, 1], 1, 5812, 4200),
        (&[0, 2], 1, 5812, 0),
        (&[2, 0], 1, 5812, 15000),
        (&[2, 3], 1, 5812, 0),
        (&[2, 1], 1, 5812, 4200),
        (&[1, 0], 1, 5812, 15000),
        (&[1, 2], 1, 5812, 0),
        (&[1, 1], 1, 1612, 0),
    ] {
        assert_eq!(
            writes(fork, original, values),
            (gas, refund),
            "{original} -> {values:?}"
        );
    }
}

/// EIP-3529, section "With reduced refunds": warm slots.
#[test]
fn net_storage_gas_of_eip_3529() {
    let fork = Fork::London;
    for (values, original, gas, refund) in [
        (&[0, 0][..], 0, 212, 0),
        (&[0, 1], 0, 20112, 0),
        (&[1, 0], 0, 20112, 19900),
        (&[0, 0], 1, 3012, 4800),
        (&[0, 1], 1, 3012, 2800),
        (&[2, 0], 1, 3012, 4800),
        (&[2, 1], 1, 3012, 2800),
        (&[1, 1], 1, 212, 0),
        (&[0, 1, 0], 1, 5918, 7600),
        (&[1, 0, 1], 0, 40118, 19900),
    ] {
        assert_eq!(
            writes(fork, original, values),
            (gas, refund),
            "{original} -> {values:?}"
        );
    }
}

#[test]
fn storage_before_net_gas() {
    for fork in [Fork::Frontier, Fork::Byzantium, Fork::Petersburg] {
        assert_eq!(writes(fork, 0, &[1, 0, 1]), (45_018, 15_000));
        assert_eq!(writes(fork, 1, &[1]), (5006, 0));
    }
}

/// EIP-2200: a write with no more than the call stipend left fails, whatever it would cost.
#[test]
fn storage_writes_need_more_than_the_stipend() {
    let code = Program::new().push(0).push(0).op([SSTORE]).end();
    assert_eq!(run_on(Fork::Istanbul, 2306, &code).0, Halt::OutOfGas);
    assert_eq!(run_on(Fork::Istanbul, 2307, &code), (Halt::Stop, 806));
    assert_eq!(run_on(Fork::Constantinople, 206, &code), (Halt::Stop, 206));
}

#[test]
fn memory_is_quadratic() {
    // 1,000 words: 3·1000 + 1000²/512; and two PUSH and the MLOAD.
    let code = Program::new().push(32 * 999).op([MLOAD, POP]).end();
    assert_eq!(
        run_on(Fork::Osaka, 100_000, &code),
        (Halt::Stop, 3000 + 1953 + 3 + 3 + 2)
    );
    let code = Program::new().push(U256::from(u64::MAX)).op([MLOAD]).end();
    assert_eq!(run_on(Fork::Osaka, u64::MAX >> 1, &code).0, Halt::OutOfGas);
}

#[test]
fn cold_accesses_cost_more_from_berlin_on() {
    for (op, cold, warm) in [
        (BALANCE, 2600, 100),
        (EXTCODESIZE, 2600, 100),
        (EXTCODEHASH, 2600, 100),
        (SLOAD, 2100, 100),
    ] {
        let code = Program::new().push(1).op([op]).end();
        for (is_cold, price) in [(true, cold), (false, warm)] {
            let mut world = World {
                cold: is_cold,
                ..World::default()
            };
            let ran = world.run(&code, Ethereum::new(Fork::Berlin, 10_000));
            assert_eq!(
                10_000 - ran.gas_left,
                price + 3,
                "opcode {op:#04x} cold {is_cold}"
            );
        }
    }
}

/// Gas that reaches the callee, and gas used, of a call that asks for `requested` and gives all back.
fn call_gas(
    fork: Fork,
    gas: u64,
    requested: u64,
    value: u64,
    absent: bool,
) -> (Halt, Option<u64>, u64) {
    let mut world = World {
        absent,
        ..World::default()
    };
    let code = Program::new()
        .push(0)
        .push(0)
        .push(0)
        .push(0)
        .push(value)
        .push(0xaa)
        .push(requested)
        .op([CALL])
        .end();
    let ran = world.run(&code, Ethereum::new(fork, gas));
    (
        ran.halt,
        world.calls.first().map(|call| call.1),
        gas - ran.gas_left,
    )
}

#[test]
fn calls_keep_a_64th_from_eip_150_on() {
    // Seven PUSH cost 21; CALL costs 40 before EIP-150 and 700 after.
    assert_eq!(
        call_gas(Fork::Homestead, 100_000, 50_000, 0, false),
        (Halt::Stop, Some(50_000), 50_061)
    );
    assert_eq!(
        call_gas(Fork::Homestead, 50_000, 50_000, 0, false).0,
        Halt::OutOfGas
    );
    let left = 50_000 - 21 - 700;
    let passed = left - left / 64;
    assert_eq!(
        call_gas(Fork::TangerineWhistle, 50_000, 50_000, 0, false),
        (Halt::Stop, Some(passed), 721 + passed)
    );
}

#[test]
fn value_brings_a_stipend_and_costs() {
    let (halt, passed, used) = call_gas(Fork::Osaka, 100_000, 0, 1, false);
    assert_eq!(
        (halt, passed, used),
        (Halt::Stop, Some(2300), 21 + 100 + 9000)
    );
    let (_, _, used) = call_gas(Fork::Osaka, 100_000, 0, 1, true);
    assert_eq!(used, 21 + 100 + 9000 + 25_000);
    // EIP-161: without value nothing is created; before it, any call created.
    assert_eq!(call_gas(Fork::Osaka, 100_000, 0, 0, true).2, 21 + 100);
    assert_eq!(
        call_gas(Fork::Homestead, 100_000, 0, 0, true).2,
        21 + 40 + 25_000
    );
}

#[test]
fn creations_pay_for_init_code() {
    let code = |len: u64| Program::new().push(len).push(0).push(0).op([CREATE]).end();
    let memory = |words: u64| 3 * words + words * words / 512;
    let (halt, used) = run_on(Fork::Shanghai, 1_000_000, &code(64));
    assert_eq!((halt, used), (Halt::Stop, 9 + 32_000 + memory(2) + 2 * 2));
    let (halt, used) = run_on(Fork::London, 1_000_000, &code(64));
    assert_eq!((halt, used), (Halt::Stop, 9 + 32_000 + memory(2)));
    assert_eq!(
        run_on(Fork::Shanghai, 1_000_000, &code(49_153)).0,
        Halt::InitCodeTooLarge
    );
    assert_eq!(run_on(Fork::London, 1_000_000, &code(49_153)).0, Halt::Stop);
}

#[test]
fn exponents_cost_by_their_bytes() {
    let code = |exponent: U256| Program::new().push(exponent).push(3).op([EXP]).end();
    for (exponent, bytes) in [
        (U256::zero(), 0),
        (U256::from(255), 1),
        (U256::from(256), 2),
        (U256::MAX, 32),
    ] {
        assert_eq!(
            run_on(Fork::SpuriousDragon, 10_000, &code(exponent)).1,
            6 + 10 + 50 * bytes
        );
        assert_eq!(
            run_on(Fork::Homestead, 10_000, &code(exponent)).1,
            6 + 10 + 10 * bytes
        );
    }
}

#[test]
fn selfdestruct_prices_by_fork() {
    let code = Program::new().push(0xaa).op([SELFDESTRUCT]).end();
    for (fork, absent, cold, price, refund) in [
        (Fork::Frontier, true, false, 0, 24_000),
        (Fork::TangerineWhistle, false, false, 5000, 24_000),
        (Fork::TangerineWhistle, true, false, 30_000, 24_000),
        (Fork::Berlin, false, true, 7600, 24_000),
        (Fork::London, true, true, 32_600, 0),
    ] {
        let mut world = World {
            absent,
            cold,
            ..World::default()
        };
        let ran = world.run(&code, Ethereum::new(fork, 100_000));
        assert_eq!(
            (100_000 - ran.gas_left, ran.refund),
            (price + 3, refund),
            "{fork:?}"
        );
        assert_eq!(ran.halt, Halt::SelfDestruct);
    }
}
