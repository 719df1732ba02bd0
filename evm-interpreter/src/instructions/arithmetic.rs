//! Arithmetic, comparison and bitwise logic.

use super::{Flow, fused};
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
fn compare<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
    compare: impl FnOnce(&U256, &U256) -> bool,
) -> Flow {
    let (a, b) = (*r.peek::<0>(), *r.peek::<1>());
    let result = compare(&a, &b);
    if fused::enabled::<H>() {
        return fused::decide::<2, _, _>(r, f, result);
    }
    r.pop();
    *r.peek::<0>() = kernel::word(u64::from(result));
    r.skip(1);
    Ok(())
}

/// Comparisons.
macro_rules! comparisons {
    ($($name:ident, $f:expr;)*) => {
        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                f: &mut Frame<'_, H>,
            ) -> Flow {
                compare(r, f, $f)
            }
        )*
    };
}

comparisons! {
    lt, kernel::lt;
    gt, |a, b| kernel::lt(b, a);
    slt, kernel::slt;
    sgt, kernel::sgt;
    eq, kernel::eq;
}

/// Instructions of two operands.
macro_rules! binary_instructions {
    ($($name:ident, $f:expr;)*) => {
        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                _: &mut Frame<'_, H>,
            ) -> Flow {
                binary(r, $f)
            }
        )*
    };
}

binary_instructions! {
    add, |a, b| kernel::add(*a, *b);
    mul, |a, b| kernel::mul(*a, *b);
    sub, |a, b| kernel::sub(*a, *b);
    signextend, kernel::sign_extend;
    and, |a, b| kernel::and(*a, *b);
    or, |a, b| kernel::or(*a, *b);
    xor, |a, b| kernel::xor(*a, *b);
    byte, kernel::byte;
    shl, kernel::shl;
    shr, kernel::shr;
    sar, kernel::sar;
}

/// Instructions of two operands that are worked on where they are.
macro_rules! in_place_instructions {
    ($($name:ident, $f:path;)*) => {
        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                _: &mut Frame<'_, H>,
            ) -> Flow {
                let (a, b) = r.top_two();
                $f(a, b);
                r.discard::<1>();
                Ok(())
            }
        )*
    };
}

in_place_instructions! {
    div, kernel::div_assign;
    sdiv, kernel::sdiv_assign;
    rem, kernel::rem_assign;
    smod, kernel::smod_assign;
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
    if M::METERED {
        let bits = 256 - kernel::clz(r.peek::<1>()).0[0] as u32;
        r.meter.exp(bits.div_ceil(8))?;
    }
    let (base, exponent) = r.top_two();
    kernel::exp_assign(base, exponent);
    r.discard::<1>();
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
