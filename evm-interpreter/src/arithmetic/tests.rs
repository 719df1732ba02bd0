//! Every kernel, multiplication in both its shapes, against an independent big integer.

use super::{div::limbs, mul::limb32, mul::limb64, *};
use num_bigint::{BigInt, BigUint, Sign};

use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn modulus() -> BigUint {
    BigUint::from(1u8) << 256
}

fn signed_modulus() -> BigInt {
    BigInt::from(1) << 256
}

fn big(a: U256) -> BigUint {
    BigUint::from_bytes_be(&to_be_bytes(&a))
}

fn from_big(a: &BigUint) -> U256 {
    let bytes = (a % modulus()).to_bytes_be();
    let mut padded = [0; 32];
    padded[32 - bytes.len()..].copy_from_slice(&bytes);
    from_be_bytes(&padded)
}

fn signed(a: U256) -> BigInt {
    let value = BigInt::from_biguint(Sign::Plus, big(a));
    if a.0[3] >> 63 == 1 {
        value - signed_modulus()
    } else {
        value
    }
}

fn from_signed(a: &BigInt) -> U256 {
    let m = signed_modulus();
    let reduced = ((a % &m) + &m) % &m;
    from_big(reduced.magnitude())
}

fn flag(b: bool) -> U256 {
    word(u64::from(b))
}

/// Words with the shapes that break kernels: few limbs, runs of ones and zeros, powers of two.
fn any_word() -> impl Strategy<Value = U256> {
    let limb = prop_oneof![
        Just(0u64),
        Just(1),
        Just(u64::MAX),
        Just(1 << 63),
        Just(u64::MAX - 1),
        Just(0xffff_ffff),
        Just(0xffff_ffff_0000_0000),
        any::<u64>(),
    ];
    prop_oneof![
        3 => prop::array::uniform4(limb).prop_map(U256),
        1 => prop::array::uniform4(any::<u64>()).prop_map(U256),
        1 => (any::<u64>(), 0u32..4).prop_map(|(x, n)| {
            let mut limbs = [0; 4];
            limbs[n as usize] = x;
            U256(limbs)
        }),
        1 => (0u64..256).prop_map(|n| shl(&word(n), &word(1))),
        1 => (0u64..512).prop_map(word),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_arch = "wasm32") { 300 } else { 4000 }))]

    #[test]
    fn sums_and_differences(a in any_word(), b in any_word()) {
        prop_assert_eq!(add(a, b), from_big(&(big(a) + big(b))));
        prop_assert_eq!(sub(a, b), from_big(&(big(a) + modulus() - big(b))));
        prop_assert_eq!(lt(&a, &b), big(a) < big(b));
        prop_assert_eq!(eq(&a, &b), big(a) == big(b));
        prop_assert_eq!(slt(&a, &b), signed(a) < signed(b));
        prop_assert_eq!(sgt(&a, &b), signed(a) > signed(b));
    }

    #[test]
    fn products(a in any_word(), b in any_word(), n in any_word()) {
        let product = big(a) * big(b);
        prop_assert_eq!(mul(a, b), from_big(&product));
        prop_assert_eq!(U256(limb64::truncated(&a.0, &b.0)), from_big(&product));
        prop_assert_eq!(U256(limb32::truncated(&a.0, &b.0)), from_big(&product));
        prop_assert_eq!(mul::square(a), from_big(&(big(a) * big(a))));
        prop_assert_eq!(limb64::wide(a.0[0], b.0[0]), limb32::wide(a.0[0], b.0[0]));
        prop_assert_eq!(
            limb64::mul_add(a.0[0], b.0[0], a.0[1], b.0[1]),
            limb32::mul_add(a.0[0], b.0[0], a.0[1], b.0[1])
        );
        if !is_zero(&n) {
            let expected = from_big(&(&product % big(n)));
            prop_assert_eq!(mul_mod(a, b, n), expected);
            let wide = mul::full(&a.0, &b.0);
            prop_assert_eq!(U256(limbs::reduce_wide(&wide, &n.0)), expected);
            prop_assert_eq!(add_mod(a, b, n), from_big(&((big(a) + big(b)) % big(n))));
        } else {
            prop_assert_eq!(mul_mod(a, b, n), n);
            prop_assert_eq!(add_mod(a, b, n), n);
        }
    }

    #[test]
    fn quotients(a in any_word(), b in any_word()) {
        let zero = word(0);
        if is_zero(&b) {
            prop_assert_eq!((div(a, b), rem(a, b)), (zero, zero));
            prop_assert_eq!((sdiv(a, b), smod(a, b)), (zero, zero));
            prop_assert_eq!(div_rem(a, b), (zero, zero));
        } else {
            let expected = (from_big(&(big(a) / big(b))), from_big(&(big(a) % big(b))));
            prop_assert_eq!((div(a, b), rem(a, b)), expected);
            prop_assert_eq!(div_rem(a, b), expected);
            if !lt(&a, &b) {
                let (q, r) = limbs::div_rem(&a.0, &b.0);
                prop_assert_eq!((U256(q), U256(r)), expected);
            }
            prop_assert_eq!(sdiv(a, b), from_signed(&(signed(a) / signed(b))));
            prop_assert_eq!(smod(a, b), from_signed(&(signed(a) % signed(b))));
        }
    }

    /// Numbers built as q·b + r meet the rare digit corrections more often than random ones.
    #[test]
    fn quotients_near_multiples(q in any_word(), b in any_word(), d in -2i8..=2) {
        prop_assume!(!is_zero(&b));
        let near = big(q) * big(b) + modulus() + BigUint::from((d + 2) as u8) - BigUint::from(2u8);
        let a = from_big(&near);
        let expected = (from_big(&(big(a) / big(b))), from_big(&(big(a) % big(b))));
        if !lt(&a, &b) {
            let (q, r) = limbs::div_rem(&a.0, &b.0);
            prop_assert_eq!((U256(q), U256(r)), expected);
        }
    }

    #[test]
    fn powers(a in any_word(), e in any_word()) {
        prop_assert_eq!(exp(a, e), from_big(&big(a).modpow(&big(e), &modulus())));
    }

    #[test]
    fn shifts(s in prop_oneof![0u64..300, any::<u64>()], high in prop_oneof![4 => Just(0u64), 1 => any::<u64>()], a in any_word()) {
        let shift = U256([s, 0, high, 0]);
        let small = high == 0 && s < 256;
        prop_assert_eq!(shl(&shift, &a), if small { from_big(&(big(a) << s)) } else { word(0) });
        prop_assert_eq!(shr(&shift, &a), if small { from_big(&(big(a) >> s)) } else { word(0) });
        let filled = if signed(a) < BigInt::from(0) { U256([u64::MAX; 4]) } else { word(0) };
        prop_assert_eq!(sar(&shift, &a), if small { from_signed(&(signed(a) >> s)) } else { filled });
    }

    #[test]
    fn bytes_and_signs(i in prop_oneof![0u64..40, any::<u64>()], high in prop_oneof![4 => Just(0u64), 1 => any::<u64>()], a in any_word()) {
        let index = U256([i, high, 0, 0]);
        let bytes = to_be_bytes(&a);
        let expected = if high == 0 && i < 32 { word(u64::from(bytes[i as usize])) } else { word(0) };
        prop_assert_eq!(byte(&index, &a), expected);

        let expected = if high == 0 && i < 31 {
            let bits = 8 * (i + 1);
            let low = big(a) % (BigUint::from(1u8) << bits);
            let negative = low.bit(bits - 1);
            let value = BigInt::from_biguint(Sign::Plus, low);
            from_signed(&if negative { value - (BigInt::from(1) << bits) } else { value })
        } else {
            a
        };
        prop_assert_eq!(sign_extend(&index, &a), expected);
        prop_assert_eq!(clz(&a), word(256 - big(a).bits()));
        prop_assert_eq!(from_be_bytes(&bytes), a);
        prop_assert_eq!(flag(is_zero(&a)), flag(big(a) == BigUint::from(0u8)));
    }
}
