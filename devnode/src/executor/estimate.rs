//! How much gas a message needs, found by running it.
//!
//! The first run has all the gas there may be. What it used is often enough, but not always: a
//! call hands on at most 63/64 of what is left, so a chain of calls needs more at hand than it
//! uses, and an inner call that runs out of gas may be caught, so that the message succeeds and
//! does something else. A limit is enough if the run under it does the same: every call of the
//! tree ends as it did in the first run. The smallest such limit is found by search, to 1 %.

use fevm_machine::trace::{CallFrame, CallResult};

use super::call::{CallError, CallMessage, check};
use super::{Executor, Place};

/// What is added for what may change before the transaction runs, such as a storage trie that
/// others make deeper. Filecoin burns nothing for a limit up to 10 % above the use, and little
/// at 20 %.
const MARGIN_PERCENT: u64 = 20;
/// The search ends when the interval is below this part of the limit.
const PRECISION: u64 = 100;

/// Why there is no estimate.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EstimateError {
    /// The message fails whatever the gas.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The gas that may be used is not enough.
    #[error("gas required exceeds allowance ({0})")]
    Allowance(u64),
}

impl Executor {
    /// The gas limit to give to a message. `call.gas_limit` is the most that is allowed.
    ///
    /// # Errors
    /// The message fails with all the gas there may be.
    pub fn estimate(&self, place: Place, call: &CallMessage) -> Result<u64, EstimateError> {
        let most = call.gas_limit;
        let first = self
            .run_call(place, call, true, false)
            .map_err(CallError::from)?;
        match check(&first.outcome) {
            Ok(()) => {}
            Err(CallError::OutOfGas) => return Err(EstimateError::Allowance(most)),
            Err(CallError::Failed(_)) if !first.outcome.is_included() => {
                return Err(EstimateError::Allowance(most));
            }
            Err(error) => return Err(error.into()),
        }
        let used = first.outcome.gas.used;
        let same = |limit: u64| -> Result<bool, EstimateError> {
            let call = CallMessage {
                gas_limit: limit,
                ..call.clone()
            };
            let run = self
                .run_call(place, &call, true, false)
                .map_err(CallError::from)?;
            Ok(run.outcome.is_success() && same_tree(first.calls.as_ref(), run.calls.as_ref()))
        };
        let least = search(used, most, same)?;
        Ok(least.saturating_add(least / 100 * MARGIN_PERCENT).min(most))
    }
}

/// The smallest limit from `used` to `most` that `enough` accepts, to a hundredth above.
/// `most` itself counts as enough.
fn search<E>(
    used: u64,
    most: u64,
    mut enough: impl FnMut(u64) -> Result<bool, E>,
) -> Result<u64, E> {
    if used >= most || enough(used)? {
        return Ok(used.min(most));
    }
    let (mut low, mut step) = (used, used / 64 + 1);
    let mut high = loop {
        let next = low.saturating_add(step);
        if next >= most {
            break most;
        }
        if enough(next)? {
            break next;
        }
        low = next;
        step = step.saturating_mul(2);
    };
    while high - low > high / PRECISION + 1 {
        let middle = low + (high - low) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Whether two runs made the same calls with the same ends.
fn same_tree(one: Option<&CallFrame>, other: Option<&CallFrame>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same_frame(one, other),
        (None, None) => true,
        _ => false,
    }
}

fn same_frame(one: &CallFrame, other: &CallFrame) -> bool {
    // Trees are up to 1,024 deep; a list of pairs spares the stack of this thread.
    let mut pairs = vec![(one, other)];
    while let Some((one, other)) = pairs.pop() {
        let same_end = match (&one.result, &other.result) {
            (CallResult::Exit(one, _), CallResult::Exit(other, _)) => one == other,
            (CallResult::Refused(one, _), CallResult::Refused(other, _)) => one == other,
            (CallResult::Unfinished, CallResult::Unfinished) => true,
            _ => false,
        };
        if !same_end || one.calls.len() != other.calls.len() {
            return false;
        }
        pairs.extend(one.calls.iter().zip(&other.calls));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(used: u64, most: u64, needed: u64) -> (u64, u32) {
        let mut runs = 0;
        let least = search(used, most, |limit| {
            runs += 1;
            Ok::<_, ()>(limit >= needed)
        });
        (least.unwrap(), runs)
    }

    #[test]
    fn what_was_used_is_tried_first() {
        assert_eq!(found(5_000_000, 10_000_000_000, 5_000_000), (5_000_000, 1));
    }

    #[test]
    fn more_is_found_within_a_hundredth() {
        for needed in [5_000_001, 5_080_000, 7_500_000, 400_000_000, 9_999_999_999] {
            let (least, runs) = found(5_000_000, 10_000_000_000, needed);
            assert!(
                least >= needed && least - needed <= needed / 100 + 2,
                "{needed}: {least}"
            );
            assert!(runs < 40, "{needed}: {runs} runs");
        }
    }

    #[test]
    fn the_most_counts_as_enough() {
        assert_eq!(found(100, 1_000, 5_000).0, 1_000);
        assert_eq!(found(1_000, 1_000, 5_000).0, 1_000);
    }
}
