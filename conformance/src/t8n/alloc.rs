//! The state, read and written.

use super::number::{Number, hex, hex_bytes};
use crate::ethereum::prestate::Resting;
use crate::ethereum::{Account, Code, Prestate};
use crate::fixture::{Ordered, Quantity};
use evm_interpreter::{H160, U256};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// The accounts as they are given.
pub(super) type Alloc = Ordered<Quantity<H160>, GivenAccount>;

/// An account as it is given.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct GivenAccount {
    balance: Number<U256>,
    #[serde(default)]
    nonce: Number<u64>,
    #[serde(default)]
    code: Quantity<Vec<u8>>,
    #[serde(default)]
    storage: Option<Ordered<Quantity<U256>, Quantity<U256>>>,
}

/// The state of these accounts.
pub(super) fn prestate(alloc: Alloc) -> Prestate {
    Prestate::new(alloc.0.into_iter().map(|(address, given)| {
        let storage = given.storage.unwrap_or_default().0;
        let account = Account {
            balance: given.balance.0,
            nonce: given.nonce.0,
            code: Code::new(given.code.0),
            storage: storage
                .into_iter()
                .map(|(key, value)| (key.0, value.0))
                .collect(),
        };
        (address.0, account)
    }))
}

#[derive(Serialize)]
struct WrittenAccount {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    storage: BTreeMap<String, String>,
    balance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

impl From<Resting<'_>> for WrittenAccount {
    fn from(account: Resting<'_>) -> Self {
        let slot = |word: U256| hex_bytes(&word.to_big_endian());
        Self {
            code: (!account.code.is_empty()).then(|| hex_bytes(account.code.as_slice())),
            storage: account
                .storage
                .iter()
                .map(|(key, value)| (slot(*key), slot(*value)))
                .collect(),
            balance: hex(account.balance),
            nonce: (account.nonce != 0).then(|| hex(account.nonce)),
        }
    }
}

/// A state in the order of its addresses.
pub(super) struct ByAddress<'a>(pub(super) &'a Prestate);

/// A state in the order of its trie, as go-ethereum writes it to files.
pub(super) struct ByHash<'a>(pub(super) &'a Prestate);

impl Serialize for ByAddress<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut accounts: Vec<_> = self.0.accounts().collect();
        accounts.sort_unstable_by_key(|account| account.address);
        write(accounts.into_iter(), serializer)
    }
}

impl Serialize for ByHash<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.0.accounts(), serializer)
    }
}

fn write<'a, S: Serializer>(
    accounts: impl Iterator<Item = Resting<'a>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for account in accounts {
        map.serialize_entry(
            &hex_bytes(&account.address.0),
            &WrittenAccount::from(account),
        )?;
    }
    map.end()
}
