//! The chain: blocks in order, and where to find what in them.

pub mod base_fee;
pub mod block;
pub mod builder;
pub mod logs;
pub mod randomness;
mod recent;

use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::B256;
use cid::Cid;

pub use block::{Block, Included, LogPlace, Receipt};

use crate::store::{ChainStore, StoreError};
use recent::Recent;

/// The chain from block 0 to its head. It is never empty. Numbers rise from block to block, by
/// more than one where null rounds lie between. The head and blocks that were asked for lately are
/// in memory, all are in the store.
#[derive(Debug)]
pub struct Chain {
    store: Arc<ChainStore>,
    genesis: Arc<Block>,
    head: Arc<Block>,
    /// Blocks on top of the head that are made and not written yet. Only messages see them.
    staged: Vec<Arc<Block>>,
    recent: Mutex<Recent>,
}

impl Chain {
    /// The chain that a store holds.
    ///
    /// # Errors
    /// The store cannot be read, or has no block.
    pub fn load(store: Arc<ChainStore>) -> Result<Self, StoreError> {
        let missing = |number| StoreError::Record(format!("block {number} is missing"));
        let number = store.head_number()?.ok_or_else(|| missing(0))?;
        let head = Arc::new(store.block(number)?.ok_or_else(|| missing(number))?);
        let mut genesis = store.block(0)?.ok_or_else(|| missing(0))?;
        if let Some(root) = store.genesis_state()? {
            genesis.state_root = root;
        }
        Ok(Self {
            store,
            genesis: Arc::new(genesis),
            head,
            staged: Vec::new(),
            recent: Mutex::default(),
        })
    }

    /// Takes in a block on top, which is in the store already.
    pub fn push(&mut self, block: Arc<Block>) {
        self.staged.retain(|staged| staged.number > block.number);
        self.recent().insert(Arc::clone(&block));
        self.head = block;
    }

    /// Takes `head` for the head in place of what is there and above, as the store has done already.
    pub fn rewind(&mut self, head: Arc<Block>) {
        self.staged.clear();
        *self.recent() = Recent::default();
        self.head = head;
    }

    /// Shows a block to the messages that run on top of it, before it is written.
    pub fn stage(&mut self, block: Arc<Block>) {
        self.staged.push(block);
    }

    /// Forgets the blocks that were not written.
    pub fn unstage(&mut self) {
        self.staged.clear();
    }

    /// The newest block.
    pub const fn head(&self) -> &Arc<Block> {
        &self.head
    }

    /// Block 0 as it was made.
    pub const fn genesis(&self) -> &Arc<Block> {
        &self.genesis
    }

    /// The block of that number.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn by_number(&self, number: u64) -> Result<Option<Arc<Block>>, StoreError> {
        if number >= self.head.number {
            return Ok((number == self.head.number).then(|| Arc::clone(&self.head)));
        }
        if let Some(block) = self.recent().get(number) {
            return Ok(Some(block));
        }
        let Some(block) = self.store.block(number)?.map(Arc::new) else {
            return Ok(None);
        };
        self.recent().insert(Arc::clone(&block));
        Ok(Some(block))
    }

    /// The block of that hash.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn by_hash(&self, hash: B256) -> Result<Option<Arc<Block>>, StoreError> {
        if hash == self.head.hash {
            return Ok(Some(Arc::clone(&self.head)));
        }
        match self.store.number_of(hash)? {
            Some(number) => self.by_number(number),
            None => Ok(None),
        }
    }

    /// The block that holds the transaction, and the transaction's index in it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn transaction(&self, hash: B256) -> Result<Option<(Arc<Block>, usize)>, StoreError> {
        let in_head = self
            .head
            .transactions
            .iter()
            .position(|included| included.transaction.hash == hash);
        if let Some(index) = in_head {
            return Ok(Some((Arc::clone(&self.head), index)));
        }
        let Some((number, index)) = self.store.place_of(hash)? else {
            return Ok(None);
        };
        Ok(self.by_number(number)?.map(|block| (block, index)))
    }

    /// The newest block whose number is not above that.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn at_or_below(&self, number: u64) -> Result<Option<Arc<Block>>, StoreError> {
        if let Some(block) = self.by_number(number.min(self.head.number))? {
            return Ok(Some(block));
        }
        match self.store.last_number(number)? {
            Some(number) => self.by_number(number),
            None => Ok(None),
        }
    }

    /// Whether the number is below the head's and has no block.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn is_null_round(&self, number: u64) -> Result<bool, StoreError> {
        Ok(number < self.head.number && self.by_number(number)?.is_none())
    }

    /// The blocks from `first` to `last`, both included, as far as there are such; each is read when it is its turn.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn range(
        &self,
        first: u64,
        last: u64,
    ) -> impl DoubleEndedIterator<Item = Result<Arc<Block>, StoreError>> + '_ {
        let end = last.min(self.head.number).saturating_add(1);
        (first.min(end)..end).filter_map(|number| self.by_number(number).transpose())
    }

    /// CID of the tipset of an epoch, for messages: the staged blocks are there too. A null round is answered with
    /// the tipset before it, as by Filecoin's nodes.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn tipset(&self, number: u64) -> Result<Option<Cid>, StoreError> {
        if let Some(block) = self
            .staged
            .iter()
            .rev()
            .find(|block| block.number <= number)
        {
            return Ok(Some(block.tipset));
        }
        Ok(self.at_or_below(number)?.map(|block| block.tipset))
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        // A panic elsewhere leaves a cache that lacks blocks, which does no harm.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::builder::{Body, Draft, seal};
    use super::*;
    use crate::store::Changes;

    fn chain(numbers: &[u64]) -> Chain {
        let store = Arc::new(ChainStore::temporary(1).unwrap());
        let mut blocks: Vec<Arc<Block>> = Vec::new();
        for number in std::iter::once(&0).chain(numbers) {
            let draft = Draft {
                number: *number,
                timestamp: *number,
                base_fee: 100,
                gas_limit: 10_000_000_000,
            };
            let body = Body {
                included: Vec::new(),
                messages: Vec::new(),
                receipts: Vec::new(),
                state_root: Cid::default(),
            };
            let parent = blocks.last().map(|block| &**block);
            blocks.push(Arc::new(seal(&store.ipld(), parent, draft, body).unwrap()));
        }
        store
            .commit(&Changes {
                blocks,
                ..Changes::default()
            })
            .unwrap();
        Chain::load(store).unwrap()
    }

    #[test]
    fn null_rounds_have_no_block_and_lie_between_some() {
        let chain = chain(&[1, 2, 5, 6, 9]);
        let number = |block: Result<Option<Arc<Block>>, StoreError>| {
            block.unwrap().map(|block| block.number)
        };
        assert_eq!(number(chain.by_number(5)), Some(5));
        assert_eq!(number(chain.by_number(3)), None);
        assert!(chain.is_null_round(3).unwrap() && !chain.is_null_round(5).unwrap());
        assert!(!chain.is_null_round(10).unwrap(), "not yet");
        assert_eq!(number(chain.at_or_below(4)), Some(2));
        assert_eq!(number(chain.at_or_below(8)), Some(6));
        assert_eq!(number(chain.at_or_below(100)), Some(9));
        let range = |first, last| -> Vec<u64> {
            chain
                .range(first, last)
                .map(|block| block.unwrap().number)
                .collect()
        };
        assert_eq!(range(0, u64::MAX), [0, 1, 2, 5, 6, 9]);
        assert_eq!(range(3, 8), [5, 6]);
        assert!(range(3, 4).is_empty() && range(10, 20).is_empty());
        let tipset = chain.by_number(2).unwrap().map(|block| block.tipset);
        assert_eq!(chain.tipset(4).unwrap(), tipset);
    }
}
