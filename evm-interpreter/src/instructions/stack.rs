//! PUSH, DUP, SWAP, POP.

use super::Flow;
use crate::arithmetic::word;
use crate::host::Host;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use primitive_types::U256;

#[inline(always)]
pub(super) fn pop<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    r.pop();
    Ok(())
}

#[inline(always)]
pub(super) fn push0<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    r.push(word(0));
    Ok(())
}

#[inline(always)]
pub(super) fn push1<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let [byte] = r.immediate::<1>();
    r.push(word(u64::from(byte)));
    Ok(())
}

#[inline(always)]
pub(super) fn push2<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    // Two byte loads: cheaper in WebAssembly than a load and a byte swap.
    let [high, low] = r.immediate::<2>();
    r.push(word(u64::from(high) << 8 | u64::from(low)));
    Ok(())
}

#[inline(always)]
pub(super) fn push<const N: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    let bytes = r.immediate::<N>();
    r.push(U256([
        limb::<N>(&bytes, 0),
        limb::<N>(&bytes, 1),
        limb::<N>(&bytes, 2),
        limb::<N>(&bytes, 3),
    ]));
    Ok(())
}

/// Limb `i`, counted from the least significant, of a big-endian number of `N` bytes.
#[inline(always)]
fn limb<const N: usize>(bytes: &[u8; N], i: usize) -> u64 {
    let end = N.saturating_sub(8 * i);
    let start = end.saturating_sub(8);
    let mut padded = [0; 8];
    padded[8 - (end - start)..].copy_from_slice(&bytes[start..end]);
    u64::from_be_bytes(padded)
}

#[inline(always)]
pub(super) fn dup<const N: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    let item = *r.peek::<N>();
    r.push(item);
    Ok(())
}

#[inline(always)]
pub(super) fn swap<const N: usize, H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    _: &mut Frame<'_, H>,
) -> Flow {
    let top = *r.peek::<0>();
    let other = core::mem::replace(r.peek::<N>(), top);
    *r.peek::<0>() = other;
    Ok(())
}
