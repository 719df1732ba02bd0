//! Starting: from nothing, from the store of an earlier run, or from a state file.

use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};

use alloy_primitives::{B256, keccak256};
use fevm_machine::bundle::{Actor, Bundle};
use fevm_machine::{MachineError, Network, Vm};
use tokio::sync::broadcast;

use super::genesis::genesis_block;
use super::snapshots::Snapshots;
use super::{EVENT_BACKLOG, Node, Settings, lock};
use crate::NodeConfig;
use crate::accounts::{Accounts, MnemonicError};
use crate::chain::Chain;
use crate::executor::{Executor, message_nonce};
use crate::pool::Pool;
use crate::report::Artifacts;
use crate::report::artifacts::ArtifactsError;
use crate::rpc::debug::Preimages;
use crate::store::state_file::{self, StateFileError};
use crate::store::{ChainStore, Changes, Identity, StoreError};

/// The actors that every contract call needs, in the order in which they are compiled.
const COMPILED_FIRST: [&str; 5] = ["evm", "eam", "init", "ethaccount", "placeholder"];

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The mnemonic is not one.
    #[error(transparent)]
    Mnemonic(#[from] MnemonicError),
    /// A directory of artifacts cannot be read.
    #[error(transparent)]
    Artifacts(#[from] ArtifactsError),
    /// The machine refuses the bundle or the genesis.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// Block 0 cannot be made.
    #[error("block 0: {0}")]
    Genesis(anyhow::Error),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state file cannot be read.
    #[error("--load-state {}: {source}", path.display())]
    StateFile {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The state file cannot be loaded.
    #[error("--load-state {}: {source}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: StateFileError,
    },
    /// A state file is for a new chain.
    #[error("--load-state {}: --data {} holds a chain already; leave one of the two out, or choose another folder", file.display(), data.display())]
    ChainExists {
        /// The state file.
        file: PathBuf,
        /// The folder.
        data: PathBuf,
    },
}

impl Node {
    /// Starts a chain with the given bundle of actors: the one in the configured folder, or a new one.
    ///
    /// # Errors
    /// The configuration, the bundle or the store cannot be used.
    pub fn start(config: NodeConfig, bundle: &Bundle) -> Result<Arc<Self>, StartError> {
        let accounts = Accounts::from_mnemonic(&config.mnemonic, config.accounts)?;
        let mut artifacts = Artifacts::default();
        for directory in &config.artifacts {
            artifacts.add_directory(directory)?;
        }
        let identity = Identity {
            chain_id: config.chain_id,
            network_version: config.network_version,
            manifest: bundle.manifest().0,
            gas_unit: config.gas_unit,
        };
        let store = match &config.data {
            Some(folder) => ChainStore::open(folder, config.durability, &identity)?,
            None => ChainStore::temporary(config.chain_id)?,
        };
        if let Some(blocks) = config.prune {
            store.prune_to(blocks);
        }
        let store = Arc::new(store);
        let network = Network {
            chain_id: config.chain_id,
            version: config.network_version,
            ..Network::default()
        };
        let vm = Vm::new(store.ipld(), &network)?;
        begin(&config, &accounts, bundle, &vm, &store, &identity)?;
        vm.compile(
            COMPILED_FIRST
                .iter()
                .filter_map(|name| bundle.actor(name))
                .map(Actor::cid)
                .collect(),
        )?;
        let chain = Arc::new(RwLock::new(Chain::load(Arc::clone(&store))?));
        let mut settings = Settings::new(&config);
        if let Some(clock) = store.clock()? {
            settings.clock = clock;
        }
        let node = Self {
            settings: Mutex::new(settings),
            executor: Executor::new(vm, Arc::clone(&chain)).with_gas_unit(config.gas_unit),
            config,
            accounts,
            chain,
            pool: Mutex::new(Pool::restored(store.pool()?)),
            filters: Mutex::default(),
            pending: Mutex::default(),
            events: broadcast::Sender::new(EVENT_BACKLOG),
            producing: Mutex::new(Snapshots::load(&store)?),
            sending: Mutex::default(),
            saving: Mutex::default(),
            store,
            identity,
            actor_codes: bundle.actors().iter().map(Actor::cid).collect(),
            instance_id: random(),
            subscriptions: AtomicU64::new(0),
            artifacts: RwLock::new(artifacts),
            preimages: Preimages::default(),
        };
        node.drop_included()?;
        Ok(Arc::new(node))
    }

    /// Takes out of a restored pool what is in a block already.
    fn drop_included(&self) -> Result<(), MachineError> {
        let state = self.executor.state(&self.head().state_root)?;
        let senders: Vec<_> = self.pool().senders().collect();
        for sender in senders {
            let nonce = message_nonce(&state, sender)?;
            lock(&self.pool).drop_below(sender, nonce);
        }
        Ok(())
    }

    /// The whole chain as the bytes of a state file.
    ///
    /// # Errors
    /// The store fails.
    pub fn dump_state(&self) -> Result<Vec<u8>, StateFileError> {
        let _producer = self.producer();
        let clock = self.settings().clock.clone();
        state_file::dump(
            &self.store,
            &self.chain(),
            &clock,
            &self.identity,
            &self.actor_codes,
        )
    }

    /// Goes on with the chain of a state file in place of this one. Snapshots and waiting transactions are forgotten.
    ///
    /// # Errors
    /// The file cannot be loaded; nothing has changed then.
    pub fn load_state(&self, file: &[u8]) -> Result<(), StateFileError> {
        let mut snapshots = self.producer();
        let loaded = state_file::load(file, &self.identity, None, &self.store.ipld())?;
        let head = self.head();
        self.pool().clear();
        self.settings().clock = loaded.clock;
        snapshots.clear();
        self.write(Changes {
            replace: true,
            blocks: loaded.blocks.into_iter().map(Arc::new).collect(),
            snapshots: snapshots.to_store(),
            ..Changes::default()
        })
        .map_err(|error| StoreError::Record(error.to_string()))?;
        let chain = Chain::load(Arc::clone(&self.store))?;
        *self
            .chain
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = chain;
        self.announce_removal(vec![head]);
        Ok(())
    }
}

/// Gives a new store its first blocks.
fn begin(
    config: &NodeConfig,
    accounts: &Accounts,
    bundle: &Bundle,
    vm: &Vm,
    store: &ChainStore,
    identity: &Identity,
) -> Result<(), StartError> {
    let is_new = store.is_new()?;
    if let (false, Some(file), Some(data)) = (is_new, &config.load_state, &config.data) {
        return Err(StartError::ChainExists {
            file: file.clone(),
            data: data.clone(),
        });
    }
    if !is_new {
        return Ok(());
    }
    let (blocks, clock) = match &config.load_state {
        None => (vec![genesis_block(config, accounts, bundle, vm)?], None),
        Some(path) => {
            let file = std::fs::read(path).map_err(|source| StartError::StateFile {
                path: path.clone(),
                source,
            })?;
            let loaded = state_file::load(&file, identity, Some(bundle), &store.ipld()).map_err(
                |source| StartError::State {
                    path: path.clone(),
                    source,
                },
            )?;
            (loaded.blocks, Some(loaded.clock))
        }
    };
    let blocks = blocks.into_iter().map(Arc::new).collect();
    Ok(store.commit(&Changes {
        blocks,
        clock,
        ..Changes::default()
    })?)
}

/// 32 bytes that no other run has: for names, not for secrets.
fn random() -> B256 {
    let seed = std::hash::RandomState::new().build_hasher().finish();
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    keccak256(
        [
            seed.to_be_bytes().as_slice(),
            &time.as_nanos().to_be_bytes(),
        ]
        .concat(),
    )
}
