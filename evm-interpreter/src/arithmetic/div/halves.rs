//! Division for a machine that divides 64-bit numbers by one instruction and has no wider
//! multiplication, as WebAssembly: quotient digits of 32 bits by that instruction.
//!
//! Programs mostly divide by numbers of one limb, or numbers that are not much longer than the divisor.
//! Other divisions are left to [`limbs`](super::limbs).

use super::{limbs, log2};
use crate::arithmetic::{Limbs, lt, shr_small, sub};
use primitive_types::U256;

/// Ones in the lower half of a limb.
const LOW: u64 = 0xffff_ffff;

/// Quotient and remainder; both zero if `b` is zero. Inlined into functions that want one of them.
#[inline(always)]
pub(in crate::arithmetic) fn div_rem(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    if b[1] | b[2] | b[3] == 0 {
        let (quotient, remainder) = match b[0] {
            0 => return ([0; 4], [0; 4]),
            divisor @ ..=LOW => by_half(a, divisor),
            divisor if divisor.is_power_of_two() => return by_power(a, divisor.trailing_zeros()),
            divisor => by_limb(a, divisor),
        };
        return (quotient, [remainder, 0, 0, 0]);
    }
    if lt(&U256(*a), &U256(*b)) {
        return ([0; 4], *a);
    }
    // The divisor has two limbs at least, so the number has as many.
    let digit = if a[3] != 0 {
        by_digit::<4>(a, b)
    } else if a[2] != 0 {
        by_digit::<3>(a, b)
    } else {
        by_digit::<2>(a, b)
    };
    match digit {
        Some((digit, remainder)) => ([digit, 0, 0, 0], remainder),
        None => match log2(&U256(*b)) {
            Some(shift) => by_power(a, shift as u32),
            None => limbs::div_rem(a, b),
        },
    }
}

/// Quotient and remainder by `2^shift`, less than 2^256.
#[inline(always)]
fn by_power(a: &Limbs, shift: u32) -> (Limbs, Limbs) {
    let ones = |below: u32| match shift.saturating_sub(below) {
        0 => 0,
        bits @ 1..64 => (1u64 << bits).wrapping_sub(1),
        _ => u64::MAX,
    };
    let remainder = [
        a[0] & ones(0),
        a[1] & ones(64),
        a[2] & ones(128),
        a[3] & ones(192),
    ];
    (shr_small(shift, &U256(*a), 0).0, remainder)
}

/// Quotient and remainder by a divisor of at most 32 bits, not zero.
#[inline(always)]
fn by_half(a: &Limbs, divisor: u64) -> (Limbs, u64) {
    let mut quotient = [0; 4];
    let mut rest = 0;
    for i in (0..4).rev() {
        // Nothing comes of leading zeros.
        if i > 0 && a[i] | rest == 0 {
            continue;
        }
        let high = rest << 32 | a[i] >> 32;
        let low = ((high % divisor) << 32) | (a[i] & LOW);
        quotient[i] = ((high / divisor) << 32) | (low / divisor);
        rest = low % divisor;
    }
    (quotient, rest)
}

/// Quotient and remainder by a divisor of one limb, of more than 32 bits.
#[inline(always)]
const fn by_limb(a: &Limbs, divisor: u64) -> (Limbs, u64) {
    let shift = divisor.leading_zeros();
    // `x >> 1 >> (63 - s)` is `x >> (64 - s)` and defined for s = 0 too.
    let up = 63u32.wrapping_sub(shift);
    let d = divisor << shift;
    let (mut q3, mut q2) = (0, 0);
    let mut rest = a[1] >> 1 >> up;
    if a[2] | a[3] != 0 {
        (q3, rest) = limb_by_limb(a[3] >> 1 >> up, a[3] << shift | a[2] >> 1 >> up, d);
        (q2, rest) = limb_by_limb(rest, a[2] << shift | a[1] >> 1 >> up, d);
    }
    let (q1, rest) = limb_by_limb(rest, a[1] << shift | a[0] >> 1 >> up, d);
    let (q0, rest) = limb_by_limb(rest, a[0] << shift, d);
    ([q0, q1, q2, q3], rest >> shift)
}

/// Quotient and remainder of `high·2^64 + low` by a normalised `d > high`, by two digits of 32 bits.
#[inline(always)]
const fn limb_by_limb(high: u64, low: u64, d: u64) -> (u64, u64) {
    let (q1, rest) = half_by_limb(high, low >> 32, d);
    let (q0, rest) = half_by_limb(rest, low & LOW, d);
    (q1 << 32 | q0, rest)
}

/// Quotient, of 32 bits, and remainder of `high·2^32 + low` by a normalised `d > high`; `low` has 32
/// bits (TAOCP 4.3.1, algorithm D, with digits of 32 bits).
#[inline(always)]
const fn half_by_limb(high: u64, low: u64, d: u64) -> (u64, u64) {
    // The bit is set anyway; so the compiler knows that this is not zero.
    let (d1, d0) = (d >> 32 | 1 << 31, d & LOW);
    let mut digit = high / d1;
    let mut rest = high.wrapping_sub(digit.wrapping_mul(d1));
    let mut below = digit.wrapping_mul(d0);
    // The estimate is too large by two at most, and never too small.
    while digit > LOW || below > (rest << 32 | low) {
        digit = digit.wrapping_sub(1);
        rest = rest.wrapping_add(d1);
        below = below.wrapping_sub(d0);
        if rest > LOW {
            break;
        }
    }
    // The remainder has 64 bits, whatever is lost above them on the way.
    (digit, (rest << 32 | low).wrapping_sub(below))
}

/// Quotient and remainder of `a ≥ b`, if the quotient has at most 31 bits. Limb `L - 1` is the highest
/// of `a` that is not zero.
#[inline(always)]
fn by_digit<const L: usize>(a: &Limbs, b: &Limbs) -> Option<(u64, Limbs)> {
    let shift = a[L - 1].leading_zeros();
    let up = 63u32.wrapping_sub(shift);
    // 63 bits of `a` from its highest on, and those of `b` in the same place.
    let top = |x: &Limbs| (x[L - 1] << shift | x[L - 2] >> 1 >> up) >> 1;
    let divisor = top(b);
    if divisor <= LOW {
        return None;
    }
    // Never too large; too small by two at most, as the divisor has 33 bits or more here.
    let mut digit = top(a) / (divisor.wrapping_add(1));
    let mut rest = U256(subtract_multiple::<L>(a, b, digit));
    while !lt(&rest, &U256(*b)) {
        digit = digit.wrapping_add(1);
        rest = sub(rest, U256(*b));
    }
    Some((digit, rest.0))
}

/// `a - digit·b`, not negative, of numbers of `L` limbs; the digit has 32 bits.
#[inline(always)]
fn subtract_multiple<const L: usize>(a: &Limbs, b: &Limbs, digit: u64) -> Limbs {
    let mut rest = [0; 4];
    // At most 2^32.
    let mut carry = 0u64;
    for i in 0..L {
        let product = digit.wrapping_mul(b[i]).wrapping_add(carry);
        rest[i] = a[i].wrapping_sub(product);
        if i < L - 1 {
            let low = digit.wrapping_mul(b[i] & LOW).wrapping_add(carry) >> 32;
            let high = digit.wrapping_mul(b[i] >> 32).wrapping_add(low) >> 32;
            carry = high.wrapping_add(u64::from(a[i] < product));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Words of any length, with runs of ones and zeros, where estimates of digits err most.
    fn word() -> impl Strategy<Value = Limbs> {
        let limb = prop_oneof![
            Just(0),
            Just(u64::MAX),
            Just(1 << 63),
            Just(LOW),
            any::<u64>(),
            any::<u64>().prop_map(|x| x >> (x & 63)),
            any::<u64>().prop_map(|x| x | LOW),
            any::<u64>().prop_map(|x| x & !LOW),
        ];
        (proptest::array::uniform4(limb), 0u32..256)
            .prop_map(|(limbs, shift)| shr_small(shift, &U256(limbs), 0).0)
    }

    fn check(a: &Limbs, b: &Limbs) -> Result<(), TestCaseError> {
        let (quotient, remainder) = div_rem(a, b);
        let big = |x: &Limbs| num_bigint::BigUint::from_bytes_le(&x.map(u64::to_le_bytes).concat());
        if b == &[0; 4] {
            prop_assert_eq!((quotient, remainder), ([0; 4], [0; 4]));
            return Ok(());
        }
        prop_assert_eq!(big(&quotient), big(a) / big(b), "{:x?} / {:x?}", a, b);
        prop_assert_eq!(big(&remainder), big(a) % big(b), "{:x?} % {:x?}", a, b);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn agrees_with_big_integers(a in word(), b in word()) {
            check(&a, &b)?;
        }

        #[test]
        fn quotients_of_few_bits(b in word(), digit in any::<u32>(), bits in 0u32..32, less in any::<bool>()) {
            // Products and what is just below them: remainders of zero, and of one less than the divisor.
            let digit = u64::from(digit >> bits);
            let product = crate::arithmetic::mul(U256(b), U256([digit, 0, 0, 0]));
            let a = if less { sub(product, U256([1, 0, 0, 0])) } else { product };
            check(&a.0, &b)?;
        }
    }
}
