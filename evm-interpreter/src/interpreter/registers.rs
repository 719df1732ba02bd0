//! The registers of the dispatch loop.

use crate::bytecode::{Bytecode, PADDING};
use crate::halt::Halt;
use crate::metering::Metering;
use crate::opcode::{self, immediates};
use crate::stack::{BIAS, LIMIT, Stack};
use core::marker::PhantomData;
use primitive_types::U256;

/// Position, stack and gas of the running frame.
///
/// A plain value without an address of its own, so that the compiler keeps it in machine registers:
/// no reference to it may reach a function that is not inlined (pass a copy, take it back).
///
/// Two invariants carry the unchecked accesses below:
/// - `at` stays within the padded code once an instruction is fetched: it starts before its beginning,
///   moves by one instruction with its immediates, at most [`PADDING`] bytes past the last byte of code,
///   and a STOP is there; jumps go to JUMPDEST instructions, or just behind them, only.
/// - `begin` checks an instruction's need of operands and room before the instruction touches the
///   stack, by the same table that the instruction's number of pops and pushes is tested against.
#[derive(Clone, Copy)]
pub(crate) struct Registers<'a, M> {
    code: *const u8,
    /// The instruction that is being executed.
    at: *const u8,
    /// [`BIAS`] items below the bottom of the stack.
    base: *mut U256,
    /// [`BIAS`] items below the place of the next item. WebAssembly's loads and stores add a constant
    /// to their address for nothing, but none below zero: so every item that an instruction reaches
    /// lies above this pointer.
    low: *mut U256,
    pub(crate) meter: M,
    lifetime: PhantomData<&'a mut U256>,
}

impl<'a, M: Metering> Registers<'a, M> {
    pub(super) fn new(code: &'a Bytecode, stack: &'a mut Stack, meter: M) -> Self {
        let base = stack.base();
        let code = code.padded().as_ptr();
        Self {
            code,
            at: code,
            base,
            low: base,
            meter,
            lifetime: PhantomData,
        }
    }

    /// The opcode at the position.
    #[inline(always)]
    pub(crate) const fn opcode(&self) -> u8 {
        // SAFETY: the position is within the padded code.
        unsafe { *self.at }
    }

    /// Goes to the instruction behind `OP`, which is at the position.
    #[inline(always)]
    pub(crate) const fn advance<const OP: u8>(&mut self) {
        // SAFETY: an instruction begins within the code, and its immediates within the padding.
        self.at = unsafe { self.at.add(1 + immediates(OP)) };
    }

    /// Position of the instruction that is being executed.
    #[inline(always)]
    pub(crate) fn position(&self) -> usize {
        (self.at as usize).wrapping_sub(self.code as usize)
    }

    /// Continues at `target`, a JUMPDEST instruction or the place behind one, after [`Self::advance`]
    /// behind a jump.
    #[inline(always)]
    pub(crate) const fn jump(&mut self, target: usize) {
        self.at = self.code.wrapping_add(target).wrapping_sub(1);
    }

    /// The `N` immediate bytes of the instruction.
    #[inline(always)]
    pub(crate) const fn immediate<const N: usize>(&self) -> [u8; N] {
        const { assert!(N < PADDING && N == immediates(opcode::PUSH0 + N as u8)) };
        // SAFETY: an instruction begins within the code, and N bytes of padding follow that.
        unsafe { self.at.add(1).cast::<[u8; N]>().read_unaligned() }
    }

    /// Checks what the table says of instruction `OP` and charges its constant part.
    #[inline(always)]
    pub(crate) fn begin<const OP: u8>(&mut self) -> Result<(), Halt> {
        let (inputs, outputs) = const {
            match opcode::instruction(OP) {
                Some(entry) => (entry.inputs as usize, entry.outputs as usize),
                None => panic!("an instruction that is not in the table"),
            }
        };
        if !M::INSTRUCTION_SET[OP as usize] {
            return Err(crate::instructions::immediate(Halt::UndefinedInstruction));
        }
        if inputs > 0 && self.holds_less_than(inputs) {
            return Err(Halt::StackUnderflow);
        }
        if outputs > inputs && !self.holds_less_than(LIMIT + 1 + inputs - outputs) {
            return Err(Halt::StackOverflow);
        }
        self.meter.instruction(OP)
    }

    /// Whether there are fewer than `n` items on the stack.
    #[inline(always)]
    fn holds_less_than(&self, n: usize) -> bool {
        if cfg!(target_arch = "wasm32") {
            // The bound does not change while the frame runs: the compiler keeps it at hand.
            self.low < self.base.wrapping_add(n)
        } else {
            self.bytes() < n * size_of::<U256>()
        }
    }

    /// Bytes of stack in use.
    #[inline(always)]
    fn bytes(&self) -> usize {
        (self.low as usize).wrapping_sub(self.base as usize)
    }

    /// Takes the top item.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> U256 {
        debug_assert!(!self.holds_less_than(1));
        // SAFETY: `begin` saw an item; items are initialised.
        unsafe {
            self.low = self.low.sub(1);
            *self.low.add(BIAS)
        }
    }

    /// Item `N` from the top, 0 being the top itself.
    #[inline(always)]
    pub(crate) fn peek<const N: usize>(&mut self) -> &mut U256 {
        const { assert!(N < BIAS) };
        debug_assert!(!self.holds_less_than(N + 1));
        // SAFETY: `begin` saw more than N items; items are initialised.
        unsafe { &mut *self.low.add(BIAS - 1 - N) }
    }

    /// Puts an item on top.
    #[inline(always)]
    pub(crate) fn push(&mut self, item: U256) {
        debug_assert!(self.holds_less_than(LIMIT));
        // SAFETY: `begin` saw room, or the instruction has popped before.
        unsafe {
            self.low.add(BIAS).write(item);
            self.low = self.low.add(1);
        }
    }

    /// The stack, bottom first.
    pub(super) fn items(&self) -> &[U256] {
        // SAFETY: the items in use are initialised, and none is written while this borrows.
        unsafe {
            core::slice::from_raw_parts(self.base.add(BIAS), self.bytes() / size_of::<U256>())
        }
    }

    /// An instruction that the rules do not have is undefined, whatever the stack holds.
    pub(super) fn classify(&self, halt: Halt) -> Halt {
        match halt {
            // Without a schedule the set is constant, and `begin` has looked at it first.
            Halt::StackUnderflow | Halt::StackOverflow if M::METERED => {
                if self.meter.defines(self.opcode()) {
                    halt
                } else {
                    Halt::UndefinedInstruction
                }
            }
            other => other,
        }
    }
}
