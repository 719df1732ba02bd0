//! Transactions that wait for a block: by sender and nonce, with gaps allowed.

mod transaction;

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use alloy_primitives::{Address, B256};

pub use transaction::Transaction;

/// Transactions of one sender that may wait, as in Filecoin's message pool.
const PER_SENDER: usize = 1_000;
/// Transactions that may wait in all.
const IN_ALL: usize = 100_000;
/// By how many percent both fees must rise in a replacement.
const REPLACEMENT_PERCENT: u128 = 10;

/// Why the pool does not take a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The very same transaction waits already.
    #[error("already known")]
    AlreadyKnown,
    /// Another one with this nonce waits and pays too much to be replaced.
    #[error(
        "replacement transaction underpriced: maxFeePerGas and maxPriorityFeePerGas must both rise by {REPLACEMENT_PERCENT} %, to {fee_cap} and {premium}"
    )]
    Underpriced {
        /// Fee cap needed.
        fee_cap: u128,
        /// Premium needed.
        premium: u128,
    },
    /// The sender has too many waiting.
    #[error("account limit exceeded: {PER_SENDER} transactions of the sender are waiting")]
    SenderFull,
    /// The pool is full.
    #[error("txpool is full: {IN_ALL} transactions are waiting")]
    Full,
}

#[derive(Debug, Clone)]
struct Entry {
    transaction: Arc<Transaction>,
    /// Order of arrival.
    sequence: u64,
}

/// The pool.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    senders: BTreeMap<Address, BTreeMap<u64, Entry>>,
    places: HashMap<B256, (Address, u64)>,
    arrived: u64,
    /// What the store does not know yet: transactions that came (some) or went (none).
    unsaved: HashMap<B256, Option<Arc<Transaction>>>,
    /// What the store holds.
    saved: HashSet<B256>,
}

impl Pool {
    /// A pool of what a store holds.
    pub(crate) fn restored(transactions: impl IntoIterator<Item = Transaction>) -> Self {
        let mut pool = Self::default();
        for transaction in transactions {
            // What does not fit the limits any more is dropped.
            let _ = pool.insert(Arc::new(transaction));
        }
        pool.saved = pool.unsaved.drain().map(|(hash, _)| hash).collect();
        pool
    }

    /// What has to be written so that the store holds the pool as it is once these transactions are in blocks.
    pub(crate) fn unsaved(
        &self,
        included: &HashSet<B256>,
    ) -> Vec<(B256, Option<Arc<Transaction>>)> {
        let changed = self
            .unsaved
            .iter()
            .filter(|(hash, _)| !included.contains(*hash));
        let gone = included.iter().filter(|hash| self.saved.contains(*hash));
        changed
            .map(|(hash, change)| (*hash, change.clone()))
            .chain(gone.map(|hash| (*hash, None)))
            .collect()
    }

    /// Notes that these changes are written.
    pub(crate) fn mark_saved(&mut self, changes: &[(B256, Option<Arc<Transaction>>)]) {
        for (hash, change) in changes {
            if change.is_some() {
                self.saved.insert(*hash);
            } else {
                self.saved.remove(hash);
            }
            // It may have come or gone again while it was written.
            let now = self.get(*hash).is_some();
            if now == change.is_some() {
                self.unsaved.remove(hash);
            } else {
                let now = self.get(*hash).cloned();
                self.unsaved.insert(*hash, now);
            }
        }
    }

    /// Puts in what waited at an earlier time in place of what waits now.
    pub(crate) fn go_back_to(&mut self, transactions: &[Arc<Transaction>]) {
        self.clear();
        for transaction in transactions {
            // It was in the pool before, so it fits.
            let _ = self.insert(Arc::clone(transaction));
        }
    }

    fn note(&mut self, hash: B256, transaction: Option<Arc<Transaction>>) {
        if transaction.is_some() == self.saved.contains(&hash) {
            self.unsaved.remove(&hash);
        } else {
            self.unsaved.insert(hash, transaction);
        }
    }

    /// Puts a transaction in. Gives the one that it replaces.
    ///
    /// # Errors
    /// See [`PoolError`].
    pub fn insert(
        &mut self,
        transaction: Arc<Transaction>,
    ) -> Result<Option<Arc<Transaction>>, PoolError> {
        if self.places.contains_key(&transaction.hash) {
            return Err(PoolError::AlreadyKnown);
        }
        let waiting = self.senders.get(&transaction.sender);
        let replaced = waiting
            .and_then(|entries| entries.get(&transaction.nonce()))
            .map(|entry| &entry.transaction);
        match replaced {
            Some(old) => {
                let least = |fee: u128| {
                    fee.saturating_add(fee.saturating_mul(REPLACEMENT_PERCENT).div_ceil(100).max(1))
                };
                let (fee_cap, premium) = (least(old.fee_cap()), least(old.premium()));
                if transaction.fee_cap() < fee_cap || transaction.premium() < premium {
                    return Err(PoolError::Underpriced { fee_cap, premium });
                }
            }
            None if self.places.len() >= IN_ALL => return Err(PoolError::Full),
            None if waiting.is_some_and(|entries| entries.len() >= PER_SENDER) => {
                return Err(PoolError::SenderFull);
            }
            None => {}
        }
        self.arrived += 1;
        let (sender, nonce) = (transaction.sender, transaction.nonce());
        self.places.insert(transaction.hash, (sender, nonce));
        self.note(transaction.hash, Some(Arc::clone(&transaction)));
        let entry = Entry {
            transaction,
            sequence: self.arrived,
        };
        let old = self
            .senders
            .entry(sender)
            .or_default()
            .insert(nonce, entry)
            .map(|entry| entry.transaction);
        if let Some(old) = &old {
            self.places.remove(&old.hash);
            self.note(old.hash, None);
        }
        Ok(old)
    }

    /// Takes a transaction out.
    pub fn remove(&mut self, hash: B256) -> Option<Arc<Transaction>> {
        let (sender, nonce) = self.places.remove(&hash)?;
        self.note(hash, None);
        let entries = self.senders.get_mut(&sender)?;
        let entry = entries.remove(&nonce)?;
        if entries.is_empty() {
            self.senders.remove(&sender);
        }
        Some(entry.transaction)
    }

    /// Takes out what can never run, because the sender's count has passed it.
    pub fn drop_below(&mut self, sender: Address, nonce: u64) {
        let Some(entries) = self.senders.get_mut(&sender) else {
            return;
        };
        let kept = entries.split_off(&nonce);
        let dropped = std::mem::replace(entries, kept);
        if entries.is_empty() {
            self.senders.remove(&sender);
        }
        for entry in dropped.into_values() {
            self.places.remove(&entry.transaction.hash);
            self.note(entry.transaction.hash, None);
        }
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.senders.clear();
        let hashes: Vec<B256> = self.places.drain().map(|(hash, _)| hash).collect();
        for hash in hashes {
            self.note(hash, None);
        }
    }

    /// The waiting transaction of that hash.
    pub fn get(&self, hash: B256) -> Option<&Arc<Transaction>> {
        let (sender, nonce) = self.places.get(&hash)?;
        self.senders
            .get(sender)?
            .get(nonce)
            .map(|entry| &entry.transaction)
    }

    /// Number of waiting transactions.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Everyone who has something waiting.
    pub fn senders(&self) -> impl Iterator<Item = Address> {
        self.senders.keys().copied()
    }

    /// Everything that waits, by sender and nonce.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Transaction>> {
        self.senders
            .values()
            .flat_map(BTreeMap::values)
            .map(|entry| &entry.transaction)
    }

    /// What waits of one sender, by nonce.
    pub fn of_sender(&self, sender: Address) -> impl Iterator<Item = &Arc<Transaction>> {
        self.senders
            .get(&sender)
            .into_iter()
            .flat_map(BTreeMap::values)
            .map(|entry| &entry.transaction)
    }

    /// The first nonce from `account_nonce` on that no waiting transaction of the sender has.
    pub fn next_nonce(&self, sender: Address, account_nonce: u64) -> u64 {
        let Some(entries) = self.senders.get(&sender) else {
            return account_nonce;
        };
        let mut next = account_nonce;
        for nonce in entries.range(account_nonce..).map(|(nonce, _)| *nonce) {
            if nonce != next {
                break;
            }
            next += 1;
        }
        next
    }

    /// The transactions that can run now, in the order in which a block takes them: by effective
    /// premium, then by arrival, each sender's by nonce without gaps. `nonce_of` gives a sender's
    /// count in the state. Those whose fee cap is below the base fee wait, with all that follow.
    pub fn ready(
        &self,
        base_fee: u128,
        mut nonce_of: impl FnMut(Address) -> u64,
    ) -> Vec<Arc<Transaction>> {
        let mut heads = BinaryHeap::new();
        for (sender, entries) in &self.senders {
            if let Some(entry) = entries.get(&nonce_of(*sender)) {
                push_head(&mut heads, entry, base_fee);
            }
        }
        let mut ready = Vec::new();
        while let Some((_, _, hash)) = heads.pop() {
            let Some(transaction) = self.get(hash) else {
                continue;
            };
            ready.push(Arc::clone(transaction));
            let following = self
                .senders
                .get(&transaction.sender)
                .and_then(|entries| entries.get(&transaction.nonce().saturating_add(1)));
            if let Some(entry) = following {
                push_head(&mut heads, entry, base_fee);
            }
        }
        ready
    }
}

type Head = (u128, std::cmp::Reverse<u64>, B256);

fn push_head(heads: &mut BinaryHeap<Head>, entry: &Entry, base_fee: u128) {
    let transaction = &entry.transaction;
    if transaction.fee_cap() >= base_fee {
        heads.push((
            transaction.effective_premium(base_fee),
            std::cmp::Reverse(entry.sequence),
            transaction.hash,
        ));
    }
}

#[cfg(test)]
mod tests;
