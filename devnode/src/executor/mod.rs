//! Running transactions and calls in the FVM.

mod block;
mod call;
mod changes;
mod estimate;
mod overrides;
mod simulate;
mod state;
mod steps;
mod trace;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use cid::Cid;
use fevm_machine::message::on_chain_length;
use fevm_machine::{BlockContext, ChainView, MachineError, Store, Vm};
use fvm_shared::clock::ChainEpoch;
use fvm_shared::econ::TokenAmount;

pub use block::{Executed, Rejected};
pub use call::{CallError, CallMessage, CallOutcome, Heard, ethereum_words};
pub use changes::{AccountChange, AccountView, changes, touched};
pub use estimate::EstimateError;
pub use overrides::{AccountOverride, BlockOverrides};
pub use simulate::{Rules, SimulatedBlock, SimulatedCall, SimulationCall, SimulationError};
pub use state::{message_nonce, token_amount};
pub use trace::Traced;

use crate::chain::builder::Draft;
use crate::chain::{Block, Chain, randomness};
use crate::config::GasUnit;
use crate::pool::Transaction;

/// Where in the chain a message runs: on which state, and as part of which block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// State that it starts from.
    pub state_root: Cid,
    /// Number of the block.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Base fee in attoFIL per gas.
    pub base_fee: u128,
}

impl Place {
    /// After a block, as if still in it: where Ethereum nodes run calls at a block.
    pub const fn after(block: &Block) -> Self {
        Self {
            state_root: block.state_root,
            number: block.number,
            timestamp: block.timestamp,
            base_fee: block.base_fee,
        }
    }

    /// At the beginning of a block that is not made yet.
    pub const fn in_draft(draft: &Draft, state_root: Cid) -> Self {
        Self {
            state_root,
            number: draft.number,
            timestamp: draft.timestamp,
            base_fee: draft.base_fee,
        }
    }
}

/// The FVM over the node's chain and store. Its methods wait for a message thread, so they are
/// not for the server's threads.
#[derive(Debug, Clone)]
pub struct Executor {
    vm: Vm,
    chain: Arc<SharedChain>,
    gas_unit: GasUnit,
}

impl Executor {
    /// An executor of the given machine for the given chain.
    pub fn new(vm: Vm, chain: Arc<RwLock<Chain>>) -> Self {
        Self {
            vm,
            chain: Arc::new(SharedChain {
                chain,
                ahead: BTreeMap::new(),
            }),
            gas_unit: GasUnit::FVM,
        }
    }

    /// The same with receipts in another unit of gas.
    #[must_use]
    pub const fn with_gas_unit(mut self, unit: GasUnit) -> Self {
        self.gas_unit = unit;
        self
    }

    /// The same on a chain in which a block stands that the node's chain does not have.
    #[must_use]
    pub fn with_block(mut self, block: &Block) -> Self {
        let chain = Arc::make_mut(&mut self.chain);
        chain.ahead.insert(block.number, block.tipset);
        self
    }

    /// The blocks by CID: states, headers, receipts.
    pub const fn store(&self) -> &Store {
        self.vm.store()
    }

    /// The least gas limit with which a transaction can be included. A limit with more digits
    /// makes the message longer, which costs more.
    pub fn least_gas_limit(&self, transaction: &Transaction) -> u64 {
        let needed = self.vm.inclusion_gas(transaction.on_chain_length);
        if transaction.gas_limit() >= needed {
            return needed;
        }
        let mut message = transaction.message.clone();
        let rest = transaction.on_chain_length - on_chain_length(&message, 0);
        message.gas_limit = needed;
        self.vm.inclusion_gas(on_chain_length(&message, 0) + rest)
    }

    fn context(&self, place: Place, tracing: bool) -> Result<BlockContext, MachineError> {
        let epoch = ChainEpoch::try_from(place.number).map_err(|_| {
            MachineError::InvalidInput(format!("block number {} is above 2^63", place.number))
        })?;
        self.check_kept(&place.state_root)?;
        let base_fee = TokenAmount::from_atto(place.base_fee);
        // The same one for every call, so that sessions can be shared.
        let chain: Arc<dyn ChainView> = self.chain.clone();
        Ok(
            BlockContext::new(place.state_root, epoch, place.timestamp, base_fee, chain)
                .with_tracing(tracing),
        )
    }
}

/// The node's chain as messages see it, with blocks that are only simulated.
#[derive(Debug, Clone)]
struct SharedChain {
    chain: Arc<RwLock<Chain>>,
    ahead: BTreeMap<u64, Cid>,
}

impl ChainView for SharedChain {
    fn tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid> {
        let number = u64::try_from(epoch)?;
        if let Some(tipset) = self.ahead.get(&number) {
            return Ok(*tipset);
        }
        let chain = self.chain.read().unwrap_or_else(PoisonError::into_inner);
        chain
            .tipset(number)?
            .ok_or_else(|| anyhow::anyhow!("no block {number}"))
    }

    fn beacon_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        anyhow::ensure!(epoch >= 0, "no randomness of epoch {epoch}");
        Ok(randomness::beacon_digest(epoch))
    }

    fn ticket_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        anyhow::ensure!(epoch >= 0, "no randomness of epoch {epoch}");
        Ok(randomness::ticket_digest(epoch))
    }
}
