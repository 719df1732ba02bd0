//! The database file: how it is opened, what is refused, and how durable a write is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cid::Cid;
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{ReadTransaction, ReadableDatabase, StorageBackend, WriteTransaction};

use super::{BLOCKS, HASHES, POOL, SNAPSHOTS, TRANSACTIONS, VALUES, ipld, records};
use crate::config::GasUnit;

/// The format that this version writes. It rises with every change that older versions cannot read.
const FORMAT: u32 = 1;
/// Name of the database in its folder.
const FILE: &str = "chain.redb";
/// Name under which a new database is made; it gets its name when it is whole.
const UNFINISHED: &str = "chain.redb.new";
/// Name of the file that a running node keeps locked.
const LOCK: &str = "chain.lock";
/// How every redb file begins.
const MAGIC: &[u8] = b"redb";
/// Names of the mark among the single values.
const FORMAT_KEY: &str = "format";
const IDENTITY_KEY: &str = "identity";
/// Memory for pages of the file, in bytes; what is asked for often is cached above it.
const PAGE_CACHE: usize = 24 << 20;
/// How often what is not synced with each block is written or synced.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// When a block counts as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Synced to disk before its transactions are acknowledged: survives a loss of power.
    #[default]
    Immediate,
    /// Handed to the operating system before: survives the end of the process however it comes. A loss of power may
    /// cost the store.
    Eventual,
    /// Written every second and at the end: a killed process loses what came after.
    None,
}

impl FromStr for Durability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "immediate" => Ok(Self::Immediate),
            "eventual" => Ok(Self::Eventual),
            "none" => Ok(Self::None),
            _ => Err("expected immediate, eventual or none".to_owned()),
        }
    }
}

/// What a store belongs to. A chain goes on only with the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Filecoin network version.
    pub network_version: u32,
    /// Manifest of the bundle of actors.
    pub manifest: Cid,
    /// Unit of gas: what fees are rounded to shows in balances.
    pub gas_unit: GasUnit,
}

impl Identity {
    /// What in it is not as wanted: its name, what this has and what is wanted.
    pub(super) fn difference(&self, wanted: &Self) -> Option<(&'static str, String, String)> {
        let parts = |of: &Self| {
            [
                ("chain id", of.chain_id.to_string()),
                ("network version", of.network_version.to_string()),
                ("the bundle of actors", of.manifest.to_string()),
                ("--gas-scale", of.gas_unit.fvm_gas().to_string()),
            ]
        };
        std::iter::zip(parts(self), parts(wanted))
            .find(|((_, ours), (_, theirs))| ours != theirs)
            .map(|((what, ours), (_, theirs))| (what, ours, theirs))
    }
}

/// Why the store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or read.
    #[error("--data {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another process has it.
    #[error("--data {}: another node uses this folder; stop it, or choose another folder", .0.display())]
    Locked(PathBuf),
    /// The file is of another program.
    #[error("{}: this file is not a chain of fevm; choose another folder for --data", .0.display())]
    Foreign(PathBuf),
    /// A newer version wrote it.
    #[error("{}: written by a newer version of fevm (format {found}, this version reads up to {FORMAT}); update fevm, or choose another folder for --data", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It is of another chain.
    #[error("{}: this chain has {what} {stored}, and the node was started with {wanted}; start it with the same, or choose another folder for --data", path.display())]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// The chain's.
        stored: String,
        /// The node's.
        wanted: String,
    },
    /// The content is not what was written.
    #[error("{}: the chain is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A record is not what was written.
    #[error("the store is damaged: {0}")]
    Record(String),
    /// The database fails, as on a full disk.
    #[error("the store failed: {0}")]
    Database(Box<redb::Error>),
}

macro_rules! from_redb {
    ($($error:ty),*) => { $(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )* };
}

from_redb!(
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);

impl From<StoreError> for fevm_machine::MachineError {
    fn from(error: StoreError) -> Self {
        Self::State(error.into())
    }
}

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    redb: redb::Database,
    /// Whether each write goes to the file before it is acknowledged.
    write_through: bool,
    persistent: bool,
    /// For syncing outside of transactions; none for a store that nobody will open again.
    file: Option<File>,
    /// Locked for as long as the database is open.
    _lock: Option<File>,
}

impl Database {
    /// A database in a file that no folder shows, or in memory where there is no place for files.
    pub(super) fn temporary() -> Result<Self, StoreError> {
        let redb = match tempfile::tempfile()
            .map_err(redb::StorageError::Io)
            .map(FileBackend::new)
        {
            Ok(Ok(inner)) => builder().create_with_backend(ChainFile {
                inner,
                syncs: false,
            }),
            _ => {
                tracing::warn!(
                    "no temporary file can be made: the chain's history stays in memory"
                );
                builder().create_with_backend(InMemoryBackend::new())
            }
        };
        let redb = redb.map_err(|error| StoreError::Database(Box::new(error.into())))?;
        let this = Self {
            redb,
            write_through: false,
            persistent: false,
            file: None,
            _lock: None,
        };
        this.write(create_tables)?;
        Ok(this)
    }

    pub(super) fn open(
        folder: &Path,
        durability: Durability,
        identity: &Identity,
    ) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(folder.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let path = folder.join(FILE);
        if !path.try_exists().map_err(failed)? {
            create(folder, identity)?;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        check_magic(&path, file.try_clone().map_err(failed)?)?;
        let syncs = durability == Durability::Immediate;
        let redb = open_file(&path, file.try_clone().map_err(failed)?, syncs)?;
        let this = Self {
            redb,
            write_through: durability != Durability::None,
            persistent: true,
            file: Some(file),
            _lock: Some(lock),
        };
        this.check_mark(&path, identity)?;
        Ok(this)
    }

    pub(super) const fn is_persistent(&self) -> bool {
        self.persistent
    }

    /// What was committed so far.
    pub(super) fn read(&self) -> Result<ReadTransaction, StoreError> {
        Ok(self.redb.begin_read()?)
    }

    /// Runs one write transaction: all of it, or nothing on an error.
    pub(super) fn write(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.redb.begin_write()?;
        if !self.write_through {
            transaction.set_durability(redb::Durability::None)?;
        }
        change(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Writes what waits, and syncs it to disk.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.flush()?;
        match &self.file {
            Some(file) => file
                .sync_data()
                .map_err(|error| redb::StorageError::Io(error).into()),
            None => Ok(()),
        }
    }

    fn flush(&self) -> Result<(), StoreError> {
        if self.write_through {
            return Ok(());
        }
        // An empty transaction takes all the earlier ones with it, and lets their pages be used again.
        Ok(self.redb.begin_write()?.commit()?)
    }

    /// Does every second what is not done with each block, until the database is dropped.
    pub(super) fn flush_regularly(this: &Arc<Self>, durability: Durability) {
        if this.persistent && durability == Durability::Immediate {
            return;
        }
        let database: Weak<Self> = Arc::downgrade(this);
        let run = move || {
            loop {
                std::thread::sleep(FLUSH_INTERVAL);
                let Some(database) = database.upgrade() else {
                    return;
                };
                let result = if durability == Durability::Eventual {
                    database.sync()
                } else {
                    database.flush()
                };
                if let Err(error) = result {
                    tracing::error!(%error, "the chain could not be written");
                }
            }
        };
        // Without the thread everything is written at the end.
        let _ = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(run);
    }

    fn check_mark(&self, path: &Path, wanted: &Identity) -> Result<(), StoreError> {
        let damaged = |reason: &str| StoreError::Damaged {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let foreign = || StoreError::Foreign(path.to_owned());
        let values = match self.read()?.open_table(VALUES) {
            Ok(values) => values,
            Err(
                redb::TableError::TableDoesNotExist(_) | redb::TableError::TableTypeMismatch { .. },
            ) => {
                return Err(foreign());
            }
            Err(error) => return Err(error.into()),
        };
        let format = values.get(FORMAT_KEY)?.ok_or_else(foreign)?;
        let format = format
            .value()
            .try_into()
            .map(u32::from_be_bytes)
            .map_err(|_| foreign())?;
        if format > FORMAT {
            return Err(StoreError::Newer {
                path: path.to_owned(),
                found: format,
            });
        }
        let identity = values
            .get(IDENTITY_KEY)?
            .ok_or_else(|| damaged("its mark is missing"))?;
        let stored = records::decode_identity(identity.value())
            .map_err(|error| damaged(&error.to_string()))?;
        match stored.difference(wanted) {
            None => Ok(()),
            Some((what, stored, wanted)) => Err(StoreError::OtherChain {
                path: path.to_owned(),
                what,
                stored,
                wanted,
            }),
        }
    }
}

fn builder() -> redb::Builder {
    let mut builder = redb::Database::builder();
    builder.set_cache_size(PAGE_CACHE);
    builder
}

/// Makes a database with its mark and no blocks. It gets its name as the last step, so a process that ends in between
/// leaves nothing that looks like a chain.
fn create(folder: &Path, identity: &Identity) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder {
        path: folder.to_owned(),
        source,
    };
    let (unfinished, path) = (folder.join(UNFINISHED), folder.join(FILE));
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&unfinished)
        .map_err(failed)?;
    let redb = open_file(&unfinished, file, true)?;
    let transaction = redb.begin_write()?;
    create_tables(&transaction)?;
    {
        let mut values = transaction.open_table(VALUES)?;
        values.insert(FORMAT_KEY, FORMAT.to_be_bytes().as_slice())?;
        values.insert(IDENTITY_KEY, records::encode_identity(identity).as_slice())?;
    }
    transaction.commit()?;
    drop(redb);
    std::fs::rename(&unfinished, &path).map_err(failed)?;
    // The new name is in the folder, which is synced on its own where the system knows that.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn create_tables(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(BLOCKS)?;
    transaction.open_table(HASHES)?;
    transaction.open_table(TRANSACTIONS)?;
    transaction.open_table(POOL)?;
    transaction.open_table(SNAPSHOTS)?;
    transaction.open_table(VALUES)?;
    transaction.open_table(ipld::TABLE)?;
    Ok(())
}

fn check_magic(path: &Path, mut file: File) -> Result<(), StoreError> {
    let mut start = [0; MAGIC.len()];
    match file.read_exact(&mut start) {
        Ok(()) if start == MAGIC => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(StoreError::Folder {
            path: path.to_owned(),
            source: error,
        }),
        _ => Err(StoreError::Foreign(path.to_owned())),
    }
}

fn open_file(path: &Path, file: File, syncs: bool) -> Result<redb::Database, StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let inner = FileBackend::new(file).map_err(|error| damaged(error.to_string()))?;
    let mut builder = builder();
    let shown = path.to_owned();
    builder.set_repair_callback(move |session| {
        if session.progress() == 0.0 {
            tracing::info!(file = %shown.display(), "the node was not stopped in order: checking the chain");
        }
    });
    // A damaged file must be an error for the user, whatever it makes of the database's code.
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        builder.create_with_backend(ChainFile { inner, syncs })
    }));
    match opened {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(redb::DatabaseError::DatabaseAlreadyOpen)) => {
            Err(StoreError::Locked(path.to_owned()))
        }
        Ok(Err(redb::DatabaseError::UpgradeRequired(format))) => {
            Err(damaged(format!("a database of an older kind ({format})")))
        }
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(_) => Err(damaged("its pages contradict each other".to_owned())),
    }
}

/// A file that is synced, or only written, at each commit.
#[derive(Debug)]
struct ChainFile {
    inner: FileBackend,
    syncs: bool,
}

impl StorageBackend for ChainFile {
    fn len(&self) -> Result<u64, io::Error> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        if self.syncs {
            self.inner.sync_data()
        } else {
            Ok(())
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.inner.write(offset, data)
    }

    fn close(&self) -> Result<(), io::Error> {
        self.inner.close()
    }
}
