//! The curve alt_bn128 (EIP-196, EIP-197).

use alloc::vec::Vec;

use super::{
    curve::{Affine, Curve, Point, multiply_add},
    endomorphism::Lattice,
    field::{Field, Fp, Modulus, limbs},
    pairing::{self, Line, Pairing},
    tower::{Fp2, Fp12, Tower},
};
use crate::{Error, Result, bn254::PAIR, bytes::array};

/// Limbs of a field element.
const N: usize = 9;

/// The prime of the base field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prime;

impl Modulus<N> for Prime {
    const BITS: u32 = 29;
    const MODULUS: [u32; N] = limbs(
        "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47",
        Self::BITS,
    );
}

type Fq = Fp<Prime, N>;

const fn fp2(real: &str, imaginary: &str) -> Fp2<Fq> {
    Fp2::new(Fq::from_hex(real), Fq::from_hex(imaginary))
}

/// The curve y^2 = x^3 + 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct G1;

impl Curve for G1 {
    type Field = Fq;
    const B: Fq = Fq::from_hex("3");
    const ENDOMORPHISM: Option<(Fq, Lattice)> = Some((BETA, LATTICE));
}

/// A cube root of 1.
#[rustfmt::skip]
const BETA: Fq = Fq::from_hex("30644e72e131a0295e6dd9e7e0acccb0c28f069fbb966e3de4bd44e5607cfd48");

#[rustfmt::skip]
const LATTICE: Lattice = Lattice {
    a: [
        [0x7d4f1128, 0x8211bbeb, 0xeeb859fc, 0x6f4d8248, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
        [0x94d213e3, 0x89d32568, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
    ],
    b: [
        [0x6b2dec1d, 0x762cda97, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
        [0x1221250b, 0x0be4e154, 0xeeb859fd, 0x6f4d8248, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
    ],
    multipliers: [
        [0x00ff6565, 0x5398fd03, 0xa773d2d2, 0x4ccef014, 0x00000002, 0x00000000, 0x00000000, 0x00000000],
        [0xc7e0b3d7, 0xd91d232e, 0x00000002, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
    ],
};

/// The twist y^2 = x^3 + 3 / (9 + u).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct G2;

impl Curve for G2 {
    type Field = Fp2<Fq>;
    const B: Fp2<Fq> = fp2(
        "2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
        "9713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2",
    );
}

/// The parameter u of the family: p and r are polynomials in it.
const U: u64 = 0x44e992b44a6909f1;

/// u in signed digits, highest first.
#[rustfmt::skip]
const U_DIGITS: [i8; 63] = [
    1, 0, 0, 1, 0, 0, -3, 0, 0, 0, 0, -3, 0, 0, 0, 3,
    0, 0, 1, 0, 0, 1, 0, 0, 3, 0, 0, 0, -3, 0, 0, 0,
    1, 0, 0, 0, 3, 0, 0, -3, 0, 0, 0, -3, 0, 0, 1, 0,
    0, 0, 1, 0, 0, -3, 0, 0, 0, 0, -1, 0, 0, 0, 1,
];

/// The pairing of alt_bn128, and its tower with xi = 9 + u.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bn254;

impl Tower for Bn254 {
    type Base = Fq;

    #[rustfmt::skip]
    const FROBENIUS: [[Fp2<Fq>; 6]; 3] = [
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "1284b71c2865a7dfe8b99fdd76e68b605c521e08292f2176d60b35dadcc9e470",
                "246996f3b4fae7e6a6327cfe12150b8e747992778eeec7e5ca5cf05f80f362ac",
            ),
            fp2(
                "2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
                "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2",
            ),
            fp2(
                "63cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
                "7c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3",
            ),
            fp2(
                "5b54f5e64eea80180f3c0b75a181e84d33365f7be94ec72848a1f55921ea762",
                "2c145edbe7fd8aee9f3a80b03b0b1c923685d2ea1bdec763c13b4711cd2b8126",
            ),
            fp2(
                "183c1e74f798649e93a3661a4353ff4425c459b55aa1bd32ea2c810eab7692f",
                "12acf2ca76fd0675a27fb246c7729f7db080cb99678e2ac024c6b8ee6e0c2c4b",
            ),
        ],
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "30644e72e131a0295e6dd9e7e0acccb0c28f069fbb966e3de4bd44e5607cfd49",
                "0",
            ),
            fp2(
                "30644e72e131a0295e6dd9e7e0acccb0c28f069fbb966e3de4bd44e5607cfd48",
                "0",
            ),
            fp2(
                "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd46",
                "0",
            ),
            fp2(
                "59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe",
                "0",
            ),
            fp2(
                "59e26bcea0d48bacd4f263f1acdb5c4f5763473177ffffff",
                "0",
            ),
        ],
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "19dc81cfcc82e4bbefe9608cd0acaa90894cb38dbe55d24ae86f7d391ed4a67f",
                "abf8b60be77d7306cbeee33576139d7f03a5e397d439ec7694aa2bf4c0c101",
            ),
            fp2(
                "856e078b755ef0abaff1c77959f25ac805ffd3d5d6942d37b746ee87bdcfb6d",
                "4f1de41b3d1766fa9f30e6dec26094f0fdf31bf98ff2631380cab2baaa586de",
            ),
            fp2(
                "2a275b6d9896aa4cdbf17f1dca9e5ea3bbd689a3bea870f45fcc8ad066dce9ed",
                "28a411b634f09b8fb14b900e9507e9327600ecc7d8cf6ebab94d0cb3b2594c64",
            ),
            fp2(
                "bc58c6611c08dab19bee0f7b5b2444ee633094575b06bcb0e1a92bc3ccbf066",
                "23d5e999e1910a12feb0f6ef0cd21d04a44a9e08737f96e55fe3ed9d730c239f",
            ),
            fp2(
                "13c49044952c0905711699fa3b4d3f692ed68098967c84a5ebde847076261b43",
                "16db366a59b1dd0b9fb1b2282a48633d3e2ddaea200280211f25041384282499",
            ),
        ],
    ];

    fn mul_by_xi(x: &Fp2<Fq>) -> Fp2<Fq> {
        Fp2::new(
            x.real.linear(9, &x.imaginary, -1),
            x.imaginary.linear(9, &x.real, 1),
        )
    }
}

/// What raising the coordinates to the power p is on the twist.
fn frobenius(point: &Point<G2>) -> Point<G2> {
    let factors = &Bn254::FROBENIUS[0];
    Point::new(
        point.x.conjugate().mul(&factors[2]),
        point.y.conjugate().mul(&factors[3]),
        point.z.conjugate(),
    )
}

/// Whether a point of the twist is in the group of order r (El Housni, Guillevic and Piellard,
/// 2022): (u + 1) P + f(u P) + f(f(u P)) = f(f(f(2 u P))) for the Frobenius map f.
fn in_g2(point: &Affine<G2>) -> bool {
    let by_u = point.mul_u64(U);
    let first = frobenius(&by_u);
    let second = frobenius(&first);
    by_u.add_affine(point).add(&first).add(&second) == frobenius(&second).double()
}

impl Pairing for Bn254 {
    type G1 = G1;
    type G2 = G2;

    /// 6 u + 2.
    #[rustfmt::skip]
    const LOOP: &'static [i8] = &[
        0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, 1,
        0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 1,
        0, 0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1,
        0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 0, 1, 0, 1, 0, 0,
        0,
    ];
    const NEGATIVE: bool = false;

    fn last_points(point: &Affine<G2>) -> impl IntoIterator<Item = Affine<G2>> {
        // The factors are affine: z stays 1.
        let first = frobenius(&(*point).into());
        let second = frobenius(&first).neg();
        [first, second].map(|point| Affine {
            x: point.x,
            y: point.y,
        })
    }

    fn mul_by_line(f: &Fp12<Self>, line: &Line<Fq>, at: &Affine<G1>) -> Fp12<Self> {
        f.mul_by_034(
            &line.by_y.scale(&at.y),
            &line.by_x.scale(&at.x),
            &line.constant,
        )
    }

    /// Fuentes-Castaneda, Knapp and Rodriguez-Henriquez, 2011.
    fn hard_part(f: &Fp12<Self>) -> Fp12<Self> {
        let by_minus_u = |f: &Fp12<Self>| f.cyclotomic_pow(&U_DIGITS).conjugate();
        let y0 = by_minus_u(f);
        let y1 = y0.cyclotomic_square();
        let y3 = y1.cyclotomic_square().mul(&y1);
        let y4 = by_minus_u(&y3);
        let y6 = by_minus_u(&y4.cyclotomic_square()).conjugate();
        let y8 = y6.mul(&y4).mul(&y3.conjugate());
        let y9 = y8.mul(&y1);
        let y11 = y8.mul(&y4).mul(f);
        let y13 = y9.frobenius(1).mul(&y11);
        let y14 = y8.frobenius(2).mul(&y13);
        f.conjugate().mul(&y9).frobenius(3).mul(&y14)
    }
}

const SHORT: Error = Error::Failure("input is too short");
const OFF_CURVE: Error = Error::Failure("point is not on the curve");
const OFF_GROUP: Error = Error::Failure("point is not in the group G2");

fn field_element(input: &[u8], start: usize) -> Result<Fq> {
    let bytes = array::<32>(input, start).ok_or(SHORT)?;
    Fq::from_be_bytes(bytes).ok_or(Error::Failure("coordinate is not below the field modulus"))
}

/// A point of G1; `None` is infinity. The cofactor is 1: on the curve is in the group.
fn g1(input: &[u8], start: usize) -> Result<Option<Affine<G1>>> {
    let (x, y) = (
        field_element(input, start)?,
        field_element(input, start + 32)?,
    );
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    Affine::new(x, y).map(Some).ok_or(OFF_CURVE)
}

/// A point of G2; `None` is infinity. Imaginary parts come first (EIP-197).
fn g2(input: &[u8], start: usize) -> Result<Option<Affine<G2>>> {
    let element = |start| {
        let (imaginary, real) = (
            field_element(input, start)?,
            field_element(input, start + 32)?,
        );
        Ok(Fp2::new(real, imaginary))
    };
    let (x, y) = (element(start)?, element(start + 64)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    let point = Affine::new(x, y).ok_or(OFF_CURVE)?;
    if in_g2(&point) {
        Ok(Some(point))
    } else {
        Err(OFF_GROUP)
    }
}

fn encoded(point: Point<G1>) -> [u8; 64] {
    let mut out = [0; 64];
    if let Some(point) = point.to_affine() {
        let (x, y) = out.split_at_mut(32);
        point.x.to_be_bytes(x);
        point.y.to_be_bytes(y);
    }
    out
}

/// See [`Crypto::bn254_add`](crate::Crypto::bn254_add).
pub(crate) fn add(input: &[u8; 128]) -> Result<[u8; 64]> {
    let (a, b) = (Point::from(g1(input, 0)?), Point::from(g1(input, 64)?));
    Ok(encoded(a.add(&b)))
}

/// See [`Crypto::bn254_mul`](crate::Crypto::bn254_mul).
pub(crate) fn mul(input: &[u8; 96]) -> Result<[u8; 64]> {
    let scalar = *array::<32>(input, 64).ok_or(SHORT)?;
    let term = g1(input, 0)?.map(|point| (point, scalar));
    Ok(encoded(multiply_add(term.as_slice())))
}

/// See [`Crypto::bn254_pairing`](crate::Crypto::bn254_pairing).
pub(crate) fn pairing(input: &[u8]) -> Result<bool> {
    let mut pairs = Vec::with_capacity(input.len() / PAIR);
    for pair in input.chunks(PAIR) {
        if let (Some(a), Some(b)) = (g1(pair, 0)?, g2(pair, 64)?) {
            pairs.push((a, b));
        }
    }
    Ok(pairing::product_is_one::<Bn254>(&pairs))
}
