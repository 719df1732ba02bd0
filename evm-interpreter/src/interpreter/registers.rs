//! The registers of the dispatch loop.

use crate::bytecode::{Bytecode, PADDING};
use crate::halt::Halt;
use crate::metering::Metering;
use crate::opcode::{self, immediates};
use crate::stack::{LIMIT, Stack};
use core::marker::PhantomData;
use primitive_types::U256;

/// Bytes of a stack item.
const ITEM: usize = size_of::<U256>();

/// Position, stack and gas of the running frame.
///
/// A plain value without an address of its own, so that the compiler keeps it in machine registers:
/// no reference to it may reach a function that is not inlined (pass a copy, take it back).
///
/// Two invariants carry the unchecked accesses below:
/// - `position` stays within the padded code: it starts at 0, moves by one instruction with its
///   immediates, at most [`PADDING`] bytes past the last byte of code, and a STOP is there; jumps go
///   to JUMPDEST instructions only.
/// - `begin` checks an instruction's need of operands and room before the instruction touches the
///   stack, by the same table that the instruction's number of pops and pushes is tested against.
#[derive(Clone, Copy)]
pub(crate) struct Registers<'a, M> {
    code: *const u8,
    position: usize,
    base: *mut U256,
    /// Where the next item goes.
    next: *mut U256,
    pub(crate) meter: M,
    lifetime: PhantomData<&'a mut U256>,
}

impl<'a, M: Metering> Registers<'a, M> {
    pub(super) fn new(code: &'a Bytecode, stack: &'a mut Stack, meter: M) -> Self {
        let base = stack.base();
        Self {
            code: code.padded().as_ptr(),
            position: 0,
            base,
            next: base,
            meter,
            lifetime: PhantomData,
        }
    }

    /// The opcode at the position, which moves on.
    #[inline(always)]
    pub(crate) const fn fetch(&mut self) -> u8 {
        // SAFETY: the position is within the padded code.
        let op = unsafe { *self.code.add(self.position) };
        self.position += 1;
        op
    }

    /// Position of the instruction that is being executed.
    #[inline(always)]
    pub(crate) const fn position(&self) -> usize {
        self.position - 1
    }

    /// Continues at `target`, a JUMPDEST instruction.
    #[inline(always)]
    pub(crate) const fn jump(&mut self, target: usize) {
        self.position = target;
    }

    /// The `N` immediate bytes of the instruction, skipped.
    #[inline(always)]
    pub(crate) const fn immediate<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N < PADDING && N == immediates(opcode::PUSH0 + N as u8)) };
        // SAFETY: an instruction begins within the code, and N bytes of padding follow that.
        let bytes = unsafe {
            self.code
                .add(self.position)
                .cast::<[u8; N]>()
                .read_unaligned()
        };
        self.position += N;
        bytes
    }

    /// Checks what the table says of instruction `OP` and charges its constant part.
    #[inline(always)]
    pub(crate) fn begin<const OP: u8>(&mut self) -> Result<(), Halt> {
        const {
            assert!(opcode::instruction(OP).is_some());
        }
        let (inputs, outputs) = const {
            match opcode::instruction(OP) {
                Some(entry) => (entry.inputs as usize, entry.outputs as usize),
                None => (0, 0),
            }
        };
        if !M::INSTRUCTION_SET[OP as usize] {
            return Err(Halt::UndefinedInstruction);
        }
        if inputs > 0 && self.bytes() < inputs * ITEM {
            return Err(Halt::StackUnderflow);
        }
        if outputs > inputs && self.bytes() > (LIMIT - (outputs - inputs)) * ITEM {
            return Err(Halt::StackOverflow);
        }
        self.meter.instruction(OP)
    }

    /// Bytes of stack in use.
    #[inline(always)]
    fn bytes(&self) -> usize {
        (self.next as usize).wrapping_sub(self.base as usize)
    }

    /// Takes the top item.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> U256 {
        debug_assert!(self.bytes() >= ITEM);
        // SAFETY: `begin` saw an item.
        unsafe {
            self.next = self.next.sub(1);
            *self.next
        }
    }

    /// Item `N` from the top, 0 being the top itself.
    #[inline(always)]
    pub(crate) fn peek<const N: usize>(&mut self) -> &mut U256 {
        debug_assert!(self.bytes() > N * ITEM);
        // SAFETY: `begin` saw more than N items; items below `next` are initialised.
        unsafe { &mut *self.next.sub(N + 1) }
    }

    /// Puts an item on top.
    #[inline(always)]
    pub(crate) fn push(&mut self, item: U256) {
        debug_assert!(self.bytes() < LIMIT * ITEM);
        // SAFETY: `begin` saw room, or the instruction has popped before.
        unsafe {
            self.next.write(item);
            self.next = self.next.add(1);
        }
    }

    /// The stack, bottom first.
    pub(super) fn items(&self) -> &[U256] {
        // SAFETY: the items below `next` are initialised, and none is written while this borrows.
        unsafe { core::slice::from_raw_parts(self.base, self.bytes() / ITEM) }
    }

    /// An instruction that the rules do not have is undefined, whatever the stack holds.
    pub(super) fn classify(&self, halt: Halt) -> Halt {
        match halt {
            Halt::StackUnderflow | Halt::StackOverflow if !self.meter.defines(self.opcode()) => {
                Halt::UndefinedInstruction
            }
            other => other,
        }
    }

    /// The opcode of the instruction that is being executed.
    const fn opcode(&self) -> u8 {
        // SAFETY: it has been fetched from there.
        unsafe { *self.code.add(self.position()) }
    }
}
