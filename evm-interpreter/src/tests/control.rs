//! Jumps, ends of frames, static frames, calls.

use super::program::Program;
use super::world::{SELF, World, run, word_of};
use crate::halt::Halt;
use crate::host::{CallKind, CallReply};
use crate::metering::Unmetered;
use crate::opcode::*;
use alloc::vec;
use primitive_types::{H160, U256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn code_ends_with_stop() {
    assert_eq!(run(&[]).halt, Halt::Stop);
    assert_eq!(run(&[PUSH1, 1]).halt, Halt::Stop);
}

#[test]
fn truncated_immediates_are_padded_with_zeros() {
    let mut world = World::default();
    let ran = world.run(&[PUSH32, 0xff], Unmetered);
    assert_eq!((ran.halt, world.inspector.steps.len()), (Halt::Stop, 2));
    // PUSH4 0xab_cd and nothing more, seen through a jump table of its own: the value is 0xabcd0000.
    let code = [PUSH1, 4, JUMP, STOP, JUMPDEST, PUSH4, 0xab, 0xcd];
    assert_eq!(run(&code).halt, Halt::Stop);
}

#[test]
fn loops_by_jumpi() {
    // for (i = 10, sum = 0; i != 0; i--) sum += i;
    let code = Program::new()
        .push(0)
        .push(10)
        .op([
            JUMPDEST, DUP1, SWAP2, ADD, SWAP1, PUSH1, 1, SWAP1, SUB, DUP1, PUSH1, 4, JUMPI, POP,
        ])
        .return_word();
    assert_eq!(word_of(&code), U256::from(55));
}

#[test]
fn jumps_into_immediates_or_beyond_the_end_are_refused() {
    assert_eq!(
        run(&[PUSH1, 4, JUMP, PUSH1, JUMPDEST]).halt,
        Halt::BadJumpDestination
    );
    assert_eq!(
        run(&[PUSH1, 200, JUMP, JUMPDEST]).halt,
        Halt::BadJumpDestination
    );
    let far = Program::new()
        .push(U256::one() << 64 | U256::from(35))
        .op([JUMP, JUMPDEST])
        .end();
    assert_eq!(run(&far).halt, Halt::BadJumpDestination);
    assert_eq!(run(&[PUSH1, 0, PUSH1, 200, JUMPI]).halt, Halt::Stop);
}

#[test]
fn revert_keeps_output() {
    let code = Program::new()
        .push(0xdead)
        .op([PUSH1, 0, MSTORE, PUSH1, 2, PUSH1, 30, REVERT])
        .end();
    let ran = run(&code);
    assert_eq!((ran.halt, ran.output), (Halt::Revert, vec![0xde, 0xad]));
}

#[test]
fn static_frames_refuse_changes() {
    for (op, inputs) in [
        (SSTORE, 2),
        (TSTORE, 2),
        (LOG0, 2),
        (LOG4, 6),
        (CREATE, 3),
        (CREATE2, 4),
        (SELFDESTRUCT, 1),
        (CALL, 7),
    ] {
        let mut program = Program::new();
        for _ in 0..inputs {
            program = program.push(1);
        }
        let code = program.op([op]).end();
        let mut world = World {
            is_static: true,
            ..World::default()
        };
        assert_eq!(
            world.run(&code, Unmetered).halt,
            Halt::StaticViolation,
            "opcode {op:#04x}"
        );
        assert!(world.storage.is_empty() && world.calls.is_empty() && world.logs.is_empty());
    }
}

#[test]
fn calls_pass_operands_and_take_output() {
    let mut world = World {
        reply: CallReply {
            success: true,
            output: vec![7; 40],
            ..CallReply::default()
        },
        ..World::default()
    };
    // mstore(0, 0x0102); call(9000, 0xaa, 5, in 30..32, out 64..96); then return what the size and
    // the first word of the return data are.
    let code = Program::new()
        .push(0x0102)
        .op([PUSH1, 0, MSTORE])
        .push(32)
        .push(64)
        .push(2)
        .push(30)
        .push(5)
        .push(0xaa)
        .push(9000)
        .op([CALL, RETURNDATASIZE, ADD])
        .return_word();
    let ran = world.run(&code, Unmetered);
    assert_eq!(U256::from_big_endian(&ran.output), U256::from(41));
    let target = H160(core::array::from_fn(|i| if i == 19 { 0xaa } else { 0 }));
    assert_eq!(
        world.calls,
        [(CallKind::Call, 9000, target, U256::from(5), vec![1, 2])]
    );
}

#[test]
fn output_beyond_the_return_data_stays_as_it_was() {
    let mut world = World {
        reply: CallReply {
            success: false,
            output: vec![7; 3],
            ..CallReply::default()
        },
        ..World::default()
    };
    let code = Program::new()
        .push(U256::MAX)
        .op([PUSH1, 0, MSTORE])
        .push(32)
        .push(0)
        .push(0)
        .push(0)
        .push(0xaa)
        .push(U256::MAX)
        .op([STATICCALL, PUSH1, 0, MLOAD, ADD])
        .return_word();
    let ran = world.run(&code, Unmetered);
    let mut expected = [0xff; 32];
    expected[..3].fill(7);
    assert_eq!(ran.output, expected);
    // Gas above 64 bits saturates.
    assert_eq!(world.calls[0].1, u64::MAX);
}

#[test]
fn creations_pass_salt_and_code() {
    let mut world = World::default();
    let code = Program::new()
        .push(0xfe00)
        .op([PUSH1, 0, MSTORE])
        .push(0x5a17)
        .push(2)
        .push(30)
        .push(3)
        .op([CREATE2])
        .return_word();
    let ran = world.run(&code, Unmetered);
    assert_eq!(ran.output[12..], [0xcc; 20]);
    let (_, value, init_code, salt) = &world.created[0];
    assert_eq!(
        (*value, init_code.as_slice()),
        (U256::from(3), &[0xfe, 0][..])
    );
    assert_eq!(
        salt.map(|salt| U256::from_big_endian(&salt.0)),
        Some(U256::from(0x5a17))
    );
}

#[test]
fn environment_reaches_the_stack() {
    let cases: [(u8, U256); 6] = [
        (ADDRESS, U256::from_big_endian(&SELF.0)),
        (CALLVALUE, U256::from(77)),
        (NUMBER, U256::from(5000)),
        (CHAINID, U256::from(31_415_926)),
        (GAS, U256::from(123_456_789)),
        (PREVRANDAO, U256::MAX),
    ];
    for (op, expected) in cases {
        assert_eq!(
            word_of(&Program::new().op([op]).return_word()),
            expected,
            "opcode {op:#04x}"
        );
    }
}

#[test]
fn logs_carry_topics_in_order() {
    let mut world = World::default();
    let code = Program::new()
        .push(0xabcd)
        .op([PUSH1, 0, MSTORE])
        .push(2)
        .push(1)
        .push(2)
        .push(30)
        .op([LOG2])
        .end();
    assert_eq!(world.run(&code, Unmetered).halt, Halt::Stop);
    assert_eq!(
        world.logs,
        [(vec![U256::from(1), U256::from(2)], vec![0xab, 0xcd])]
    );
}
