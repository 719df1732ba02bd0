//! The dispatch loop.

use crate::bytecode::{Bytecode, JumpScan};
use crate::halt::Halt;
use crate::host::Host;
use crate::inspector::{Inspector, Step};
use crate::instructions::{Constants, execute};
use crate::memory::Memory;
use crate::metering::Metering;
use crate::stack::Stack;
use alloc::vec::Vec;
use core::ops::Range;
use primitive_types::U256;

pub(crate) use registers::{Item, Registers};

mod registers;

/// One frame: a code running for a host.
#[derive(Debug)]
pub struct Interpreter<'a, H: Host, M: Metering> {
    frame: Frame<'a, H>,
    stack: &'a mut Stack,
    meter: M,
}

/// What instructions reach beside the registers.
#[derive(Debug)]
pub(crate) struct Frame<'a, H> {
    pub(crate) host: &'a mut H,
    pub(crate) code: &'a Bytecode,
    pub(crate) jumps: JumpScan,
    pub(crate) memory: Memory,
    /// Output of the last call (EIP-211).
    pub(crate) return_data: Vec<u8>,
    /// Where in memory this frame's output lies.
    pub(crate) output: Range<usize>,
    pub(crate) constants: Constants,
}

impl<'a, H: Host, M: Metering> Interpreter<'a, H, M> {
    /// A frame at the start of `code`.
    pub const fn new(host: &'a mut H, code: &'a Bytecode, meter: M, stack: &'a mut Stack) -> Self {
        Self {
            frame: Frame {
                host,
                code,
                jumps: JumpScan::new(),
                memory: Memory::new(),
                return_data: Vec::new(),
                output: 0..0,
                constants: Constants::new(),
            },
            stack,
            meter,
        }
    }

    /// Takes over `memory` that an earlier frame has done with, to save its allocation.
    #[must_use]
    pub fn with_memory(mut self, mut memory: Memory) -> Self {
        memory.clear();
        self.frame.memory = memory;
        self
    }

    /// Runs to the end of the frame.
    pub fn run(&mut self) -> Halt {
        let mut registers = Registers::new(self.frame.code, self.stack, self.meter);
        let halt = execute(&mut registers, &mut self.frame);
        let halt = registers.classify(halt);
        if H::Inspector::ENABLED {
            self.frame.host.inspector().halted(
                halt,
                registers.meter.gas_left(),
                registers.meter.refund(),
            );
        }
        self.meter = registers.meter;
        halt
    }

    /// Output of RETURN or REVERT; empty after any other end.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        self.frame
            .memory
            .bytes()
            .get(self.frame.output.clone())
            .unwrap_or_default()
    }

    /// The meter as the frame left it.
    #[must_use]
    pub const fn meter(&self) -> &M {
        &self.meter
    }

    /// The host.
    pub const fn host(&mut self) -> &mut H {
        self.frame.host
    }

    /// Gives the memory up, for a next frame.
    #[must_use]
    pub fn into_memory(self) -> Memory {
        self.frame.memory
    }
}

impl<H: Host> Frame<'_, H> {
    #[cold]
    #[inline(never)]
    pub(crate) fn report_step<M: Metering>(&mut self, registers: &Registers<M>, op: u8) {
        self.host.inspector().step(&Step {
            pc: registers.position(),
            op,
            gas: registers.meter.gas_left(),
            refund: registers.meter.refund(),
            stack: registers.items(),
            memory: self.memory.bytes(),
            return_data: &self.return_data,
        });
    }
}

/// A word's value as a length or offset in this machine's memory.
#[inline(always)]
pub(crate) const fn as_offset(word: &U256) -> Option<usize> {
    match crate::arithmetic::as_u64(word) {
        Some(value) if value <= crate::memory::MAX_SIZE => Some(value as usize),
        _ => None,
    }
}
