//! Addition and multiplication modulo a word.

use super::{carrying_add, div::reduce_wide, div::rem, is_zero, lt, mul::full, sub};
use primitive_types::U256;

/// ADDMOD: `(a + b) mod n` without intermediate wrap; zero if `n` is zero.
#[inline]
#[must_use]
pub fn add_mod(a: U256, b: U256, n: U256) -> U256 {
    if is_zero(&n) {
        return n;
    }
    // Both below the modulus: one subtraction at most. The usual case, as sums stay reduced.
    let a = if lt(&a, &n) { a } else { rem(a, n) };
    let b = if lt(&b, &n) { b } else { rem(b, n) };
    let (s0, c) = a.0[0].overflowing_add(b.0[0]);
    let (s1, c) = carrying_add(a.0[1], b.0[1], c);
    let (s2, c) = carrying_add(a.0[2], b.0[2], c);
    let (s3, carry) = carrying_add(a.0[3], b.0[3], c);
    let sum = U256([s0, s1, s2, s3]);
    if carry || !lt(&sum, &n) {
        sub(sum, n)
    } else {
        sum
    }
}

/// MULMOD: `a·b mod n` without intermediate wrap; zero if `n` is zero.
#[inline]
#[must_use]
pub fn mul_mod(a: U256, b: U256, n: U256) -> U256 {
    if is_zero(&n) {
        return n;
    }
    let product = full(&a.0, &b.0);
    if product[4] | product[5] | product[6] | product[7] == 0 {
        let low = U256([product[0], product[1], product[2], product[3]]);
        return if lt(&low, &n) { low } else { rem(low, n) };
    }
    U256(reduce_wide(&product, &n.0))
}
