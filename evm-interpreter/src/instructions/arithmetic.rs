//! Arithmetic, comparison and bitwise logic.

use super::Flow;
use crate::arithmetic as kernel;
use crate::host::Host;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use primitive_types::U256;

/// Replaces the two top items by `f(top, below)`.
#[inline(always)]
fn binary<M: Metering>(r: &mut Registers<'_, M>, f: impl FnOnce(&U256, &U256) -> U256) -> Flow {
    let a = r.pop();
    let b = r.peek::<0>();
    *b = f(&a, b);
    Ok(())
}

/// Replaces the two top items by one or zero.
#[inline(always)]
fn compare<M: Metering>(r: &mut Registers<'_, M>, f: impl FnOnce(&U256, &U256) -> bool) -> Flow {
    binary(r, |a, b| kernel::word(u64::from(f(a, b))))
}

/// Instructions of two operands.
macro_rules! binary_instructions {
    ($($name:ident, $adapter:ident, $f:expr;)*) => {
        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                _: &mut Frame<'_, H>,
            ) -> Flow {
                $adapter(r, $f)
            }
        )*
    };
}

binary_instructions! {
    add, binary, |a, b| kernel::add(*a, *b);
    mul, binary, |a, b| kernel::mul(*a, *b);
    sub, binary, |a, b| kernel::sub(*a, *b);
    div, binary, |a, b| kernel::div(*a, *b);
    sdiv, binary, |a, b| kernel::sdiv(*a, *b);
    rem, binary, |a, b| kernel::rem(*a, *b);
    smod, binary, |a, b| kernel::smod(*a, *b);
    signextend, binary, kernel::sign_extend;
    lt, compare, kernel::lt;
    gt, compare, |a, b| kernel::lt(b, a);
    slt, compare, kernel::slt;
    sgt, compare, kernel::sgt;
    eq, compare, kernel::eq;
    and, binary, |a, b| limbwise(a, b, |x, y| x & y);
    or, binary, |a, b| limbwise(a, b, |x, y| x | y);
    xor, binary, |a, b| limbwise(a, b, |x, y| x ^ y);
    byte, binary, kernel::byte;
    shl, binary, kernel::shl;
    shr, binary, kernel::shr;
    sar, binary, kernel::sar;
}

#[inline(always)]
fn limbwise(a: &U256, b: &U256, f: impl Fn(u64, u64) -> u64) -> U256 {
    U256([
        f(a.0[0], b.0[0]),
        f(a.0[1], b.0[1]),
        f(a.0[2], b.0[2]),
        f(a.0[3], b.0[3]),
    ])
}

#[inline(always)]
pub(super) fn addmod<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let (a, b) = (r.pop(), r.pop());
    let n = r.peek::<0>();
    *n = kernel::add_mod(a, b, *n);
    Ok(())
}

#[inline(always)]
pub(super) fn mulmod<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let (a, b) = (r.pop(), r.pop());
    let n = r.peek::<0>();
    *n = kernel::mul_mod(a, b, *n);
    Ok(())
}

#[inline(always)]
pub(super) fn exp<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let base = r.pop();
    let exponent = *r.peek::<0>();
    if M::METERED {
        let bits = 256 - kernel::clz(&exponent).0[0] as u32;
        r.meter.exp(bits.div_ceil(8))?;
    }
    *r.peek::<0>() = kernel::exp(base, exponent);
    Ok(())
}

#[inline(always)]
pub(super) fn iszero<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let a = r.peek::<0>();
    *a = kernel::word(u64::from(kernel::is_zero(a)));
    Ok(())
}

#[inline(always)]
pub(super) fn not<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let a = r.peek::<0>();
    *a = U256([!a.0[0], !a.0[1], !a.0[2], !a.0[3]]);
    Ok(())
}

#[inline(always)]
pub(super) fn clz<H: Host, M: Metering>(r: &mut Registers<'_, M>, _: &mut Frame<'_, H>) -> Flow {
    let a = r.peek::<0>();
    *a = kernel::clz(a);
    Ok(())
}
