//! The state object of an EVM actor, and its storage trie.
//!
//! DAG-CBOR tuple: bytecode CID, keccak256 of the code, storage root, transient
//! data, nonce, tombstone. Storage is a KAMT from 256-bit keys to 256-bit
//! values: 5 bits a level, one value per bucket, the key's own bits as path.

use std::borrow::Cow;

use alloy_primitives::{U256, keccak256};
use cid::Cid;
use fvm_ipld_blockstore::{Block, Blockstore};
use fvm_ipld_encoding::tuple::{Deserialize_tuple, Serialize_tuple};
use fvm_ipld_encoding::{CborStore, IPLD_RAW, strict_bytes};
use fvm_ipld_kamt::{AsHashedKey, Config, HashedKey, Kamt};
use fvm_shared::ActorID;
use multihash_codetable::Code;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::MachineError;
use crate::store::Store;

/// A contract's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct EvmState {
    /// The runtime code, a raw block.
    pub bytecode: Cid,
    /// keccak256 of the runtime code.
    #[serde(with = "strict_bytes")]
    pub bytecode_hash: [u8; 32],
    /// Root of the storage trie.
    pub contract_state: Cid,
    /// Transient storage of the last message that used it.
    pub transient_data: Option<TransientData>,
    /// The EVM nonce, which CREATE counts; from 1.
    pub nonce: u64,
    /// Set by SELFDESTRUCT: dead once the message that set it has ended.
    pub tombstone: Option<Lifespan>,
}

/// Transient storage and the message it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct TransientData {
    /// Root of the transient storage's trie.
    pub state: Cid,
    /// The message in which it is valid.
    pub lifespan: Lifespan,
}

/// One message, by its origin and nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Lifespan {
    /// The actor that signed the message.
    pub origin: ActorID,
    /// Its nonce.
    pub nonce: u64,
}

impl EvmState {
    /// Reads a contract's state object.
    pub fn load(store: &Store, root: &Cid) -> Result<Self, MachineError> {
        store
            .get_cbor(root)
            .map_err(MachineError::State)?
            .ok_or(MachineError::MissingBlock(*root))
    }

    /// A new contract with this runtime code, no storage and nonce 1.
    pub fn with_code(store: &Store, code: &[u8]) -> Result<Self, MachineError> {
        let mut state = Self {
            bytecode: Cid::default(),
            bytecode_hash: [0; 32],
            contract_state: Storage::empty(store).flush()?,
            transient_data: None,
            nonce: 1,
            tombstone: None,
        };
        state.set_code(store, code)?;
        Ok(state)
    }

    /// Replaces the runtime code; the state object is not written yet.
    pub fn set_code(&mut self, store: &Store, code: &[u8]) -> Result<(), MachineError> {
        self.bytecode = store
            .put(Code::Blake2b256, &Block::new(IPLD_RAW, code))
            .map_err(MachineError::State)?;
        self.bytecode_hash = keccak256(code).0;
        Ok(())
    }

    /// Writes the state object and gives its CID.
    pub fn store(&self, store: &Store) -> Result<Cid, MachineError> {
        store
            .put_cbor(self, Code::Blake2b256)
            .map_err(MachineError::State)
    }

    /// Whether the contract has destroyed itself, in any message.
    pub const fn is_dead(&self) -> bool {
        self.tombstone.is_some()
    }

    /// The runtime code; empty if the contract is dead.
    pub fn code(&self, store: &Store) -> Result<Vec<u8>, MachineError> {
        if self.is_dead() {
            return Ok(Vec::new());
        }
        store
            .get(&self.bytecode)
            .map_err(MachineError::State)?
            .ok_or(MachineError::MissingBlock(self.bytecode))
    }

    /// The storage trie; empty if the contract is dead.
    pub fn storage(&self, store: &Store) -> Result<Storage, MachineError> {
        if self.is_dead() {
            return Ok(Storage::empty(store));
        }
        Storage::load(store, &self.contract_state)
    }
}

/// A storage trie, for reading and writing slots.
#[derive(Debug)]
pub struct Storage(Kamt<Store, Word, Word, Path>);

const fn config() -> Config {
    Config {
        bit_width: 5,
        min_data_depth: 0,
        max_array_width: 1,
    }
}

impl Storage {
    /// A trie without slots, not yet written.
    pub fn empty(store: &Store) -> Self {
        Self(Kamt::new_with_config(store.clone(), config()))
    }

    /// Opens the trie at a root.
    pub fn load(store: &Store, root: &Cid) -> Result<Self, MachineError> {
        Kamt::load_with_config(root, store.clone(), config())
            .map(Self)
            .map_err(broken)
    }

    /// The value of a slot; 0 where nothing is stored.
    pub fn get(&self, key: U256) -> Result<U256, MachineError> {
        let value = self.0.get(&Word(key)).map_err(broken)?;
        Ok(value.map_or(U256::ZERO, |word| word.0))
    }

    /// Sets a slot; 0 removes it.
    pub fn set(&mut self, key: U256, value: U256) -> Result<(), MachineError> {
        if value.is_zero() {
            self.0.delete(&Word(key)).map_err(broken)?;
        } else {
            self.0.set(Word(key), Word(value)).map_err(broken)?;
        }
        Ok(())
    }

    /// Writes the trie and gives its root.
    pub fn flush(&mut self) -> Result<Cid, MachineError> {
        self.0.flush().map_err(broken)
    }

    /// All slots that are not 0, by key.
    pub fn slots(&self) -> Result<Vec<(U256, U256)>, MachineError> {
        let mut slots = Vec::new();
        self.0
            .for_each(|key, value| {
                slots.push((key.0, value.0));
                Ok(())
            })
            .map_err(broken)?;
        Ok(slots)
    }
}

fn broken(error: fvm_ipld_kamt::Error) -> MachineError {
    MachineError::State(anyhow::anyhow!("contract storage: {error}"))
}

/// A 256-bit number as the actors encode it: big-endian bytes without leading
/// zeros, so zero is the empty string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Word(U256);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0.to_be_bytes_trimmed_vec())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: Vec<u8> = strict_bytes::Deserialize::deserialize(deserializer)?;
        U256::try_from_be_slice(&bytes)
            .map(Self)
            .ok_or_else(|| serde::de::Error::invalid_length(bytes.len(), &"up to 32 bytes"))
    }
}

/// The path of a key through the trie: its own 32 bytes, big-endian.
#[derive(Debug)]
struct Path;

impl AsHashedKey<Word, 32> for Path {
    fn as_hashed_key(key: &Word) -> Cow<'_, HashedKey<32>> {
        Cow::Owned(key.0.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_trie_and_the_empty_code_have_their_known_cids() {
        let store = Store::memory();
        let state = EvmState::with_code(&store, &[]).unwrap();
        assert_eq!(
            state.contract_state.to_string(),
            "bafy2bzaceamp42wmmgr2g2ymg46euououzfyck7szknvfacqscohrvaikwfay"
        );
        assert_eq!(
            state.bytecode.to_string(),
            "bafk2bzaceahfouoae3suhmxivmxlayez3kq5dzo7i53y654h7kvultprf7r2q"
        );
    }

    #[test]
    fn slots_are_kept_and_zero_removes_them() {
        let store = Store::memory();
        let mut storage = Storage::empty(&store);
        let empty = storage.flush().unwrap();
        let keys = [U256::ZERO, U256::from(7), U256::MAX, U256::from(1) << 255];
        for key in keys {
            storage.set(key, key | U256::from(1)).unwrap();
        }
        let root = storage.flush().unwrap();
        let mut again = Storage::load(&store, &root).unwrap();
        assert_eq!(again.slots().unwrap().len(), keys.len());
        for key in keys {
            assert_eq!(again.get(key).unwrap(), key | U256::from(1));
            again.set(key, U256::ZERO).unwrap();
        }
        assert_eq!(again.flush().unwrap(), empty);
    }

    #[test]
    fn a_state_object_round_trips() {
        let store = Store::memory();
        let mut state = EvmState::with_code(&store, &[0x60, 0]).unwrap();
        state.tombstone = Some(Lifespan {
            origin: 100,
            nonce: 3,
        });
        let cid = state.store(&store).unwrap();
        assert_eq!(EvmState::load(&store, &cid).unwrap(), state);
        assert!(state.code(&store).unwrap().is_empty(), "dead");
        let absent = state.bytecode;
        assert!(EvmState::load(&store, &absent).is_err());
    }
}
