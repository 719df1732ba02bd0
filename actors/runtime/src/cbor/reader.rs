//! Reading CBOR as leniently as mainnet's actors do.

use crate::bytes::swapped;
use crate::cid::Cid;
use core::fmt;
use primitive_types::U256;
use std::borrow::Cow;

/// Deepest nesting of indefinite strings.
const MAX_NESTING: usize = 256;

/// Low bits of the head of a string of indefinite length.
const INDEFINITE: u8 = 0x1f;

/// What was wrong with encoded bytes, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What was expected.
    pub expected: &'static str,
    /// Offset of the offending byte.
    pub offset: usize,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// A cursor over CBOR bytes.
///
/// Lenient in the ways in which mainnet's decoder is: heads may be longer than needed; a byte
/// string or an array may bear major type 0 in place of its own, a text string 0, 1 or 2; strings may
/// be of indefinite length, in chunks that may be so in turn. Arrays of indefinite length are refused,
/// and nothing else stands for anything else.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `data`.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    #[cold]
    const fn error<T>(&self, expected: &'static str) -> Result<T, DecodeError> {
        Err(DecodeError {
            expected,
            offset: self.at,
        })
    }

    /// Ends the reading; bytes left over are an error.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.at == self.data.len() {
            Ok(())
        } else {
            self.error("the end")
        }
    }

    /// The next byte, not consumed.
    #[inline]
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    /// The next `len` bytes as they are.
    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        match self.data[self.at..].split_at_checked(len) {
            Some((bytes, _)) => {
                self.at += len;
                Ok(bytes)
            }
            None => self.error("more bytes"),
        }
    }

    /// The argument of a head with major type `major`, or one that has no other bits.
    #[inline]
    fn head(&mut self, major: u8, expected: &'static str) -> Result<u64, DecodeError> {
        let Some(byte) = self.peek() else {
            return self.error(expected);
        };
        // Mainnet's decoder masks the bits of the major type out, so one with fewer of them passes.
        let info = byte & !(major << 5);
        let width = match info {
            0..=0x17 => {
                self.at += 1;
                return Ok(u64::from(info));
            }
            0x18 => 1,
            0x19 => 2,
            0x1a => 4,
            0x1b => 8,
            _ => return self.error(expected),
        };
        if self.data.len() - self.at <= width {
            return self.error("more bytes");
        }
        self.at += 1;
        let argument = self.take(width)?;
        Ok(argument
            .iter()
            .fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// An unsigned integer.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.head(0, "an unsigned integer")
    }

    /// A signed integer.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        let at = self.at;
        let (value, negative) = match self.peek() {
            Some(byte) if byte >> 5 == 1 => {
                let info = byte & 0x1f;
                if info > 0x1b {
                    return self.error("an integer");
                }
                (self.head(1, "an integer")?, true)
            }
            _ => (self.head(0, "an integer")?, false),
        };
        i64::try_from(value)
            .map(|value| if negative { -1 - value } else { value })
            .map_err(|_| DecodeError {
                expected: "an integer of 64 bits",
                offset: at,
            })
    }

    /// The head of an array; gives the number of its elements.
    #[inline]
    pub fn array(&mut self) -> Result<u64, DecodeError> {
        self.head(4, "an array")
    }

    /// The head of an array that must have `len` elements.
    #[inline]
    pub fn tuple(&mut self, len: u64) -> Result<(), DecodeError> {
        let at = self.at;
        if self.array()? == len {
            Ok(())
        } else {
            self.at = at;
            self.error("a tuple of another length")
        }
    }

    /// A byte string; borrowed unless it comes in chunks.
    #[inline]
    pub fn bytes(&mut self) -> Result<Cow<'a, [u8]>, DecodeError> {
        self.string(2, "a byte string")
    }

    /// A byte or text string, by its major type.
    #[inline]
    fn string(&mut self, major: u8, expected: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        if self.peek() == Some(major << 5 | INDEFINITE) {
            self.at += 1;
            let mut joined = Vec::new();
            self.chunks(major, expected, &mut joined)?;
            return Ok(Cow::Owned(joined));
        }
        self.definite_string(major, expected).map(Cow::Borrowed)
    }

    /// A byte string of definite length.
    #[inline]
    pub fn definite_bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        self.definite_string(2, "a byte string")
    }

    #[inline]
    fn definite_string(
        &mut self,
        major: u8,
        expected: &'static str,
    ) -> Result<&'a [u8], DecodeError> {
        let at = self.at;
        let len = self.head(major, expected)?;
        let Ok(len) = usize::try_from(len) else {
            self.at = at;
            return self.error("more bytes");
        };
        self.take(len)
    }

    /// Chunks of an indefinite string up to its break. A loop, not a recursion: depth comes from
    /// outside.
    #[cold]
    fn chunks(
        &mut self,
        major: u8,
        expected: &'static str,
        joined: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let mut depth = 1;
        while depth > 0 {
            match self.peek() {
                Some(0xff) => {
                    self.at += 1;
                    depth -= 1;
                }
                Some(byte) if byte == major << 5 | INDEFINITE => {
                    if depth == MAX_NESTING {
                        return self.error("fewer nested strings");
                    }
                    self.at += 1;
                    depth += 1;
                }
                _ => joined.extend_from_slice(self.definite_string(major, expected)?),
            }
        }
        Ok(())
    }

    /// A text string; borrowed unless it comes in chunks.
    pub fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let at = self.at;
        let error = DecodeError {
            expected: "UTF-8",
            offset: at,
        };
        match self.string(3, "a text string")? {
            Cow::Borrowed(bytes) => core::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|_| error),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| error),
        }
    }

    /// A byte string of exactly `N` bytes.
    #[inline]
    pub fn byte_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        // The canonical form of 24 to 255 bytes, without a detour.
        if let Some([0x58, len, rest @ ..]) = self.data.get(self.at..)
            && usize::from(*len) == N
            && let Some(bytes) = rest.first_chunk()
        {
            self.at += 2 + N;
            return Ok(*bytes);
        }
        self.any_byte_array()
    }

    #[cold]
    fn any_byte_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.at;
        self.bytes()?.as_ref().try_into().map_err(|_| DecodeError {
            expected: "a byte string of another length",
            offset: at,
        })
    }

    /// A number as a big-endian byte string of at most 32 bytes.
    #[inline]
    pub fn u256(&mut self) -> Result<U256, DecodeError> {
        let at = self.at;
        let bytes = self.bytes()?;
        if bytes.len() > 32 {
            return Err(DecodeError {
                expected: "a byte string of at most 32 bytes",
                offset: at,
            });
        }
        if let Ok(whole) = bytes.as_ref().try_into() {
            return Ok(from_be_bytes(whole));
        }
        let mut padded = [0; 32];
        padded[32 - bytes.len()..].copy_from_slice(&bytes);
        Ok(from_be_bytes(&padded))
    }

    /// A token amount in atto: a byte string with a sign byte 0, then big-endian; empty is zero.
    /// Negative amounts and those above 2^128 - 1 are errors.
    pub fn token_amount(&mut self) -> Result<u128, DecodeError> {
        let at = self.at;
        let error = DecodeError {
            expected: "a token amount",
            offset: at,
        };
        let bytes = self.bytes()?;
        match bytes.split_first() {
            None => Ok(0),
            Some((0, digits)) => {
                let start = digits.iter().position(|d| *d != 0).unwrap_or(digits.len());
                let digits = &digits[start..];
                if digits.len() > 16 {
                    return Err(error);
                }
                Ok(digits
                    .iter()
                    .fold(0, |value, digit| (value << 8) | u128::from(*digit)))
            }
            Some(_) => Err(error),
        }
    }

    /// The number of a tag.
    pub fn tag(&mut self) -> Result<u64, DecodeError> {
        self.head(6, "a tag")
    }

    /// A link: tag 42 with a byte string of 0 and a binary CID. In the usual form alone, which is what
    /// actors write; links that come from outside may have others, see [`tag`](Self::tag).
    #[inline]
    pub fn link(&mut self) -> Result<Cid, DecodeError> {
        let cid = match self.data.get(self.at..) {
            Some([0xd8, 0x2a, 0x58, 39, 0, rest @ ..]) => rest.first_chunk(),
            _ => None,
        };
        match cid.and_then(Cid::from_array) {
            Some(cid) => {
                self.at += 5 + Cid::LEN;
                Ok(cid)
            }
            None => self.error("a link to a blake2b-256 block"),
        }
    }

    /// Consumes a null if there is one.
    #[inline]
    pub fn null(&mut self) -> bool {
        let null = self.peek() == Some(0xf6);
        self.at += usize::from(null);
        null
    }
}

/// The word in 32 big-endian bytes.
#[inline]
#[must_use]
pub fn from_be_bytes(bytes: &[u8; 32]) -> U256 {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        let mut digits = [0; 8];
        digits.copy_from_slice(chunk);
        *limb = swapped(u64::from_le_bytes(digits));
    }
    U256(limbs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::decode_all;
    use proptest::prelude::*;

    fn bytes(data: &[u8]) -> Option<Vec<u8>> {
        decode_all(data, Reader::bytes).ok().map(Cow::into_owned)
    }

    #[test]
    fn byte_strings_in_every_accepted_form() {
        let accepted: [(&[u8], &[u8]); 9] = [
            (&[0x42, 0xaa, 0xbb], &[0xaa, 0xbb]),
            (&[0x40], &[]),
            (&[0x5b, 0, 0, 0, 0, 0, 0, 0, 1, 0xaa], &[0xaa]),
            (&[0x58, 1, 0xaa], &[0xaa]),
            (&[0x02, 0xaa, 0xbb], &[0xaa, 0xbb]),
            (&[0x00], &[]),
            (&[0x5f, 0x41, 0xaa, 0x41, 0xbb, 0xff], &[0xaa, 0xbb]),
            (
                &[0x5f, 0x01, 0xaa, 0x5f, 0x41, 0xbb, 0xff, 0xff],
                &[0xaa, 0xbb],
            ),
            (&[0x5f, 0xff], &[]),
        ];
        for (data, value) in accepted {
            assert_eq!(bytes(data).as_deref(), Some(value), "{data:02x?}");
        }
    }

    #[test]
    fn byte_strings_in_no_other_form() {
        let refused: [&[u8]; 16] = [
            &[],
            &[0x42, 0xaa],
            &[0x41, 0xaa, 0xbb],
            &[0x62, 0x61, 0x62],
            &[0x81, 0x01],
            &[0xf6],
            &[0xc2, 0x41, 0x01],
            &[0x21],
            &[0x5c],
            &[0x5f, 0x41, 0xaa],
            &[0x5f, 0x61, 0x61, 0xff],
            &[0x58],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xaa],
            &[0xff],
            // Major type 0 is taken for the chunks, but not for the string that they make.
            &[0x1f, 0x41, 0xaa, 0xff],
            &[0x5f, 0x1f, 0x41, 0xaa, 0xff, 0xff],
        ];
        for data in refused {
            assert_eq!(bytes(data), None, "{data:02x?}");
        }
    }

    #[test]
    fn integers_and_tuples() {
        let u64_of = |data: &[u8]| decode_all(data, Reader::u64).ok();
        assert_eq!(u64_of(&[0x18, 0x05]), Some(5));
        assert_eq!(
            u64_of(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(u64::MAX)
        );
        for refused in [
            &[0x20][..],
            &[0x41, 1],
            &[0xf4],
            &[0xfa, 0, 0, 0, 0],
            &[0x18],
            &[0x1f],
        ] {
            assert_eq!(u64_of(refused), None, "{refused:02x?}");
        }
        let tag = |data: &[u8]| decode_all(data, Reader::tag).ok();
        for accepted in [
            &[0xd8, 42][..],
            &[0xd9, 0, 42],
            &[0x18, 42],
            &[0x58, 42],
            &[0x98, 42],
        ] {
            assert_eq!(tag(accepted), Some(42), "{accepted:02x?}");
        }
        for refused in [
            &[0x38, 42][..],
            &[0x78, 42],
            &[0xb8, 42],
            &[0xf8, 42],
            &[0xdf],
        ] {
            assert_eq!(tag(refused), None, "{refused:02x?}");
        }
        let tuple = |data: &[u8]| decode_all(data, |r| r.tuple(2)).is_ok();
        for accepted in [&[0x82][..], &[0x98, 2], &[0x02], &[0x18, 2]] {
            assert!(tuple(accepted), "{accepted:02x?}");
        }
        for refused in [&[0x81][..], &[0x83], &[0x9f], &[0x42], &[0xa2]] {
            assert!(!tuple(refused), "{refused:02x?}");
        }
        let i64_of = |data: &[u8]| decode_all(data, Reader::i64).ok();
        assert_eq!(i64_of(&[0x20]), Some(-1));
        assert_eq!(
            i64_of(&[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
            Some(i64::MIN)
        );
        assert_eq!(i64_of(&[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(i64_of(&[0x17]), Some(23));
    }

    #[test]
    fn words_take_up_to_32_bytes() {
        let word = |data: &[u8]| decode_all(data, Reader::u256).ok();
        assert_eq!(word(&[0x40]), Some(U256::zero()));
        assert_eq!(word(&[0x43, 0, 0, 7]), Some(7.into()));
        let mut long = vec![0x58, 32];
        long.extend([0xff; 32]);
        assert_eq!(word(&long), Some(U256::MAX));
        let mut longer = vec![0x58, 33, 0];
        longer.extend([0xff; 32]);
        assert_eq!(word(&longer), None);
    }

    #[test]
    fn text_is_utf8() {
        let text = |data: &'static [u8]| decode_all(data, Reader::text).ok();
        assert_eq!(text(b"\x65fevm\xc3"), None);
        assert_eq!(text(b"\x60").as_deref(), Some(""));
        assert_eq!(text(b"\x65fevm"), None);
        assert_eq!(text(b"\x7f\x62fe\xff").as_deref(), Some("fe"));
        assert_eq!(text(b"\x7f\x62f\xc3\xff"), None);
        // Any major type up to its own.
        for data in [b"\x64fevm", b"\x44fevm", b"\x24fevm", b"\x04fevm"] {
            assert_eq!(text(data).as_deref(), Some("fevm"));
        }
        for data in [b"\x84fevm", b"\xc4fevm", b"\x5ffevm"] {
            assert_eq!(text(data), None);
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| {
            let mut data = vec![0x5f; depth];
            data.extend(vec![0xff; depth]);
            bytes(&data)
        };
        assert_eq!(nested(MAX_NESTING), Some(vec![]));
        assert_eq!(nested(MAX_NESTING + 1), None);
        assert_eq!(nested(1_000_000), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode_all(&data, Reader::bytes);
            let _ = decode_all(&data, Reader::text);
            let _ = decode_all(&data, Reader::u256);
            let _ = decode_all(&data, Reader::i64);
            let _ = decode_all(&data, Reader::token_amount);
            let _ = decode_all(&data, Reader::link);
            let _ = decode_all(&data, |r| r.tuple(1));
        }
    }
}
