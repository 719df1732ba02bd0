//! Running transactions and calls in the FVM.

mod block;
mod call;
mod estimate;
mod overrides;
mod state;
mod trace;

use std::sync::{Arc, PoisonError, RwLock};

use cid::Cid;
use fevm_machine::message::on_chain_length;
use fevm_machine::{BlockContext, ChainView, MachineError, Store, Vm};
use fvm_shared::clock::ChainEpoch;
use fvm_shared::econ::TokenAmount;

pub use block::{Executed, Rejected};
pub use call::{CallError, CallMessage, CallOutcome, ethereum_words};
pub use estimate::EstimateError;
pub use overrides::{AccountOverride, BlockOverrides};
pub use state::{message_nonce, token_amount};
pub use trace::Traced;

use crate::chain::builder::Draft;
use crate::chain::{Block, Chain, randomness};
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
    chain: SharedChain,
}

impl Executor {
    /// An executor of the given machine for the given chain.
    pub const fn new(vm: Vm, chain: Arc<RwLock<Chain>>) -> Self {
        Self {
            vm,
            chain: SharedChain(chain),
        }
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
        let base_fee = TokenAmount::from_atto(place.base_fee);
        let chain: Arc<dyn ChainView> = Arc::new(self.chain.clone());
        Ok(
            BlockContext::new(place.state_root, epoch, place.timestamp, base_fee, chain)
                .with_tracing(tracing),
        )
    }
}

/// The node's chain as messages see it.
#[derive(Debug, Clone)]
struct SharedChain(Arc<RwLock<Chain>>);

impl ChainView for SharedChain {
    fn tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid> {
        let number = u64::try_from(epoch)?;
        let chain = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let block = chain
            .by_number(number)
            .ok_or_else(|| anyhow::anyhow!("no block {number}"))?;
        Ok(block.tipset)
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
