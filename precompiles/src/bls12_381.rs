//! 0x0b to 0x11: the curve BLS12-381 (EIP-2537).

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{Crypto, Error, Gas, Result};

/// Bytes of an element of the base field: 16 zeros, 48 of the number.
pub(crate) const FP: usize = 64;
/// Bytes of a point of G1: x, y.
pub(crate) const G1: usize = 2 * FP;
/// Bytes of a point of G2: x, y, each a real and an imaginary part.
pub(crate) const G2: usize = 4 * FP;
/// Bytes of a scalar.
pub(crate) const SCALAR: usize = 32;
/// Bytes of a term of a sum in G1: point, scalar.
pub(crate) const G1_TERM: usize = G1 + SCALAR;
/// Bytes of a term of a sum in G2: point, scalar.
pub(crate) const G2_TERM: usize = G2 + SCALAR;
/// Bytes of a pair: a point of G1, a point of G2.
pub(crate) const PAIR: usize = G1 + G2;

const LENGTH: Error = Error::Failure("input has a wrong length");

/// The number in the encoding of a field element, whether or not it is below the modulus.
pub(crate) fn number(encoded: &[u8; FP]) -> Result<&[u8; 48]> {
    match encoded.split_last_chunk::<48>() {
        Some((padding, number)) if padding.iter().all(|&byte| byte == 0) => Ok(number),
        _ => Err(Error::Failure("field element has more than 48 bytes")),
    }
}

pub(crate) const fn g1_add_gas(_: &[u8], _: Fork) -> Gas {
    375
}

/// Input: two points of G1, not necessarily in the subgroup. Output: their sum.
pub(crate) fn g1_add<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_g1_add(input.try_into().map_err(|_| LENGTH)?)?.to_vec())
}

pub(crate) const fn g2_add_gas(_: &[u8], _: Fork) -> Gas {
    600
}

/// Input: two points of G2, not necessarily in the subgroup. Output: their sum.
pub(crate) fn g2_add<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_g2_add(input.try_into().map_err(|_| LENGTH)?)?.to_vec())
}

pub(crate) fn g1_msm_gas(input: &[u8], _: Fork) -> Gas {
    msm_gas(input.len() / G1_TERM, 12_000, &G1_DISCOUNT)
}

/// Input: one or more terms. Output: the sum of point times scalar.
pub(crate) fn g1_msm<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_g1_msm(whole::<G1_TERM>(input)?)?.to_vec())
}

pub(crate) fn g2_msm_gas(input: &[u8], _: Fork) -> Gas {
    msm_gas(input.len() / G2_TERM, 22_500, &G2_DISCOUNT)
}

/// Input: one or more terms. Output: the sum of point times scalar.
pub(crate) fn g2_msm<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_g2_msm(whole::<G2_TERM>(input)?)?.to_vec())
}

pub(crate) const fn pairing_gas(input: &[u8], _: Fork) -> Gas {
    37_700 + 32_600 * (input.len() / PAIR) as u64
}

/// Input: one or more pairs. Output: 1 as a word if the product of their pairings is one, else 0.
pub(crate) fn pairing<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    let mut out = alloc::vec![0; 32];
    out[31] = u8::from(C::bls12_pairing(whole::<PAIR>(input)?)?);
    Ok(out)
}

pub(crate) const fn map_fp_to_g1_gas(_: &[u8], _: Fork) -> Gas {
    5500
}

/// Input: a field element. Output: its point of G1.
pub(crate) fn map_fp_to_g1<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_map_fp_to_g1(input.try_into().map_err(|_| LENGTH)?)?.to_vec())
}

pub(crate) const fn map_fp2_to_g2_gas(_: &[u8], _: Fork) -> Gas {
    23_800
}

/// Input: a real and an imaginary part. Output: their point of G2.
pub(crate) fn map_fp2_to_g2<C: Crypto>(input: &[u8], _: Fork) -> Result<Vec<u8>> {
    Ok(C::bls12_map_fp2_to_g2(input.try_into().map_err(|_| LENGTH)?)?.to_vec())
}

/// `input`, if it holds one or more items of `SIZE` bytes.
fn whole<const SIZE: usize>(input: &[u8]) -> Result<&[u8]> {
    if input.is_empty() || !input.len().is_multiple_of(SIZE) {
        Err(LENGTH)
    } else {
        Ok(input)
    }
}

/// EIP-2537: `terms * price * discount / 1000`; the discount of 128 terms holds for all above.
fn msm_gas(terms: usize, price: Gas, discounts: &[u16; 128]) -> Gas {
    let discount = match terms {
        0 => return 0,
        1..=128 => discounts[terms - 1],
        _ => discounts[127],
    };
    (terms as Gas)
        .saturating_mul(price)
        .saturating_mul(discount.into())
        / 1000
}

/// EIP-2537: thousandths of the price of a product alone, by number of terms.
#[rustfmt::skip]
const G1_DISCOUNT: [u16; 128] = [
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
    673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
    625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
    596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
    575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
    558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
    543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
    530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
];

/// EIP-2537: thousandths of the price of a product alone, by number of terms.
#[rustfmt::skip]
const G2_DISCOUNT: [u16; 128] = [
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
    711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
    643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
    606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
    580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
    561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
    546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
    534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
];
