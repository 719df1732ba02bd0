//! The curve alt_bn128 by arkworks.

use alloc::vec::Vec;

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::{BigInteger, One, PrimeField, Zero};

use crate::{Error, Result, bn254::PAIR, bytes::array};

const SHORT: Error = Error::Failure("input is too short");

fn field_element(input: &[u8], start: usize) -> Result<Fq> {
    let bytes = array::<32>(input, start).ok_or(SHORT)?;
    let (words, _) = bytes.as_chunks::<8>();
    let mut limbs = [0; 4];
    for (limb, word) in limbs.iter_mut().zip(words.iter().rev()) {
        *limb = u64::from_be_bytes(*word);
    }
    Fq::from_bigint(ark_ff::BigInt(limbs))
        .ok_or(Error::Failure("coordinate is not below the field modulus"))
}

fn g1(input: &[u8], start: usize) -> Result<G1Affine> {
    let (x, y) = (
        field_element(input, start)?,
        field_element(input, start + 32)?,
    );
    if x.is_zero() && y.is_zero() {
        return Ok(G1Affine::zero());
    }
    let point = G1Affine::new_unchecked(x, y);
    // The cofactor is 1: on the curve is in the group.
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(Error::Failure("point is not on the curve"))
    }
}

/// Imaginary parts come first (EIP-197).
fn g2(input: &[u8], start: usize) -> Result<G2Affine> {
    let element = |start| {
        let (imaginary, real) = (
            field_element(input, start)?,
            field_element(input, start + 32)?,
        );
        Ok(Fq2::new(real, imaginary))
    };
    let (x, y) = (element(start)?, element(start + 64)?);
    if x.is_zero() && y.is_zero() {
        return Ok(G2Affine::zero());
    }
    let point = G2Affine::new_unchecked(x, y);
    if point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() {
        Ok(point)
    } else {
        Err(Error::Failure("point is not in the group G2"))
    }
}

fn encoded(point: G1Projective) -> [u8; 64] {
    let mut out = [0; 64];
    if let Some((x, y)) = point.into_affine().xy() {
        out[..32].copy_from_slice(&x.into_bigint().to_bytes_be());
        out[32..].copy_from_slice(&y.into_bigint().to_bytes_be());
    }
    out
}

pub(super) fn add(input: &[u8; 128]) -> Result<[u8; 64]> {
    Ok(encoded(g1(input, 0)? + g1(input, 64)?))
}

pub(super) fn mul(input: &[u8; 96]) -> Result<[u8; 64]> {
    let scalar = Fr::from_be_bytes_mod_order(&input[64..]);
    Ok(encoded(g1(input, 0)? * scalar))
}

pub(super) fn pairing(input: &[u8]) -> Result<bool> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for pair in input.chunks(PAIR) {
        let (a, b) = (g1(pair, 0)?, g2(pair, 64)?);
        if !a.is_zero() && !b.is_zero() {
            left.push(a);
            right.push(b);
        }
    }
    Ok(Bn254::multi_pairing(left, right).0.is_one())
}
