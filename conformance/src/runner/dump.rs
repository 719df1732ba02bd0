//! A state as go-ethereum dumps it.

use crate::ethereum::Prestate;
use alloy_primitives::Address;
use evm_interpreter::{H160, H256, U256};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Dump {
    root: String,
    accounts: BTreeMap<String, DumpedAccount>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DumpedAccount {
    balance: String,
    nonce: u64,
    root: String,
    code_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    storage: BTreeMap<String, String>,
    key: String,
}

/// The accounts of a state, with what their trie leaves hold.
pub(crate) fn state(at_rest: &Prestate, root: H256) -> Box<RawValue> {
    let accounts = at_rest
        .accounts()
        .map(|account| {
            let storage = account
                .storage
                .iter()
                .map(|(key, value)| (word_key(*key), word_value(*value)))
                .collect();
            let dumped = DumpedAccount {
                balance: account.balance.to_string(),
                nonce: account.nonce,
                root: format!("{:#x}", account.storage_root),
                code_hash: format!("{:#x}", account.code.hash),
                code: (!account.code.is_empty())
                    .then(|| alloy_primitives::hex::encode_prefixed(account.code.as_slice())),
                storage,
                key: format!("{:#x}", account.hashed_address),
            };
            (checksummed(account.address), dumped)
        })
        .collect();
    let dump = Dump {
        root: format!("{root:x}"),
        accounts,
    };
    // Strings and numbers under string keys always make JSON.
    serde_json::value::to_raw_value(&dump).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn checksummed(address: H160) -> String {
    Address::from(address.0).to_checksum(None)
}

fn word_key(key: U256) -> String {
    alloy_primitives::hex::encode_prefixed(key.to_big_endian())
}

fn word_value(value: U256) -> String {
    let digits = format!("{value:x}");
    if digits.len().is_multiple_of(2) {
        digits
    } else {
        format!("0{digits}")
    }
}
