//! Sessions whose changes are forgotten, kept for the next message in the same place.
//!
//! Opening a session reads and decodes the top of the state tree and the manifest of the actors, which takes as long as
//! a small call. Calls on the head of a chain come by the thousand for the same block, so a session that has undone
//! what its message did serves the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cid::Cid;
use fvm_shared::clock::ChainEpoch;
use fvm_shared::econ::TokenAmount;

use crate::chain::ChainView;
use crate::vm::{BlockContext, Session};

/// Messages that one session serves: what they wrote is undone in the state but stays in the session's memory.
const MOST_USES: u32 = 64;

/// A place in a chain.
struct Key {
    state_root: Cid,
    epoch: ChainEpoch,
    timestamp: u64,
    base_fee: TokenAmount,
    circulating_supply: TokenAmount,
    tracing: bool,
    chain: Arc<dyn ChainView>,
}

impl Key {
    fn is_for(&self, block: &BlockContext) -> bool {
        self.state_root == block.state_root
            && self.epoch == block.epoch
            && self.timestamp == block.timestamp
            && self.base_fee == block.base_fee
            && self.circulating_supply == block.circulating_supply
            && self.tracing == block.tracing
            && std::ptr::addr_eq(Arc::as_ptr(&self.chain), Arc::as_ptr(&block.chain))
    }
}

/// A session that is free, and where it is.
pub(crate) struct Idle {
    key: Key,
    pub(crate) session: Session,
    uses: u32,
}

impl Idle {
    pub(crate) fn new(block: &BlockContext, session: Session) -> Self {
        let key = Key {
            state_root: block.state_root,
            epoch: block.epoch,
            timestamp: block.timestamp,
            base_fee: block.base_fee.clone(),
            circulating_supply: block.circulating_supply.clone(),
            tracing: block.tracing,
            chain: Arc::clone(&block.chain),
        };
        Self {
            key,
            session,
            uses: 0,
        }
    }
}

/// The free sessions of one machine.
#[derive(Clone, Default)]
pub(crate) struct Scratch(Arc<Mutex<Vec<Idle>>>);

impl Scratch {
    /// Takes out a session for the place, if there is one.
    pub(crate) fn take(&self, block: &BlockContext) -> Option<Idle> {
        let mut idle = self.lock();
        let at = idle.iter().position(|idle| idle.key.is_for(block))?;
        Some(idle.swap_remove(at))
    }

    /// Puts a session back; of more than `most` the oldest is dropped.
    pub(crate) fn give(&self, mut used: Idle, most: usize) {
        used.uses += 1;
        if used.uses >= MOST_USES {
            return;
        }
        let dropped = {
            let mut idle = self.lock();
            idle.push(used);
            (idle.len() > most).then(|| idle.remove(0))
        };
        // Not under the lock: a session's memory takes a while to be given back.
        drop(dropped);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
