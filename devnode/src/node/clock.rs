//! Which timestamp the next block gets.

use std::time::{SystemTime, UNIX_EPOCH};

/// Why a timestamp cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Time does not run backwards.
    #[error("Timestamp {wanted} is lower than or equal to previous block's timestamp {previous}")]
    NotLater {
        /// What was asked for.
        wanted: u64,
        /// The head's timestamp.
        previous: u64,
    },
}

/// The node's clock: the machine's, moved by an offset, and exact wishes for single blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clock {
    /// Seconds to add to the machine's clock.
    offset: i64,
    /// The timestamp of the next block alone, and from it on the clock goes on.
    next: Option<u64>,
    /// Seconds between blocks, whatever the clock says.
    interval: Option<u64>,
}

impl Clock {
    /// Offset in seconds, the wish for the next block and the interval, as the store keeps them.
    pub(crate) const fn parts(&self) -> (i64, Option<u64>, Option<u64>) {
        (self.offset, self.next, self.interval)
    }

    /// The clock with these parts.
    pub(crate) const fn from_parts(offset: i64, next: Option<u64>, interval: Option<u64>) -> Self {
        Self {
            offset,
            next,
            interval,
        }
    }

    /// The timestamp of a block after one at `previous`: always later than that, so that blocks
    /// which follow each other at once can be told apart by time as on a real chain.
    pub fn next_timestamp(&self, previous: u64) -> u64 {
        let natural = match (self.next, self.interval) {
            (Some(next), _) => next,
            (None, Some(interval)) => previous.saturating_add(interval),
            (None, None) => self.now(),
        };
        natural.max(previous.saturating_add(1))
    }

    /// Tells the clock that a block was made. Where many blocks in a row have run ahead of it, it catches up, so
    /// that moving it forward shows in the next block.
    pub fn block_made(&mut self, timestamp: u64) {
        if self.next.take().is_some() || timestamp > self.now() {
            self.set_now(timestamp);
        }
    }

    /// The time now, in seconds since 1970.
    pub fn now(&self) -> u64 {
        machine_time().saturating_add_signed(self.offset)
    }

    /// Moves the clock forward; gives the whole offset in seconds.
    pub fn advance(&mut self, seconds: u64) -> i64 {
        self.offset = self
            .offset
            .saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        // A wish for the next block moves along.
        self.next = self.next.map(|next| next.saturating_add(seconds));
        self.offset
    }

    /// Moves the clock to a time. Gives the offset in seconds.
    pub fn set_now(&mut self, timestamp: u64) -> i64 {
        let difference = i128::from(timestamp) - i128::from(machine_time());
        self.offset = i64::try_from(difference).unwrap_or(i64::MAX);
        self.offset
    }

    /// Sets the next block's timestamp.
    ///
    /// # Errors
    /// It is not later than the head's, `previous`.
    pub const fn set_next(&mut self, timestamp: u64, previous: u64) -> Result<(), ClockError> {
        if timestamp <= previous {
            return Err(ClockError::NotLater {
                wanted: timestamp,
                previous,
            });
        }
        self.next = Some(timestamp);
        Ok(())
    }

    /// Fixes the seconds between blocks, or frees them.
    pub const fn set_interval(&mut self, seconds: Option<u64>) {
        self.interval = seconds;
    }
}

fn machine_time() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_always_later_than_their_parents() {
        let clock = Clock::default();
        let future = clock.now() + 1_000;
        assert_eq!(clock.next_timestamp(future), future + 1);
        assert!(clock.next_timestamp(0) >= future - 1_001);
    }

    #[test]
    fn a_wish_holds_once_and_the_clock_goes_on_from_it() {
        let mut clock = Clock::default();
        let wish = clock.now() + 10_000;
        assert_eq!(
            clock.set_next(5, 5),
            Err(ClockError::NotLater {
                wanted: 5,
                previous: 5
            })
        );
        clock.set_next(wish, 5).unwrap();
        assert_eq!(clock.next_timestamp(5), wish);
        clock.block_made(wish);
        let after = clock.next_timestamp(wish);
        assert!(after > wish && after < wish + 60, "{after}");
    }

    #[test]
    fn advancing_moves_now_and_the_wish() {
        let mut clock = Clock::default();
        let before = clock.now();
        assert_eq!(clock.advance(500), 500);
        assert!(clock.now() >= before + 500);
        clock.set_next(before + 5_000, 0).unwrap();
        clock.advance(10);
        assert_eq!(clock.next_timestamp(0), before + 5_010);
    }

    #[test]
    fn advancing_shows_after_blocks_that_ran_ahead() {
        let mut clock = Clock::default();
        let mut head = clock.now();
        for _ in 0..1_000 {
            head = clock.next_timestamp(head);
            clock.block_made(head);
        }
        clock.advance(60);
        assert!(clock.next_timestamp(head) >= head + 60);
    }

    #[test]
    fn an_interval_ignores_the_clock() {
        let mut clock = Clock::default();
        clock.set_interval(Some(12));
        assert_eq!(clock.next_timestamp(100), 112);
    }
}
