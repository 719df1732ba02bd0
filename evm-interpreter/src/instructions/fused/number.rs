//! What follows a PUSH of at most eight bytes: instructions that take a number from the code.

use super::{charge, decide, jump_to, stop};
use crate::arithmetic::{self as kernel, is_zero, word};
use crate::host::Host;
use crate::instructions::Flow;
use crate::instructions::data::load_call_data;
use crate::instructions::memory::slot;
use crate::interpreter::{Frame, Item, Registers};
use crate::metering::Metering;
use crate::opcode::*;
use primitive_types::U256;

/// What follows PUSH1 1 in `(1 << 160) - 1`, as compilers write it.
const ADDRESS_MASK: [u8; 6] = [PUSH1, 1, PUSH1, 160, SHL, SUB];

// Macros, for the compiler does not inline closures as it is told to.

/// An operation on the top item.
macro_rules! replace {
    ($r:ident, $op:ident, |$item:ident| $operation:expr) => {{
        charge($r, [$op])?;
        let $item = *$r.peek::<0>();
        let result = $operation;
        *$r.peek::<0>() = result;
        $r.skip(2);
        Ok(())
    }};
}

/// A comparison with the top item, which is taken off.
macro_rules! compare {
    ($r:ident, $f:ident, $op:ident, |$item:ident| $comparison:expr) => {{
        charge($r, [$op])?;
        let $item = &*$r.peek::<0>();
        let result = $comparison;
        $r.skip(1);
        decide::<1, _, _>($r, $f, result)
    }};
}

/// An operation on an item, its result put on top.
macro_rules! push {
    ($r:ident, $item:ident, $op:ident, |$top:ident| $operation:expr) => {{
        charge($r, [$op])?;
        let $top = $r.value($item);
        let result = $operation;
        $r.push(result);
        $r.skip(3);
        Ok(())
    }};
}

/// A comparison with an item that stays.
macro_rules! compare_item {
    ($r:ident, $f:ident, $item:ident, $op:ident, |$top:ident| $comparison:expr) => {{
        charge($r, [$op])?;
        let $top = &$r.value($item);
        let result = $comparison;
        $r.skip(2);
        decide::<0, _, _>($r, $f, result)
    }};
}

/// Runs the instruction behind a PUSH of `number`, which is charged for; there is room for it. The
/// position is the byte before that instruction.
#[inline(always)]
pub(in crate::instructions) fn take<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    number: u64,
) -> Flow {
    let item = match r.opcode_after(1) {
        STOP => return stop(r),
        ADD if r.fits(1, 1) => {
            charge(r, [ADD])?;
            let sum = r.peek::<0>();
            let (low, carry) = sum.0[0].overflowing_add(number);
            sum.0[0] = low;
            if carry {
                *sum = kernel::add(*sum, U256([0, 1, 0, 0]));
            }
            r.skip(2);
            return Ok(());
        }
        SUB if r.fits(1, 1) => return replace!(r, SUB, |b| kernel::sub(word(number), b)),
        MUL if r.fits(1, 1) => return replace!(r, MUL, |b| kernel::mul(word(number), b)),
        AND if r.fits(1, 1) => return replace!(r, AND, |b| word(b.0[0] & number)),
        OR if r.fits(1, 1) => {
            charge(r, [OR])?;
            r.peek::<0>().0[0] |= number;
            r.skip(2);
            return Ok(());
        }
        SHL if r.fits(1, 1) => return replace!(r, SHL, |b| kernel::shl(&word(number), &b)),
        SHR if r.fits(1, 1) => return replace!(r, SHR, |b| kernel::shr(&word(number), &b)),
        SAR if r.fits(1, 1) => return replace!(r, SAR, |b| kernel::sar(&word(number), &b)),
        LT if r.fits(1, 1) => return compare!(r, f, LT, |b| kernel::lt(&word(number), b)),
        GT if r.fits(1, 1) => return compare!(r, f, GT, |b| kernel::lt(b, &word(number))),
        EQ if r.fits(1, 1) => return compare!(r, f, EQ, |b| kernel::eq(b, &word(number))),
        NOT => {
            charge(r, [NOT])?;
            r.push(U256([!number, u64::MAX, u64::MAX, u64::MAX]));
            r.skip(2);
            return Ok(());
        }
        MLOAD => {
            charge(r, [MLOAD])?;
            let bytes = slot(&mut r.meter, &mut f.memory, &word(number))?;
            let order = r.order;
            order.load(bytes, |word| r.push(word));
            r.skip(2);
            return Ok(());
        }
        MSTORE if r.fits(1, 1) => {
            charge(r, [MSTORE])?;
            let bytes = slot(&mut r.meter, &mut f.memory, &word(number))?;
            r.order.store(r.peek::<0>(), bytes);
            r.pop();
            r.skip(2);
            return Ok(());
        }
        CALLDATALOAD => {
            charge(r, [CALLDATALOAD])?;
            load_call_data(r.order, f, &word(number), |word| r.push(word));
            r.skip(2);
            return Ok(());
        }
        JUMP => {
            charge(r, [JUMP])?;
            return jump_to(r, f, number, 2);
        }
        JUMPI if r.fits(1, 1) => {
            charge(r, [JUMPI])?;
            let stays = is_zero(r.peek::<0>());
            r.pop();
            if stays {
                r.skip(2);
                return Ok(());
            }
            return jump_to(r, f, number, 2);
        }
        PUSH1 if number == 1 && r.fits(0, 3) && r.code_behind_is(ADDRESS_MASK) => {
            charge(r, [PUSH1, PUSH1, SHL, SUB])?;
            if r.opcode_after(7) == AND && r.fits(1, 3) {
                charge(r, [AND])?;
                let item = r.peek::<0>();
                item.0[2] &= 0xffff_ffff;
                item.0[3] = 0;
                r.skip(8);
            } else {
                r.push(U256([u64::MAX, u64::MAX, 0xffff_ffff, 0]));
                r.skip(7);
            }
            return Ok(());
        }
        DUP2 if r.fits(1, 2) => r.item::<0>(),
        DUP3 if r.fits(2, 2) => r.item::<1>(),
        DUP4 if r.fits(3, 2) => r.item::<2>(),
        DUP5 if r.fits(4, 2) => r.item::<3>(),
        DUP6 if r.fits(5, 2) => r.item::<4>(),
        DUP7 if r.fits(6, 2) => r.item::<5>(),
        DUP8 if r.fits(7, 2) => r.item::<6>(),
        _ => {
            r.push(word(number));
            r.skip(1);
            return Ok(());
        }
    };
    let dup = r.opcode_after(1);
    r.meter.instruction(dup)?;
    take_two(r, f, number, item)
}

/// Runs the instruction behind a PUSH of `number` and a DUP, not charged for yet, which found `item`;
/// there is room for both. The position is the byte before the DUP.
#[inline(always)]
fn take_two<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    number: u64,
    item: Item,
) -> Flow {
    let below = word(number);
    match r.opcode_after(2) {
        STOP => stop(r),
        ADD => push!(r, item, ADD, |top| kernel::add(top, below)),
        SUB => push!(r, item, SUB, |top| kernel::sub(top, below)),
        AND => push!(r, item, AND, |top| word(top.0[0] & number)),
        LT => compare_item!(r, f, item, LT, |top| kernel::lt(top, &below)),
        GT => compare_item!(r, f, item, GT, |top| kernel::lt(&below, top)),
        EQ => compare_item!(r, f, item, EQ, |top| kernel::eq(top, &below)),
        MSTORE => {
            charge(r, [MSTORE])?;
            let offset = r.value(item);
            let bytes = slot(&mut r.meter, &mut f.memory, &offset)?;
            r.order.store(&below, bytes);
            r.skip(3);
            Ok(())
        }
        _ => {
            r.push(below);
            let top = r.value(item);
            r.push(top);
            r.skip(2);
            Ok(())
        }
    }
}
