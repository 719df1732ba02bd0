//! The EVM actor, as its callers know it.

use crate::cbor::{DecodeError, Reader, Writer};
use primitive_types::H160;
use std::borrow::Cow;

/// Makes a contract: init only.
pub const CONSTRUCTOR: u64 = super::CONSTRUCTOR;
/// Makes a contract anew where one has self-destructed: EAM only.
pub const RESURRECT: u64 = 2;
/// CID of the runtime code as DAG-CBOR, null for a dead contract.
pub const GET_BYTECODE: u64 = 3;
/// Keccak-256 of the runtime code.
pub const GET_BYTECODE_HASH: u64 = 4;
/// Value of a storage slot: system only.
pub const GET_STORAGE_AT: u64 = 5;
/// Runs another contract's code on this contract's state: self only.
pub const INVOKE_CONTRACT_DELEGATE: u64 = 6;
/// Calls the contract: `InvokeEVM` (FRC-0042).
pub const INVOKE_CONTRACT: u64 = crate::frc42::INVOKE_EVM;
/// Highest number reserved for methods of the actor itself; those above go to the contract.
pub const LAST_RESERVED: u64 = 1023;

/// Parameters of the constructor and of Resurrect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstructorParams<'a> {
    /// Ethereum address of the creator: the init code's CALLER.
    pub creator: H160,
    /// Init code.
    pub init_code: Cow<'a, [u8]>,
}

impl<'a> ConstructorParams<'a> {
    /// Writes the tuple.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.init_code.len() + 32);
        writer.array(2);
        writer.bytes(&self.creator.0);
        writer.bytes(&self.init_code);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            creator: H160(reader.byte_array()?),
            init_code: reader.bytes()?,
        })
    }
}
