//! The journaled working set over a state at rest.

use super::account::{Account, AccountId, Code, Slot};
use super::hash::{EMPTY_ROOT, keccak};
use super::journal::{Change, Checkpoint};
use super::prestate::{Entry, Prestate};
use super::trie::{self, Log};
use evm_interpreter::host::{Access, StorageWrite};
use evm_interpreter::{H160, H256, U256};
use std::sync::Arc;

/// A hash map with a fast hasher; nothing depends on its order.
pub type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::FixedState>;

/// 0x03. On mainnet its touch once survived an out-of-gas revert, and that became a rule (EIP-161).
const RIPEMD: H160 = {
    let mut address = [0; 20];
    address[19] = 3;
    H160(address)
};

/// A state under change: accounts as far as they were looked at, and a journal to undo by.
#[derive(Debug)]
pub struct State {
    base: Arc<Prestate>,
    accounts: Vec<Account>,
    index: HashMap<H160, AccountId>,
    journal: Vec<Change>,
    transient: HashMap<(AccountId, U256), U256>,
    logs: Vec<Log>,
}

impl State {
    /// A state that starts as `base`.
    #[must_use]
    pub fn new(base: Arc<Prestate>) -> Self {
        Self {
            base,
            accounts: Vec::with_capacity(16),
            index: HashMap::default(),
            journal: Vec::with_capacity(64),
            transient: HashMap::default(),
            logs: Vec::new(),
        }
    }

    /// Brings an account into the working set.
    pub fn load(&mut self, address: H160) -> AccountId {
        if let Some(&id) = self.index.get(&address) {
            return id;
        }
        let id = self.accounts.len() as AccountId;
        let base = self.base.position(&address);
        let entry = base.map(|at| &self.base.entries[at as usize]);
        self.accounts.push(Account {
            address,
            balance: entry.map_or(U256::zero(), |entry| entry.balance),
            nonce: entry.map_or(0, |entry| entry.nonce),
            code: entry.map_or(Code::EMPTY, |entry| entry.code.clone()),
            base,
            exists: base.is_some(),
            wiped: false,
            dirty: false,
            storage: HashMap::default(),
            warm: false,
            touched: false,
            created: false,
            destructed: false,
        });
        self.index.insert(address, id);
        id
    }

    fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id as usize]
    }

    fn account_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id as usize]
    }

    // Reading.

    /// Wei.
    #[must_use]
    pub fn balance(&self, id: AccountId) -> U256 {
        self.account(id).balance
    }

    /// Nonce.
    #[must_use]
    pub fn nonce(&self, id: AccountId) -> u64 {
        self.account(id).nonce
    }

    /// Code.
    #[must_use]
    pub fn code(&self, id: AccountId) -> &Code {
        &self.account(id).code
    }

    /// Whether the account is part of the state.
    #[must_use]
    pub fn exists(&self, id: AccountId) -> bool {
        self.account(id).exists
    }

    /// Whether the account has no balance, nonce or code (EIP-161).
    #[must_use]
    pub fn is_empty(&self, id: AccountId) -> bool {
        self.account(id).is_empty()
    }

    /// Whether a contract can be created at the account: no nonce, no code, no storage (EIP-684,
    /// 7610).
    #[must_use]
    pub fn is_vacant(&self, id: AccountId) -> bool {
        let account = self.account(id);
        let stores = !account.wiped
            && account
                .base
                .is_some_and(|at| self.base.entries[at as usize].storage_root != EMPTY_ROOT);
        // Storage of earlier transactions of the same block.
        let stores = stores
            || account
                .storage
                .values()
                .any(|slot| !slot.original.is_zero());
        account.nonce == 0 && account.code.is_empty() && !stores
    }

    /// Whether the account was created in this transaction.
    #[must_use]
    pub fn is_created(&self, id: AccountId) -> bool {
        self.account(id).created
    }

    /// Whether the account was marked for destruction in this transaction.
    #[must_use]
    pub fn is_destructed(&self, id: AccountId) -> bool {
        self.account(id).destructed
    }

    /// The logs so far.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    // Writing.

    /// Marks the account as touched (EIP-161); it comes into being if it was not there.
    pub fn touch(&mut self, id: AccountId) {
        let account = &mut self.accounts[id as usize];
        account.dirty = true;
        if !account.exists {
            account.exists = true;
            self.journal.push(Change::Exists { account: id });
        }
        if !account.touched {
            account.touched = true;
            self.journal.push(Change::Touched { account: id });
        }
    }

    fn set_balance(&mut self, id: AccountId, balance: U256) {
        self.touch(id);
        let old = core::mem::replace(&mut self.account_mut(id).balance, balance);
        if old != balance {
            self.journal.push(Change::Balance { account: id, old });
        }
    }

    /// Adds to a balance; touches the account even if the amount is zero. No supply of ether comes
    /// near the range of a word, but a fixture's might: such a sum wraps, as in the reference
    /// clients.
    pub fn credit(&mut self, id: AccountId, amount: U256) {
        let (sum, _) = self.account(id).balance.overflowing_add(amount);
        self.set_balance(id, sum);
    }

    /// Takes from a balance; `false` and no change if there is not enough.
    #[must_use]
    pub fn debit(&mut self, id: AccountId, amount: U256) -> bool {
        let Some(rest) = self.account(id).balance.checked_sub(amount) else {
            return false;
        };
        // Taking nothing is no touch.
        if !amount.is_zero() {
            self.set_balance(id, rest);
        }
        true
    }

    /// Sets the nonce.
    pub fn set_nonce(&mut self, id: AccountId, nonce: u64) {
        self.touch(id);
        let old = core::mem::replace(&mut self.account_mut(id).nonce, nonce);
        self.journal.push(Change::Nonce { account: id, old });
    }

    /// Sets the code.
    pub fn set_code(&mut self, id: AccountId, code: Code) {
        self.touch(id);
        let old = core::mem::replace(&mut self.account_mut(id).code, code);
        self.journal.push(Change::Code { account: id, old });
    }

    /// Marks the account as a contract that this transaction creates.
    pub fn mark_created(&mut self, id: AccountId) {
        self.touch(id);
        if !core::mem::replace(&mut self.account_mut(id).created, true) {
            self.journal.push(Change::Created { account: id });
        }
    }

    /// Marks the account for deletion at the end of the transaction.
    pub fn mark_destructed(&mut self, id: AccountId) {
        self.touch(id);
        if !core::mem::replace(&mut self.account_mut(id).destructed, true) {
            self.journal.push(Change::Destructed { account: id });
        }
    }

    /// Appends a log entry.
    pub fn log(&mut self, log: Log) {
        self.logs.push(log);
    }

    // Access lists (EIP-2929).

    /// Whether the account is warm.
    #[must_use]
    pub fn is_warm(&self, id: AccountId) -> bool {
        self.account(id).warm
    }

    /// Makes the account warm; tells whether it was cold.
    pub fn warm(&mut self, id: AccountId) -> bool {
        let cold = !core::mem::replace(&mut self.account_mut(id).warm, true);
        if cold {
            self.journal.push(Change::WarmAccount { account: id });
        }
        cold
    }

    /// Makes a slot warm; tells whether it was cold.
    pub fn warm_slot(&mut self, id: AccountId, key: U256) -> bool {
        let slot = slot(&mut self.accounts[id as usize], &self.base, key);
        let cold = !core::mem::replace(&mut slot.warm, true);
        if cold {
            self.journal.push(Change::WarmSlot { account: id, key });
        }
        cold
    }

    // Storage.

    /// Reads a slot and makes it warm.
    pub fn load_slot(&mut self, id: AccountId, key: U256) -> Access<U256> {
        let slot = slot(&mut self.accounts[id as usize], &self.base, key);
        let cold = !core::mem::replace(&mut slot.warm, true);
        if cold {
            self.journal.push(Change::WarmSlot { account: id, key });
        }
        Access {
            value: slot.current,
            cold,
        }
    }

    /// Writes a slot and makes it warm.
    pub fn store_slot(&mut self, id: AccountId, key: U256, new: U256) -> StorageWrite {
        let account = &mut self.accounts[id as usize];
        account.dirty = true;
        let slot = slot(account, &self.base, key);
        let write = StorageWrite {
            original: slot.original,
            current: slot.current,
            new,
            cold: !slot.warm,
        };
        slot.warm = true;
        slot.current = new;
        if write.cold {
            self.journal.push(Change::WarmSlot { account: id, key });
        }
        if write.current != new {
            self.journal.push(Change::Storage {
                account: id,
                key,
                old: write.current,
            });
        }
        write
    }

    /// Reads a transient slot (EIP-1153).
    #[must_use]
    pub fn load_transient(&self, id: AccountId, key: U256) -> U256 {
        self.transient.get(&(id, key)).copied().unwrap_or_default()
    }

    /// Writes a transient slot (EIP-1153).
    pub fn store_transient(&mut self, id: AccountId, key: U256, value: U256) {
        let old = self.transient.insert((id, key), value).unwrap_or_default();
        if old != value {
            self.journal.push(Change::Transient {
                account: id,
                key,
                old,
            });
        }
    }

    // Undoing.

    /// The point that the state is at.
    #[must_use]
    pub const fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            changes: self.journal.len(),
            logs: self.logs.len(),
        }
    }

    /// Undoes all changes since `checkpoint`.
    pub fn revert(&mut self, checkpoint: Checkpoint) {
        self.logs.truncate(checkpoint.logs);
        for change in self.journal.drain(checkpoint.changes..).rev() {
            let accounts = &mut self.accounts;
            match change {
                Change::Balance { account, old } => accounts[account as usize].balance = old,
                Change::Nonce { account, old } => accounts[account as usize].nonce = old,
                Change::Code { account, old } => accounts[account as usize].code = old,
                Change::Storage { account, key, old } => {
                    if let Some(slot) = accounts[account as usize].storage.get_mut(&key) {
                        slot.current = old;
                    }
                }
                Change::Transient { account, key, old } => {
                    self.transient.insert((account, key), old);
                }
                Change::WarmAccount { account } => accounts[account as usize].warm = false,
                Change::WarmSlot { account, key } => {
                    if let Some(slot) = accounts[account as usize].storage.get_mut(&key) {
                        slot.warm = false;
                    }
                }
                Change::Exists { account } => accounts[account as usize].exists = false,
                Change::Touched { account } => {
                    let account = &mut accounts[account as usize];
                    account.touched = account.address == RIPEMD && account.exists;
                }
                Change::Created { account } => accounts[account as usize].created = false,
                Change::Destructed { account } => accounts[account as usize].destructed = false,
            }
        }
    }

    /// Turns contracts that were destructed into dead ones, as on Filecoin: no code, storage and
    /// nonce; the balance stays.
    pub fn bury(&mut self) {
        for account in self
            .accounts
            .iter_mut()
            .filter(|account| account.destructed)
        {
            account.destructed = false;
            account.wiped = true;
            account.nonce = 0;
            account.code = Code::EMPTY;
            account.storage.clear();
        }
    }

    /// Ends a transaction: destructed accounts go and, if `clear_empty`, touched empty ones
    /// (EIP-161). What belongs to the transaction alone is forgotten, except its logs, which are
    /// given back.
    pub fn finish_transaction(&mut self, clear_empty: bool) -> Vec<Log> {
        for account in &mut self.accounts {
            let gone = account.destructed
                || clear_empty && account.touched && account.exists && account.is_empty();
            if gone {
                account.exists = false;
                account.wiped = true;
                account.balance = U256::zero();
                account.nonce = 0;
                account.code = Code::EMPTY;
                account.storage.clear();
            }
            for slot in account.storage.values_mut() {
                slot.original = slot.current;
                slot.warm = false;
            }
            account.warm = false;
            account.touched = false;
            account.created = false;
            account.destructed = false;
        }
        self.journal.clear();
        self.transient.clear();
        core::mem::take(&mut self.logs)
    }

    // At rest again.

    /// The state that this one started as, and the accounts that were looked at.
    pub(super) fn parts(&self) -> (&Prestate, &[Account]) {
        (&self.base, &self.accounts)
    }

    /// Whether the account may differ from the base state.
    pub(super) fn is_dirty(&self, address: &H160) -> bool {
        self.index
            .get(address)
            .is_some_and(|&id| self.account(id).dirty)
    }

    /// Root of the state trie.
    #[must_use]
    pub fn root(&self) -> H256 {
        let mut changed: Vec<(H256, Option<Vec<u8>>)> = Vec::with_capacity(self.accounts.len());
        for account in self.accounts.iter().filter(|account| account.dirty) {
            let entry = account.base.map(|at| &self.base.entries[at as usize]);
            let key = entry.map_or_else(|| keccak(&account.address.0), |e| e.hashed_address);
            let leaf = account.exists.then(|| {
                let root = storage_root(account, entry);
                trie::account_leaf(account.nonce, account.balance, root, account.code.hash)
            });
            changed.push((key, leaf));
        }
        changed.sort_unstable_by_key(|(key, _)| *key);
        let base = self
            .base
            .entries
            .iter()
            .map(|e| (e.hashed_address, e.leaf.as_slice()));
        let changed = changed.iter().map(|(key, leaf)| (*key, leaf.as_deref()));
        trie::root(merge(base, changed))
    }

    /// The state as a base for others, with the addresses that it is known to have.
    #[must_use]
    pub fn accounts(&self) -> Vec<(H160, super::prestate::Account)> {
        let mut all: Vec<_> = self
            .base
            .entries
            .iter()
            .filter(|entry| !self.index.contains_key(&entry.address))
            .map(|entry| (entry.address, at_rest(entry)))
            .collect();
        for account in self.accounts.iter().filter(|account| account.exists) {
            let entry = account.base.filter(|_| !account.wiped);
            let base = entry.map(|at| at_rest(&self.base.entries[at as usize]));
            let mut slots: HashMap<U256, U256> =
                base.into_iter().flat_map(|base| base.storage).collect();
            slots.extend(
                account
                    .storage
                    .iter()
                    .map(|(key, slot)| (*key, slot.current)),
            );
            let mut storage: Vec<_> = slots
                .into_iter()
                .filter(|(_, value)| !value.is_zero())
                .collect();
            storage.sort_unstable();
            all.push((
                account.address,
                super::prestate::Account {
                    balance: account.balance,
                    nonce: account.nonce,
                    code: account.code.clone(),
                    storage,
                },
            ));
        }
        all.sort_unstable_by_key(|(address, _)| *address);
        all
    }
}

fn at_rest(entry: &Entry) -> super::prestate::Account {
    super::prestate::Account {
        balance: entry.balance,
        nonce: entry.nonce,
        code: entry.code.clone(),
        storage: entry.storage.clone(),
    }
}

/// The slot, brought into the working set if it was not there.
fn slot<'a>(account: &'a mut Account, base: &Prestate, key: U256) -> &'a mut Slot {
    let Account {
        storage,
        base: at,
        wiped,
        ..
    } = account;
    storage.entry(key).or_insert_with(|| {
        let value = match at {
            Some(at) if !*wiped => base.entries[*at as usize].slot(&key),
            _ => U256::zero(),
        };
        Slot {
            original: value,
            current: value,
            warm: false,
        }
    })
}

fn storage_root(account: &Account, entry: Option<&Entry>) -> H256 {
    let entry = entry.filter(|_| !account.wiped);
    let mut changed: Vec<(H256, Option<U256>)> = account
        .storage
        .iter()
        .filter(|(key, slot)| slot.current != entry.map_or(U256::zero(), |e| e.slot(key)))
        .map(|(key, slot)| {
            let value = (!slot.current.is_zero()).then_some(slot.current);
            (keccak(&key.to_big_endian()), value)
        })
        .collect();
    if changed.is_empty() {
        return entry.map_or(EMPTY_ROOT, |entry| entry.storage_root);
    }
    changed.sort_unstable_by_key(|(key, _)| *key);
    let base = entry.map_or(&[][..], |entry| &entry.hashed_storage);
    trie::storage_root(merge(base.iter().copied(), changed.into_iter()))
}

/// Two sequences in order of their keys as one; where both have a key the changed one counts, and
/// `None` takes it out.
fn merge<K: Ord, V>(
    base: impl Iterator<Item = (K, V)>,
    changed: impl Iterator<Item = (K, Option<V>)>,
) -> impl Iterator<Item = (K, V)> {
    let mut base = base.peekable();
    let mut changed = changed.peekable();
    core::iter::from_fn(move || {
        loop {
            match (base.peek(), changed.peek()) {
                (None, None) => return None,
                (Some((old, _)), Some((new, _))) if old < new => return base.next(),
                (Some(_), None) => return base.next(),
                (old, Some((new, _))) => {
                    if old.is_some_and(|(old, _)| old == new) {
                        base.next();
                    }
                    if let Some((key, Some(value))) = changed.next() {
                        return Some((key, value));
                    }
                }
            }
        }
    })
}
