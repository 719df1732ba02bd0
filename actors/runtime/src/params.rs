//! Parameters of a method and their decoding rules.

use crate::abort::Abort;
use crate::cbor::{DecodeError, Reader};
use crate::cid;
use std::borrow::Cow;

/// The parameter block of an invocation: absent, or bytes with a codec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// Codec of the block; 0 if there is none.
    pub codec: u64,
    /// The bytes; `None` if there is no block.
    pub data: Option<Vec<u8>>,
}

impl Params {
    /// For methods without parameters: any block is exit 16.
    pub fn none(&self) -> Result<(), Abort> {
        match self.data {
            None => Ok(()),
            Some(_) => Err(Abort::illegal_argument("method takes no parameters")),
        }
    }

    /// The bytes of a block that must be there, else exit 16.
    pub fn required(&self) -> Result<&[u8], Abort> {
        self.data
            .as_deref()
            .ok_or_else(|| Abort::illegal_argument("method expects parameters"))
    }

    /// Decodes parameters that must be there (16) by `decode`, which must use all bytes (21).
    pub fn decode<'a, T>(
        &'a self,
        decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, Abort> {
        let data = self.required()?;
        // The raw codec holds byte strings only; see `bytes`.
        if !matches!(self.codec, cid::CBOR | cid::DAG_CBOR) {
            return Err(Abort::serialization("parameters are not CBOR"));
        }
        Ok(decode_all(data, decode)?)
    }

    /// Decodes parameters that are one byte string: CBOR, or a raw block as it is. Must be there
    /// (16).
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Abort> {
        let data = self.required()?;
        if self.codec == cid::RAW {
            return Ok(Cow::Borrowed(data));
        }
        self.decode(Reader::bytes)
    }
}

/// Decodes `data` by `decode`, which must use all of it.
pub fn decode_all<'a, T>(
    data: &'a [u8],
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(data);
    let value = decode(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

impl From<DecodeError> for Abort {
    #[cold]
    fn from(error: DecodeError) -> Self {
        Self::serialization(error.to_string())
    }
}
