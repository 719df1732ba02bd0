//! The table against the machine: what it says of operands is what instructions do. The unchecked
//! stack accesses of the dispatch loop rest on this.

use super::program::Program;
use super::world::World;
use crate::Fork;
use crate::halt::Halt;
use crate::metering::{Ethereum, Metering, Unmetered};
use crate::opcode::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const BUDGET: u64 = 10_000_000;

/// Runs `op` on a stack of `depth` ones and reports how it ended and the depth afterwards, if it
/// went on to a next instruction.
fn run_on_depth<M: Metering>(op: u8, depth: usize, meter: M) -> (Halt, Option<usize>) {
    let mut program = Program::new();
    for _ in 0..depth {
        program = program.push(1);
    }
    let start = 2 * depth;
    let mut world = World::default();
    world.reply.success = true;
    // A JUMPDEST at 1 for JUMP and JUMPI is an immediate here, and rightly refused.
    world.run(&program.op([op]).end(), meter);
    let end = world
        .inspector
        .steps
        .iter()
        .position(|&(pc, ..)| pc == start)
        .expect("the instruction is reached");
    let after = world.inspector.steps.get(end + 1).map(|&(.., depth)| depth);
    (world.inspector.halted.expect("the frame ends"), after)
}

#[test]
fn instructions_take_and_leave_what_the_table_says() {
    for op in 0..=255u8 {
        let Some(entry) = instruction(op) else {
            continue;
        };
        let (inputs, outputs) = (usize::from(entry.inputs), usize::from(entry.outputs));
        for depth in [inputs, inputs + 1, 300] {
            let (halt, after) = run_on_depth(op, depth, Ethereum::new(Fork::LATEST, BUDGET));
            match op {
                STOP | RETURN | REVERT | INVALID | SELFDESTRUCT => assert_eq!(after, None),
                JUMP | JUMPI => assert_eq!(halt, Halt::BadJumpDestination),
                RETURNDATACOPY => assert_eq!(halt, Halt::ReturnDataOutOfBounds),
                _ => assert_eq!(after, Some(depth - inputs + outputs), "{}", entry.name),
            }
        }
        if inputs > 0 {
            let (halt, after) = run_on_depth(op, inputs - 1, Ethereum::new(Fork::LATEST, BUDGET));
            assert_eq!(
                (halt, after),
                (Halt::StackUnderflow, None),
                "{}",
                entry.name
            );
        }
        let (halt, _) = run_on_depth(op, 1024, Ethereum::new(Fork::LATEST, BUDGET));
        assert_eq!(
            halt == Halt::StackOverflow,
            outputs > inputs,
            "{}",
            entry.name
        );
    }
}

#[test]
fn each_fork_has_its_instructions_and_no_others() {
    for fork in Fork::ALL {
        for op in 0..=255u8 {
            let (halt, _) = run_on_depth(op, 17, Ethereum::new(fork, BUDGET));
            assert_eq!(
                halt == Halt::UndefinedInstruction,
                base_gas(op, fork).is_none(),
                "opcode {op:#04x} at {fork:?}"
            );
        }
    }
    for op in 0..=255u8 {
        let (halt, _) = run_on_depth(op, 17, Unmetered);
        let defined = instruction(op).is_some_and(|entry| entry.filecoin);
        assert_eq!(
            halt == Halt::UndefinedInstruction,
            !defined,
            "opcode {op:#04x}"
        );
    }
}

#[test]
fn an_undefined_instruction_is_undefined_on_any_stack() {
    let (halt, _) = run_on_depth(PUSH0, 1024, Ethereum::new(Fork::Paris, BUDGET));
    assert_eq!(halt, Halt::UndefinedInstruction);
    let (halt, _) = run_on_depth(MCOPY, 0, Ethereum::new(Fork::Shanghai, BUDGET));
    assert_eq!(halt, Halt::UndefinedInstruction);
}

#[test]
fn constant_prices_are_charged() {
    // Instructions whose price has no other part.
    for op in [
        ADD, MUL, ADDMOD, POP, PC, MSIZE, GAS, ADDRESS, CHAINID, PUSH0, DUP16, SWAP16, CLZ, TLOAD,
    ] {
        let mut program = Program::new();
        for _ in 0..17 {
            program = program.push(1);
        }
        let mut world = World::default();
        world.run(
            &program.op([op, STOP]).end(),
            Ethereum::new(Fork::Osaka, BUDGET),
        );
        let expected = base_gas(op, Fork::Osaka).map(u64::from);
        assert_eq!(
            world.inspector.costs.get(17).copied(),
            expected,
            "opcode {op:#04x}"
        );
    }
}
