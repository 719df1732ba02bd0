//! Going back: snapshots are a block number and a state root, so they cost nothing. The store keeps them, so they are
//! there after a restart too.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use alloy_primitives::B256;
use fevm_machine::{MachineError, StateTree};

use super::{ChainEvent, Node, Settings};
use crate::chain::Block;
use crate::store::{ChainStore, Changes, SnapshotRecord, StoreError};

/// The snapshots that can be gone back to, in order. Numbers are never used twice: tools keep
/// some that no longer are, and must not get to another by them.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    list: Vec<SnapshotRecord>,
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

impl Snapshots {
    pub(super) fn load(store: &ChainStore) -> Result<Self, StoreError> {
        let (list, last_id) = store.snapshots()?;
        Ok(Self {
            list,
            last_id,
            refused: HashMap::new(),
        })
    }

    /// Forgets all; their numbers are not used again.
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    pub(super) fn to_store(&self) -> Option<(Vec<SnapshotRecord>, u64)> {
        Some((self.list.clone(), self.last_id))
    }
}

impl Node {
    /// Remembers the chain as it is; gives the snapshot's number, from 1 on.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn snapshot(&self) -> Result<u64, MachineError> {
        let mut snapshots = self.producer();
        let head = self.head();
        snapshots.last_id += 1;
        let id = snapshots.last_id;
        let (clock, chosen_base_fee) = {
            let settings = self.settings();
            (settings.clock.clone(), settings.next_base_fee)
        };
        let pool = self.pool().iter().cloned().collect();
        snapshots.list.push(SnapshotRecord {
            id,
            number: head.number,
            state_root: head.state_root,
            next_base_fee: head.next_base_fee,
            chosen_base_fee,
            clock,
            pool,
        });
        self.write(Changes {
            snapshots: snapshots.to_store(),
            ..Changes::default()
        })?;
        Ok(id)
    }

    /// Goes back to a snapshot and forgets it with all later ones. Whether there was such a one.
    ///
    /// # Errors
    /// The store fails.
    pub fn revert(&self, id: u64) -> Result<bool, MachineError> {
        let mut snapshots = self.producer();
        let Some(index) = snapshots.list.iter().position(|snapshot| snapshot.id == id) else {
            return Ok(false);
        };
        let Some(snapshot) = snapshots.list.drain(index..).next() else {
            return Ok(false);
        };
        let head = self.chain().by_number(snapshot.number)?;
        let Some(head) = head else { return Ok(false) };
        let head = Block {
            state_root: snapshot.state_root,
            next_base_fee: snapshot.next_base_fee,
            ..Block::clone(&head)
        };
        self.pool().go_back_to(&snapshot.pool);
        {
            let mut settings = self.settings();
            // Time goes back; who may send and when blocks are made stay as the user set them.
            settings.clock = snapshot.clock;
            settings.next_base_fee = snapshot.chosen_base_fee;
        }
        self.rewind(head, snapshots.to_store())?;
        Ok(true)
    }

    /// Starts again from block 0.
    ///
    /// # Errors
    /// The store fails.
    pub fn reset(&self) -> Result<(), MachineError> {
        let mut snapshots = self.producer();
        snapshots.clear();
        self.pool().clear();
        *self.settings() = Settings::new(&self.config);
        let genesis = Block::clone(self.chain().genesis());
        self.rewind(genesis, snapshots.to_store())
    }

    /// Takes the newest `depth` blocks off the chain.
    ///
    /// # Errors
    /// The store fails.
    pub fn rollback(&self, depth: u64) -> Result<(), MachineError> {
        let mut snapshots = self.producer();
        let number = self.head().number.saturating_sub(depth);
        snapshots.list.retain(|snapshot| snapshot.number <= number);
        let head = self.chain().at_or_below(number)?;
        match head {
            Some(head) => self.rewind(Block::clone(&head), snapshots.to_store()),
            None => Ok(()),
        }
    }

    /// Makes `head` the head, takes off what is above, and tells of it.
    fn rewind(
        &self,
        head: Block,
        snapshots: Option<(Vec<SnapshotRecord>, u64)>,
    ) -> Result<(), MachineError> {
        let head = Arc::new(head);
        let removed = {
            let chain = self.chain();
            chain
                .range(head.number.saturating_add(1), u64::MAX)
                .collect::<Result<Vec<_>, _>>()?
        };
        self.write(Changes {
            truncate: (!removed.is_empty()).then_some(head.number),
            head: Some(Arc::clone(&head)),
            snapshots,
            ..Changes::default()
        })?;
        self.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .rewind(head);
        self.announce_removal(removed);
        Ok(())
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
        let head = self.head();
        let root = self.executor.change(&head.state_root, change)?;
        let head = Arc::new(Block {
            state_root: root,
            ..Block::clone(&head)
        });
        self.write(Changes {
            head: Some(Arc::clone(&head)),
            ..Changes::default()
        })?;
        self.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(head);
        Ok(())
    }

    pub(super) fn announce_removal(&self, removed: Vec<Arc<Block>>) {
        if removed.is_empty() {
            return;
        }
        let event = ChainEvent::Removed(removed);
        self.filters().publish(&event);
        self.emit(event);
    }
}
