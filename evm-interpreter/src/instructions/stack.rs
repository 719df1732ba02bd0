//! PUSH, DUP, SWAP, POP.

use super::Flow;
use crate::arithmetic::word;
use crate::host::Host;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;

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
    let word = r.immediate_word::<N>();
    r.push(word);
    Ok(())
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
