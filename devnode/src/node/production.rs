//! Making blocks.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alloy_consensus::Transaction as _;
use alloy_primitives::Address;
use cid::Cid;
use fevm_machine::MachineError;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::snapshots::Snapshots;
use super::{ChainEvent, Node, lock};
use crate::chain::builder::{Draft, seal};
use crate::chain::{Block, Included};
use crate::config::Mining;
use crate::executor::{CallMessage, Executed, Place, Rejected, message_nonce};
use crate::pool::Transaction;
use crate::report::lines::{Notes, log_block};
use crate::store::Changes;

/// How often the block timer looks whether interval mining was switched on.
const IDLE_TICK: Duration = Duration::from_millis(200);

/// No block of Ethereum has more gas, so a higher limit was made for Filecoin.
const ETHEREUM_SIZED_LIMIT: u64 = 60_000_000;

/// Most blocks, and longest time, of a batch: who waits for its first block waits for the others too.
const MOST_IN_BATCH: usize = 256;
const LONGEST_BATCH: Duration = Duration::from_millis(100);

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
    /// The machine or the store fails; the chain is as before.
    pub fn mine(&self) -> Result<Arc<Block>, MachineError> {
        let producer = self.producer();
        let mut batch = Batch::start(self, &producer);
        let made = batch.build(|ready| ready())?;
        let block = Arc::clone(&made.block);
        batch.take(made);
        batch.finish()?;
        Ok(block)
    }

    /// Makes many blocks, `interval` seconds apart if given; the first takes what is ready.
    ///
    /// # Errors
    /// The machine or the store fails; the blocks of earlier batches stay.
    pub fn mine_many(&self, count: u64, interval: Option<u64>) -> Result<(), MachineError> {
        let mut made = 0;
        while made < count {
            let producer = self.producer();
            let mut batch = Batch::start(self, &producer);
            while made < count && !batch.is_full() {
                if made > 0
                    && let Some(seconds) = interval
                {
                    let previous = batch.head().timestamp;
                    // Refused only where it would not be later than the head, as with an interval of 0.
                    let _ = self
                        .settings()
                        .clock
                        .set_next(previous.saturating_add(seconds), previous);
                }
                let block = batch.build(|ready| ready())?;
                batch.take(block);
                made += 1;
            }
            batch.finish()?;
        }
        Ok(())
    }

    /// Makes a block for each transaction that is ready, while mining is automatic. The blocks of all who wait are
    /// written together. A limit of Ethereum's size that is not enough is refused: its block is not taken into the
    /// chain.
    ///
    /// # Errors
    /// The machine or the store fails; the blocks made before stay.
    pub(super) fn mine_ready(&self) -> Result<(), MachineError> {
        let mut producer = self.producer();
        loop {
            let mut refused = Vec::new();
            let mut batch = Batch::start(self, &producer);
            let mut failure = None;
            while failure.is_none()
                && !batch.is_full()
                && self.settings().mining == Mining::Automatic
            {
                let head = batch.head();
                let base_fee = self.draft_on(&head).base_fee;
                let Some(next) = self.ready(&head, base_fee)?.into_iter().next() else {
                    break;
                };
                let hash = next.hash;
                match batch.build(move |_| Ok(vec![next])) {
                    Ok(made) => match self.needed_in(&made.block, &head) {
                        Some(needed) => {
                            self.pool().remove(hash);
                            refused.push((hash, needed));
                        }
                        None => batch.take(made),
                    },
                    Err(error) => {
                        // A transaction that the machine cannot run would stop all others for ever.
                        self.pool().remove(hash);
                        failure = Some(error);
                    }
                }
            }
            let is_empty = batch.is_empty();
            batch.finish()?;
            for (hash, needed) in refused {
                producer.refuse(hash, needed);
            }
            if let Some(error) = failure {
                return Err(error);
            }
            if is_empty {
                return Ok(());
            }
        }
    }

    /// The gas limit that a block's only transaction needs, if it failed for a limit of
    /// Ethereum's size.
    fn needed_in(&self, block: &Block, parent: &Block) -> Option<u64> {
        let [included] = block.transactions.as_slice() else {
            return None;
        };
        let limit = included.transaction.gas_limit();
        if included.receipt.succeeded() || limit > ETHEREUM_SIZED_LIMIT || self.config.lotus {
            return None;
        }
        let place = Place {
            state_root: parent.state_root,
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
        self.draft_on(&self.head())
    }

    fn draft_on(&self, head: &Block) -> Draft {
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

    /// Takes a written block in as the head.
    fn adopt(&self, made: &Made) {
        let Made {
            block,
            rejected,
            notes,
        } = made;
        let parent = self.head();
        // The chain first: a transaction is at any time in the pool, in the chain, or in both.
        self.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(block));
        {
            let mut pool = self.pool();
            for Included { transaction, .. } in &block.transactions {
                pool.remove(transaction.hash);
                pool.drop_below(transaction.sender, transaction.nonce().saturating_add(1));
            }
            for rejected in rejected {
                pool.remove(rejected.hash);
                tracing::warn!(hash = %rejected.hash, reason = %rejected.reason, "transaction dropped: no block can include it");
            }
        }
        if self.is_telling() {
            log_block(block, notes, &self.artifacts(), self.config.gas_unit);
        }
        // What subscribers are told of is executed; the chain that shows itself as Filecoin's nodes
        // show theirs has executed the block below.
        let told = match self.config.lotus {
            true if parent.number == 0 => return,
            true => parent,
            false => Arc::clone(block),
        };
        self.filters()
            .publish(&ChainEvent::NewHead(Arc::clone(&told)));
        self.emit(ChainEvent::NewHead(told));
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

/// Transactions for a block, in their order.
type Candidates = Vec<Arc<Transaction>>;

/// Blocks that are made one on the other and written together. Nobody sees them before that.
struct Batch<'a> {
    node: &'a Node,
    started: Instant,
    /// As they were, for the case that the blocks cannot be written: clock, chosen base fee, null rounds.
    settings: (Clock, Option<u128>, u64),
    head: Arc<Block>,
    made: Vec<Made>,
}

impl<'a> Batch<'a> {
    fn start(node: &'a Node, _producer: &'a Producer<'_>) -> Self {
        // What an earlier batch left that came to nothing.
        node.chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .unstage();
        let settings = node.settings();
        Self {
            node,
            started: Instant::now(),
            settings: (
                settings.clock.clone(),
                settings.next_base_fee,
                settings.null_rounds,
            ),
            head: node.head(),
            made: Vec::new(),
        }
    }

    fn head(&self) -> Arc<Block> {
        Arc::clone(&self.head)
    }

    const fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    fn is_full(&self) -> bool {
        self.made.len() >= MOST_IN_BATCH
            || (!self.made.is_empty() && self.started.elapsed() >= LONGEST_BATCH)
    }

    /// Makes a block on top, of what is chosen among the transactions that are ready.
    fn build(
        &self,
        choose: impl FnOnce(
            &dyn Fn() -> Result<Candidates, MachineError>,
        ) -> Result<Candidates, MachineError>,
    ) -> Result<Made, MachineError> {
        let node = self.node;
        let draft = node.draft_on(&self.head);
        let candidates = choose(&|| node.ready(&self.head, draft.base_fee))?;
        let Executed {
            body,
            rejected,
            notes,
        } = node
            .executor
            .run_block(self.head.state_root, draft, candidates, node.is_telling())?;
        let block = seal(node.executor.store(), Some(&self.head), draft, body)
            .map_err(MachineError::State)?;
        Ok(Made {
            block: Arc::new(block),
            rejected,
            notes,
        })
    }

    /// Takes a block in, so that others come on top of it.
    fn take(&mut self, made: Made) {
        let block = Arc::clone(&made.block);
        {
            let mut settings = self.node.settings();
            settings.clock.block_made(block.timestamp);
            settings.next_base_fee = None;
            settings.null_rounds = 0;
        }
        self.node
            .chain
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .stage(Arc::clone(&block));
        self.head = block;
        self.made.push(made);
    }

    /// Writes the blocks and takes them in.
    fn finish(self) -> Result<(), MachineError> {
        if self.made.is_empty() {
            return Ok(());
        }
        let blocks = self
            .made
            .iter()
            .map(|made| Arc::clone(&made.block))
            .collect();
        if let Err(error) = self.node.write(Changes {
            blocks,
            ..Changes::default()
        }) {
            self.node
                .chain
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .unstage();
            let mut settings = self.node.settings();
            (settings.clock, settings.next_base_fee, settings.null_rounds) = self.settings;
            return Err(error);
        }
        for made in &self.made {
            self.node.adopt(made);
        }
        Ok(())
    }
}
