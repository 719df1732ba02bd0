//! The curve alt_bn128.

use substrate_bn::{AffineG1, AffineG2, Fq, Fq2, Fr, G1, G2, Group, Gt, pairing_batch};

use crate::{Error, Result, bytes::array};

const SHORT: Error = Error::Failure("input is too short");

fn field_element(input: &[u8], start: usize) -> Result<Fq> {
    let bytes = array::<32>(input, start).ok_or(SHORT)?;
    Fq::from_slice(bytes).map_err(|_| Error::Failure("coordinate is not below the field modulus"))
}

fn g1(input: &[u8], start: usize) -> Result<G1> {
    let (x, y) = (
        field_element(input, start)?,
        field_element(input, start + 32)?,
    );
    if x.is_zero() && y.is_zero() {
        return Ok(G1::zero());
    }
    AffineG1::new(x, y)
        .map(Into::into)
        .map_err(|_| Error::Failure("point is not on the curve"))
}

/// Imaginary parts come first (EIP-197).
fn g2(input: &[u8], start: usize) -> Result<G2> {
    let element = |start| {
        let (imaginary, real) = (
            field_element(input, start)?,
            field_element(input, start + 32)?,
        );
        Ok(Fq2::new(real, imaginary))
    };
    let (x, y) = (element(start)?, element(start + 64)?);
    if x.is_zero() && y.is_zero() {
        return Ok(G2::zero());
    }
    // Checks the subgroup too.
    AffineG2::new(x, y)
        .map(Into::into)
        .map_err(|_| Error::Failure("point is not in the group G2"))
}

fn encoded(point: G1) -> Result<[u8; 64]> {
    let mut out = [0; 64];
    if let Some(point) = AffineG1::from_jacobian(point) {
        let write = |element: Fq, out: &mut [u8]| element.to_big_endian(out);
        write(point.x(), &mut out[..32]).map_err(|_| Error::Fatal("coordinate of 32 bytes"))?;
        write(point.y(), &mut out[32..]).map_err(|_| Error::Fatal("coordinate of 32 bytes"))?;
    }
    Ok(out)
}

pub(crate) fn add(input: &[u8; 128]) -> Result<[u8; 64]> {
    encoded(g1(input, 0)? + g1(input, 64)?)
}

pub(crate) fn mul(input: &[u8; 96]) -> Result<[u8; 64]> {
    let scalar = array::<32>(input, 64).ok_or(SHORT)?;
    // Reduces modulo the group order.
    let scalar = Fr::from_slice(scalar).map_err(|_| SHORT)?;
    encoded(g1(input, 0)? * scalar)
}

pub(crate) fn pairing(input: &[u8]) -> Result<bool> {
    let mut pairs = alloc::vec::Vec::with_capacity(input.len() / crate::bn254::PAIR);
    for pair in input.chunks(crate::bn254::PAIR) {
        let (a, b) = (g1(pair, 0)?, g2(pair, 64)?);
        if !a.is_zero() && !b.is_zero() {
            pairs.push((a, b));
        }
    }
    Ok(pairing_batch(&pairs) == Gt::one())
}
