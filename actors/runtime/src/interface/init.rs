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

/// Writes a link to a CID of any kind.
fn write_cid(writer: &mut Writer, cid: &[u8]) {
    writer.literal(&[0xd8, 0x2a]);
    writer.bytes(&[&[0], cid].concat());
}

/// Reads a link to a CID of any kind.
fn read_cid<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    let offset = reader.position();
    let error = DecodeError {
        expected: "a link",
        offset,
    };
    if !reader.literal(&[0xd8, 0x2a]) {
        return Err(error);
    }
    match reader.bytes()? {
        Cow::Borrowed([0, cid @ ..]) => Ok(Cow::Borrowed(cid)),
        Cow::Owned(mut cid) if cid.first() == Some(&0) => {
            cid.remove(0);
            Ok(Cow::Owned(cid))
        }
        _ => Err(error),
    }
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
        for end in 0..bytes.len() {
            assert!(decode_all(&bytes[..end], Exec4Params::decode).is_err());
        }
    }
}
