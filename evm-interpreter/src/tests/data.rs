//! Memory, call data, code and return data at their edges.

use super::program::Program;
use super::world::{World, run, word_of};
use crate::halt::Halt;
use crate::host::CallReply;
use crate::metering::Unmetered;
use crate::opcode::*;
use alloc::vec;
use alloc::vec::Vec;
use primitive_types::U256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn memory_grows_by_words() {
    assert_eq!(
        word_of(&Program::new().op([MSIZE]).return_word()),
        U256::zero()
    );
    let code = Program::new()
        .push(1)
        .push(33)
        .op([MSTORE8, MSIZE])
        .return_word();
    assert_eq!(word_of(&code), U256::from(64));
    let code = Program::new().push(1).op([MLOAD, POP, MSIZE]).return_word();
    assert_eq!(word_of(&code), U256::from(64));
}

#[test]
fn size_zero_asks_for_nothing() {
    for op in [KECCAK256, RETURN, REVERT, LOG0] {
        let code = Program::new().push(0).push(U256::MAX).op([op]).end();
        let halt = run(&code).halt;
        assert!(
            matches!(halt, Halt::Stop | Halt::Return | Halt::Revert),
            "opcode {op:#04x}: {halt:?}"
        );
    }
    for op in [CALLDATACOPY, CODECOPY, MCOPY] {
        let code = Program::new()
            .push(0)
            .push(U256::MAX)
            .push(U256::MAX)
            .op([op, MSIZE])
            .return_word();
        assert_eq!(word_of(&code), U256::zero(), "opcode {op:#04x}");
    }
}

#[test]
fn addresses_beyond_any_machine_are_refused() {
    let huge = [U256::one() << 64, U256::MAX, U256::one() << 255];
    for offset in huge {
        for op in [MLOAD, MSTORE, MSTORE8, KECCAK256, RETURN, REVERT, LOG0] {
            // The other operand is a one: a size for the ranges, a value for the stores.
            let code = Program::new().push(1).push(offset).op([op]).end();
            assert_eq!(
                run(&code).halt,
                Halt::IllegalMemoryAccess,
                "opcode {op:#04x} at {offset}"
            );
        }
        for op in [CALLDATACOPY, CODECOPY, MCOPY] {
            let code = Program::new().push(1).push(0).push(offset).op([op]).end();
            assert_eq!(
                run(&code).halt,
                Halt::IllegalMemoryAccess,
                "opcode {op:#04x} at {offset}"
            );
        }
    }
}

#[test]
fn mcopy_copies_overlapping_ranges() {
    for (to, from) in [(0u64, 16u64), (16, 0), (5, 5)] {
        let code = Program::new()
            .push(U256::from_big_endian(&core::array::from_fn::<u8, 32, _>(
                |i| i as u8,
            )))
            .op([PUSH1, 0, MSTORE])
            .push(20)
            .push(from)
            .push(to)
            .op([MCOPY, PUSH1, 64, PUSH1, 0, RETURN])
            .end();
        let mut expected: Vec<u8> = (0..32).chain([0; 32]).collect();
        expected.copy_within(from as usize..from as usize + 20, to as usize);
        assert_eq!(run(&code).output, expected);
    }
}

#[test]
fn call_data_is_zero_beyond_its_end() {
    let mut world = World {
        input: vec![0x11; 40],
        ..World::default()
    };
    let mut load = |offset: U256| {
        let code = Program::new().push(offset).op([CALLDATALOAD]).return_word();
        world.run(&code, Unmetered).output
    };
    assert_eq!(load(8.into()), [0x11; 32]);
    let mut partial = [0; 32];
    partial[..10].fill(0x11);
    assert_eq!(load(30.into()), partial);
    assert_eq!(load(40.into()), [0; 32]);
    assert_eq!(load(U256::MAX), [0; 32]);
    assert_eq!(load(U256::from(u64::MAX)), [0; 32]);
}

#[test]
fn copies_pad_with_zeros_over_old_content() {
    let mut world = World {
        input: vec![0x22; 4],
        external_code: vec![0x33; 4],
        ..World::default()
    };
    for (op, byte) in [
        (CALLDATACOPY, 0x22),
        (CODECOPY, PUSH32),
        (EXTCODECOPY, 0x33),
    ] {
        let mut program = Program::new()
            .op([PUSH32])
            .op([0xff; 32])
            .op([PUSH1, 0, MSTORE])
            .push(8)
            .push(0)
            .push(0);
        if op == EXTCODECOPY {
            program = program.push(0xaa);
        }
        let out = world
            .run(
                &program.op([op, PUSH1, 32, PUSH1, 0, RETURN]).end(),
                Unmetered,
            )
            .output;
        assert_eq!((out[0], out[8]), (byte, 0xff), "opcode {op:#04x}");
        if op != CODECOPY {
            assert_eq!(out[4..8], [0; 4], "opcode {op:#04x}");
        }
    }
}

#[test]
fn return_data_may_not_be_overread() {
    let call = || {
        Program::new()
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0xaa)
            .push(1)
            .op([CALL, POP])
    };
    let mut world = World {
        reply: CallReply {
            success: true,
            output: vec![9; 10],
            ..CallReply::default()
        },
        ..World::default()
    };
    for (offset, len, fits) in [
        (0u64, 10u64, true),
        (10, 0, true),
        (4, 6, true),
        (4, 7, false),
        (11, 0, false),
        (u64::MAX, 1, false),
    ] {
        let code = call()
            .push(len)
            .push(offset)
            .push(0)
            .op([RETURNDATACOPY])
            .end();
        let expected = if fits {
            Halt::Stop
        } else {
            Halt::ReturnDataOutOfBounds
        };
        assert_eq!(world.run(&code, Unmetered).halt, expected, "{offset} {len}");
    }
}

#[test]
fn keccak_of_memory() {
    let code = Program::new().push(0).push(0).op([KECCAK256]).return_word();
    let expected = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(alloc::format!("{:064x}", word_of(&code)), expected);
}
