//! The precompiles' primitives on encoded points (EIP-2537, EIP-4844).

use alloc::vec::Vec;

use super::{
    super::{
        curve::{Affine, Point, multiply_add},
        field::Field,
        pairing::product_is_one,
        tower::Fp2,
    },
    Bls12, Fq, G1, G2, in_g1, in_g2, map,
};
use crate::{
    Error, Result,
    bls12_381::{FP, G1 as G1_SIZE, G1_TERM, G2 as G2_SIZE, G2_TERM, PAIR, number},
    bytes::array,
    kzg::TAU_G2,
};

const SHORT: Error = Error::Failure("input is too short");
const OFF_CURVE: Error = Error::Failure("point is not on the curve");
const OFF_GROUP: Error = Error::Failure("point is not in the subgroup");
const TOO_LARGE: Error = Error::Failure("field element is not below the modulus");

/// The field element that starts at `start`.
fn fq(input: &[u8], start: usize) -> Result<Fq> {
    let encoded = array::<FP>(input, start).ok_or(SHORT)?;
    Fq::from_be_bytes(number(encoded)?).ok_or(TOO_LARGE)
}

fn fq2(input: &[u8], start: usize) -> Result<Fp2<Fq>> {
    Ok(Fp2::new(fq(input, start)?, fq(input, start + FP)?))
}

/// A point of the curve; `None` is infinity.
fn g1(input: &[u8], start: usize) -> Result<Option<Affine<G1>>> {
    let (x, y) = (fq(input, start)?, fq(input, start + FP)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    Affine::new(x, y).map(Some).ok_or(OFF_CURVE)
}

/// A point of the twist; `None` is infinity.
fn g2(input: &[u8], start: usize) -> Result<Option<Affine<G2>>> {
    let (x, y) = (fq2(input, start)?, fq2(input, start + 2 * FP)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    Affine::new(x, y).map(Some).ok_or(OFF_CURVE)
}

/// A point of the group of order r; `None` is infinity.
fn g1_of_group(input: &[u8], start: usize) -> Result<Option<Affine<G1>>> {
    let point = g1(input, start)?;
    if point.as_ref().is_none_or(in_g1) {
        Ok(point)
    } else {
        Err(OFF_GROUP)
    }
}

/// A point of the group of order r; `None` is infinity.
fn g2_of_group(input: &[u8], start: usize) -> Result<Option<Affine<G2>>> {
    let point = g2(input, start)?;
    if point.as_ref().is_none_or(in_g2) {
        Ok(point)
    } else {
        Err(OFF_GROUP)
    }
}

/// Writes coordinates into fields of [`FP`] bytes.
fn write<'a>(out: &mut [u8], coordinates: impl IntoIterator<Item = &'a Fq>) {
    for (field, coordinate) in out.chunks_mut(FP).zip(coordinates) {
        coordinate.to_be_bytes(field);
    }
}

fn encoded_g1(point: Point<G1>) -> [u8; G1_SIZE] {
    let mut out = [0; G1_SIZE];
    if let Some(Affine { x, y }) = point.to_affine() {
        write(&mut out, [&x, &y]);
    }
    out
}

fn encoded_g2(point: Point<G2>) -> [u8; G2_SIZE] {
    let mut out = [0; G2_SIZE];
    if let Some(Affine { x, y }) = point.to_affine() {
        write(&mut out, [&x.real, &x.imaginary, &y.real, &y.imaginary]);
    }
    out
}

/// See [`Crypto::bls12_g1_add`](crate::Crypto::bls12_g1_add).
pub(crate) fn g1_add(input: &[u8; 2 * G1_SIZE]) -> Result<[u8; G1_SIZE]> {
    let (a, b) = (Point::from(g1(input, 0)?), Point::from(g1(input, G1_SIZE)?));
    Ok(encoded_g1(a.add(&b)))
}

/// See [`Crypto::bls12_g2_add`](crate::Crypto::bls12_g2_add).
pub(crate) fn g2_add(input: &[u8; 2 * G2_SIZE]) -> Result<[u8; G2_SIZE]> {
    let (a, b) = (Point::from(g2(input, 0)?), Point::from(g2(input, G2_SIZE)?));
    Ok(encoded_g2(a.add(&b)))
}

/// See [`Crypto::bls12_g1_msm`](crate::Crypto::bls12_g1_msm).
pub(crate) fn g1_msm(input: &[u8]) -> Result<[u8; G1_SIZE]> {
    let mut terms = Vec::with_capacity(input.len() / G1_TERM);
    for term in input.chunks(G1_TERM) {
        let scalar = *array::<32>(term, G1_SIZE).ok_or(SHORT)?;
        terms.extend(g1_of_group(term, 0)?.map(|point| (point, scalar)));
    }
    Ok(encoded_g1(multiply_add(&terms)))
}

/// See [`Crypto::bls12_g2_msm`](crate::Crypto::bls12_g2_msm).
pub(crate) fn g2_msm(input: &[u8]) -> Result<[u8; G2_SIZE]> {
    let mut terms = Vec::with_capacity(input.len() / G2_TERM);
    for term in input.chunks(G2_TERM) {
        let scalar = *array::<32>(term, G2_SIZE).ok_or(SHORT)?;
        terms.extend(g2_of_group(term, 0)?.map(|point| (point, scalar)));
    }
    Ok(encoded_g2(multiply_add(&terms)))
}

/// See [`Crypto::bls12_pairing`](crate::Crypto::bls12_pairing).
pub(crate) fn pairing(input: &[u8]) -> Result<bool> {
    let mut pairs = Vec::with_capacity(input.len() / PAIR);
    for pair in input.chunks(PAIR) {
        if let (Some(a), Some(b)) = (g1_of_group(pair, 0)?, g2_of_group(pair, G1_SIZE)?) {
            pairs.push((a, b));
        }
    }
    Ok(product_is_one::<Bls12>(&pairs))
}

/// See [`Crypto::bls12_map_fp_to_g1`](crate::Crypto::bls12_map_fp_to_g1).
pub(crate) fn map_fp_to_g1(input: &[u8; FP]) -> Result<[u8; G1_SIZE]> {
    Ok(encoded_g1(map::to_g1(&fq(input, 0)?)))
}

/// See [`Crypto::bls12_map_fp2_to_g2`](crate::Crypto::bls12_map_fp2_to_g2).
pub(crate) fn map_fp2_to_g2(input: &[u8; 2 * FP]) -> Result<[u8; G2_SIZE]> {
    Ok(encoded_g2(map::to_g2(&fq2(input, 0)?)))
}

/// A compressed point of the group G1: x, and in its first three bits that it is compressed, that
/// it is infinity, that y is the larger of two.
fn compressed_g1(bytes: &[u8; 48]) -> Result<Option<Affine<G1>>> {
    const FLAGS: Error = Error::Failure("point is not compressed");
    let mut x = *bytes;
    let flags = x[0] >> 5;
    x[0] &= 0x1f;
    match flags {
        0b100 | 0b101 => {}
        0b110 if x == [0; 48] => return Ok(None),
        _ => return Err(FLAGS),
    }
    let x = Fq::from_be_bytes(&x).ok_or(TOO_LARGE)?;
    let y = x
        .square()
        .mul(&x)
        .add(&<G1 as super::Curve>::B)
        .sqrt()
        .ok_or(OFF_CURVE)?;
    let larger = |a: Fq, b: Fq| {
        let (mut a_bytes, mut b_bytes) = ([0; 48], [0; 48]);
        a.to_be_bytes(&mut a_bytes);
        b.to_be_bytes(&mut b_bytes);
        a_bytes > b_bytes
    };
    let y = if larger(y, y.neg()) == (flags == 0b101) {
        y
    } else {
        y.neg()
    };
    let point = Affine { x, y };
    if in_g1(&point) {
        Ok(Some(point))
    } else {
        Err(OFF_GROUP)
    }
}

/// See [`Crypto::kzg_verify`](crate::Crypto::kzg_verify).
pub(crate) fn kzg_verify(
    commitment: &[u8; 48],
    z: &[u8; 32],
    y: &[u8; 32],
    proof: &[u8; 48],
) -> Result<bool> {
    let (commitment, proof) = (compressed_g1(commitment)?, compressed_g1(proof)?);
    // e(commitment - y G1 + z proof, -G2) e(proof, [tau]G2) = 1.
    let mut terms = alloc::vec![(super::G1_GENERATOR.neg(), *y)];
    terms.extend(proof.map(|proof| (proof, *z)));
    let sum = Point::from(commitment).add(&multiply_add(&terms));
    let tau = g2(&TAU_G2, 0)?.ok_or(Error::Fatal("[tau]G2 is infinity"))?;
    let left = sum
        .to_affine()
        .map(|point| (point, super::G2_GENERATOR.neg()));
    let right = proof.map(|point| (point, tau));
    let pairs: Vec<_> = left.into_iter().chain(right).collect();
    Ok(product_is_one::<Bls12>(&pairs))
}
