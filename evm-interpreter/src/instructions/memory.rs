//! Memory, and hashing of it.

use super::Flow;
use crate::arithmetic::{as_u64, is_zero, word};
use crate::halt::Halt;
use crate::host::Host;
use crate::interpreter::{Frame, Registers, as_offset};
use crate::memory::{MAX_SIZE, Memory};
use crate::metering::Metering;
use core::ops::Range;
use primitive_types::U256;

/// Makes sure that memory reaches to `end`.
#[inline(always)]
pub(super) fn reach<M: Metering>(meter: &mut M, memory: &mut Memory, end: u64) -> Flow {
    if end > memory.len() as u64 {
        let mut copy = *meter;
        let flow = expand(&mut copy, memory, end);
        *meter = copy;
        return flow;
    }
    Ok(())
}

/// Grows memory to hold `end` bytes, and charges for it.
#[cold]
#[inline(never)]
fn expand<M: Metering>(meter: &mut M, memory: &mut Memory, end: u64) -> Flow {
    if end > MAX_SIZE {
        return Err(M::ADDRESS_FAULT);
    }
    let words = end.div_ceil(32);
    meter.memory(memory.len() as u64 / 32, words)?;
    // What the machine does not have, no gas would pay for.
    let size = usize::try_from(words * 32).map_err(|_| Halt::OutOfGas)?;
    if memory.grow(size) {
        Ok(())
    } else {
        Err(Halt::OutOfGas)
    }
}

/// The range `offset..offset + len` of memory, which reaches there afterwards. A length of zero
/// asks for nothing, whatever the offset.
#[inline(always)]
pub(super) fn range<M: Metering>(
    meter: &mut M,
    memory: &mut Memory,
    offset: &U256,
    len: &U256,
) -> Result<Range<usize>, Halt> {
    if is_zero(len) {
        return Ok(0..0);
    }
    let (Some(start), Some(len)) = (as_offset(offset), as_offset(len)) else {
        return Err(M::ADDRESS_FAULT);
    };
    // Both are bounded far below 2^64.
    let end = start as u64 + len as u64;
    reach(meter, memory, end)?;
    Ok(start..end as usize)
}

/// The 32 bytes of memory at `offset`.
#[inline(always)]
pub(super) fn slot<'m, M: Metering>(
    meter: &mut M,
    memory: &'m mut Memory,
    offset: &U256,
) -> Result<&'m mut [u8; 32], Halt> {
    let Some(start) = as_u64(offset) else {
        return Err(M::ADDRESS_FAULT);
    };
    if !memory.has_word(start) {
        let mut copy = *meter;
        let flow = expand(&mut copy, memory, start.saturating_add(32));
        *meter = copy;
        flow?;
    }
    memory.word(start).ok_or(M::ADDRESS_FAULT)
}

#[inline(always)]
pub(super) fn mload<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let offset = *r.peek::<0>();
    let bytes = slot(&mut r.meter, &mut f.memory, &offset)?;
    r.order.load(bytes, r.peek::<0>());
    Ok(())
}

#[inline(always)]
pub(super) fn mstore<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let offset = *r.peek::<0>();
    let bytes = slot(&mut r.meter, &mut f.memory, &offset)?;
    r.order.store(r.peek::<1>(), bytes);
    r.pop();
    r.pop();
    Ok(())
}

#[inline(always)]
pub(super) fn mstore8<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (offset, value) = (r.pop(), r.pop());
    let start = as_offset(&offset).ok_or(M::ADDRESS_FAULT)?;
    reach(&mut r.meter, &mut f.memory, start as u64 + 1)?;
    if let Some(byte) = f.memory.bytes_mut().get_mut(start) {
        *byte = value.0[0] as u8;
    }
    Ok(())
}

#[inline(always)]
pub(super) fn msize<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    r.push(word(f.memory.len() as u64));
    Ok(())
}

/// MCOPY (EIP-5656).
#[inline(always)]
pub(super) fn mcopy<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let (to, from, len) = (r.pop(), r.pop(), r.pop());
    if is_zero(&len) {
        return Ok(());
    }
    charge_copy(&mut r.meter, &len)?;
    let farther = if crate::arithmetic::lt(&to, &from) {
        &from
    } else {
        &to
    };
    range(&mut r.meter, &mut f.memory, farther, &len)?;
    // The farther range is within memory, so both are.
    let (to, from, len) = (to.0[0] as usize, from.0[0] as usize, len.0[0] as usize);
    f.memory.bytes_mut().copy_within(from..from + len, to);
    Ok(())
}

#[inline(always)]
pub(super) fn keccak256<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let offset = r.pop();
    let len = *r.peek::<0>();
    if M::METERED {
        r.meter
            .keccak256(as_offset(&len).ok_or(M::ADDRESS_FAULT)? as u64)?;
    }
    let range = range(&mut r.meter, &mut f.memory, &offset, &len)?;
    let hash = f.host.keccak256(&f.memory.bytes()[range]);
    r.order.load(&hash.0, r.peek::<0>());
    Ok(())
}

/// Charges for copying `len` bytes.
#[inline(always)]
pub(super) fn charge_copy<M: Metering>(meter: &mut M, len: &U256) -> Flow {
    if M::METERED {
        meter.copy(as_offset(len).ok_or(M::ADDRESS_FAULT)? as u64)?;
    }
    Ok(())
}
