//! The chain: blocks in order, and where to find what in them.

pub mod base_fee;
pub mod block;
pub mod builder;
pub mod logs;
pub mod randomness;

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::B256;

pub use block::{Block, Included, LogPlace, Receipt};

/// The chain from block 0 to its head. It is never empty.
#[derive(Debug, Clone)]
pub struct Chain {
    blocks: Vec<Arc<Block>>,
    by_hash: HashMap<B256, u64>,
    transactions: HashMap<B256, (u64, usize)>,
}

impl Chain {
    /// A chain of block 0 alone.
    pub fn new(genesis: Block) -> Self {
        let mut chain = Self {
            blocks: Vec::new(),
            by_hash: HashMap::new(),
            transactions: HashMap::new(),
        };
        chain.push(Arc::new(genesis));
        chain
    }

    /// Puts a block on top.
    pub fn push(&mut self, block: Arc<Block>) {
        self.by_hash.insert(block.hash, block.number);
        for (index, included) in block.transactions.iter().enumerate() {
            self.transactions
                .insert(included.transaction.hash, (block.number, index));
        }
        self.blocks.push(block);
    }

    /// Takes off every block above `number`; block 0 always stays. Gives what was taken off,
    /// the highest last.
    pub fn truncate(&mut self, number: u64) -> Vec<Arc<Block>> {
        let keep = usize::try_from(number).map_or(usize::MAX, |number| number.saturating_add(1));
        let removed = self.blocks.split_off(keep.clamp(1, self.blocks.len()));
        for block in &removed {
            self.by_hash.remove(&block.hash);
            for included in &block.transactions {
                self.transactions.remove(&included.transaction.hash);
            }
        }
        removed
    }

    /// Changes the head, as when its state is set from outside. Its number and hash stay.
    pub fn change_head(&mut self, change: impl FnOnce(&mut Block)) {
        if let Some(head) = self.blocks.last_mut() {
            change(Arc::make_mut(head));
        }
    }

    /// The newest block.
    pub fn head(&self) -> &Arc<Block> {
        self.blocks.last().expect("block 0 is never removed")
    }

    /// Block 0.
    pub fn genesis(&self) -> &Arc<Block> {
        self.blocks.first().expect("block 0 is never removed")
    }

    /// The block of that number.
    pub fn by_number(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    /// The block of that hash.
    pub fn by_hash(&self, hash: B256) -> Option<&Arc<Block>> {
        self.by_number(*self.by_hash.get(&hash)?)
    }

    /// The block that holds the transaction, and the transaction's index in it.
    pub fn transaction(&self, hash: B256) -> Option<(&Arc<Block>, usize)> {
        let (number, index) = *self.transactions.get(&hash)?;
        Some((self.by_number(number)?, index))
    }

    /// The blocks from `first` to `last`, both included.
    pub fn range(&self, first: u64, last: u64) -> &[Arc<Block>] {
        let first = usize::try_from(first)
            .unwrap_or(usize::MAX)
            .min(self.blocks.len());
        let end = usize::try_from(last)
            .unwrap_or(usize::MAX)
            .saturating_add(1)
            .min(self.blocks.len());
        self.blocks.get(first..end).unwrap_or_default()
    }
}
