//! The init actor, as its callers know it.

use crate::cbor::{DecodeError, Reader, Writer};
use std::borrow::Cow;

/// Creates an actor.
pub const EXEC: u64 = 2;
/// Creates an actor with a delegated address of the caller's namespace: EAM only.
pub const EXEC4: u64 = 3;

/// Parameters of [`EXEC`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecParams<'a> {
    /// Code CID in binary form.
    pub code_cid: Cow<'a, [u8]>,
    /// Parameters of the new actor's constructor, CBOR.
    pub constructor_params: Cow<'a, [u8]>,
}

impl<'a> ExecParams<'a> {
    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            code_cid: read_cid(reader)?,
            constructor_params: reader.bytes()?,
        })
    }
}

/// Parameters of [`EXEC4`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec4Params<'a> {
    /// Code CID in binary form.
    pub code_cid: Cow<'a, [u8]>,
    /// Parameters of the new actor's constructor, CBOR.
    pub constructor_params: Cow<'a, [u8]>,
    /// Sub-address within the caller's namespace.
    pub subaddress: Cow<'a, [u8]>,
}

/// What [`EXEC`] and [`EXEC4`] return: addresses in binary form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecReturn<'a> {
    /// f0 address of the new actor.
    pub id_address: Cow<'a, [u8]>,
    /// f2 address of the new actor.
    pub robust_address: Cow<'a, [u8]>,
}

/// The tag of links.
const LINK: u64 = 42;

/// Writes a link to a CID of any kind.
fn write_cid(writer: &mut Writer, cid: &[u8]) {
    writer.literal(&[0xd8, 0x2a]);
    writer.bytes(&[&[0], cid].concat());
}

/// Reads a link to a CID of any kind; what stands behind the CID is dropped.
fn read_cid<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    let offset = reader.position();
    let error = DecodeError {
        expected: "a link",
        offset,
    };
    if reader.tag()? != LINK {
        return Err(error);
    }
    // Other than elsewhere no other major type is taken for that of a byte string.
    if reader.peek().is_none_or(|byte| byte >> 5 != 2) {
        return Err(error);
    }
    let bytes = reader.bytes()?;
    let Some(([0], cid)) = bytes.split_at_checked(1) else {
        return Err(error);
    };
    let len = cid_len(cid).ok_or(error)?;
    Ok(match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(1..=len).unwrap_or_default()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(1..=len).unwrap_or_default().to_vec()),
    })
}

/// Longest digest of a CID.
const MAX_DIGEST: u64 = 64;

/// The length of the CID that `bytes` begin with: version 0, or version 1 with any codec and hash.
fn cid_len(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(&[0x12, 0x20]) {
        return (bytes.len() >= 34).then_some(34);
    }
    let mut rest = bytes;
    if varint(&mut rest)? != 1 {
        return None;
    }
    let _codec = varint(&mut rest)?;
    let _hash = varint(&mut rest)?;
    let digest = varint(&mut rest)?;
    (digest <= MAX_DIGEST && digest <= rest.len() as u64)
        .then_some(bytes.len() - rest.len() + digest as usize)
}

/// Takes a varint (LEB128) of 64 bits at most, in its shortest form.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let digit = u64::from(byte & 0x7f);
        number |= digit << shift;
        if byte & 0x80 == 0 {
            let fits = number >> shift == digit;
            return (fits && (*byte != 0 || shift == 0)).then_some(number);
        }
    }
    None
}

impl<'a> Exec4Params<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.constructor_params.len() + 80);
        writer.array(3);
        write_cid(&mut writer, &self.code_cid);
        writer.bytes(&self.constructor_params);
        writer.bytes(&self.subaddress);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(3)?;
        Ok(Self {
            code_cid: read_cid(reader)?,
            constructor_params: reader.bytes()?,
            subaddress: reader.bytes()?,
        })
    }
}

impl<'a> ExecReturn<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(40);
        writer.array(2);
        writer.bytes(&self.id_address);
        writer.bytes(&self.robust_address);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            id_address: reader.bytes()?,
            robust_address: reader.bytes()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::decode_all;

    #[test]
    fn exec4_tuple_comes_back() {
        let params = Exec4Params {
            code_cid: Cow::Borrowed(&[1, 0x55, 0, 1, 9]),
            constructor_params: Cow::Borrowed(&[0x80]),
            subaddress: Cow::Borrowed(&[7; 20]),
        };
        let bytes = params.encode();
        assert_eq!(decode_all(&bytes, Exec4Params::decode), Ok(params));
        assert_eq!(bytes[..3], [0x83, 0xd8, 0x2a]);
        let content = &bytes[3..];
        for (head, accepted) in [
            (&[0x83, 0xd9, 0, 0x2a][..], true),
            (&[0x83, 0x58, 0x2a], true),
            (&[0x83, 0xd8, 0x2b], false),
            (&[0x83, 0x38, 0x2a], false),
        ] {
            let other = [head, content].concat();
            assert_eq!(decode_all(&other, Exec4Params::decode).is_ok(), accepted);
        }
        let mut other = bytes.clone();
        other[3] &= 0x1f;
        assert!(decode_all(&other, Exec4Params::decode).is_err());
        for end in 0..bytes.len() {
            assert!(decode_all(&bytes[..end], Exec4Params::decode).is_err());
        }
    }
}
