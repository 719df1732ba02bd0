//! CALL, CALLCODE, DELEGATECALL, STATICCALL.

use super::Flow;
use super::environment::to_address;
use super::memory::range;
use crate::arithmetic::{is_zero, word};
use crate::halt::Halt;
use crate::host::{CallKind, CallRequest, CallTarget, Host};
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use primitive_types::U256;

/// Operands of a call.
struct Operands {
    gas: U256,
    target: U256,
    value: U256,
    input: [U256; 2],
    output: [U256; 2],
}

#[inline(always)]
pub(super) fn call<H: Host, M: Metering>(r: &mut Registers<'_, M>, f: &mut Frame<'_, H>) -> Flow {
    with_value(r, f, CallKind::Call)
}

#[inline(always)]
pub(super) fn callcode<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    with_value(r, f, CallKind::CallCode)
}

#[inline(always)]
pub(super) fn delegatecall<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    without_value(r, f, CallKind::DelegateCall)
}

#[inline(always)]
pub(super) fn staticcall<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    without_value(r, f, CallKind::StaticCall)
}

#[inline(always)]
fn with_value<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    kind: CallKind,
) -> Flow {
    let operands = Operands {
        gas: r.pop(),
        target: r.pop(),
        value: r.pop(),
        input: [r.pop(), r.pop()],
        output: [r.pop(), r.pop()],
    };
    finish(r, f, kind, &operands)
}

#[inline(always)]
fn without_value<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    kind: CallKind,
) -> Flow {
    let operands = Operands {
        gas: r.pop(),
        target: r.pop(),
        value: word(0),
        input: [r.pop(), r.pop()],
        output: [r.pop(), r.pop()],
    };
    finish(r, f, kind, &operands)
}

#[inline(always)]
fn finish<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    kind: CallKind,
    operands: &Operands,
) -> Flow {
    let mut meter = r.meter;
    let success = perform(&mut meter, f, kind, operands);
    r.meter = meter;
    r.push(word(u64::from(success?)));
    Ok(())
}

#[inline(never)]
fn perform<H: Host, M: Metering>(
    meter: &mut M,
    f: &mut Frame<'_, H>,
    kind: CallKind,
    operands: &Operands,
) -> Result<bool, Halt> {
    let target = to_address(&operands.target);
    let has_value = !is_zero(&operands.value);
    if kind == CallKind::Call && has_value && f.host.is_static() {
        return Err(Halt::StaticViolation);
    }
    let met = if M::METERED {
        f.host.call_target(kind, target)?
    } else {
        CallTarget::default()
    };
    // Output first: memory grows to hold both, and its price does not depend on the order.
    let output = range(
        meter,
        &mut f.memory,
        &operands.output[0],
        &operands.output[1],
    )?;
    let input = range(meter, &mut f.memory, &operands.input[0], &operands.input[1])?;
    let gas = meter.call(kind, &operands.gas, has_value, &met)?;
    if H::Inspector::ENABLED {
        f.host.inspector().charged(meter.gas_left(), meter.refund());
    }
    let reply = f.host.call(CallRequest {
        kind,
        gas,
        target,
        value: operands.value,
        input: &f.memory.bytes()[input],
    })?;
    meter.callee_returned(reply.gas_left, reply.refund);
    let n = output.len().min(reply.output.len());
    f.memory.bytes_mut()[output.start..output.start + n].copy_from_slice(&reply.output[..n]);
    f.return_data = reply.output;
    Ok(reply.success)
}
