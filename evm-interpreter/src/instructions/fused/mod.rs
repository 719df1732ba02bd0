//! Several instructions at once, where compilers write them in sequence.
//!
//! A DUP or a PUSH of at most eight bytes does not put its item on the stack at once: the instruction
//! behind it may take it from where it is. [`operand`] does so with items that DUP found on the stack,
//! [`number`] with numbers from the code. What takes none has it pushed first, and then runs as ever.
//!
//! Sequences that begin with other instructions are tried at the first of them; each function does all
//! of one, with what each instruction costs, or says `false` and has done nothing. So it is with any
//! sequence whose operands are not on the stack or do not fit it, which is then left to fail at the
//! right instruction.

pub(super) mod number;
pub(super) mod operand;

use crate::arithmetic::{as_u64, is_zero, word};
use crate::halt::Halt;
use crate::host::Host;
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use crate::opcode::*;

/// Whether sequences are looked for. It pays where dispatch is dear; who watches wants to see each
/// instruction.
#[inline(always)]
pub(super) const fn enabled<H: Host>() -> bool {
    cfg!(any(target_arch = "wasm32", feature = "wasm-kernels")) && !H::Inspector::ENABLED
}

/// Whether a sequence was executed.
type Done = Result<bool, Halt>;

/// Charges for instructions.
#[inline(always)]
fn charge<M: Metering, const N: usize>(r: &mut Registers<'_, M>, ops: [u8; N]) -> Result<(), Halt> {
    for op in ops {
        r.meter.instruction(op)?;
    }
    Ok(())
}

/// STOP behind what nobody will see. With this opcode a table that leads to instructions begins at
/// zero, and no subtraction precedes it.
#[inline(always)]
fn stop<M: Metering>(r: &mut Registers<'_, M>) -> Result<(), Halt> {
    charge(r, [STOP])?;
    Err(super::immediate(Halt::Stop))
}

/// ISZERO, PUSH2, JUMPI.
#[inline(always)]
pub(super) fn iszero<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Done {
    if r.opcode_after(1) != PUSH2 || r.opcode_after(4) != JUMPI || !r.fits(1, 1) {
        return Ok(false);
    }
    charge(r, [ISZERO, PUSH2, JUMPI])?;
    let taken = is_zero(r.peek::<0>());
    r.pop();
    r.skip(1);
    branch::<2, _, _>(r, f, taken)?;
    Ok(true)
}

/// SWAPn, POP: the top item goes to the place of another. SWAP1, JUMP: the return of a function with a
/// result.
#[inline(always)]
pub(super) fn swap<const N: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Done {
    if N == 1 && r.opcode_after(1) == JUMP && r.fits(2, 0) {
        charge(r, [SWAP1, JUMP])?;
        let target = *r.peek::<1>();
        *r.peek::<1>() = *r.peek::<0>();
        r.discard::<1>();
        let target = as_u64(&target).ok_or(Halt::BadJumpDestination)?;
        jump_to(r, f, target, 2)?;
        return Ok(true);
    }
    if r.opcode_after(1) != POP || !r.fits(N + 1, 0) {
        return Ok(false);
    }
    charge(r, [SWAP1 - 1 + N as u8, POP])?;
    *r.peek::<N>() = *r.peek::<0>();
    r.pop();
    r.skip(2);
    Ok(true)
}

/// What follows a comparison at the position that is done but for its result, which takes the place of
/// the top `POPS` items: ISZERO, and a PUSH of one or two bytes with JUMPI.
#[inline(always)]
pub(super) fn decide<const POPS: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    mut result: bool,
) -> Result<(), Halt> {
    // What compilers write for the condition of a loop: found by one load.
    if r.code_matches(
        [ISZERO, PUSH2, 0, 0, JUMPI],
        [true, true, false, false, true],
    ) {
        charge(r, [ISZERO, PUSH2, JUMPI])?;
        r.discard::<POPS>();
        r.skip(2);
        return branch::<2, _, _>(r, f, !result);
    }
    if r.opcode_after(1) == ISZERO {
        charge(r, [ISZERO])?;
        result = !result;
        r.skip(1);
    }
    r.discard::<POPS>();
    match r.opcode_after(1) {
        PUSH2 if r.opcode_after(4) == JUMPI => {
            charge(r, [PUSH2, JUMPI])?;
            r.skip(1);
            branch::<2, _, _>(r, f, result)
        }
        PUSH1 if r.opcode_after(3) == JUMPI => {
            charge(r, [PUSH1, JUMPI])?;
            r.skip(1);
            branch::<1, _, _>(r, f, result)
        }
        _ => {
            r.push(word(u64::from(result)));
            r.skip(1);
            Ok(())
        }
    }
}

/// JUMPI at a PUSH of `N` bytes, its condition gone from the stack.
#[inline(always)]
fn branch<const N: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    taken: bool,
) -> Result<(), Halt> {
    if taken {
        let target = r.number::<N>();
        jump_to(r, f, target, N + 2)
    } else {
        r.skip(N + 2);
        Ok(())
    }
}

/// Continues at the JUMPDEST at `target`. The instruction behind the jump is `ahead` bytes from here.
#[inline(always)]
fn jump_to<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    target: u64,
    ahead: usize,
) -> Result<(), Halt> {
    let next = || r.position().wrapping_add(ahead);
    if !f.code.is_destination(target, &mut f.jumps, next) {
        return Err(Halt::BadJumpDestination);
    }
    // JUMPDEST need not be executed where it has no price.
    r.go((target as usize).wrapping_add(usize::from(!M::METERED)));
    Ok(())
}
