//! Storage, transient storage and logs.

use super::Flow;
use super::memory::range;
use crate::halt::Halt;
use crate::host::Host;
use crate::interpreter::{Frame, Registers, as_offset};
use crate::metering::Metering;

/// Refuses state changes in a static call (EIP-214).
#[inline(always)]
pub(super) fn require_mutable<H: Host>(host: &H) -> Flow {
    if host.is_static() {
        Err(Halt::StaticViolation)
    } else {
        Ok(())
    }
}

#[inline(always)]
pub(super) fn sload<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let access = f.host.sload(r.peek::<0>())?;
    r.meter.sload(access.cold)?;
    *r.peek::<0>() = access.value;
    Ok(())
}

#[inline(always)]
pub(super) fn sstore<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    require_mutable(f.host)?;
    r.meter.sstore_sentry()?;
    let (key, value) = r.top_two();
    let write = f.host.sstore(key, value)?;
    r.discard::<2>();
    if M::METERED {
        let mut meter = r.meter;
        let charge = meter.sstore(&write);
        r.meter = meter;
        charge?;
    }
    Ok(())
}

/// TLOAD (EIP-1153).
#[inline(always)]
pub(super) fn tload<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let value = f.host.tload(r.peek::<0>())?;
    *r.peek::<0>() = value;
    Ok(())
}

/// TSTORE (EIP-1153).
#[inline(always)]
pub(super) fn tstore<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    require_mutable(f.host)?;
    let (key, value) = r.top_two();
    f.host.tstore(key, value)?;
    r.discard::<2>();
    Ok(())
}

#[inline(always)]
pub(super) fn log<const TOPICS: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    require_mutable(f.host)?;
    let (offset, len) = (r.pop(), r.pop());
    let topics: [_; TOPICS] = core::array::from_fn(|_| r.pop());
    if M::METERED {
        r.meter
            .log(as_offset(&len).ok_or(M::ADDRESS_FAULT)? as u64)?;
    }
    let data = range(&mut r.meter, &mut f.memory, &offset, &len)?;
    f.host.log(&topics, &f.memory.bytes()[data])?;
    Ok(())
}
