//! CREATE and CREATE2.

use super::Flow;
use super::environment::from_address;
use super::memory::range;
use super::storage::require_mutable;
use crate::arithmetic::{to_be_bytes, word};
use crate::halt::Halt;
use crate::host::{CreateRequest, Host};
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers, as_offset};
use crate::metering::Metering;
use primitive_types::{H256, U256};

#[inline(always)]
pub(super) fn create<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    let (value, offset, len) = (r.pop(), r.pop(), r.pop());
    finish(r, f, value, [&offset, &len], None)
}

/// CREATE2 (EIP-1014).
#[inline(always)]
pub(super) fn create2<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let (value, offset, len, salt) = (r.pop(), r.pop(), r.pop(), r.pop());
    finish(r, f, value, [&offset, &len], Some(&salt))
}

#[inline(always)]
fn finish<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    value: U256,
    init_code: [&U256; 2],
    salt: Option<&U256>,
) -> Flow {
    let mut meter = r.meter;
    let address = perform(&mut meter, f, value, init_code, salt);
    r.meter = meter;
    r.push(address?);
    Ok(())
}

#[inline(never)]
fn perform<H: Host, M: Metering>(
    meter: &mut M,
    f: &mut Frame<'_, H>,
    value: U256,
    init_code: [&U256; 2],
    salt: Option<&U256>,
) -> Result<U256, Halt> {
    require_mutable(f.host)?;
    if M::METERED {
        let len = as_offset(init_code[1]).ok_or(M::ADDRESS_FAULT)?;
        meter.init_code(len as u64, salt.is_some())?;
    }
    let range = range(meter, &mut f.memory, init_code[0], init_code[1])?;
    if H::Inspector::ENABLED {
        f.host.inspector().charged(meter.gas_left(), meter.refund());
    }
    let reply = f.host.create(CreateRequest {
        gas: meter.create_gas(),
        value,
        init_code: &f.memory.bytes()[range],
        salt: salt.map(|salt| H256(to_be_bytes(salt))),
    })?;
    meter.callee_returned(reply.gas_left, reply.refund);
    f.return_data = reply.output;
    Ok(reply
        .address
        .map_or(word(0), |address| from_address(&address)))
}
