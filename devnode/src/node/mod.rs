//! The rooms joined: the chain with its pool, its clock and its executor.
//!
//! Locks, in the order in which they are taken: `producing` (held while a block is made or the
//! past is changed), `saving` (held while the store is written), then `settings`, `pool`, `chain`, each of the three only for moments. Reads
//! take the last ones alone, so they never wait for an execution.

mod admission;
pub mod clock;
pub mod filters;
mod genesis;
mod pending;
mod production;
mod settings;
mod snapshots;
mod start;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use alloy_primitives::{Address, B256, U128, keccak256};
use cid::Cid;
use fevm_machine::MachineError;
use tokio::sync::broadcast;

pub use admission::AdmissionError;
pub use settings::Settings;
pub use start::StartError;

use crate::NodeConfig;
use crate::accounts::Accounts;
use crate::chain::{Block, Chain};
use crate::executor::Executor;
use crate::pool::{Pool, Transaction};
use crate::report::Artifacts;
use crate::rpc::debug::Preimages;
use crate::rpc::views::Style;
use crate::store::{ChainStore, Changes, Identity, StoreError};
use filters::Filters;
use pending::PendingCache;
use snapshots::Snapshots;

/// Events that a subscriber may be behind before it loses some.
const EVENT_BACKLOG: usize = 1_024;

/// Something that subscribers are told.
#[derive(Debug, Clone)]
pub enum ChainEvent {
    /// A block is the new head.
    NewHead(Arc<Block>),
    /// Blocks are no longer part of the chain, the highest last.
    Removed(Vec<Arc<Block>>),
    /// A transaction waits.
    Pending(Arc<Transaction>),
}

/// A running chain.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    accounts: Accounts,
    executor: Executor,
    chain: Arc<RwLock<Chain>>,
    pool: Mutex<Pool>,
    settings: Mutex<Settings>,
    filters: Mutex<Filters>,
    pending: Mutex<PendingCache>,
    events: broadcast::Sender<ChainEvent>,
    /// Held by whoever makes blocks or changes the past; it guards the snapshots.
    producing: Mutex<Snapshots>,
    /// Held from the choice of a nonce until its transaction is in the pool.
    sending: Mutex<()>,
    /// Held while something is written, so that what waits meanwhile is written together.
    saving: Mutex<()>,
    store: Arc<ChainStore>,
    identity: Identity,
    /// The code of the actors, which is no part of a state file.
    actor_codes: HashSet<Cid>,
    instance_id: B256,
    subscriptions: AtomicU64,
    artifacts: RwLock<Artifacts>,
    preimages: Preimages,
}

impl Node {
    /// What the node was started with.
    pub const fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// The accounts whose keys the node holds.
    pub const fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The FVM.
    pub const fn executor(&self) -> &Executor {
        &self.executor
    }

    /// The chain as it is.
    pub fn chain(&self) -> RwLockReadGuard<'_, Chain> {
        self.chain.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of the chain.
    pub fn head(&self) -> Arc<Block> {
        Arc::clone(self.chain().head())
    }

    /// The newest block that is executed: the head, but with `--lotus` the one before, since
    /// Filecoin runs a tipset's messages when the next one is made.
    pub fn latest(&self) -> Arc<Block> {
        let chain = self.chain();
        let head = chain.head();
        let parent = (self.config.lotus)
            .then(|| head.number.checked_sub(1))
            .flatten()
            // A store that fails is told by what is read next.
            .and_then(|below| chain.at_or_below(below).ok().flatten());
        parent.unwrap_or_else(|| Arc::clone(head))
    }

    /// The block that holds an executed transaction, and its index there.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn mined(&self, hash: B256) -> Result<Option<(Arc<Block>, usize)>, StoreError> {
        let latest = self.latest().number;
        let found = self.chain().transaction(hash)?;
        Ok(found.filter(|(block, _)| block.number <= latest))
    }

    /// How blocks and transactions are shown.
    pub const fn style(&self) -> Style {
        Style {
            unit: self.config.gas_unit,
            lotus: self.config.lotus,
        }
    }

    /// The waiting transactions.
    pub fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }

    /// What can be changed while the node runs.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    /// The filters that clients have installed.
    pub fn filters(&self) -> MutexGuard<'_, Filters> {
        lock(&self.filters)
    }

    /// The names that are known of contracts, functions and errors.
    pub fn artifacts(&self) -> RwLockReadGuard<'_, Artifacts> {
        self.artifacts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up the names in a compiler's output; gives the number of contracts.
    pub fn add_compiler_output(&self, output: &serde_json::Value) -> usize {
        self.artifacts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add_output(output)
    }

    /// Whether anybody reads what the log tells about transactions.
    pub fn is_telling(&self) -> bool {
        tracing::enabled!(tracing::Level::INFO) && self.settings().logging
    }

    /// A number that no other run of a node has.
    pub const fn instance_id(&self) -> B256 {
        self.instance_id
    }

    /// Hashes whose input is known.
    pub const fn preimages(&self) -> &Preimages {
        &self.preimages
    }

    /// A name for a subscription, unlike all others of the node.
    pub fn new_subscription_id(&self) -> String {
        let number = self.subscriptions.fetch_add(1, Ordering::Relaxed);
        let id = keccak256([self.instance_id.as_slice(), &number.to_be_bytes()].concat());
        format!(
            "{:#x}",
            U128::from_be_slice(id.get(..16).unwrap_or_default())
        )
    }

    /// Keeps others from choosing a nonce until the guard is dropped.
    pub fn sending(&self) -> MutexGuard<'_, ()> {
        lock(&self.sending)
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> broadcast::Receiver<ChainEvent> {
        self.events.subscribe()
    }

    /// The transaction of that hash, where it waits.
    pub fn waiting(&self, hash: B256) -> Option<Arc<Transaction>> {
        self.pool().get(hash).cloned()
    }

    /// The count of transactions of an address, with those that wait.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn next_nonce(&self, address: Address) -> Result<u64, MachineError> {
        let root = self.head().state_root;
        let nonce = self.account_nonce(&root, address)?;
        Ok(self.pool().next_nonce(address, nonce))
    }

    /// Writes changes, with what has changed in the pool and the clock. When it returns they are as durable as the
    /// store is.
    fn write(&self, mut changes: Changes) -> Result<(), MachineError> {
        let _saving = lock(&self.saving);
        self.write_now(&mut changes)
    }

    /// Makes sure that what waits is in the store: a transaction is acknowledged only then.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn save_pool(&self) -> Result<(), MachineError> {
        // Who waits here finds that another has written his transaction with its own.
        let _saving = lock(&self.saving);
        if self.pool().unsaved(&HashSet::new()).is_empty() {
            return Ok(());
        }
        self.write_now(&mut Changes::default())
    }

    fn write_now(&self, changes: &mut Changes) -> Result<(), MachineError> {
        let blocks = changes.blocks.iter().flat_map(|block| &block.transactions);
        let included = blocks.map(|included| included.transaction.hash).collect();
        changes.pool = self.pool().unsaved(&included);
        changes.clock = Some(self.settings().clock.clone());
        self.store.commit(changes)?;
        self.pool().mark_saved(&changes.pool);
        Ok(())
    }

    /// Writes everything to disk: the last thing that a node does.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn close(&self) -> Result<(), MachineError> {
        let _producer = self.producer();
        self.write(Changes::default())?;
        Ok(self.store.sync()?)
    }

    fn emit(&self, event: ChainEvent) {
        // Nobody may be listening.
        let _ = self.events.send(event);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves consistent values: each change under a lock is one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
