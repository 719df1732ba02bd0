//! The curve BLS12-381 by blst.

use alloc::vec::Vec;

use blst::blst_fp2;

use super::blst::{fp, fp_bytes, g1, g2, product_is_one, uncompress};
use crate::{
    Error, Result,
    bls12_381::{FP, G1, G1_TERM, G2, G2_TERM, PAIR, number},
    bytes::array,
    kzg::TAU_G2,
};

const SHORT: Error = Error::Failure("input is too short");
const OFF_CURVE: Error = Error::Failure("point is not on the curve");
const OFF_GROUP: Error = Error::Failure("point is not in the subgroup");

fn fp2(input: &[u8], start: usize) -> Result<blst_fp2> {
    Ok(blst_fp2 {
        fp: [
            field_element(input, start)?,
            field_element(input, start + FP)?,
        ],
    })
}

fn field_element(input: &[u8], start: usize) -> Result<blst::blst_fp> {
    fp(number(array::<FP>(input, start).ok_or(SHORT)?)?)
}

/// A point of the curve; blst's infinity is zeros, too.
fn g1_point(input: &[u8], start: usize) -> Result<g1::Affine> {
    let (x, y) = (
        field_element(input, start)?,
        field_element(input, start + FP)?,
    );
    let point = g1::Affine { x, y };
    if g1::is_infinity(&point) || g1::on_curve(&point) {
        Ok(point)
    } else {
        Err(OFF_CURVE)
    }
}

fn g2_point(input: &[u8], start: usize) -> Result<g2::Affine> {
    let (x, y) = (fp2(input, start)?, fp2(input, start + 2 * FP)?);
    let point = g2::Affine { x, y };
    if g2::is_infinity(&point) || g2::on_curve(&point) {
        Ok(point)
    } else {
        Err(OFF_CURVE)
    }
}

/// A point of the group of order r; `None` is infinity.
fn g1_of_group(input: &[u8], start: usize) -> Result<Option<g1::Affine>> {
    let point = g1_point(input, start)?;
    if g1::is_infinity(&point) {
        return Ok(None);
    }
    if g1::in_group(&point) {
        Ok(Some(point))
    } else {
        Err(OFF_GROUP)
    }
}

/// A point of the group of order r; `None` is infinity.
fn g2_of_group(input: &[u8], start: usize) -> Result<Option<g2::Affine>> {
    let point = g2_point(input, start)?;
    if g2::is_infinity(&point) {
        return Ok(None);
    }
    if g2::in_group(&point) {
        Ok(Some(point))
    } else {
        Err(OFF_GROUP)
    }
}

/// Coordinates as fields of [`FP`] bytes.
fn encoded<const SIZE: usize>(coordinates: &[blst::blst_fp]) -> [u8; SIZE] {
    let mut out = [0; SIZE];
    for (field, coordinate) in out.chunks_mut(FP).zip(coordinates) {
        if let Some(number) = field.last_chunk_mut() {
            *number = fp_bytes(coordinate);
        }
    }
    out
}

fn encoded_g1(point: &g1::Affine) -> [u8; G1] {
    encoded(&[point.x, point.y])
}

fn encoded_g2(point: &g2::Affine) -> [u8; G2] {
    let [x, y] = [point.x.fp, point.y.fp];
    encoded(&[x[0], x[1], y[0], y[1]])
}

/// A scalar in blst's byte order.
fn scalar(input: &[u8], start: usize) -> Result<[u8; 32]> {
    let mut scalar = *array(input, start).ok_or(SHORT)?;
    scalar.reverse();
    Ok(scalar)
}

pub(super) fn g1_add(input: &[u8; 2 * G1]) -> Result<[u8; G1]> {
    Ok(encoded_g1(&g1::add(
        &g1_point(input, 0)?,
        &g1_point(input, G1)?,
    )))
}

pub(super) fn g2_add(input: &[u8; 2 * G2]) -> Result<[u8; G2]> {
    Ok(encoded_g2(&g2::add(
        &g2_point(input, 0)?,
        &g2_point(input, G2)?,
    )))
}

pub(super) fn g1_msm(input: &[u8]) -> Result<[u8; G1]> {
    let (mut points, mut scalars) = (Vec::new(), Vec::new());
    for term in input.chunks(G1_TERM) {
        let scalar = scalar(term, G1)?;
        if let Some(point) = g1_of_group(term, 0)? {
            points.push(point);
            scalars.push(scalar);
        }
    }
    Ok(encoded_g1(&g1::multiply_add(&points, &scalars)))
}

pub(super) fn g2_msm(input: &[u8]) -> Result<[u8; G2]> {
    let (mut points, mut scalars) = (Vec::new(), Vec::new());
    for term in input.chunks(G2_TERM) {
        let scalar = scalar(term, G2)?;
        if let Some(point) = g2_of_group(term, 0)? {
            points.push(point);
            scalars.push(scalar);
        }
    }
    Ok(encoded_g2(&g2::multiply_add(&points, &scalars)))
}

pub(super) fn pairing(input: &[u8]) -> Result<bool> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for pair in input.chunks(PAIR) {
        if let (Some(a), Some(b)) = (g1_of_group(pair, 0)?, g2_of_group(pair, G1)?) {
            left.push(a);
            right.push(b);
        }
    }
    Ok(product_is_one(&left, &right))
}

pub(super) fn map_fp_to_g1(input: &[u8; FP]) -> Result<[u8; G1]> {
    Ok(encoded_g1(&g1::map(&field_element(input, 0)?)))
}

pub(super) fn map_fp2_to_g2(input: &[u8; 2 * FP]) -> Result<[u8; G2]> {
    Ok(encoded_g2(&g2::map(&fp2(input, 0)?)))
}

/// A compressed point of the group G1; `None` is infinity.
fn compressed(bytes: &[u8; 48]) -> Result<Option<g1::Affine>> {
    let point = uncompress(bytes)?;
    if g1::is_infinity(&point) {
        return Ok(None);
    }
    if g1::in_group(&point) {
        Ok(Some(point))
    } else {
        Err(OFF_GROUP)
    }
}

pub(super) fn kzg_verify(
    commitment: &[u8; 48],
    z: &[u8; 32],
    y: &[u8; 32],
    proof: &[u8; 48],
) -> Result<bool> {
    let (commitment, proof) = (compressed(commitment)?, compressed(proof)?);
    // e(commitment - y G1 + z proof, -G2) e(proof, [tau]G2) = 1.
    let (mut points, mut scalars) = (
        alloc::vec![g1::minus_generator()],
        alloc::vec![scalar(y, 0)?],
    );
    if let Some(proof) = proof {
        points.push(proof);
        scalars.push(scalar(z, 0)?);
    }
    let sum = g1::multiply_add(&points, &scalars);
    let sum = commitment.map_or(sum, |commitment| g1::add(&commitment, &sum));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    if !g1::is_infinity(&sum) {
        left.push(sum);
        right.push(g2::minus_generator());
    }
    if let Some(proof) = proof {
        left.push(proof);
        right.push(g2_point(&TAU_G2, 0)?);
    }
    Ok(product_is_one(&left, &right))
}
