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

/// The chain from block 0 to its head. It is never empty. Numbers rise from block to block, by
/// more than one where null rounds lie between.
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
        let keep = self.first_above(number);
        let removed = self.blocks.split_off(keep.max(1));
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
        self.at_or_below(number)
            .filter(|block| block.number == number)
    }

    /// The newest block whose number is not above that.
    pub fn at_or_below(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(self.first_above(number).checked_sub(1)?)
    }

    /// Whether the number is below the head's and has no block.
    pub fn is_null_round(&self, number: u64) -> bool {
        number < self.head().number && self.by_number(number).is_none()
    }

    /// The place of the first block above a number.
    fn first_above(&self, number: u64) -> usize {
        // Without null rounds a block's place is its number.
        let place = usize::try_from(number).map_or(usize::MAX, |number| number.saturating_add(1));
        let before = place
            .checked_sub(1)
            .and_then(|place| self.blocks.get(place));
        if before.is_some_and(|block| block.number == number) {
            return place;
        }
        self.blocks.partition_point(|block| block.number <= number)
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
        let first = first
            .checked_sub(1)
            .map_or(0, |below| self.first_above(below));
        let end = self.first_above(last);
        self.blocks.get(first..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::builder::{Body, Draft, seal};
    use super::*;
    use fvm_ipld_blockstore::MemoryBlockstore;

    fn chain(numbers: &[u64]) -> Chain {
        let store = MemoryBlockstore::default();
        let block = |parent: Option<&Block>, number| {
            let draft = Draft {
                number,
                timestamp: number,
                base_fee: 100,
                gas_limit: 10_000_000_000,
            };
            let body = Body {
                included: Vec::new(),
                messages: Vec::new(),
                receipts: Vec::new(),
                state_root: cid::Cid::default(),
            };
            seal(&store, parent, draft, body).unwrap()
        };
        let mut chain = Chain::new(block(None, 0));
        for number in numbers {
            let next = block(Some(chain.head()), *number);
            chain.push(Arc::new(next));
        }
        chain
    }

    #[test]
    fn null_rounds_have_no_block_and_stand_between_others() {
        let mut chain = chain(&[1, 2, 5, 6, 9]);
        let numbers = |blocks: &[Arc<Block>]| -> Vec<u64> {
            blocks.iter().map(|block| block.number).collect()
        };
        assert_eq!(chain.by_number(5).unwrap().number, 5);
        assert!(chain.by_number(3).is_none() && chain.is_null_round(3));
        assert!(!chain.is_null_round(10), "not yet");
        assert_eq!(chain.at_or_below(4).unwrap().number, 2);
        assert_eq!(numbers(chain.range(0, u64::MAX)), [0, 1, 2, 5, 6, 9]);
        assert_eq!(numbers(chain.range(3, 6)), [5, 6]);
        assert!(numbers(chain.range(3, 4)).is_empty());
        assert_eq!(numbers(&chain.truncate(5)), [6, 9]);
        assert_eq!(chain.head().number, 5);
        assert_eq!(numbers(&chain.truncate(0)), [1, 2, 5]);
        assert_eq!(chain.head().number, 0);
    }
}
