//! Call data, code and return data: sizes and copies.

use super::Flow;
use super::environment::{to_address, with_access};
use super::memory::{charge_copy, range, slice};
use crate::arithmetic::{ByteOrder, as_u64, is_zero, saturating_u64, word};
use crate::halt::Halt;
use crate::host::Host;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use primitive_types::U256;

/// Fills `to` from `from[offset..]`, zeros beyond its end.
#[inline(always)]
fn copy_padded(to: &mut [u8], from: &[u8], offset: &U256) {
    let available = match as_u64(offset) {
        Some(start) if start < from.len() as u64 => &from[start as usize..],
        _ => &[],
    };
    let n = available.len().min(to.len());
    to[..n].copy_from_slice(&available[..n]);
    to[n..].fill(0);
}

#[inline(always)]
pub(super) fn calldataload<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let offset = *r.peek::<0>();
    load_call_data(r.order, f, &offset, |word| *r.peek::<0>() = word);
    Ok(())
}

/// Puts the word of call data at an offset somewhere.
#[inline(always)]
pub(super) fn load_call_data<H: Host>(
    order: ByteOrder,
    f: &Frame<'_, H>,
    offset: &U256,
    put: impl FnOnce(U256),
) {
    let data = f.host.input();
    let whole = as_u64(offset)
        .and_then(|start| data.get(usize::try_from(start).ok()?..))
        .and_then(|rest| rest.first_chunk::<32>());
    match whole {
        Some(bytes) => order.load(bytes, put),
        None => put(load_partial(order, data, offset)),
    }
}

/// A word that reaches beyond the end of the call data.
#[cold]
#[inline(never)]
fn load_partial(order: ByteOrder, data: &[u8], offset: &U256) -> U256 {
    let rest = as_u64(offset)
        .and_then(|start| data.get(usize::try_from(start).ok()?..))
        .unwrap_or_default();
    // A selector without arguments.
    if rest.len() <= 8 {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        return U256([0, 0, 0, order.swapped(u64::from_le_bytes(bytes))]);
    }
    let mut bytes = [0; 32];
    let n = rest.len().min(32);
    bytes[..n].copy_from_slice(&rest[..n]);
    let mut word = U256([0; 4]);
    order.load(&bytes, |loaded| word = loaded);
    word
}

#[inline(always)]
pub(super) fn calldatasize<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    r.push(word(f.host.input().len() as u64));
    Ok(())
}

#[inline(always)]
pub(super) fn calldatacopy<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (to, from, len) = (r.pop(), r.pop(), r.pop());
    charge_copy(&mut r.meter, &len)?;
    let to = slice(&mut r.meter, &mut f.memory, &to, &len)?;
    copy_padded(to, f.host.input(), &from);
    Ok(())
}

#[inline(always)]
pub(super) fn codesize<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    r.push(word(f.code.len() as u64));
    Ok(())
}

#[inline(always)]
pub(super) fn codecopy<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (to, from, len) = (r.pop(), r.pop(), r.pop());
    charge_copy(&mut r.meter, &len)?;
    let to = slice(&mut r.meter, &mut f.memory, &to, &len)?;
    copy_padded(to, f.code.code(), &from);
    Ok(())
}

#[inline(always)]
pub(super) fn extcodecopy<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (account, to, from, len) = (r.pop(), r.pop(), r.pop(), r.pop());
    let account = to_address(&account);
    if M::METERED {
        // First, so that what an observer knows of the price does not depend on what memory costs.
        let access = f.host.code_size(account)?;
        with_access(&mut r.meter, access)?;
    }
    charge_copy(&mut r.meter, &len)?;
    let range = range(&mut r.meter, &mut f.memory, &to, &len)?;
    let from = usize::try_from(saturating_u64(&from)).unwrap_or(usize::MAX);
    let dest = &mut f.memory.bytes_mut()[range];
    f.host.copy_code(account, from, dest)?;
    Ok(())
}

#[inline(always)]
pub(super) fn returndatasize<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    r.push(word(f.return_data.len() as u64));
    Ok(())
}

/// RETURNDATACOPY (EIP-211): unlike the other copies it may not read beyond the end.
#[inline(always)]
pub(super) fn returndatacopy<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (to, from, len) = (r.pop(), r.pop(), r.pop());
    let source = saturating_u64(&from)
        .checked_add(saturating_u64(&len))
        .filter(|&end| end <= f.return_data.len() as u64)
        .ok_or(Halt::ReturnDataOutOfBounds)?;
    charge_copy(&mut r.meter, &len)?;
    if is_zero(&len) {
        return Ok(());
    }
    let range = range(&mut r.meter, &mut f.memory, &to, &len)?;
    let source = from.0[0] as usize..source as usize;
    f.memory.bytes_mut()[range].copy_from_slice(&f.return_data[source]);
    Ok(())
}
