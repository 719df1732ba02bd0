//! Several instructions at once, where compilers write them in sequence.
//!
//! Each function is tried at the first instruction of its sequences. It does all of one, with what each
//! instruction costs, or says `false` and has done nothing: so it is with any sequence whose operands
//! are not on the stack or do not fit it, which is then left to fail at the right instruction.

use super::data::load_call_data;
use super::memory::slot;
use crate::arithmetic::{self as kernel, is_zero, word};
use crate::halt::Halt;
use crate::host::Host;
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use crate::opcode::*;
use primitive_types::U256;

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

/// `(1 << 160) - 1` as compilers write it: PUSH1 1, PUSH1 1, PUSH1 160, SHL, SUB.
const ADDRESS_MASK: [u8; 8] = [PUSH1, 1, PUSH1, 1, PUSH1, 160, SHL, SUB];

/// PUSH1 and an instruction that takes it; the mask of an address, alone or applied.
#[inline(always)]
pub(super) fn push1<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Done {
    let [byte] = r.immediate::<1>();
    let number = u64::from(byte);
    match r.opcode_after(2) {
        ADD if r.fits(1, 1) => {
            charge(r, [PUSH1, ADD])?;
            let sum = r.peek::<0>();
            let (low, carry) = sum.0[0].overflowing_add(number);
            sum.0[0] = low;
            if carry {
                *sum = kernel::add(*sum, U256([0, 1, 0, 0]));
            }
        }
        SUB if r.fits(1, 1) => {
            charge(r, [PUSH1, SUB])?;
            let item = r.peek::<0>();
            *item = kernel::sub(word(number), *item);
        }
        EQ if r.fits(1, 1) => {
            charge(r, [PUSH1, EQ])?;
            let item = r.peek::<0>();
            *item = word(u64::from(kernel::eq(item, &word(number))));
        }
        OR if r.fits(1, 1) => {
            charge(r, [PUSH1, OR])?;
            r.peek::<0>().0[0] |= number;
        }
        AND if r.fits(1, 1) => {
            charge(r, [PUSH1, AND])?;
            let item = r.peek::<0>();
            *item = word(item.0[0] & number);
        }
        SHL if r.fits(1, 1) => {
            charge(r, [PUSH1, SHL])?;
            let item = r.peek::<0>();
            *item = kernel::shl_small(u32::from(byte), item);
        }
        SHR if r.fits(1, 1) => {
            charge(r, [PUSH1, SHR])?;
            let item = r.peek::<0>();
            *item = kernel::shr_small(u32::from(byte), item, 0);
        }
        MLOAD if r.fits(0, 1) => {
            charge(r, [PUSH1, MLOAD])?;
            let bytes = slot(&mut r.meter, &mut f.memory, &word(number))?;
            r.push(word(0));
            r.order.load(bytes, r.peek::<0>());
        }
        MSTORE if r.fits(1, 1) => {
            charge(r, [PUSH1, MSTORE])?;
            let bytes = slot(&mut r.meter, &mut f.memory, &word(number))?;
            r.order.store(r.peek::<0>(), bytes);
            r.pop();
        }
        CALLDATALOAD if r.fits(0, 1) => {
            charge(r, [PUSH1, CALLDATALOAD])?;
            r.push(word(number));
            load_call_data(r, f);
        }
        PUSH1 if r.fits(0, 3) && r.code_is(ADDRESS_MASK) => {
            charge(r, [PUSH1, PUSH1, PUSH1, SHL, SUB])?;
            if r.opcode_after(8) == AND && r.fits(1, 3) {
                charge(r, [AND])?;
                let item = r.peek::<0>();
                item.0[2] &= 0xffff_ffff;
                item.0[3] = 0;
                r.skip(9);
            } else {
                r.push(U256([u64::MAX, u64::MAX, 0xffff_ffff, 0]));
                r.skip(8);
            }
            return Ok(true);
        }
        _ => return Ok(false),
    }
    r.skip(3);
    Ok(true)
}

/// PUSH2 and JUMP or JUMPI.
#[inline(always)]
pub(super) fn push2<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Done {
    match r.opcode_after(3) {
        JUMP if r.fits(0, 1) => {
            charge(r, [PUSH2, JUMP])?;
            jump_to_immediate(r, f)?;
        }
        JUMPI if r.fits(1, 1) => {
            charge(r, [PUSH2, JUMPI])?;
            let taken = !is_zero(r.peek::<0>());
            r.pop();
            branch(r, f, taken)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// PUSH4, EQ, PUSH2, JUMPI: the choice of a function by its selector.
#[inline(always)]
pub(super) fn push4<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Done {
    let follows =
        r.opcode_after(5) == EQ && r.opcode_after(6) == PUSH2 && r.opcode_after(9) == JUMPI;
    if !follows || !r.fits(1, 1) {
        return Ok(false);
    }
    charge(r, [PUSH4, EQ, PUSH2, JUMPI])?;
    let selector = r.immediate_word::<4>();
    let taken = kernel::eq(r.peek::<0>(), &selector);
    r.pop();
    r.skip(6);
    branch(r, f, taken)?;
    Ok(true)
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
    branch(r, f, taken)?;
    Ok(true)
}

/// SWAP1, POP.
#[inline(always)]
pub(super) fn swap1<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Done {
    if r.opcode_after(1) != POP || !r.fits(2, 0) {
        return Ok(false);
    }
    charge(r, [SWAP1, POP])?;
    *r.peek::<1>() = *r.peek::<0>();
    r.pop();
    r.skip(2);
    Ok(true)
}

/// What follows a comparison that is done but for its result, which takes the place of two operands:
/// ISZERO, and PUSH2 with JUMPI.
#[inline(always)]
pub(super) fn decide<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    mut result: bool,
) -> Result<(), Halt> {
    if r.opcode_after(1) == ISZERO {
        charge(r, [ISZERO])?;
        result = !result;
        r.skip(1);
    }
    r.pop();
    if r.opcode_after(1) == PUSH2 && r.opcode_after(4) == JUMPI {
        charge(r, [PUSH2, JUMPI])?;
        r.pop();
        r.skip(1);
        return branch(r, f, result);
    }
    *r.peek::<0>() = word(u64::from(result));
    r.skip(1);
    Ok(())
}

/// JUMPI at a PUSH2, its condition gone from the stack.
#[inline(always)]
fn branch<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    taken: bool,
) -> Result<(), Halt> {
    if taken {
        jump_to_immediate(r, f)
    } else {
        r.skip(4);
        Ok(())
    }
}

/// JUMP at a PUSH2.
#[inline(always)]
fn jump_to_immediate<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Result<(), Halt> {
    let [high, low] = r.immediate::<2>();
    let target = usize::from(high) << 8 | usize::from(low);
    if !f.code.is_destination(target as u64, &mut f.jumps) {
        return Err(Halt::BadJumpDestination);
    }
    // JUMPDEST need not be executed where it has no price.
    r.go(target + usize::from(!M::METERED));
    Ok(())
}
