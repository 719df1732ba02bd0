//! The vectors as JSON. Byte strings are hex with `0x`, amounts decimal
//! attoFIL, CIDs base32, addresses binary Filecoin addresses in hex.

use cid::Cid;
use fevm_machine::genesis::{EVM_SINGLETONS, FIRST_ID};
use fvm_shared::address::Address;
use fvm_shared::bigint::BigInt;
use fvm_shared::econ::TokenAmount;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// One small chain: a first state, messages in order, what each of them did.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Vector {
    /// Version of this format, 1.
    pub format: u32,
    /// `group/topic`.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The first state.
    pub genesis: Genesis,
    /// The messages.
    pub steps: Vec<Step>,
}

/// The first state and the block that the messages run in.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Genesis {
    /// Filecoin network version.
    pub network_version: u32,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Epoch of the first message.
    pub epoch: i64,
    /// UNIX time of the first message, in seconds.
    pub timestamp: u64,
    /// Base fee of the first message, attoFIL per gas.
    pub base_fee: Amount,
    /// Name in the init actor's state.
    pub network_name: String,
    /// The next new actor's ID.
    pub next_id: u64,
    /// The init actor's state that the list of actors must give; missing in
    /// what is yet to be recorded.
    pub init_state: Option<CidText>,
    /// Every actor.
    pub actors: Vec<GenesisActor>,
}

impl Genesis {
    /// A chain of the singletons that EVM contracts need, on which vectors of one's own are built.
    pub fn minimal(network_name: &str) -> Self {
        Self {
            network_version: 28,
            chain_id: 314,
            epoch: 1_000,
            timestamp: 1_700_000_000,
            base_fee: Amount(TokenAmount::from_atto(100)),
            network_name: network_name.into(),
            next_id: FIRST_ID,
            init_state: None,
            actors: EVM_SINGLETONS
                .map(|(id, code)| GenesisActor::new(id, code))
                .into(),
        }
    }
}

/// An actor of the first state.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct GenesisActor {
    /// Actor ID.
    pub id: u64,
    /// Name in the bundle's manifest.
    pub code: String,
    /// attoFIL.
    pub balance: Amount,
    /// Message nonce.
    pub nonce: u64,
    /// Key address, if any.
    pub address: Option<AddressHex>,
    /// Delegated address, if any.
    pub delegated: Option<AddressHex>,
}

impl GenesisActor {
    /// An actor without addresses, balance and nonce.
    pub fn new(id: u64, code: &str) -> Self {
        Self {
            id,
            code: code.into(),
            balance: Amount(TokenAmount::from_atto(0)),
            nonce: 0,
            address: None,
            delegated: None,
        }
    }
}

/// One message and what it did.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// Name within the vector.
    pub name: String,
    /// What is applied.
    pub message: Message,
    /// What it must do; nothing in what is yet to be recorded.
    #[serde(default)]
    pub expect: Expect,
}

/// A message. Version is 0, non-empty parameters are CBOR.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Sender.
    pub from: AddressHex,
    /// Receiver.
    pub to: AddressHex,
    /// Method number.
    pub method: u64,
    /// Parameters; none if empty.
    pub params: Hex,
    /// attoFIL.
    pub value: Amount,
    /// Message nonce.
    pub nonce: u64,
    /// Gas limit.
    pub gas_limit: u64,
    /// attoFIL per gas at most.
    pub gas_fee_cap: Amount,
    /// attoFIL per gas for the block's producer.
    pub gas_premium: Amount,
    /// From this message on, the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i64>,
    /// From this message on, the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// From this message on, the base fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_fee: Option<Amount>,
    /// Applied without checks, nonce and fee.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit: bool,
}

/// What a message must do.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Expect {
    /// Exit code.
    pub exit_code: u32,
    /// Raw return bytes.
    #[serde(rename = "return")]
    pub return_data: Hex,
    /// Codec of the returned block; none if there is no block.
    pub return_codec: Option<u64>,
    /// Gas used by the actors that the vector was recorded from.
    pub gas_used: u64,
    /// Root of the events' AMT.
    pub events_root: Option<CidText>,
    /// Events in order.
    pub events: Vec<Event>,
    /// Every actor whose entry in the state tree changed.
    pub actors: Vec<ActorAfter>,
}

/// An actor event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// ID of the emitter.
    pub emitter: u64,
    /// Flags, key, codec, value.
    pub entries: Vec<(u64, String, u64, Hex)>,
}

/// An actor as a message left it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ActorAfter {
    /// Actor ID.
    pub id: u64,
    /// Name of its code in the manifest.
    pub code: String,
    /// Root of its state.
    pub head: CidText,
    /// Message nonce.
    pub nonce: u64,
    /// attoFIL; not compared where it is missing, as it depends on gas then.
    pub balance: Option<Amount>,
    /// Delegated address, if any.
    pub delegated: Option<AddressHex>,
    /// For contracts: what `head` holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evm: Option<EvmAfter>,
}

/// A contract's decoded state.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct EvmAfter {
    /// CID of the runtime code.
    pub bytecode: CidText,
    /// keccak256 of the runtime code.
    pub bytecode_hash: Hex,
    /// Root of the storage trie.
    pub contract_state: CidText,
    /// Transient storage.
    pub transient_data: Option<Transient>,
    /// EVM nonce.
    pub nonce: u64,
    /// Origin and nonce of the message that destroyed the contract.
    pub tombstone: Option<(u64, u64)>,
    /// All slots, if they are few; keys and values without leading zeros.
    pub storage: Option<Vec<(Hex, Hex)>>,
}

/// Transient storage and the message it belongs to.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Transient {
    /// Root of its trie.
    pub root: CidText,
    /// Actor ID of the message's origin.
    pub origin: u64,
    /// The message's nonce.
    pub nonce: u64,
}

/// Bytes as hex with `0x`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

/// attoFIL as decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount(pub TokenAmount);

/// A CID as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CidText(pub Cid);

/// A binary Filecoin address as hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressHex(pub Address);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| D::Error::custom(format!("'{text}' does not begin with 0x")))?;
        // Numbers come without leading zeros, so maybe with an odd count.
        let padded;
        let digits = if digits.len() % 2 == 1 {
            padded = format!("0{digits}");
            &padded
        } else {
            digits
        };
        hex::decode(digits)
            .map(Self)
            .map_err(|e| D::Error::custom(format!("'{text}': {e}")))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("0x{}", hex::encode(&self.0)))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0.atto())
    }
}

impl Serialize for CidText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for AddressHex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Hex(self.0.to_bytes()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse::<BigInt>()
            .map(|atto| Self(TokenAmount::from_atto(atto)))
            .map_err(|e| D::Error::custom(format!("amount '{text}': {e}")))
    }
}

impl<'de> Deserialize<'de> for CidText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|e| D::Error::custom(format!("CID '{text}': {e}")))
    }
}

impl<'de> Deserialize<'de> for AddressHex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Hex(bytes) = Hex::deserialize(deserializer)?;
        Address::from_bytes(&bytes)
            .map(Self)
            .map_err(|e| D::Error::custom(format!("address 0x{}: {e}", hex::encode(&bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_fields_are_named() {
        for (json, part) in [
            (r#""12""#, "does not begin with 0x"),
            (r#""0x1g""#, "Invalid character"),
        ] {
            let error = serde_json::from_str::<Hex>(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let odd: Hex = serde_json::from_str(r#""0x123""#).unwrap();
        assert_eq!(odd.0, [1, 0x23]);
        assert!(serde_json::from_str::<Amount>(r#""1e3""#).is_err());
        assert!(serde_json::from_str::<CidText>(r#""bafy""#).is_err());
        assert!(serde_json::from_str::<AddressHex>(r#""0x09""#).is_err());
    }
}
