//! The block that would come next, made of the waiting transactions and kept nowhere.

use std::sync::Arc;

use alloy_primitives::B256;
use cid::Cid;
use fevm_machine::MachineError;

use super::{Node, lock};
use crate::chain::Block;
use crate::chain::builder::{Draft, seal};

/// The pending block that was made last, and what it was made from.
#[derive(Debug, Default)]
pub(super) struct PendingCache {
    made: Option<(Basis, Arc<Block>)>,
}

/// What a pending block depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    draft: Draft,
    parent: B256,
    state_root: Cid,
    transactions: Vec<B256>,
}

impl Node {
    /// The pending block. It runs the waiting transactions that are ready, if there are any.
    ///
    /// # Errors
    /// The machine fails.
    pub fn pending_block(&self) -> Result<Arc<Block>, MachineError> {
        let head = self.head();
        let draft = self.draft();
        let ready = self.ready(&head, draft.base_fee)?;
        let basis = Basis {
            draft,
            parent: head.hash,
            state_root: head.state_root,
            transactions: ready.iter().map(|transaction| transaction.hash).collect(),
        };
        if let Some((made_from, block)) = &lock(&self.pending).made
            && *made_from == basis
        {
            return Ok(Arc::clone(block));
        }
        let executed = self
            .executor
            .run_block(head.state_root, draft, ready, false)?;
        let block = seal(self.executor.store(), Some(&head), draft, executed.body)
            .map_err(MachineError::State)?;
        let block = Arc::new(block);
        lock(&self.pending).made = Some((basis, Arc::clone(&block)));
        Ok(block)
    }
}
