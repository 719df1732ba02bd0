//! The virtual machine of one network, and sessions in which messages are
//! applied to a state.

use std::sync::Arc;
use std::time::Instant;

use cid::Cid;
use fvm::call_manager::DefaultCallManager;
use fvm::engine::EnginePool;
use fvm::kernel::filecoin::DefaultFilecoinKernel;
use fvm::machine::{DefaultMachine, Machine, MachineContext, NetworkConfig};
use fvm_shared::address::{Address, Payload};
use fvm_shared::chainid::ChainID;
use fvm_shared::clock::ChainEpoch;
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;
use fvm_shared::version::NetworkVersion;

use crate::amount;
use crate::chain::{ChainExterns, ChainView};
use crate::engine::{Engines, compile_in_background};
use crate::error::MachineError;
use crate::executor::{self, ApplyKind};
use crate::observe::{Observed, ObservingKernel, observing};
use crate::outcome::Outcome;
use crate::scratch::{Idle, Scratch};
use crate::state::StateTree;
use crate::store::Store;
use crate::worker::Workers;

type FvmMachine = Box<DefaultMachine<Store, ChainExterns>>;
type FvmKernel = DefaultFilecoinKernel<DefaultCallManager<FvmMachine>>;
type ObservingFvmKernel = ObservingKernel<DefaultCallManager<FvmMachine>>;

/// What distinguishes one network from another.
#[derive(Debug, Clone)]
pub struct Network {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Filecoin network version, 21 to 29: gas prices and rules.
    pub version: u32,
    /// Code CIDs that are run as other code, without a change of state: the
    /// actors keep their code CID and type.
    pub redirect: Vec<(Cid, Cid)>,
    /// Whether actors may log, for a little gas. A rule of consensus.
    pub actor_debugging: bool,
}

/// Chain id of local development networks.
pub const LOCAL_CHAIN_ID: u64 = 31_415_926;

/// The network version of the mainnet that this machine follows.
pub const NETWORK_VERSION: u32 = 28;

impl Default for Network {
    fn default() -> Self {
        Self {
            chain_id: LOCAL_CHAIN_ID,
            version: NETWORK_VERSION,
            redirect: Vec::new(),
            actor_debugging: false,
        }
    }
}

/// Where in the chain messages run.
#[derive(Clone)]
pub struct BlockContext {
    /// The state that they start from.
    pub state_root: Cid,
    /// The epoch, which is the block number.
    pub epoch: ChainEpoch,
    /// UNIX time of the block, in seconds.
    pub timestamp: u64,
    /// Base fee in attoFIL per gas.
    pub base_fee: TokenAmount,
    /// Circulating supply in attoFIL, which some actors ask for.
    pub circulating_supply: TokenAmount,
    /// Answers about earlier blocks.
    pub chain: Arc<dyn ChainView>,
    /// Whether outcomes carry a trace. It does not change any result.
    pub tracing: bool,
}

impl std::fmt::Debug for BlockContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockContext")
            .field("state_root", &self.state_root)
            .field("epoch", &self.epoch)
            .field("timestamp", &self.timestamp)
            .field("base_fee", &self.base_fee)
            .field("tracing", &self.tracing)
            .finish_non_exhaustive()
    }
}

impl BlockContext {
    /// A block context with 700 million FIL in circulation and no tracing.
    pub fn new(
        state_root: Cid,
        epoch: ChainEpoch,
        timestamp: u64,
        base_fee: TokenAmount,
        chain: Arc<dyn ChainView>,
    ) -> Self {
        Self {
            state_root,
            epoch,
            timestamp,
            base_fee,
            circulating_supply: TokenAmount::from_whole(700_000_000),
            chain,
            tracing: false,
        }
    }

    /// The same with tracing on or off.
    #[must_use]
    pub const fn with_tracing(mut self, tracing: bool) -> Self {
        self.tracing = tracing;
        self
    }
}

/// A virtual machine: a store, a network's rules, and compiled actors. Cheap
/// to clone and to share.
#[derive(Clone)]
pub struct Vm {
    store: Store,
    network: NetworkConfig,
    pool: EnginePool,
    engines: &'static Engines,
    scratch: Scratch,
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vm")
            .field("store", &self.store)
            .field("network_version", &self.network.network_version)
            .finish_non_exhaustive()
    }
}

impl Vm {
    /// A machine over a store that holds the states and the actors' code.
    pub fn new(store: Store, network: &Network) -> Result<Self, MachineError> {
        let mut config = NetworkConfig::new(network_version(network.version)?);
        config.chain_id(ChainID::from(network.chain_id));
        config.redirect_actors(network.redirect.clone());
        config.actor_debugging = network.actor_debugging;
        let engines = Engines::process()?;
        let pool = engines.pool(&config)?;
        Ok(Self {
            store,
            network: config,
            pool,
            engines,
            scratch: Scratch::default(),
        })
    }

    /// The blocks.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The same machine over another store, such as an
    /// [`overlay`](Store::overlay) for scratch states.
    #[must_use]
    pub fn with_store(&self, store: Store) -> Self {
        Self {
            store,
            scratch: Scratch::default(),
            ..self.clone()
        }
    }

    /// The network whose rules this machine follows.
    pub fn network(&self) -> Network {
        Network {
            chain_id: self.network.chain_id.into(),
            version: self.network.network_version.into(),
            redirect: self.network.actor_redirect.clone(),
            actor_debugging: self.network.actor_debugging,
        }
    }

    /// How many sessions run at once; others wait for their turn.
    pub fn concurrency(&self) -> usize {
        self.engines.workers().count()
    }

    /// Gas that including a message of this length on chain costs.
    pub fn inclusion_gas(&self, raw_length: usize) -> u64 {
        let charge = self.network.price_list.on_chain_message(raw_length);
        charge.total().round_up()
    }

    /// Compiles actors in the background, the given ones in their order. What
    /// is needed earlier is compiled when it is called.
    pub fn compile(&self, codes: Vec<Cid>) -> Result<(), MachineError> {
        compile_in_background(self.engines.workers(), &self.pool, &self.store, codes)
    }

    /// Opens a session in a block and gives it to `job` on a message thread,
    /// then waits for what `job` answers. Changes are kept only if the job
    /// [flushes](Session::flush) them. A panic below is
    /// [`MachineError::Panicked`].
    pub fn run<T, F>(&self, block: BlockContext, job: F) -> Result<T, MachineError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, MachineError> + Send + 'static,
    {
        let vm = self.clone();
        self.engines
            .workers()
            .run(move || job(&mut Session::open(vm, &block)?))?
    }

    /// As [`run`](Self::run), for jobs that do not flush: what they change is
    /// forgotten, and the session may have served others before.
    pub fn run_scratch<T, F>(&self, block: BlockContext, job: F) -> Result<T, MachineError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, MachineError> + Send + 'static,
    {
        let vm = self.clone();
        self.engines.workers().run(move || {
            let scratch = vm.scratch.clone();
            let most = vm.concurrency();
            let mut idle = match scratch.take(&block) {
                Some(idle) => idle,
                None => Idle::new(&block, Session::open(vm, &block)?),
            };
            idle.session.machine()?.state_tree_mut().begin_transaction();
            let result = job(&mut idle.session)?;
            idle.session
                .machine()?
                .state_tree_mut()
                .end_transaction(true)
                .map_err(MachineError::state)?;
            scratch.give(idle, most);
            Ok(result)
        })?
    }

    /// Applies one message to a block's state and flushes: the outcome and the
    /// new state root.
    pub fn apply(
        &self,
        block: BlockContext,
        message: Message,
        kind: ApplyKind,
        raw_length: usize,
    ) -> Result<(Outcome, Cid), MachineError> {
        self.run(block, move |session| {
            let outcome = session.apply(&message, kind, raw_length)?;
            Ok((outcome, session.flush()?))
        })
    }

    /// Applies one message to a block's state and forgets the new state.
    pub fn call(
        &self,
        block: BlockContext,
        message: Message,
        kind: ApplyKind,
        raw_length: usize,
    ) -> Result<Outcome, MachineError> {
        self.run_scratch(block, move |session| {
            session.apply(&message, kind, raw_length)
        })
    }

    /// The machine's context of a block.
    pub(crate) fn context(&self, block: &BlockContext) -> Result<MachineContext, MachineError> {
        amount::check_range("base fee", &block.base_fee)?;
        amount::check_range("circulating supply", &block.circulating_supply)?;
        let mut context = self
            .network
            .for_epoch(block.epoch, block.timestamp, block.state_root);
        context.base_fee = block.base_fee.clone();
        context.circ_supply = block.circulating_supply.clone();
        context.tracing = block.tracing;
        Ok(context)
    }

    /// The engine.
    pub(crate) const fn pool(&self) -> &EnginePool {
        &self.pool
    }

    /// The message threads.
    pub(crate) const fn workers(&self) -> &Arc<Workers> {
        self.engines.workers()
    }

    /// The same machine, where one code is run as another.
    pub(crate) fn redirected(&self, from: Cid, to: Cid) -> Result<Self, MachineError> {
        let mut network = self.network.clone();
        let mut redirect = network.actor_redirect.clone();
        redirect.retain(|(code, _)| *code != from);
        redirect.push((from, to));
        network.redirect_actors(redirect);
        Ok(Self {
            pool: self.engines.pool(&network)?,
            network,
            // The sessions of this machine run other code.
            scratch: Scratch::default(),
            ..self.clone()
        })
    }

    /// The state tree at a root, for reading and for changes from outside.
    pub fn state(&self, root: &Cid) -> Result<StateTree, MachineError> {
        StateTree::open(self.store.clone(), root)
    }
}

/// A state that messages are applied to, one after the other, within one
/// block. Lives on a message thread: see [`Vm::run`].
pub struct Session {
    // `None` after a fatal error.
    machine: Option<FvmMachine>,
    pool: EnginePool,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("usable", &self.machine.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    fn open(vm: Vm, block: &BlockContext) -> Result<Self, MachineError> {
        let context = vm.context(block)?;
        let externs = ChainExterns(block.chain.clone());
        let machine =
            DefaultMachine::new(&context, vm.store, externs).map_err(MachineError::State)?;
        Ok(Self {
            machine: Some(Box::new(machine)),
            pool: vm.pool,
        })
    }

    /// Applies a message. `raw_length` is its length on chain in bytes, which
    /// the inclusion charge depends on; see
    /// [`on_chain_length`](crate::message::on_chain_length).
    ///
    /// A failure of the message is part of the outcome. After
    /// [`MachineError::Fatal`] the session is of no more use.
    pub fn apply(
        &mut self,
        message: &Message,
        kind: ApplyKind,
        raw_length: usize,
    ) -> Result<Outcome, MachineError> {
        let machine = self.machine.take().ok_or(MachineError::Poisoned)?;
        let (outcome, machine) =
            executor::apply::<FvmKernel>(machine, &self.pool, message, kind, raw_length);
        self.machine = machine;
        outcome
    }

    /// [`apply`](Self::apply), with what the actors asked for and whom they called. After
    /// `deadline` their sends end fatally.
    pub fn apply_observed(
        &mut self,
        message: &Message,
        kind: ApplyKind,
        raw_length: usize,
        deadline: Option<Instant>,
    ) -> (Result<Outcome, MachineError>, Option<Observed>) {
        let Some(machine) = self.machine.take() else {
            return (Err(MachineError::Poisoned), None);
        };
        let ((outcome, machine), observed) = observing(deadline, || {
            executor::apply::<ObservingFvmKernel>(machine, &self.pool, message, kind, raw_length)
        });
        self.machine = machine;
        (outcome, observed)
    }

    /// Writes the state to the store and gives its root.
    pub fn flush(&mut self) -> Result<Cid, MachineError> {
        self.machine()?.flush().map_err(MachineError::state)
    }

    /// Makes sure that an address can send a message of a kind that does not
    /// pay: an unknown f410 address gets a placeholder, and a placeholder that
    /// has not sent yet becomes an Ethereum account, as it would by sending.
    /// Gives the sender's message nonce.
    pub fn prepare_sender(&mut self, from: &Address) -> Result<u64, MachineError> {
        let machine = self.machine()?;
        let tree = machine.state_tree();
        let found = tree.lookup_id(from).map_err(MachineError::state)?;
        let existing = match found {
            Some(id) => tree.get_actor(id).map_err(MachineError::state)?,
            None => None,
        };
        let id = match found {
            Some(id) => id,
            None if matches!(from.payload(), Payload::Delegated(_)) => machine
                .state_tree_mut()
                .register_new_address(from)
                .map_err(MachineError::state)?,
            None => {
                return Err(MachineError::InvalidMessage(format!(
                    "sender {from} does not exist"
                )));
            }
        };
        let known = existing.is_some();
        let mut actor = existing.unwrap_or_else(|| {
            let code = *machine.builtin_actors().get_placeholder_code();
            fvm_shared::state::ActorState::new_empty(code, Some(*from))
        });
        let code = actor.code;
        executor::promote(machine, &mut actor);
        let nonce = actor.sequence;
        if !known || actor.code != code {
            machine.state_tree_mut().set_actor(id, actor);
        }
        Ok(nonce)
    }

    /// The balance of an address as of the messages applied so far, in attoFIL; 0 if there is no
    /// such actor.
    pub fn balance(&mut self, address: &Address) -> Result<TokenAmount, MachineError> {
        let tree = self.machine()?.state_tree();
        let actor = match tree.lookup_id(address).map_err(MachineError::state)? {
            Some(id) => tree.get_actor(id).map_err(MachineError::state)?,
            None => None,
        };
        Ok(actor.map_or_else(TokenAmount::default, |actor| actor.balance))
    }

    fn machine(&mut self) -> Result<&mut FvmMachine, MachineError> {
        self.machine.as_mut().ok_or(MachineError::Poisoned)
    }
}

fn network_version(version: u32) -> Result<NetworkVersion, MachineError> {
    if (21..=29).contains(&version) {
        Ok(NetworkVersion::new(version))
    } else {
        Err(unsupported(version))
    }
}

fn unsupported(version: u32) -> MachineError {
    MachineError::InvalidInput(format!(
        "network version {version} is not supported: 21 to 29 are"
    ))
}
