//! What follows a DUP: instructions that take an item from where it is on the stack.

use super::{charge, decide, stop};
use crate::arithmetic::{self as kernel, is_zero};
use crate::host::Host;
use crate::instructions::Flow;
use crate::instructions::memory::slot;
use crate::interpreter::{Frame, Item, Registers};
use crate::metering::Metering;
use crate::opcode::*;

// Macros, for the compiler does not inline closures and function values as it is told to.

/// An operation of an item and the top one, in place of the latter.
macro_rules! replace {
    ($r:ident, $item:ident, $op:ident, $operation:path) => {{
        charge($r, [$op])?;
        let result = $operation($r.value($item), *$r.peek::<0>());
        *$r.peek::<0>() = result;
        $r.skip(2);
        Ok(())
    }};
}

/// An operation of two items, its result put on top.
macro_rules! push {
    ($r:ident, $top:ident, $below:ident, $op:ident, $operation:path) => {{
        charge($r, [$op])?;
        let result = $operation($r.value($top), $r.value($below));
        $r.push(result);
        $r.skip(3);
        Ok(())
    }};
}

/// A comparison of an item and the top one, which is taken off.
macro_rules! compare {
    ($r:ident, $f:ident, $item:ident, $op:ident, |$a:ident, $b:ident| $comparison:expr) => {{
        charge($r, [$op])?;
        let ($a, $b) = (&$r.value($item), &*$r.peek::<0>());
        let result = $comparison;
        $r.skip(1);
        decide::<1, _, _>($r, $f, result)
    }};
}

/// A comparison of two items.
macro_rules! compare_two {
    ($r:ident, $f:ident, $top:ident, $below:ident, $op:ident, |$a:ident, $b:ident| $comparison:expr) => {{
        charge($r, [$op])?;
        let ($a, $b) = (&$r.value($top), &$r.value($below));
        let result = $comparison;
        $r.skip(2);
        decide::<0, _, _>($r, $f, result)
    }};
}

/// Runs the instruction behind a DUP, which is charged for and found `item`; there is room for it. The
/// position is the byte before that instruction.
#[inline(always)]
pub(in crate::instructions) fn take<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    item: Item,
) -> Flow {
    let second = match r.opcode_after(1) {
        STOP => return stop(r),
        ADD => return replace!(r, item, ADD, kernel::add),
        MUL => return replace!(r, item, MUL, kernel::mul),
        SUB => return replace!(r, item, SUB, kernel::sub),
        AND => return replace!(r, item, AND, kernel::and),
        OR => return replace!(r, item, OR, kernel::or),
        XOR => return replace!(r, item, XOR, kernel::xor),
        LT => return compare!(r, f, item, LT, |a, b| kernel::lt(a, b)),
        GT => return compare!(r, f, item, GT, |a, b| kernel::lt(b, a)),
        SLT => return compare!(r, f, item, SLT, |a, b| kernel::slt(a, b)),
        SGT => return compare!(r, f, item, SGT, |a, b| kernel::sgt(a, b)),
        EQ => return compare!(r, f, item, EQ, |a, b| kernel::eq(a, b)),
        ISZERO if r.fits(0, 2) => {
            charge(r, [ISZERO])?;
            let result = is_zero(&r.value(item));
            r.skip(1);
            return decide::<0, _, _>(r, f, result);
        }
        MLOAD => {
            charge(r, [MLOAD])?;
            r.skip(2);
            return load(r, f, item);
        }
        MSTORE => {
            charge(r, [MSTORE])?;
            let offset = r.value(item);
            let bytes = slot(&mut r.meter, &mut f.memory, &offset)?;
            r.order.store(r.peek::<0>(), bytes);
            r.pop();
            r.skip(2);
            return Ok(());
        }
        // One more item: behind DUP1 the same, behind others one that is on the stack.
        DUP1 if r.fits(0, 2) => item,
        DUP2 if r.fits(1, 2) => r.item::<0>(),
        DUP3 if r.fits(2, 2) => r.item::<1>(),
        DUP4 if r.fits(3, 2) => r.item::<2>(),
        DUP5 if r.fits(4, 2) => r.item::<3>(),
        DUP6 if r.fits(5, 2) => r.item::<4>(),
        DUP7 if r.fits(6, 2) => r.item::<5>(),
        DUP8 if r.fits(7, 2) => r.item::<6>(),
        DUP9 if r.fits(8, 2) => r.item::<7>(),
        DUP10 if r.fits(9, 2) => r.item::<8>(),
        _ => {
            let value = r.value(item);
            r.push(value);
            r.skip(1);
            return Ok(());
        }
    };
    let dup = r.opcode_after(1);
    r.meter.instruction(dup)?;
    take_two(r, f, item, second)
}

/// Runs the instruction behind two DUPs, of which the second, not the first, found `top`; there is room
/// for both items. The position is the byte before the second.
#[inline(always)]
fn take_two<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    below: Item,
    top: Item,
) -> Flow {
    match r.opcode_after(2) {
        STOP => stop(r),
        ADD => push!(r, top, below, ADD, kernel::add),
        MUL => push!(r, top, below, MUL, kernel::mul),
        SUB => push!(r, top, below, SUB, kernel::sub),
        AND => push!(r, top, below, AND, kernel::and),
        OR => push!(r, top, below, OR, kernel::or),
        XOR => push!(r, top, below, XOR, kernel::xor),
        LT => compare_two!(r, f, top, below, LT, |a, b| kernel::lt(a, b)),
        GT => compare_two!(r, f, top, below, GT, |a, b| kernel::lt(b, a)),
        SLT => compare_two!(r, f, top, below, SLT, |a, b| kernel::slt(a, b)),
        SGT => compare_two!(r, f, top, below, SGT, |a, b| kernel::sgt(a, b)),
        EQ => compare_two!(r, f, top, below, EQ, |a, b| kernel::eq(a, b)),
        MLOAD => {
            charge(r, [MLOAD])?;
            let value = r.value(below);
            r.push(value);
            r.skip(3);
            load(r, f, top)
        }
        _ => {
            let below = r.value(below);
            r.push(below);
            let top = r.value(top);
            r.push(top);
            r.skip(2);
            Ok(())
        }
    }
}

/// Puts the word of memory on top to which `item` points.
#[inline(always)]
fn load<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>, item: Item) -> Flow {
    let offset = r.value(item);
    let bytes = slot(&mut r.meter, &mut f.memory, &offset)?;
    let order = r.order;
    order.load(bytes, |word| r.push(word));
    Ok(())
}
