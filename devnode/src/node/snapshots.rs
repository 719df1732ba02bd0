//! Going back: snapshots are a block number and a state root, so they cost nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use alloy_primitives::B256;
use cid::Cid;
use fevm_machine::{MachineError, StateTree};

use super::{ChainEvent, Node, Settings};
use crate::chain::{Block, Chain};
use crate::pool::Pool;

/// What a revert brings back.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    id: u64,
    number: u64,
    /// The state may have been changed without a block.
    state_root: Cid,
    pool: Pool,
    settings: Settings,
    next_base_fee: u128,
}

/// The snapshots that can be gone back to, in order. Numbers are never used twice: tools keep
/// some that no longer are, and must not get to another by them.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    list: Vec<Snapshot>,
    last_id: u64,
    /// Transactions that were refused when their block was made, with the gas they need, until
    /// their senders are told.
    refused: HashMap<B256, u64>,
}

/// Refusals that wait for their senders; those of senders who have gone make room.
const MOST_REFUSED: usize = 1_000;

impl Snapshots {
    pub(super) fn refuse(&mut self, hash: B256, needed: u64) {
        if self.refused.len() >= MOST_REFUSED {
            self.refused.clear();
        }
        self.refused.insert(hash, needed);
    }

    pub(super) fn take_refusal(&mut self, hash: B256) -> Option<u64> {
        self.refused.remove(&hash)
    }
}

impl Node {
    /// Remembers the chain as it is; gives the snapshot's number, from 1 on.
    pub fn snapshot(&self) -> u64 {
        let mut snapshots = self.producer();
        let head = self.head();
        snapshots.last_id += 1;
        let id = snapshots.last_id;
        snapshots.list.push(Snapshot {
            id,
            number: head.number,
            state_root: head.state_root,
            pool: self.pool().clone(),
            settings: self.settings().clone(),
            next_base_fee: head.next_base_fee,
        });
        id
    }

    /// Goes back to a snapshot and forgets it with all later ones. Whether there was such a one.
    pub fn revert(&self, id: u64) -> bool {
        let mut snapshots = self.producer();
        let Some(index) = snapshots.list.iter().position(|snapshot| snapshot.id == id) else {
            return false;
        };
        let Some(snapshot) = snapshots.list.drain(index..).next() else {
            return false;
        };
        let removed = {
            let mut chain = self.chain.write().unwrap_or_else(PoisonError::into_inner);
            let removed = chain.truncate(snapshot.number);
            chain.change_head(|head| {
                head.state_root = snapshot.state_root;
                head.next_base_fee = snapshot.next_base_fee;
            });
            removed
        };
        *self.pool() = snapshot.pool;
        {
            let mut settings = self.settings();
            let current = settings.clone();
            // Time goes back; who may send and when blocks are made stay as the user set them.
            *settings = Settings {
                clock: snapshot.settings.clock,
                next_base_fee: snapshot.settings.next_base_fee,
                ..current
            };
        }
        self.announce_removal(removed);
        true
    }

    /// Starts again from block 0.
    pub fn reset(&self) {
        let mut snapshots = self.producer();
        snapshots.list.clear();
        let removed = {
            let mut chain = self.chain.write().unwrap_or_else(PoisonError::into_inner);
            let removed = chain.truncate(0);
            *chain = Chain::new(self.genesis.clone());
            removed
        };
        self.pool().clear();
        *self.settings() = Settings::new(&self.config);
        self.announce_removal(removed);
    }

    /// Takes the newest `depth` blocks off the chain.
    pub fn rollback(&self, depth: u64) {
        let mut snapshots = self.producer();
        let removed = {
            let mut chain = self.chain.write().unwrap_or_else(PoisonError::into_inner);
            let number = chain.head().number.saturating_sub(depth);
            snapshots.list.retain(|snapshot| snapshot.number <= number);
            chain.truncate(number)
        };
        self.announce_removal(removed);
    }

    /// Changes the head's state without a block; later blocks build on it.
    ///
    /// # Errors
    /// The change is refused; nothing has changed then.
    pub fn change_state(
        &self,
        change: impl FnOnce(&mut StateTree) -> Result<(), MachineError>,
    ) -> Result<(), MachineError> {
        let _producer = self.producer();
        let root = self.executor.change(&self.head().state_root, change)?;
        self.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .change_head(|head| head.state_root = root);
        Ok(())
    }

    fn announce_removal(&self, removed: Vec<Arc<Block>>) {
        if removed.is_empty() {
            return;
        }
        let event = ChainEvent::Removed(removed);
        self.filters().publish(&event);
        self.emit(event);
    }
}
