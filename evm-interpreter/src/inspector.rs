//! Observation of a frame's steps.

use crate::halt::Halt;
use primitive_types::U256;

/// The machine before an instruction.
#[derive(Debug)]
pub struct Step<'a> {
    /// Position of the instruction in the code.
    pub pc: usize,
    /// The opcode.
    pub op: u8,
    /// Gas left before the instruction; 0 in unmetered worlds.
    pub gas: u64,
    /// The frame's own change of the refund counter so far.
    pub refund: i64,
    /// Operand stack, bottom first.
    pub stack: &'a [U256],
    /// Memory; its length is a multiple of 32.
    pub memory: &'a [u8],
    /// Return data of the last call.
    pub return_data: &'a [u8],
}

/// Watches the steps of frames. Implementations that set [`ENABLED`](Self::ENABLED) to `false`
/// leave no trace in the compiled loop.
pub trait Inspector {
    /// Whether steps are reported at all.
    const ENABLED: bool;

    /// Before an instruction, nothing of it charged yet.
    fn step(&mut self, step: &Step<'_>) {
        let _ = step;
    }

    /// The instruction's own cost is known. Calls and creations report before the callee runs, with
    /// the gas that goes to it counted in, and once more when the callee is done; other instructions
    /// when they are done. The first report after a `step` is the instruction's cost.
    /// `refund` is the frame's own change of the refund counter, the instruction's included.
    fn charged(&mut self, gas_left: u64, refund: i64) {
        let _ = (gas_left, refund);
    }

    /// The frame ended in this instruction, exceptionally or not. Out of gas, `gas_left` may be
    /// below zero, as a wrapped number: the price that could not be paid.
    fn halted(&mut self, halt: Halt, gas_left: u64, refund: i64) {
        let _ = (halt, gas_left, refund);
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoInspector;

impl Inspector for NoInspector {
    const ENABLED: bool = false;
}
