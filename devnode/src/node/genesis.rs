//! Starting: the first state, block 0, and the actors compiled in the background.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};

use alloy_primitives::{Address, B256, address, hex, keccak256};
use fevm_machine::bundle::{Actor, Bundle};
use fevm_machine::genesis::Genesis;
use fevm_machine::{MachineError, Network, StateTree, Store, Vm};
use fvm_shared::econ::TokenAmount;
use tokio::sync::broadcast;

use super::{EVENT_BACKLOG, Node, Settings};
use crate::NodeConfig;
use crate::accounts::{Accounts, MnemonicError};
use crate::chain::builder::{Body, Draft, seal};
use crate::chain::{Block, Chain};
use crate::executor::Executor;
use crate::report::Artifacts;
use crate::report::artifacts::ArtifactsError;
use crate::rpc::debug::Preimages;

/// The contract through which Ethereum tools deploy at addresses that are the same on every chain.
pub(super) const DETERMINISTIC_DEPLOYER: Address =
    address!("4e59b44847b379578588920ca78fbf26c0b4956c");

/// Its runtime code: CREATE2 with the first word of the call data as salt and the rest as init
/// code; the new address is returned, and a failed creation reverts.
const DETERMINISTIC_DEPLOYER_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

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
}

impl Node {
    /// Starts a chain from nothing with the given bundle of actors.
    ///
    /// # Errors
    /// The configuration or the bundle cannot be used.
    pub fn start(config: NodeConfig, bundle: &Bundle) -> Result<Arc<Self>, StartError> {
        let accounts = Accounts::from_mnemonic(&config.mnemonic, config.accounts)?;
        let mut artifacts = Artifacts::default();
        for directory in &config.artifacts {
            artifacts.add_directory(directory)?;
        }
        let store = Store::memory();
        let mut genesis = Genesis::development("fevm");
        for account in accounts.addresses() {
            genesis = genesis.with_eth_account(account, TokenAmount::from_atto(config.balance), 0);
        }
        let network = Network {
            chain_id: config.chain_id,
            ..Network::default()
        };
        let vm = Vm::new(store.clone(), &network)?;
        let client = accounts.addresses().next();
        let (state, _) = genesis.establish(bundle, &vm, client)?;
        let mut root = state.root;
        let mut state = StateTree::open(store.clone(), &root)?;
        state.set_code(DETERMINISTIC_DEPLOYER, &DETERMINISTIC_DEPLOYER_CODE)?;
        root = state.flush()?;

        let settings = Settings::new(&config);
        let draft = Draft {
            number: 0,
            timestamp: config
                .genesis_timestamp
                .unwrap_or_else(|| settings.clock.now()),
            base_fee: config.base_fee,
            gas_limit: config.block_gas_limit,
        };
        let body = Body {
            included: Vec::new(),
            messages: Vec::new(),
            receipts: Vec::new(),
            state_root: root,
        };
        let mut block = seal(&store, None, draft, body).map_err(StartError::Genesis)?;
        // Block 0 has no transactions, so the configured fee is that of block 1 too.
        block.next_base_fee = config.base_fee;

        vm.compile(
            COMPILED_FIRST
                .iter()
                .filter_map(|name| bundle.actor(name))
                .map(Actor::cid)
                .collect(),
        )?;
        Ok(Arc::new(Self::assemble(
            config, accounts, artifacts, vm, block,
        )))
    }

    fn assemble(
        config: NodeConfig,
        accounts: Accounts,
        artifacts: Artifacts,
        vm: Vm,
        genesis: Block,
    ) -> Self {
        let chain = Arc::new(RwLock::new(Chain::new(genesis.clone())));
        Self {
            settings: Mutex::new(Settings::new(&config)),
            executor: Executor::new(vm, Arc::clone(&chain)).with_gas_unit(config.gas_unit),
            config,
            accounts,
            chain,
            pool: Mutex::default(),
            filters: Mutex::default(),
            pending: Mutex::default(),
            events: broadcast::Sender::new(EVENT_BACKLOG),
            producing: Mutex::default(),
            sending: Mutex::default(),
            genesis,
            instance_id: random(),
            subscriptions: AtomicU64::new(0),
            artifacts: RwLock::new(artifacts),
            preimages: Preimages::default(),
        }
    }
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
