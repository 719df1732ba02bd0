//! Writing canonical DAG-CBOR.

use crate::bytes::swapped;
use crate::cid::Cid;
use primitive_types::U256;

/// Appends canonical DAG-CBOR to a buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty writer with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
        }
    }

    /// Number of bytes written.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is written yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The bytes written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    #[inline]
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        if argument < 24 {
            self.out.push(major | argument as u8);
        } else {
            self.long_head(major, argument);
        }
    }

    fn long_head(&mut self, major: u8, argument: u64) {
        let bytes = argument.to_be_bytes();
        let (info, width) = match argument {
            0..=0xff => (0x18, 1),
            0x100..=0xffff => (0x19, 2),
            0x1_0000..=0xffff_ffff => (0x1a, 4),
            _ => (0x1b, 8),
        };
        self.out.push(major | info);
        self.out.extend_from_slice(&bytes[8 - width..]);
    }

    /// An unsigned integer.
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.head(0, value);
    }

    /// The head of an array of `len` elements.
    #[inline]
    pub fn array(&mut self, len: u64) {
        self.head(4, len);
    }

    /// A byte string.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    /// A text string.
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A number as a big-endian byte string without leading zeros.
    #[inline]
    pub fn u256(&mut self, value: &U256) {
        let bytes = to_be_bytes(value);
        let zeros = match value.0 {
            [_, _, _, high] if high != 0 => high.leading_zeros(),
            _ => value.leading_zeros(),
        };
        self.bytes(&bytes[(zeros / 8) as usize..]);
    }

    /// A token amount in atto: a byte string with a sign byte 0, then big-endian; empty for zero.
    pub fn token_amount(&mut self, value: u128) {
        if value == 0 {
            return self.bytes(&[]);
        }
        let mut bytes = [0; 17];
        bytes[1..].copy_from_slice(&value.to_be_bytes());
        self.bytes(&bytes[(value.leading_zeros() / 8) as usize..]);
        // The byte before the first digit is the sign: cleared by construction.
    }

    /// A link.
    #[inline]
    pub fn link(&mut self, cid: &Cid) {
        self.out.extend_from_slice(&[0xd8, 0x2a, 0x58, 39, 0]);
        self.out.extend_from_slice(cid.as_bytes());
    }

    /// Null.
    #[inline]
    pub fn null(&mut self) {
        self.out.push(0xf6);
    }

    /// Bytes that are CBOR already.
    #[inline]
    pub fn literal(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

/// A word as 32 big-endian bytes.
#[inline]
#[must_use]
pub fn to_be_bytes(word: &U256) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(word.0.iter().rev()) {
        chunk.copy_from_slice(&swapped(*limb).to_le_bytes());
    }
    bytes
}

/// A CBOR byte string of `bytes`.
#[must_use]
pub fn byte_string(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(bytes.len() + 9);
    writer.bytes(bytes);
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::Reader;
    use crate::params::decode_all;
    use fvm_ipld_encoding::{BytesSer, to_vec};
    use fvm_shared::bigint::BigInt;
    use fvm_shared::econ::TokenAmount;
    use proptest::prelude::*;
    use std::borrow::Cow;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::default();
        write(&mut writer);
        writer.into_bytes()
    }

    proptest! {
        #[test]
        fn integers_as_the_reference_writes_them(shift in 0..64_u32, value: u64) {
            let value = value >> shift;
            let bytes = written(|w| w.u64(value));
            prop_assert_eq!(&bytes, &to_vec(&value).unwrap());
            prop_assert_eq!(decode_all(&bytes, Reader::u64), Ok(value));
        }

        #[test]
        fn byte_strings_as_the_reference_writes_them(len in 0..70_000_usize) {
            let value = vec![0x5a; len];
            let bytes = byte_string(&value);
            prop_assert_eq!(&bytes, &to_vec(&BytesSer(&value)).unwrap());
            let back = decode_all(&bytes, Reader::bytes).map(Cow::into_owned);
            prop_assert_eq!(back, Ok(value));
        }

        #[test]
        fn amounts_as_the_reference_writes_them(shift in 0..128_u32, value: u128) {
            let value = value >> shift;
            let bytes = written(|w| w.token_amount(value));
            let reference = TokenAmount::from_atto(BigInt::from(value));
            prop_assert_eq!(&bytes, &to_vec(&reference).unwrap());
            prop_assert_eq!(decode_all(&bytes, Reader::token_amount), Ok(value));
        }

        #[test]
        fn words_come_back(limbs: [u64; 4], shift in 0..256_usize) {
            let value = U256(limbs) >> shift;
            let bytes = written(|w| w.u256(&value));
            prop_assert_eq!(bytes.len() <= 33 || value.bits() > 184, true);
            prop_assert_eq!(decode_all(&bytes, Reader::u256), Ok(value));
        }
    }
}
