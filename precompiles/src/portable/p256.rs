//! ECDSA on secp256r1.

use super::{
    curve::{Affine, Curve, multiply_add},
    field::{Field, Fp, Modulus, limbs},
};

/// Limbs of a number.
const N: usize = 9;

/// The prime of the coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Prime;

impl Modulus<N> for Prime {
    const BITS: u32 = 29;
    const MODULUS: [u32; N] = limbs(
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        Self::BITS,
    );
}

/// The order of the group, a prime.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Order;

impl Modulus<N> for Order {
    const BITS: u32 = 29;
    const MODULUS: [u32; N] = limbs(
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Self::BITS,
    );
}

type Coordinate = Fp<Prime, N>;
type Scalar = Fp<Order, N>;

/// The curve y^2 = x^3 - 3 x + b.
#[derive(Clone, Copy, Debug, PartialEq)]
struct P256;

impl Curve for P256 {
    type Field = Coordinate;

    const B: Coordinate =
        Fp::from_hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    fn right_side(x: &Coordinate) -> Coordinate {
        let three = Coordinate::ONE.double().add(&Coordinate::ONE);
        x.square().sub(&three).mul(x).add(&Self::B)
    }

    fn slope(x: &Coordinate, z: &Coordinate) -> Coordinate {
        // 3 x^2 - 3 z^4.
        let zz = z.square();
        x.sub(&zz).mul(&x.add(&zz)).triple()
    }
}

const GENERATOR: Affine<P256> = Affine {
    x: Fp::from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
    y: Fp::from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
};

/// See [`Crypto::p256_verify`](crate::Crypto::p256_verify).
pub(crate) fn verify(input: &[u8; 160]) -> bool {
    valid(input).unwrap_or(false)
}

/// `None` if a number is out of its range or the key is not on the curve.
fn valid(input: &[u8; 160]) -> Option<bool> {
    let (&[hash, r, s, x, y], _) = input.as_chunks::<32>() else {
        return None;
    };
    let (r, s) = (Scalar::from_be_bytes(&r)?, Scalar::from_be_bytes(&s)?);
    if r.is_zero() || s.is_zero() {
        return None;
    }
    // The cofactor is 1: on the curve is in the group. Infinity, as zeros, is not on the curve.
    let key = Affine::<P256>::new(Fp::from_be_bytes(&x)?, Fp::from_be_bytes(&y)?)?;
    let inverse = s.invert();
    let by_generator = Scalar::from_be_bytes_modulo(&hash).mul(&inverse);
    let bytes = |scalar: Scalar| {
        let mut out = [0; 32];
        scalar.to_be_bytes(&mut out);
        out
    };
    let terms = [
        (GENERATOR, bytes(by_generator)),
        (key, bytes(r.mul(&inverse))),
    ];
    let Some(point) = multiply_add(&terms).to_affine() else {
        return Some(false);
    };
    let mut x = [0; 32];
    point.x.to_be_bytes(&mut x);
    Some(Scalar::from_be_bytes_modulo(&x) == r)
}
