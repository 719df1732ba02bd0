//! Jumps, gas, and the ends of a frame.

use super::Flow;
use super::environment::to_address;
use super::memory::range;
use super::storage::require_mutable;
use crate::arithmetic::{as_u64, is_zero, word};
use crate::halt::Halt;
use crate::host::Host;
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use primitive_types::U256;

#[inline(always)]
pub(super) const fn stop<H: Host, M: Metering>(
    _: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    Err(super::immediate(Halt::Stop))
}

#[inline(always)]
pub(super) const fn invalid<H: Host, M: Metering>(
    _: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    Err(super::immediate(Halt::InvalidInstruction))
}

#[inline(always)]
fn jump_to<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    target: &U256,
) -> Flow {
    match as_u64(target) {
        Some(target)
            if f.code
                .is_destination(target, &mut f.jumps, || r.position().wrapping_add(1)) =>
        {
            // Where JUMPDEST has neither price nor witness it need not be executed.
            let skip = usize::from(!M::METERED && !H::Inspector::ENABLED);
            r.go((target as usize).wrapping_add(skip));
            Ok(())
        }
        _ => Err(Halt::BadJumpDestination),
    }
}

#[inline(always)]
pub(super) fn jump<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let target = r.pop();
    jump_to(r, f, &target)
}

#[inline(always)]
pub(super) fn jumpi<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let (target, condition) = (r.pop(), r.pop());
    if is_zero(&condition) {
        r.skip(1);
        Ok(())
    } else {
        jump_to(r, f, &target)
    }
}

#[inline(always)]
pub(super) const fn jumpdest<H: Host, M: Metering>(
    _: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    Ok(())
}

#[inline(always)]
pub(super) fn pc<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    r.push(word(r.position() as u64));
    Ok(())
}

#[inline(always)]
pub(super) fn gas<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let left = if M::METERED {
        r.meter.gas_left()
    } else {
        f.host.gas_left()
    };
    r.push(word(left));
    Ok(())
}

#[inline(always)]
fn end_with_output<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    halt: Halt,
) -> Flow {
    let (offset, len) = (r.pop(), r.pop());
    f.output = range(&mut r.meter, &mut f.memory, &offset, &len)?;
    Err(halt)
}

#[inline(always)]
pub(super) fn ret<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    end_with_output(r, f, Halt::Return)
}

#[inline(always)]
pub(super) fn revert<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    end_with_output(r, f, Halt::Revert)
}

#[inline(always)]
pub(super) fn selfdestruct<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    require_mutable(f.host)?;
    let beneficiary = to_address(&r.pop());
    let met = f.host.selfdestruct(beneficiary)?;
    if M::METERED {
        let mut meter = r.meter;
        let charge = meter.selfdestruct(&met);
        r.meter = meter;
        charge?;
    }
    Err(Halt::SelfDestruct)
}
