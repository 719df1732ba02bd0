//! Blocks by CID: states, headers, receipts, code.
//!
//! What messages write is *open* until a chain block commits it: then the part that the block's roots reach goes into
//! the file, and the rest, such as states between two messages, is forgotten. A pending block's state is such a rest
//! too, so it stays readable until the commit after the next.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use cid::Cid;
use fevm_machine::store::BlockStorage;
use redb::{TableDefinition, WriteTransaction};

use super::StoreError;
use super::database::Database;
use super::links::links;

/// Blocks by the bytes of their CIDs.
pub(super) const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("ipld");

/// Bytes of one of the two generations of the cache, counted with what each entry takes besides its data.
const GENERATION: usize = 12 << 20;
const ENTRY_OVERHEAD: usize = 160;

type Map = HashMap<Cid, Arc<[u8]>, foldhash::fast::RandomState>;

/// Blocks that a commit is to write.
pub(super) type New = Vec<(Cid, Arc<[u8]>)>;

/// The blocks of a chain.
pub(super) struct Blocks {
    database: Arc<Database>,
    memory: RwLock<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Put since the last commit.
    open: Map,
    /// Put before the last commit, which did not need them.
    retired: Map,
    /// Blocks of the file that were read or written lately, and those of the generation before.
    young: Map,
    old: Map,
    young_bytes: usize,
}

impl Memory {
    fn get(&self, cid: &Cid) -> Option<&Arc<[u8]>> {
        [&self.open, &self.young, &self.old, &self.retired]
            .into_iter()
            .find_map(|map| map.get(cid))
    }

    /// Takes a block of the file into the cache.
    fn cache(&mut self, cid: Cid, data: Arc<[u8]>) {
        let size = data.len() + ENTRY_OVERHEAD;
        if self.young_bytes + size > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(cid, data).is_none() {
            self.young_bytes += size;
        }
    }
}

impl Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks")
            .field("open", &self.memory().open.len())
            .finish_non_exhaustive()
    }
}

impl Blocks {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            memory: RwLock::default(),
        }
    }

    // A panic between two inserts leaves maps that miss blocks, never wrong ones.
    fn memory(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory_mut(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open blocks that these roots reach.
    pub(super) fn reachable(&self, roots: Vec<Cid>) -> Result<New, StoreError> {
        let memory = self.memory();
        let mut found = Map::default();
        let mut waiting = roots;
        while let Some(cid) = waiting.pop() {
            let Some(data) = memory.open.get(&cid) else {
                continue;
            };
            if found.insert(cid, Arc::clone(data)).is_none() {
                waiting.extend(
                    links(&cid, data).map_err(|error| StoreError::Record(error.to_string()))?,
                );
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Closes the open blocks: these are in the file now, the others are not needed.
    pub(super) fn committed(&self, new: New) {
        let mut memory = self.memory_mut();
        let mut rest = std::mem::take(&mut memory.open);
        for (cid, data) in new {
            rest.remove(&cid);
            memory.cache(cid, data);
        }
        memory.retired = rest;
    }

    /// Forgets what is cached of the file, after blocks were taken out of it.
    pub(super) fn clear_cache(&self) {
        let mut memory = self.memory_mut();
        memory.young = Map::default();
        memory.old = Map::default();
        memory.young_bytes = 0;
    }

    fn read(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let table = self.database.read()?.open_table(TABLE)?;
        Ok(table
            .get(cid.to_bytes().as_slice())?
            .map(|data| data.value().into()))
    }

    fn find(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let (found, is_old) = {
            let memory = self.memory();
            let found = memory.get(cid).cloned();
            let is_old =
                found.is_some() && !memory.young.contains_key(cid) && memory.old.contains_key(cid);
            (found, is_old)
        };
        let data = match found {
            Some(data) if !is_old => return Ok(Some(data)),
            Some(data) => data,
            None => match self.read(cid)? {
                Some(data) => data,
                None => return Ok(None),
            },
        };
        self.memory_mut().cache(*cid, Arc::clone(&data));
        Ok(Some(data))
    }
}

/// Writes new blocks in a transaction.
pub(super) fn write(transaction: &WriteTransaction, new: &New) -> Result<(), StoreError> {
    let mut table = transaction.open_table(TABLE)?;
    for (cid, data) in new {
        table.insert(cid.to_bytes().as_slice(), &**data)?;
    }
    Ok(())
}

/// Takes out every block that `keep` does not name; gives their number.
pub(super) fn retain(
    transaction: &WriteTransaction,
    keep: impl Fn(&[u8]) -> bool,
) -> Result<u64, StoreError> {
    let mut table = transaction.open_table(TABLE)?;
    let before = redb::ReadableTableMetadata::len(&table)?;
    table.retain(|cid, _| keep(cid))?;
    Ok(before - redb::ReadableTableMetadata::len(&table)?)
}

/// A handle for the machine.
#[derive(Debug)]
pub(super) struct SharedBlocks(pub(super) Arc<Blocks>);

impl BlockStorage for SharedBlocks {
    fn get(&self, cid: &Cid) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.0.find(cid)?.map(|data| data.to_vec()))
    }

    fn has(&self, cid: &Cid) -> anyhow::Result<bool> {
        Ok(self.0.find(cid)?.is_some())
    }

    // A retired block is readable but will never be in the file, unless it is put again.
    fn keeps(&self, cid: &Cid) -> anyhow::Result<bool> {
        {
            let memory = self.0.memory();
            if [&memory.open, &memory.young, &memory.old]
                .into_iter()
                .any(|map| map.contains_key(cid))
            {
                return Ok(true);
            }
        }
        Ok(self.0.read(cid)?.is_some())
    }

    fn put_many(&self, blocks: Vec<(Cid, Vec<u8>)>) -> anyhow::Result<()> {
        let mut memory = self.0.memory_mut();
        for (cid, data) in blocks {
            if !memory.young.contains_key(&cid) {
                memory.open.entry(cid).or_insert_with(|| data.into());
            }
        }
        Ok(())
    }
}
