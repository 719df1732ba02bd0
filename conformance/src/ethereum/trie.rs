//! Merkle-Patricia roots.

use super::hash::{EMPTY_ROOT, encode_word, keccak, rlp_list};
use alloy_rlp::{Encodable, Header};
use alloy_trie::{HashBuilder, Nibbles};
use evm_interpreter::{H160, H256, U256};

/// A log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Contract that logged.
    pub address: H160,
    /// Topics, big-endian.
    pub topics: Vec<H256>,
    /// Data.
    pub data: Vec<u8>,
}

/// Root of a trie with hashed keys, given in order.
pub(super) fn root<'a>(leaves: impl Iterator<Item = (H256, &'a [u8])>) -> H256 {
    let mut builder = HashBuilder::default();
    let mut any = false;
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key.0), value);
        any = true;
    }
    if any {
        H256(builder.root().0)
    } else {
        EMPTY_ROOT
    }
}

/// Root of a storage trie; hashed keys in order, values not zero.
pub(super) fn storage_root(slots: impl Iterator<Item = (H256, U256)>) -> H256 {
    let mut builder = HashBuilder::default();
    let mut any = false;
    let mut value = Vec::with_capacity(33);
    for (key, word) in slots {
        value.clear();
        encode_word(word, &mut value);
        builder.add_leaf(Nibbles::unpack(key.0), &value);
        any = true;
    }
    if any {
        H256(builder.root().0)
    } else {
        EMPTY_ROOT
    }
}

/// RLP of an account as the state trie holds it.
pub(super) fn account_leaf(nonce: u64, balance: U256, storage_root: H256, code: H256) -> Vec<u8> {
    let mut payload = Vec::with_capacity(110);
    nonce.encode(&mut payload);
    encode_word(balance, &mut payload);
    storage_root.0.encode(&mut payload);
    code.0.encode(&mut payload);
    rlp_list(&payload)
}

/// Appends the RLP of a log.
pub(crate) fn encode_log(log: &Log, out: &mut Vec<u8>) {
    let topics = Header {
        list: true,
        payload_length: TOPIC * log.topics.len(),
    };
    let data = log.data.as_slice();
    Header {
        list: true,
        payload_length: ADDRESS + topics.length_with_payload() + data.length(),
    }
    .encode(out);
    log.address.0.encode(out);
    topics.encode(out);
    for topic in &log.topics {
        topic.0.encode(out);
    }
    data.encode(out);
}

/// An address in RLP, bytes.
const ADDRESS: usize = 21;
/// A topic in RLP, bytes.
const TOPIC: usize = 33;

/// Hash of the list of no logs.
const NO_LOGS: H256 = H256(alloy_primitives::hex!(
    "1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
));

/// Keccak-256 of the RLP list of the logs: what state tests call the logs' hash.
#[must_use]
pub fn logs_hash(logs: &[Log]) -> H256 {
    if logs.is_empty() {
        return NO_LOGS;
    }
    let length: usize = logs.iter().map(|log| log.data.len() + 200).sum();
    let mut payload = Vec::with_capacity(length);
    for log in logs {
        encode_log(log, &mut payload);
    }
    keccak(&rlp_list(&payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_logs() {
        assert_eq!(logs_hash(&[]), keccak(&rlp_list(&[])));
    }

    #[test]
    fn empty_tries() {
        assert_eq!(root(core::iter::empty()), EMPTY_ROOT);
        assert_eq!(storage_root(core::iter::empty()), EMPTY_ROOT);
    }
}
