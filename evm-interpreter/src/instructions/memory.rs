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
    let (x, y) = (&offset.0, &len.0);
    // One branch for all that is unusual.
    let high = x[1] | x[2] | x[3] | y[1] | y[2] | y[3];
    if high != 0 || y[0] == 0 || x[0] | y[0] > ADDRESS_BITS {
        return if is_zero(len) {
            Ok(0..0)
        } else {
            Err(M::ADDRESS_FAULT)
        };
    }
    // Both are bounded far below 2^64.
    let end = x[0] + y[0];
    reach(meter, memory, end)?;
    Ok(x[0] as usize..end as usize)
}

/// Ones in all bits that an offset in memory may have.
const ADDRESS_BITS: u64 = MAX_SIZE.next_power_of_two() - 1;

/// The bytes of memory at `offset..offset + len`, which reaches there afterwards.
#[inline(always)]
pub(super) fn slice<'m, M: Metering>(
    meter: &mut M,
    memory: &'m mut Memory,
    offset: &U256,
    len: &U256,
) -> Result<&'m mut [u8], Halt> {
    let range = range(meter, memory, offset, len)?;
    debug_assert!(range.end <= memory.len() && range.start <= range.end);
    // SAFETY: memory reaches to the end of the range.
    Ok(unsafe { memory.bytes_mut().get_unchecked_mut(range) })
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
    let order = r.order;
    order.load(bytes, |word| *r.peek::<0>() = word);
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

/// Keccak-256 of nothing.
const KECCAK_EMPTY: U256 = U256([
    0x7bfa_d804_5d85_a470,
    0xe500_b653_ca82_273b,
    0x927e_7db2_dcc7_03c0,
    0xc5d2_4601_86f7_233c,
]);

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
    let data = slice(&mut r.meter, &mut f.memory, &offset, &len)?;
    if data.is_empty() {
        *r.peek::<0>() = KECCAK_EMPTY;
        return Ok(());
    }
    let hash = f.host.keccak256(data);
    *r.peek::<0>() = r.order.word(&hash.0);
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
