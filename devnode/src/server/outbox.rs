//! Bytes that wait for WebSocket clients which do not read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may wait for one client.
const MOST: usize = 8 << 20;
/// Bytes that wait for all clients before [`FEW`] is the limit of each.
const MOST_OF_ALL: usize = 64 << 20;
/// Bytes that may wait for one client when much waits for others.
const FEW: usize = 512 << 10;

/// Bytes that wait for all clients.
#[derive(Debug, Clone, Default)]
pub(super) struct Outboxes(Arc<AtomicUsize>);

/// Bytes that wait for one client, counted among all until it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    own: AtomicUsize,
    all: Outboxes,
}

impl Outboxes {
    /// Nothing that waits for a new client.
    pub(super) fn open(&self) -> Waiting {
        Waiting {
            own: AtomicUsize::new(0),
            all: self.clone(),
        }
    }
}

impl Waiting {
    /// Adds a message. Says whether what waited before was within the limit.
    pub(super) fn add(&self, bytes: usize) -> bool {
        let all = self.all.0.fetch_add(bytes, Ordering::Relaxed);
        let own = self.own.fetch_add(bytes, Ordering::Relaxed);
        own <= if all <= MOST_OF_ALL { MOST } else { FEW }
    }

    /// Takes a message off that is about to be sent.
    pub(super) fn take(&self, bytes: usize) {
        self.own.fetch_sub(bytes, Ordering::Relaxed);
        self.all.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let own = *self.own.get_mut();
        self.all.0.fetch_sub(own, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_may_have_much_waiting_and_all_together_not() {
        let all = Outboxes::default();
        let one = all.open();
        assert!(one.add(MOST));
        assert!(one.add(1), "the last message may go beyond");
        assert!(!one.add(1));
        one.take(MOST + 1);
        assert!(one.add(1));

        let others: Vec<_> = (0..MOST_OF_ALL / MOST).map(|_| all.open()).collect();
        assert!(others.iter().all(|other| other.add(MOST)));
        assert!(!others[0].add(1), "much waits for it, and for others");
        assert!(one.add(FEW) && !one.add(1));
        drop(others);
        assert!(one.add(1), "what waited for the others is gone with them");
    }
}
