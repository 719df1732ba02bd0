//! The chain on disk: blocks, transactions, receipts and the pool, and every state by CID.
//!
//! One redb file holds all of it. A block, what came of it and the part of the new state that was not there before are
//! one write transaction, so the file always holds a whole chain. Without `--data` the same file is a temporary one that
//! nobody sees: history costs disk and not memory, and both kinds of node run the same code.
//!
//! | file | what |
//! |---|---|
//! | `database` | opening the file: what is refused and why; durability |
//! | `ipld` | blocks by CID: those of the open block, a cache, the file |
//! | `links` | CIDs in a block: what a state consists of |
//! | `records` | blocks, transactions and snapshots as bytes |
//! | `prune` | forgetting old states |
//! | `state_file` | a chain in one file to pass on: `--dump-state`, `--load-state` |

mod database;
mod ipld;
mod links;
mod prune;
mod records;
pub mod state_file;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use alloy_primitives::B256;
use cid::Cid;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

pub use database::{Durability, Identity, StoreError};
pub use records::SnapshotRecord;

use crate::chain::Block;
use crate::node::clock::Clock;
use crate::pool::Transaction;
use database::Database;
use ipld::{Blocks, SharedBlocks};

/// Block records by number.
const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
/// Number of a block by its hash.
const HASHES: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("block numbers");
/// Number of the block and index in it, by hash of the transaction.
const TRANSACTIONS: TableDefinition<'_, &[u8; 32], (u64, u32)> =
    TableDefinition::new("transactions");
/// Waiting transactions by hash.
const POOL: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("pool");
/// Snapshots by their number.
const SNAPSHOTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("snapshots");
/// Single values by name.
const VALUES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("values");

/// Name of the clock among the single values.
const CLOCK: &str = "clock";
/// Name of the root of block 0's state as it was made.
const GENESIS_STATE: &str = "genesis state";
/// Name of the number that the last snapshot got.
const LAST_SNAPSHOT: &str = "last snapshot";

/// What one write transaction changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// Every block and transaction goes, before anything is added.
    pub replace: bool,
    /// Blocks above this number go, before anything is added.
    pub truncate: Option<u64>,
    /// New blocks on top, lowest first.
    pub blocks: Vec<Arc<Block>>,
    /// The head, where it has changed without a new block.
    pub head: Option<Arc<Block>>,
    /// Waiting transactions that came (some) or went (none), by hash.
    pub pool: Vec<(B256, Option<Arc<Transaction>>)>,
    /// The clock as it is now.
    pub clock: Option<Clock>,
    /// All snapshots, and the number of the last one made, where these have changed.
    pub snapshots: Option<(Vec<SnapshotRecord>, u64)>,
}

impl Changes {
    fn roots(&self) -> Vec<Cid> {
        let blocks = self.blocks.iter().chain(&self.head);
        blocks
            .flat_map(|block| [block.cid, block.state_root, block.receipts_root])
            .collect()
    }
}

/// The store of a chain.
#[derive(Debug)]
pub struct ChainStore {
    database: Arc<Database>,
    ipld: Arc<Blocks>,
    chain_id: u64,
    /// The state of how many last blocks is kept; none keeps all.
    keep_states: OnceLock<u64>,
}

impl ChainStore {
    /// A store that vanishes with the node.
    ///
    /// # Errors
    /// Neither a temporary file nor memory can be had.
    pub fn temporary(chain_id: u64) -> Result<Self, StoreError> {
        Ok(Self::over(
            Database::temporary()?,
            Durability::None,
            chain_id,
        ))
    }

    /// Opens the store of a folder, or makes one there. A new one is [`is_new`](Self::is_new) until the first
    /// [`commit`](Self::commit).
    ///
    /// # Errors
    /// Another node uses it, it is of another chain or of another program, or it is damaged.
    pub fn open(
        folder: &Path,
        durability: Durability,
        identity: &Identity,
    ) -> Result<Self, StoreError> {
        Ok(Self::over(
            Database::open(folder, durability, identity)?,
            durability,
            identity.chain_id,
        ))
    }

    fn over(database: Database, durability: Durability, chain_id: u64) -> Self {
        let database = Arc::new(database);
        Database::flush_regularly(&database, durability);
        let ipld = Arc::new(Blocks::new(Arc::clone(&database)));
        Self {
            database,
            ipld,
            chain_id,
            keep_states: OnceLock::new(),
        }
    }

    /// Keeps the states of the last `blocks` blocks only.
    pub fn prune_to(&self, blocks: u64) {
        // Asked for once, when the node starts.
        let _ = self.keep_states.set(blocks.max(1));
    }

    /// The blocks by CID: states, headers, receipts, code.
    pub fn ipld(&self) -> fevm_machine::Store {
        fevm_machine::Store::new(SharedBlocks(Arc::clone(&self.ipld)))
    }

    /// Whether nothing was committed yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        Ok(self.head_number()?.is_none())
    }

    /// Whether the store outlives the node.
    pub fn is_persistent(&self) -> bool {
        self.database.is_persistent()
    }

    /// Writes changes with all the blocks by CID that they need: all or nothing. When it returns they are as durable as
    /// the store was opened for.
    ///
    /// # Errors
    /// The file cannot be written, as on a full disk; nothing has changed then.
    pub fn commit(&self, changes: &Changes) -> Result<(), StoreError> {
        let new = self.ipld.reachable(changes.roots())?;
        self.database.write(|transaction| {
            ipld::write(transaction, &new)?;
            if changes.replace {
                transaction.open_table(BLOCKS)?.retain(|_, _| false)?;
                transaction.open_table(HASHES)?.retain(|_, _| false)?;
                transaction.open_table(TRANSACTIONS)?.retain(|_, _| false)?;
            }
            if let Some(number) = changes.truncate {
                truncate(transaction, number)?;
            }
            for block in changes.blocks.iter().chain(&changes.head) {
                put_block(transaction, block)?;
            }
            let mut values = transaction.open_table(VALUES)?;
            if let Some(genesis) = changes.blocks.first().filter(|block| block.number == 0) {
                values.insert(GENESIS_STATE, genesis.state_root.to_bytes().as_slice())?;
            }
            let mut pool = transaction.open_table(POOL)?;
            for (hash, transaction) in &changes.pool {
                match transaction {
                    Some(transaction) => pool.insert(
                        &hash.0,
                        records::encode_transaction(transaction)?.as_slice(),
                    )?,
                    None => pool.remove(&hash.0)?,
                };
            }
            if let Some(clock) = &changes.clock {
                values.insert(CLOCK, records::encode_clock(clock).as_slice())?;
            }
            if let Some((snapshots, last)) = &changes.snapshots {
                values.insert(LAST_SNAPSHOT, last.to_be_bytes().as_slice())?;
                let mut table = transaction.open_table(SNAPSHOTS)?;
                table.retain(|_, _| false)?;
                for snapshot in snapshots {
                    table.insert(snapshot.id, records::encode_snapshot(snapshot)?.as_slice())?;
                }
            }
            Ok(())
        })?;
        // Only blocks and states need what was put by CID; a waiting transaction does not.
        if !changes.blocks.is_empty() || changes.head.is_some() {
            self.ipld.committed(new);
        }
        if let (Some(keep), Some(first), Some(head)) = (
            self.keep_states.get(),
            changes.blocks.first(),
            changes.blocks.last(),
        ) {
            prune::after_blocks(self, first.number, head.number, *keep)?;
        }
        Ok(())
    }

    /// Number of the highest block; none in a new store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn head_number(&self) -> Result<Option<u64>, StoreError> {
        let table = self.database.read()?.open_table(BLOCKS)?;
        Ok(table.last()?.map(|(number, _)| number.value()))
    }

    /// The highest number of a block that is not above `number`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_number(&self, number: u64) -> Result<Option<u64>, StoreError> {
        let table = self.database.read()?.open_table(BLOCKS)?;
        let last = table.range(..=number)?.next_back().transpose()?;
        Ok(last.map(|(number, _)| number.value()))
    }

    /// A block by its number.
    ///
    /// # Errors
    /// The file cannot be read, or the record is damaged.
    pub fn block(&self, number: u64) -> Result<Option<Block>, StoreError> {
        let table = self.database.read()?.open_table(BLOCKS)?;
        let record = table.get(number)?;
        record
            .map(|record| records::decode_block(record.value()))
            .transpose()
    }

    /// The number of the block with that hash.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn number_of(&self, hash: B256) -> Result<Option<u64>, StoreError> {
        let table = self.database.read()?.open_table(HASHES)?;
        Ok(table.get(&hash.0)?.map(|number| number.value()))
    }

    /// Where a transaction is: the number of its block and its index there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn place_of(&self, transaction: B256) -> Result<Option<(u64, usize)>, StoreError> {
        let table = self.database.read()?.open_table(TRANSACTIONS)?;
        let place = table.get(&transaction.0)?.map(|place| place.value());
        Ok(place.map(|(number, index)| (number, index as usize)))
    }

    /// The waiting transactions, in no order.
    ///
    /// # Errors
    /// The file cannot be read, or a record is damaged.
    pub fn pool(&self) -> Result<Vec<Transaction>, StoreError> {
        let table = self.database.read()?.open_table(POOL)?;
        let mut pool = Vec::new();
        for entry in table.iter()? {
            pool.push(records::decode_transaction(entry?.1.value())?);
        }
        Ok(pool)
    }

    /// Root of block 0's state as it was made, which later changes from outside do not touch; none in a new store.
    ///
    /// # Errors
    /// The file cannot be read, or the record is damaged.
    pub fn genesis_state(&self) -> Result<Option<Cid>, StoreError> {
        let table = self.database.read()?.open_table(VALUES)?;
        table
            .get(GENESIS_STATE)?
            .map(|root| records::cid_of(root.value()))
            .transpose()
    }

    /// The clock as it was last; none in a new store.
    ///
    /// # Errors
    /// The file cannot be read, or the record is damaged.
    pub fn clock(&self) -> Result<Option<Clock>, StoreError> {
        let table = self.database.read()?.open_table(VALUES)?;
        table
            .get(CLOCK)?
            .map(|record| records::decode_clock(record.value()))
            .transpose()
    }

    /// The snapshots, by number, and the number that the last one got.
    ///
    /// # Errors
    /// The file cannot be read, or a record is damaged.
    pub fn snapshots(&self) -> Result<(Vec<SnapshotRecord>, u64), StoreError> {
        let read = self.database.read()?;
        let table = read.open_table(SNAPSHOTS)?;
        let mut snapshots = Vec::new();
        for entry in table.iter()? {
            let (id, record) = entry?;
            snapshots.push(records::decode_snapshot(id.value(), record.value())?);
        }
        let last = read
            .open_table(VALUES)?
            .get(LAST_SNAPSHOT)?
            .and_then(|last| last.value().try_into().ok());
        Ok((snapshots, last.map_or(0, u64::from_be_bytes)))
    }

    /// Writes everything to disk, whatever the durability.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.database.sync()
    }

    /// The chain id that the store is for.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }
}

fn put_block(transaction: &WriteTransaction, block: &Block) -> Result<(), StoreError> {
    transaction
        .open_table(BLOCKS)?
        .insert(block.number, records::encode_block(block)?.as_slice())?;
    transaction
        .open_table(HASHES)?
        .insert(&block.hash.0, block.number)?;
    let mut table = transaction.open_table(TRANSACTIONS)?;
    for (index, included) in (0_u32..).zip(&block.transactions) {
        table.insert(&included.transaction.hash.0, (block.number, index))?;
    }
    Ok(())
}

fn truncate(transaction: &WriteTransaction, number: u64) -> Result<(), StoreError> {
    let mut blocks = transaction.open_table(BLOCKS)?;
    let mut hashes = transaction.open_table(HASHES)?;
    let mut places = transaction.open_table(TRANSACTIONS)?;
    loop {
        let (last, block) = match blocks.last()? {
            Some((last, record)) if last.value() > number => {
                (last.value(), records::decode_block(record.value())?)
            }
            _ => break,
        };
        hashes.remove(&block.hash.0)?;
        for included in &block.transactions {
            places.remove(&included.transaction.hash.0)?;
        }
        blocks.remove(last)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
