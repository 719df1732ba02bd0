//! Filters that clients install and then ask for news.
//!
//! A filter on blocks or logs keeps no news, only the number of the block that it has not told
//! yet: so one that nobody asks any more costs nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_primitives::B256;

use super::ChainEvent;
use crate::chain::Block;
use crate::chain::logs::LogQuery;

/// A filter that nobody asks for so long is taken out.
const LIFETIME: Duration = Duration::from_secs(300);
/// Filters at the same time.
const MOST_FILTERS: usize = 10_000;
/// Hashes that a filter on waiting transactions keeps, and removed blocks that one on logs does.
const MOST_NEWS: usize = 10_000;

/// What a filter is about.
#[derive(Debug, Clone)]
pub enum FilterKind {
    /// New blocks.
    Blocks,
    /// Logs of blocks in a range of numbers.
    Logs {
        /// The conditions on logs.
        query: LogQuery,
        /// First block.
        from: u64,
        /// Last block, none for no end.
        to: Option<u64>,
    },
    /// Waiting transactions.
    PendingTransactions,
}

/// What a filter has to tell.
#[derive(Debug)]
pub enum News {
    /// Blocks from this number on.
    Blocks {
        /// The first that was not told yet.
        first: u64,
    },
    /// Logs: those of removed blocks, then those of blocks from a number on.
    Logs {
        /// The conditions on logs.
        query: LogQuery,
        /// Blocks that were told and are no longer part of the chain.
        removed: Vec<Arc<Block>>,
        /// The first block that was not told yet.
        first: u64,
        /// The last block of interest.
        last: u64,
    },
    /// Hashes of transactions.
    Transactions(Vec<B256>),
}

#[derive(Debug)]
struct Filter {
    kind: FilterKind,
    /// The first block that was not told yet.
    next: u64,
    removed: VecDeque<Arc<Block>>,
    transactions: VecDeque<B256>,
    asked: Instant,
}

/// All filters of the node.
#[derive(Debug, Default)]
pub struct Filters {
    filters: HashMap<u64, Filter>,
    last_id: u64,
}

impl Filters {
    /// Installs a filter on a chain whose head has the number `head`; none if there are too many.
    pub fn install(&mut self, kind: FilterKind, head: u64) -> Option<u64> {
        self.filters
            .retain(|_, filter| filter.asked.elapsed() < LIFETIME);
        if self.filters.len() >= MOST_FILTERS {
            return None;
        }
        self.last_id += 1;
        let next = match &kind {
            FilterKind::Logs { from, .. } => (head + 1).max(*from),
            FilterKind::Blocks | FilterKind::PendingTransactions => head + 1,
        };
        let filter = Filter {
            kind,
            next,
            removed: VecDeque::new(),
            transactions: VecDeque::new(),
            asked: Instant::now(),
        };
        self.filters.insert(self.last_id, filter);
        Some(self.last_id)
    }

    /// Takes a filter out; whether there was one.
    pub fn uninstall(&mut self, id: u64) -> bool {
        self.filters.remove(&id).is_some()
    }

    /// What the filter is about.
    pub fn kind(&mut self, id: u64) -> Option<&FilterKind> {
        let filter = self.filters.get_mut(&id)?;
        filter.asked = Instant::now();
        Some(&filter.kind)
    }

    /// What the filter has not told yet, up to the block `head`; it counts as told then.
    pub fn take_news(&mut self, id: u64, head: u64) -> Option<News> {
        let filter = self.filters.get_mut(&id)?;
        filter.asked = Instant::now();
        let first = filter.next;
        filter.next = first.max(head.saturating_add(1));
        Some(match &filter.kind {
            FilterKind::Blocks => News::Blocks { first },
            FilterKind::Logs { query, to, .. } => News::Logs {
                query: query.clone(),
                removed: filter.removed.drain(..).collect(),
                first,
                last: to.unwrap_or(u64::MAX).min(head),
            },
            FilterKind::PendingTransactions => {
                News::Transactions(filter.transactions.drain(..).collect())
            }
        })
    }

    /// Tells the filters what happened.
    pub fn publish(&mut self, event: &ChainEvent) {
        for filter in self.filters.values_mut() {
            match event {
                ChainEvent::NewHead(_) => {}
                ChainEvent::Pending(transaction) => {
                    if matches!(filter.kind, FilterKind::PendingTransactions) {
                        push_bounded(&mut filter.transactions, transaction.hash);
                    }
                }
                ChainEvent::Removed(blocks) => filter.remove(blocks),
            }
        }
    }
}

impl Filter {
    fn remove(&mut self, blocks: &[Arc<Block>]) {
        let Some(lowest) = blocks.iter().map(|block| block.number).min() else {
            return;
        };
        let told = blocks.iter().rev().filter(|block| block.number < self.next);
        if matches!(self.kind, FilterKind::Logs { .. }) {
            for block in told {
                push_bounded(&mut self.removed, Arc::clone(block));
            }
        }
        self.next = self.next.min(lowest);
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= MOST_NEWS {
        queue.pop_front();
    }
    queue.push_back(item);
}
