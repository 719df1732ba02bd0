//! Forgetting old states: what no kept state reaches is taken out of the file.

use std::collections::HashSet;

use cid::Cid;
use fevm_machine::store::BlockStorage;

use super::ipld::SharedBlocks;
use super::links::links;
use super::{ChainStore, StoreError, ipld};
use crate::chain::Block;

/// The file is swept at most once in so many blocks, so that the work stays small beside that of the blocks.
const LEAST_BLOCKS_BETWEEN: u64 = 64;

/// Sweeps from time to time, by block number. `first_new` is the first of the blocks that were just written.
pub(super) fn after_blocks(
    store: &ChainStore,
    first_new: u64,
    head: u64,
    keep: u64,
) -> Result<(), StoreError> {
    let every = (keep / 2).max(LEAST_BLOCKS_BETWEEN);
    if head <= keep || first_new.saturating_sub(1) / every == head / every {
        return Ok(());
    }
    let first = head + 1 - keep;
    let reached = reached(store, first, head)?;
    let mut removed = 0;
    store.database.write(|transaction| {
        removed = ipld::retain(transaction, |cid| reached.contains(cid))?;
        Ok(())
    })?;
    store.ipld.clear_cache();
    tracing::debug!(first, head, removed, "states pruned");
    Ok(())
}

/// CIDs, as bytes, of all that the kept states, snapshots and block 0 consist of.
fn reached(store: &ChainStore, first: u64, head: u64) -> Result<HashSet<Vec<u8>>, StoreError> {
    let blocks = SharedBlocks(store.ipld.clone());
    let mut reached = HashSet::new();
    let mut waiting: Vec<Cid> = Vec::new();
    for number in std::iter::once(0).chain(first..=head) {
        let Some(block) = store.block(number)? else {
            continue;
        };
        // A header links to its parents, and so to all the past: only what is its own is followed.
        reached.insert(block.cid.to_bytes());
        waiting.extend(own_roots(&block));
    }
    waiting.extend(store.genesis_state()?);
    waiting.extend(
        store
            .snapshots()?
            .0
            .iter()
            .map(|snapshot| snapshot.state_root),
    );
    while let Some(cid) = waiting.pop() {
        if !reached.insert(cid.to_bytes()) {
            continue;
        }
        let data = blocks
            .get(&cid)
            .map_err(|error| StoreError::Record(format!("{error:#}")))?;
        if let Some(data) = data {
            waiting
                .extend(links(&cid, &data).map_err(|error| StoreError::Record(error.to_string()))?);
        }
    }
    Ok(reached)
}

/// The state after the block and the one before it, from which its transactions can be run again; its receipts and its
/// messages.
const fn own_roots(block: &Block) -> [Cid; 4] {
    [
        block.state_root,
        block.header.parent_state_root,
        block.receipts_root,
        block.header.messages,
    ]
}
