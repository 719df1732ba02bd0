//! Blocks that were asked for lately, as many as fit.

use std::collections::HashMap;
use std::sync::Arc;

use super::Block;

/// Most that one of the two generations holds: each block counts one, and so does each transaction.
const GENERATION: usize = 1_024;

/// A cache in two generations: when the young one is full it becomes the old one, and what nobody has asked for in
/// the meantime is forgotten with the old one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<u64, Arc<Block>>,
    old: HashMap<u64, Arc<Block>>,
    weight: usize,
}

impl Recent {
    pub(super) fn get(&mut self, number: u64) -> Option<Arc<Block>> {
        if let Some(block) = self.young.get(&number) {
            return Some(Arc::clone(block));
        }
        let block = self.old.remove(&number)?;
        self.insert(Arc::clone(&block));
        Some(block)
    }

    pub(super) fn insert(&mut self, block: Arc<Block>) {
        if self.weight >= GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += 1 + block.transactions.len();
        self.young.insert(block.number, block);
    }
}
