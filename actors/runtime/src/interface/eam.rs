//! The Ethereum address manager, as its callers know it.

use crate::ActorId;
use crate::cbor::{DecodeError, Reader, Writer};
use primitive_types::H160;
use std::borrow::Cow;

/// CREATE: EVM actors only.
pub const CREATE: u64 = 2;
/// CREATE2: EVM actors only.
pub const CREATE2: u64 = 3;
/// Creation by an account, which must be the message's origin. Parameters: init code as one byte
/// string.
pub const CREATE_EXTERNAL: u64 = 4;

/// Parameters of [`CREATE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateParams<'a> {
    /// Init code.
    pub init_code: Cow<'a, [u8]>,
    /// The creating contract's EVM nonce.
    pub nonce: u64,
}

impl<'a> CreateParams<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.init_code.len() + 24);
        writer.array(2);
        writer.bytes(&self.init_code);
        writer.u64(self.nonce);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            init_code: reader.bytes()?,
            nonce: reader.u64()?,
        })
    }
}

/// Parameters of [`CREATE2`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create2Params<'a> {
    /// Init code.
    pub init_code: Cow<'a, [u8]>,
    /// Salt.
    pub salt: [u8; 32],
}

impl<'a> Create2Params<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.init_code.len() + 48);
        writer.array(2);
        writer.bytes(&self.init_code);
        writer.bytes(&self.salt);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            init_code: reader.bytes()?,
            salt: reader.byte_array()?,
        })
    }
}

/// What every creation returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateReturn<'a> {
    /// ID of the contract.
    pub actor_id: ActorId,
    /// Its f2 address in binary form; `None` for a resurrected contract.
    pub robust_address: Option<Cow<'a, [u8]>>,
    /// Its Ethereum address.
    pub eth_address: H160,
}

impl<'a> CreateReturn<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(64);
        writer.array(3);
        writer.u64(self.actor_id);
        match &self.robust_address {
            Some(address) => writer.bytes(address),
            None => writer.null(),
        }
        writer.bytes(&self.eth_address.0);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(3)?;
        let actor_id = reader.u64()?;
        let robust_address = if reader.null() {
            None
        } else {
            Some(reader.bytes()?)
        };
        Ok(Self {
            actor_id,
            robust_address,
            eth_address: H160(reader.byte_array()?),
        })
    }
}
