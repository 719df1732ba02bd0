//! The registers of the dispatch loop.

use crate::arithmetic::ByteOrder;
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
    pub(crate) order: ByteOrder,
    lifetime: PhantomData<&'a mut U256>,
}

/// Where an item of the stack is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item(*const U256);

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
            order: ByteOrder::new(),
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

    /// Continues at `target`, a JUMPDEST instruction or the place behind one.
    #[inline(always)]
    pub(crate) const fn go(&mut self, target: usize) {
        // SAFETY: the target is within the code, or at its end.
        self.at = unsafe { self.code.add(target) };
    }

    /// The `N` immediate bytes of the instruction.
    #[inline(always)]
    pub(crate) const fn immediate<const N: usize>(&self) -> [u8; N] {
        const { assert!(N < PADDING && N == immediates(opcode::PUSH0 + N as u8)) };
        // SAFETY: an instruction begins within the code, and N bytes of padding follow that.
        unsafe { self.at.add(1).cast::<[u8; N]>().read_unaligned() }
    }

    /// The word of the `N` immediate bytes of the instruction.
    #[inline(always)]
    pub(crate) fn immediate_word<const N: usize>(&self) -> U256 {
        // SAFETY: an instruction begins within the code; eight bytes from the start of its immediates,
        // or from any of them that eight others follow, are within the padding.
        let limb = |at: usize| unsafe {
            u64::from_le_bytes(self.at.add(1 + at).cast::<[u8; 8]>().read_unaligned())
        };
        U256(core::array::from_fn(|i| {
            let below = 8 * i;
            if below >= N {
                0
            } else if below + 8 <= N {
                self.order.swapped(limb(N - below - 8))
            } else if N - below <= 4 {
                self.order.swapped_half(limb(0) as u32) as u64 >> (32 - 8 * (N - below))
            } else {
                self.order.swapped(limb(0)) >> (64 - 8 * (N - below))
            }
        }))
    }

    /// The number of the `N` immediate bytes of the instruction, at most eight.
    #[inline(always)]
    pub(crate) fn number<const N: usize>(&self) -> u64 {
        const { assert!(N <= 8) };
        match N {
            0 => 0,
            // Byte loads: cheaper in WebAssembly than a load and a byte swap.
            // SAFETY: an instruction begins within the code, and the padding follows that.
            1 => u64::from(unsafe { *self.at.add(1) }),
            2 => {
                // SAFETY: as above.
                let (high, low) = unsafe { (*self.at.add(1), *self.at.add(2)) };
                u64::from(high) << 8 | u64::from(low)
            }
            _ => self.immediate_word::<N>().0[0],
        }
    }

    /// The opcode `n` bytes behind the position, at most [`PADDING`].
    #[inline(always)]
    pub(crate) const fn opcode_after(&self, n: usize) -> u8 {
        // SAFETY: an instruction begins within the code, and the padding follows that.
        unsafe { *self.at.add(n) }
    }

    /// Whether the code behind the byte behind the position is `bytes`.
    #[inline(always)]
    pub(crate) const fn code_behind_is(&self, bytes: [u8; 6]) -> bool {
        // SAFETY: an instruction begins within the code, and the padding follows that.
        let code = unsafe { self.at.add(1).cast::<[u8; 8]>().read_unaligned() };
        let [a, b, c, d, e, f] = bytes;
        u64::from_le_bytes(code) << 16 == u64::from_le_bytes([0, 0, a, b, c, d, e, f])
    }

    /// Whether the code behind the byte at the position is `bytes`, as far as they are `asked` for.
    #[inline(always)]
    pub(crate) fn code_matches(&self, bytes: [u8; 5], asked: [bool; 5]) -> bool {
        // SAFETY: an instruction begins within the code, and the padding follows that.
        let code = unsafe { self.at.add(1).cast::<[u8; 8]>().read_unaligned() };
        let mut mask = 0;
        let mut wanted = 0;
        for i in 0..5 {
            if asked[i] {
                mask |= 0xff << (8 * i);
                wanted |= u64::from(bytes[i]) << (8 * i);
            }
        }
        u64::from_le_bytes(code) & mask == wanted
    }

    /// Moves on by `n` bytes: by instructions that are done, each of which begins within the code.
    #[inline(always)]
    pub(crate) const fn skip(&mut self, n: usize) {
        // SAFETY: by the above, this stays within the padded code.
        self.at = unsafe { self.at.add(n) };
    }

    /// Whether there are `inputs` items, and room for `more` than there are.
    #[inline(always)]
    pub(crate) fn fits(&self, inputs: usize, more: usize) -> bool {
        if inputs == 0 {
            self.holds_less_than(LIMIT + 1 - more)
        } else {
            let bottom = self.base.wrapping_add(inputs) as usize;
            let above = (self.low as usize).wrapping_sub(bottom);
            above <= (LIMIT - inputs - more) * size_of::<U256>()
        }
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
        if inputs > 0 && outputs > inputs {
            // One comparison for both ends.
            if !self.fits(inputs, outputs - inputs) {
                return Err(misfit(self.bytes(), inputs));
            }
        } else if inputs > 0 && self.holds_less_than(inputs) {
            return Err(Halt::StackUnderflow);
        } else if outputs > inputs && !self.holds_less_than(LIMIT + 1 + inputs - outputs) {
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

    /// The top item, and the one below it.
    #[inline(always)]
    pub(crate) fn top_two(&mut self) -> (&U256, &mut U256) {
        debug_assert!(!self.holds_less_than(2));
        // SAFETY: `begin` saw two items; items are initialised, and these are two.
        unsafe { (&*self.low.add(BIAS - 1), &mut *self.low.add(BIAS - 2)) }
    }

    /// Item `N` from the top, as [`value`](Self::value) takes it.
    #[inline(always)]
    pub(crate) fn item<const N: usize>(&self) -> Item {
        const { assert!(N < BIAS) };
        debug_assert!(!self.holds_less_than(N + 1));
        // SAFETY: `begin` or `fits` saw more than N items.
        Item(unsafe { self.low.add(BIAS - 1 - N) })
    }

    /// An item that [`item`](Self::item) found. It is read before anything is taken from the stack.
    #[inline(always)]
    pub(crate) const fn value(&self, item: Item) -> U256 {
        // SAFETY: items are within the stack, and initialised.
        unsafe { *item.0 }
    }

    /// Takes the `N` top items off.
    #[inline(always)]
    pub(crate) fn discard<const N: usize>(&mut self) {
        debug_assert!(N == 0 || !self.holds_less_than(N));
        // SAFETY: `begin` or `fits` saw as many items.
        self.low = unsafe { self.low.sub(N) };
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

/// Which end of the stack an instruction that needs `inputs` items missed, with `bytes` in use.
#[cold]
#[inline(never)]
const fn misfit(bytes: usize, inputs: usize) -> Halt {
    if bytes < inputs * size_of::<U256>() {
        Halt::StackUnderflow
    } else {
        Halt::StackOverflow
    }
}
