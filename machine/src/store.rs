//! Content-addressed blocks behind one small, object-safe trait.
//!
//! A state is a root CID in a store, so a snapshot is a copied CID and a
//! revert is forgetting one.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, RwLock};

use cid::Cid;
use fvm_ipld_blockstore::Blockstore;

/// A place that keeps blocks by CID. Shared by threads; readers do not wait
/// for each other.
pub trait BlockStorage: Debug + Send + Sync + 'static {
    /// The block with this CID, if present.
    fn get(&self, cid: &Cid) -> anyhow::Result<Option<Vec<u8>>>;

    /// Whether the block is present.
    fn has(&self, cid: &Cid) -> anyhow::Result<bool> {
        Ok(self.get(cid)?.is_some())
    }

    /// Whether putting the block again would change nothing. A storage that may
    /// forget blocks which it still gives answers false for those.
    fn keeps(&self, cid: &Cid) -> anyhow::Result<bool> {
        self.has(cid)
    }

    /// Adds blocks, all of them or, on an error, any part. The CIDs are right:
    /// they were computed from the data.
    fn put_many(&self, blocks: Vec<(Cid, Vec<u8>)>) -> anyhow::Result<()>;
}

/// A cheap handle to a [`BlockStorage`]; the blockstore type of the whole
/// machine.
#[derive(Debug, Clone)]
pub struct Store(Arc<dyn BlockStorage>);

impl Store {
    /// A handle to the given storage.
    pub fn new(storage: impl BlockStorage) -> Self {
        Self(Arc::new(storage))
    }

    /// A handle to storage that is shared already.
    pub fn from_shared(storage: Arc<dyn BlockStorage>) -> Self {
        Self(storage)
    }

    /// An empty store in memory.
    pub fn memory() -> Self {
        Self::new(MemoryStorage::default())
    }

    /// A store that reads through to this one and keeps its own writes in
    /// memory: scratch states vanish with the handle.
    #[must_use]
    pub fn overlay(&self) -> Self {
        Self::new(Overlay {
            base: self.clone(),
            scratch: MemoryStorage::default(),
        })
    }
}

impl Blockstore for Store {
    fn get(&self, k: &Cid) -> anyhow::Result<Option<Vec<u8>>> {
        self.0.get(k)
    }

    fn has(&self, k: &Cid) -> anyhow::Result<bool> {
        self.0.has(k)
    }

    fn put_keyed(&self, k: &Cid, block: &[u8]) -> anyhow::Result<()> {
        // Most repeated puts are the machine's own empty blocks: a look under
        // the shared lock spares the exclusive one.
        if self.0.keeps(k)? {
            return Ok(());
        }
        self.0.put_many(vec![(*k, block.to_vec())])
    }

    fn put_many_keyed<D, I>(&self, blocks: I) -> anyhow::Result<()>
    where
        D: AsRef<[u8]>,
        I: IntoIterator<Item = (Cid, D)>,
    {
        let blocks = blocks
            .into_iter()
            .map(|(cid, data)| (cid, data.as_ref().to_vec()))
            .collect();
        self.0.put_many(blocks)
    }
}

/// Blocks in memory.
#[derive(Default)]
pub struct MemoryStorage {
    blocks: RwLock<HashMap<Cid, Arc<[u8]>>>,
}

impl MemoryStorage {
    /// The number of blocks held.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether no block is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops every block for which `keep` answers false.
    pub fn retain(&self, mut keep: impl FnMut(&Cid) -> bool) {
        self.write().retain(|cid, _| keep(cid));
    }

    // A poisoned lock is no danger here: a panic between two inserts leaves a
    // map that misses blocks, never one with wrong blocks.
    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Cid, Arc<[u8]>>> {
        self.blocks.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<Cid, Arc<[u8]>>> {
        self.blocks.write().unwrap_or_else(|e| e.into_inner())
    }
}

impl Debug for MemoryStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStorage")
            .field("blocks", &self.len())
            .finish()
    }
}

impl BlockStorage for MemoryStorage {
    fn get(&self, cid: &Cid) -> anyhow::Result<Option<Vec<u8>>> {
        let block = self.read().get(cid).cloned();
        Ok(block.map(|data| data.to_vec()))
    }

    fn has(&self, cid: &Cid) -> anyhow::Result<bool> {
        Ok(self.read().contains_key(cid))
    }

    fn put_many(&self, blocks: Vec<(Cid, Vec<u8>)>) -> anyhow::Result<()> {
        let mut map = self.write();
        for (cid, data) in blocks {
            map.entry(cid).or_insert_with(|| data.into());
        }
        Ok(())
    }
}

/// Own writes in memory over another store.
#[derive(Debug)]
struct Overlay {
    base: Store,
    scratch: MemoryStorage,
}

impl BlockStorage for Overlay {
    fn get(&self, cid: &Cid) -> anyhow::Result<Option<Vec<u8>>> {
        match self.scratch.get(cid)? {
            Some(data) => Ok(Some(data)),
            None => self.base.0.get(cid),
        }
    }

    fn has(&self, cid: &Cid) -> anyhow::Result<bool> {
        Ok(self.scratch.has(cid)? || self.base.0.has(cid)?)
    }

    fn keeps(&self, cid: &Cid) -> anyhow::Result<bool> {
        Ok(self.scratch.has(cid)? || self.base.0.keeps(cid)?)
    }

    fn put_many(&self, blocks: Vec<(Cid, Vec<u8>)>) -> anyhow::Result<()> {
        self.scratch.put_many(blocks)
    }
}

#[cfg(test)]
mod tests {
    use fvm_ipld_blockstore::{Block, Blockstore};
    use multihash_codetable::Code;

    use super::*;

    #[test]
    fn overlay_reads_through_and_never_writes_through() {
        let base = Store::memory();
        let below = base
            .put(Code::Blake2b256, &Block::new(0x55, b"below"))
            .unwrap();
        let overlay = base.overlay();
        let above = overlay
            .put(Code::Blake2b256, &Block::new(0x55, b"above"))
            .unwrap();

        assert_eq!(overlay.get(&below).unwrap().unwrap(), b"below");
        assert_eq!(overlay.get(&above).unwrap().unwrap(), b"above");
        assert!(!base.has(&above).unwrap());
    }

    #[test]
    fn retain_drops_what_is_not_wanted() {
        let memory = Arc::new(MemoryStorage::default());
        let store = Store::from_shared(memory.clone());
        let keep = store
            .put(Code::Blake2b256, &Block::new(0x55, b"keep"))
            .unwrap();
        store
            .put(Code::Blake2b256, &Block::new(0x55, b"drop"))
            .unwrap();
        memory.retain(|cid| *cid == keep);
        assert_eq!(memory.len(), 1);
        assert!(store.has(&keep).unwrap());
    }
}
