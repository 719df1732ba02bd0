//! A state at rest: what transactions start from.

use super::account::Code;
use super::hash::{EMPTY_ROOT, keccak};
use super::state::HashMap;
use super::trie;
use evm_interpreter::{H160, H256, U256};

/// An account at rest.
#[derive(Clone, Debug)]
pub struct Account {
    /// Wei.
    pub balance: U256,
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Code.
    pub code: Code,
    /// Storage slots; zeros count as absent.
    pub storage: Vec<(U256, U256)>,
}

/// An account of a [`Prestate`] with what its trie leaf is made of.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) address: H160,
    pub(super) balance: U256,
    pub(super) nonce: u64,
    pub(super) code: Code,
    /// Sorted by key.
    pub(super) storage: Vec<(U256, U256)>,
    /// Sorted by hash of the key.
    pub(super) hashed_storage: Vec<(H256, U256)>,
    pub(super) storage_root: H256,
    pub(super) hashed_address: H256,
    pub(super) leaf: Vec<u8>,
}

impl Entry {
    /// Value of a slot.
    pub(super) fn slot(&self, key: &U256) -> U256 {
        match self.storage.binary_search_by(|(k, _)| k.cmp(key)) {
            Ok(at) => self.storage[at].1,
            Err(_) => U256::zero(),
        }
    }
}

/// An account of a state at rest, with what its trie leaf is made of.
#[derive(Clone, Copy, Debug)]
pub struct Resting<'a> {
    /// Address.
    pub address: H160,
    /// Wei.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Code.
    pub code: &'a Code,
    /// Slots that are not zero, in order of their keys.
    pub storage: &'a [(U256, U256)],
    /// Root of the storage trie.
    pub storage_root: H256,
    /// Keccak-256 of the address.
    pub hashed_address: H256,
}

impl Resting<'_> {
    /// Value of a slot, if it is not zero.
    #[must_use]
    pub fn slot(&self, key: &U256) -> Option<U256> {
        let at = self
            .storage
            .binary_search_by(|(known, _)| known.cmp(key))
            .ok()?;
        self.storage.get(at).map(|(_, value)| *value)
    }
}

/// An immutable state, shared by all the transactions that start from it.
#[derive(Clone, Debug, Default)]
pub struct Prestate {
    /// Sorted by hash of the address.
    pub(super) entries: Vec<Entry>,
    index: HashMap<H160, u32>,
}

impl Prestate {
    /// A state of these accounts. Of accounts named twice the last counts.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = (H160, Account)>) -> Self {
        let mut last = HashMap::default();
        for (address, account) in accounts {
            last.insert(address, account);
        }
        Self::of_entries(
            last.into_iter()
                .map(|(address, account)| entry(address, account))
                .collect(),
        )
    }

    /// A state of these accounts, each named once.
    pub(super) fn of_entries(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by_key(|entry| entry.hashed_address);
        let index = entries
            .iter()
            .zip(0u32..)
            .map(|(entry, position)| (entry.address, position))
            .collect();
        Self { entries, index }
    }

    /// An account.
    #[must_use]
    pub fn account(&self, address: &H160) -> Option<Resting<'_>> {
        self.position(address)
            .map(|at| resting(&self.entries[at as usize]))
    }

    /// Position of an account in `entries`.
    pub(super) fn position(&self, address: &H160) -> Option<u32> {
        self.index.get(address).copied()
    }

    /// The accounts, in order of the hashes of their addresses.
    pub fn accounts(&self) -> impl Iterator<Item = Resting<'_>> {
        self.entries.iter().map(resting)
    }

    /// Root of the state trie.
    #[must_use]
    pub fn root(&self) -> H256 {
        trie::root(
            self.entries
                .iter()
                .map(|entry| (entry.hashed_address, entry.leaf.as_slice())),
        )
    }
}

const fn resting(entry: &Entry) -> Resting<'_> {
    Resting {
        address: entry.address,
        balance: entry.balance,
        nonce: entry.nonce,
        code: &entry.code,
        storage: entry.storage.as_slice(),
        storage_root: entry.storage_root,
        hashed_address: entry.hashed_address,
    }
}

/// An account with what its trie leaf is made of.
pub(super) fn entry(address: H160, account: Account) -> Entry {
    let mut storage = account.storage;
    // A stable sort keeps the order in which a key's values were given: the last one counts.
    storage.sort_by_key(|(key, _)| *key);
    storage.reverse();
    storage.dedup_by(|(a, _), (b, _)| a == b);
    storage.reverse();
    storage.retain(|(_, value)| !value.is_zero());
    let mut hashed_storage: Vec<_> = storage
        .iter()
        .map(|(key, value)| (keccak(&key.to_big_endian()), *value))
        .collect();
    hashed_storage.sort_unstable_by_key(|(hash, _)| *hash);
    let storage_root = if hashed_storage.is_empty() {
        EMPTY_ROOT
    } else {
        trie::storage_root(hashed_storage.iter().copied())
    };
    Entry {
        address,
        balance: account.balance,
        nonce: account.nonce,
        leaf: trie::account_leaf(
            account.nonce,
            account.balance,
            storage_root,
            account.code.hash,
        ),
        code: account.code,
        storage,
        hashed_storage,
        storage_root,
        hashed_address: keccak(&address.0),
    }
}
