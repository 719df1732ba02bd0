//! The memory that all large requests share, over HTTP and WebSockets alike.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a client may take to send a request.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a request that need no share.
pub(super) const SMALL_REQUEST: usize = 256 * 1024;
/// Bytes of one unit.
const UNIT: usize = 4 * 1024;
/// Bytes of large requests at the same time.
const MEMORY: usize = 48 << 20;

/// What is left of the memory.
#[derive(Debug, Clone)]
pub(super) struct LargeRequests {
    units: Arc<Semaphore>,
    /// How long a client may take to send a request.
    pub(super) timeout: Duration,
}

impl Default for LargeRequests {
    fn default() -> Self {
        Self::new(MEMORY, RECEIVE_TIMEOUT)
    }
}

impl LargeRequests {
    /// `memory` bytes, which a request may hold for `timeout` until it is whole.
    pub(super) fn new(memory: usize, timeout: Duration) -> Self {
        Self {
            units: Arc::new(Semaphore::new(memory / UNIT)),
            timeout,
        }
    }

    /// The share of a request of which nothing has come yet.
    pub(super) fn share(&self) -> Share {
        Share {
            memory: Arc::clone(&self.units),
            units: None,
        }
    }
}

/// What one request holds of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Arc<Semaphore>,
    units: Option<OwnedSemaphorePermit>,
}

/// Other requests hold the memory.
#[derive(Debug, thiserror::Error)]
#[error("too many large requests at the same time: try again")]
pub(super) struct Busy;

impl Share {
    /// Makes the share enough for a request of `length` bytes.
    ///
    /// # Errors
    /// Other requests hold what it would take.
    pub(super) fn grow(&mut self, length: usize) -> Result<(), Busy> {
        let wanted = length.saturating_sub(SMALL_REQUEST).div_ceil(UNIT);
        let held = self
            .units
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        if wanted <= held {
            return Ok(());
        }
        let more = u32::try_from(wanted - held).map_err(|_| Busy)?;
        let more = Arc::clone(&self.memory)
            .try_acquire_many_owned(more)
            .map_err(|_| Busy)?;
        match &mut self.units {
            Some(units) => units.merge(more),
            None => self.units = Some(more),
        }
        Ok(())
    }

    /// Whether the request is large.
    pub(super) const fn is_held(&self) -> bool {
        self.units.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_large_requests_hold_is_bounded_and_comes_back() {
        const MEMORY: usize = 3 * UNIT;
        let memory = LargeRequests::new(MEMORY, RECEIVE_TIMEOUT);
        let (mut first, mut second) = (memory.share(), memory.share());
        first.grow(SMALL_REQUEST).unwrap();
        assert!(!first.is_held());
        first.grow(SMALL_REQUEST + 1).unwrap();
        assert!(first.is_held());
        assert!(second.grow(SMALL_REQUEST + MEMORY).is_err());
        second.grow(SMALL_REQUEST + MEMORY - UNIT).unwrap();
        first.grow(SMALL_REQUEST + UNIT).unwrap();
        assert!(first.grow(SMALL_REQUEST + UNIT + 1).is_err());
        drop(second);
        first.grow(SMALL_REQUEST + MEMORY).unwrap();
    }
}
