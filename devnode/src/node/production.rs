//! Making blocks.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use alloy_consensus::Transaction as _;
use alloy_primitives::Address;
use cid::Cid;
use fevm_machine::MachineError;
use tokio::task::JoinHandle;

use super::snapshots::Snapshots;
use super::{ChainEvent, Node, lock};
use crate::chain::builder::{Draft, seal};
use crate::chain::{Block, Included};
use crate::config::Mining;
use crate::executor::{CallMessage, Executed, Place, Rejected, message_nonce};
use crate::pool::Transaction;
use crate::report::lines::{Notes, log_block};

/// How often the block timer looks whether interval mining was switched on.
const IDLE_TICK: Duration = Duration::from_millis(200);

/// No block of Ethereum has more gas, so a higher limit was made for Filecoin.
const ETHEREUM_SIZED_LIMIT: u64 = 60_000_000;

/// A block before it is part of the chain.
struct Made {
    block: Arc<Block>,
    rejected: Vec<Rejected>,
    notes: Vec<Notes>,
}

/// The right to make blocks and to change the past, one at a time.
pub(super) type Producer<'a> = MutexGuard<'a, Snapshots>;

impl Node {
    pub(super) fn producer(&self) -> Producer<'_> {
        lock(&self.producing)
    }

    /// Makes one block of what is ready, even an empty one.
    ///
    /// # Errors
    /// The machine fails; the chain is as before.
    pub fn mine(&self) -> Result<Arc<Block>, MachineError> {
        let producer = self.producer();
        let made = self.build_block(&producer, |ready| ready)?;
        Ok(self.adopt(made))
    }

    /// Makes many blocks, `interval` seconds apart if given; the first takes what is ready.
    ///
    /// # Errors
    /// The machine fails; the blocks made before stay.
    pub fn mine_many(&self, count: u64, interval: Option<u64>) -> Result<(), MachineError> {
        for index in 0..count {
            if index > 0
                && let Some(seconds) = interval
            {
                let timestamp = self.head().timestamp.saturating_add(seconds);
                // Refused only where it would not be later than the head, as with an interval of 0.
                let _ = self
                    .settings()
                    .clock
                    .set_next(timestamp, self.head().timestamp);
            }
            self.mine()?;
        }
        Ok(())
    }

    /// Makes a block for each transaction that is ready, while mining is automatic. A limit of
    /// Ethereum's size that is not enough is refused: its block is not taken into the chain.
    ///
    /// # Errors
    /// The machine fails; the blocks made before stay.
    pub(super) fn mine_ready(&self) -> Result<(), MachineError> {
        let mut producer = self.producer();
        while self.settings().mining == Mining::Automatic {
            let draft = self.draft();
            let Some(next) = self.ready(&self.head(), draft.base_fee)?.into_iter().next() else {
                break;
            };
            let hash = next.hash;
            match self.build_block(&producer, move |_| vec![next]) {
                Ok(made) => match self.needed_in(&made.block) {
                    Some(needed) => {
                        self.pool().remove(hash);
                        producer.refuse(hash, needed);
                    }
                    None => {
                        self.adopt(made);
                    }
                },
                Err(error) => {
                    // A transaction that the machine cannot run would stop all others for ever.
                    self.pool().remove(hash);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The gas limit that a block's only transaction needs, if it failed for a limit of
    /// Ethereum's size.
    fn needed_in(&self, block: &Block) -> Option<u64> {
        let [included] = block.transactions.as_slice() else {
            return None;
        };
        let limit = included.transaction.gas_limit();
        if included.receipt.succeeded() || limit > ETHEREUM_SIZED_LIMIT || self.config.lotus {
            return None;
        }
        let place = Place {
            state_root: self.head().state_root,
            ..Place::after(block)
        };
        self.needed_gas(&included.transaction, place)
            .filter(|needed| *needed > limit)
    }

    /// A gas limit that suffices for a transaction; none if it fails whatever the limit.
    pub(super) fn needed_gas(&self, transaction: &Transaction, place: Place) -> Option<u64> {
        let call = CallMessage {
            from: transaction.sender,
            to: transaction.to(),
            input: transaction.envelope.input().clone(),
            value: transaction.envelope.value(),
            gas_limit: self.settings().block_gas_limit,
            fee_cap: transaction.fee_cap(),
            premium: transaction.premium(),
        };
        self.executor.estimate(place, &call).ok()
    }

    /// The frame of the block that would come next.
    pub fn draft(&self) -> Draft {
        let head = self.head();
        let settings = self.settings();
        Draft {
            number: head
                .number
                .saturating_add(settings.null_rounds)
                .saturating_add(1),
            timestamp: settings.clock.next_timestamp(head.timestamp),
            base_fee: settings.next_base_fee.unwrap_or(head.next_base_fee),
            gas_limit: settings.block_gas_limit,
        }
    }

    /// The waiting transactions that can run on `head`, in order.
    pub(super) fn ready(
        &self,
        head: &Block,
        base_fee: u128,
    ) -> Result<Vec<Arc<Transaction>>, MachineError> {
        let senders: Vec<Address> = {
            let pool = self.pool();
            if pool.is_empty() {
                return Ok(Vec::new());
            }
            pool.senders().collect()
        };
        let mut nonces = std::collections::HashMap::new();
        let tree = self.executor.state(&head.state_root)?;
        for sender in senders {
            nonces.insert(sender, message_nonce(&tree, sender)?);
        }
        // A sender that came in between waits for the next look.
        Ok(self.pool().ready(base_fee, |sender| {
            nonces.get(&sender).copied().unwrap_or(u64::MAX)
        }))
    }

    /// The waiting transactions that the next block would take.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn runnable(&self) -> Result<Vec<Arc<Transaction>>, MachineError> {
        self.ready(&self.head(), self.draft().base_fee)
    }

    /// Makes a block that is not part of the chain yet.
    fn build_block(
        &self,
        _producer: &Producer<'_>,
        choose: impl FnOnce(Vec<Arc<Transaction>>) -> Vec<Arc<Transaction>>,
    ) -> Result<Made, MachineError> {
        let head = self.head();
        let draft = self.draft();
        let candidates = choose(self.ready(&head, draft.base_fee)?);
        let Executed {
            body,
            rejected,
            notes,
        } = self
            .executor
            .run_block(head.state_root, draft, candidates, self.is_telling())?;
        let block =
            seal(self.executor.store(), Some(&head), draft, body).map_err(MachineError::State)?;
        Ok(Made {
            block: Arc::new(block),
            rejected,
            notes,
        })
    }

    /// Takes a block into the chain.
    fn adopt(&self, made: Made) -> Arc<Block> {
        let Made {
            block,
            rejected,
            notes,
        } = made;
        {
            let mut settings = self.settings();
            settings.clock.block_made(block.timestamp);
            settings.next_base_fee = None;
            settings.null_rounds = 0;
        }
        let parent = self.head();
        // The chain first: a transaction is at any time in the pool, in the chain, or in both.
        self.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&block));
        {
            let mut pool = self.pool();
            for Included { transaction, .. } in &block.transactions {
                pool.remove(transaction.hash);
                pool.drop_below(transaction.sender, transaction.nonce().saturating_add(1));
            }
            for rejected in &rejected {
                pool.remove(rejected.hash);
                tracing::warn!(hash = %rejected.hash, reason = %rejected.reason, "transaction dropped: no block can include it");
            }
        }
        if self.is_telling() {
            log_block(&block, &notes, &self.artifacts(), self.config.gas_unit);
        }
        // What subscribers are told of is executed; the chain that shows itself as Filecoin's nodes
        // show theirs has executed the block below.
        let told = match self.config.lotus {
            true if parent.number == 0 => return block,
            true => parent,
            false => Arc::clone(&block),
        };
        self.filters()
            .publish(&ChainEvent::NewHead(Arc::clone(&told)));
        self.emit(ChainEvent::NewHead(told));
        block
    }

    /// The message nonce of an address in a state.
    pub(super) fn account_nonce(&self, root: &Cid, address: Address) -> Result<u64, MachineError> {
        message_nonce(&self.executor.state(root)?, address)
    }

    /// Makes blocks by time, as long as mining is by interval.
    pub(crate) fn spawn_block_timer(self: &Arc<Self>) -> JoinHandle<()> {
        let node = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let interval = match node.settings().mining {
                    Mining::Interval(milliseconds) => {
                        Some(Duration::from_millis(milliseconds.max(1)))
                    }
                    Mining::Automatic | Mining::Manual => None,
                };
                let Some(interval) = interval else {
                    tokio::time::sleep(IDLE_TICK).await;
                    continue;
                };
                tokio::time::sleep(interval).await;
                if !matches!(node.settings().mining, Mining::Interval(_)) {
                    continue;
                }
                let miner = Arc::clone(&node);
                match tokio::task::spawn_blocking(move || miner.mine()).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => tracing::error!(%error, "block not made"),
                    Err(error) => tracing::error!(%error, "block not made"),
                }
            }
        })
    }
}
