//! Precompile outputs that are kept, as tests call the expensive ones again and again with the same
//! input: under each fork, at each gas limit.

use super::state::HashMap;
use core::hash::BuildHasher as _;
use evm_interpreter::Fork;
use foldhash::fast::FixedState;
use precompiles::{Error, Gas, Outcome, Precompile};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Outputs of calls below this price are not worth keeping.
const CHEAPEST: Gas = 5_000;
/// Calls kept at most.
const MOST: usize = 1 << 14;

/// The output, or the failure, once it is known.
type Known = Arc<OnceLock<precompiles::Result<Vec<u8>>>>;

/// A call that is kept.
#[derive(Debug)]
struct Kept {
    number: u16,
    rules: Fork,
    input: Box<[u8]>,
    output: Known,
}

/// Outputs of precompiles by number, fork and input; threads share them.
#[derive(Debug, Default)]
pub struct PrecompileMemo {
    /// By hash of number, rules and input: a look does not copy the input.
    known: Mutex<HashMap<u64, Vec<Kept>>>,
}

impl PrecompileMemo {
    /// What [`Precompile::call`] gives. One thread computes, others with the same call wait.
    ///
    /// # Errors
    /// As the precompile.
    pub fn call(
        &self,
        precompile: &Precompile,
        input: &[u8],
        gas_limit: Gas,
        fork: Fork,
    ) -> precompiles::Result<Outcome> {
        let gas_used = (precompile.gas)(input, fork);
        if gas_used > gas_limit {
            return Err(Error::OutOfGas);
        }
        if gas_used < CHEAPEST {
            return (precompile.run)(input, fork).map(|output| Outcome { gas_used, output });
        }
        let known = self.known(precompile.number, rules(precompile, fork), input);
        let output = known.get_or_init(|| (precompile.run)(input, fork)).clone();
        output.map(|output| Outcome { gas_used, output })
    }

    /// Where the output of a call is, or will be.
    fn known(&self, number: u16, rules: Fork, input: &[u8]) -> Known {
        let hash = FixedState::default().hash_one((number, rules, input));
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let same = all.entry(hash).or_default();
        let is_it =
            |kept: &&Kept| kept.number == number && kept.rules == rules && *kept.input == *input;
        if let Some(kept) = same.iter().find(is_it) {
            return Arc::clone(&kept.output);
        }
        let output = Known::default();
        same.push(Kept {
            number,
            rules,
            input: input.into(),
            output: Arc::clone(&output),
        });
        output
    }
}

/// A fork that stands for all with the same rules for the precompile's output. MODEXP's bounds on
/// its input came with Osaka (EIP-7823); no other output depends on the fork.
const fn rules(precompile: &Precompile, fork: Fork) -> Fork {
    if fork.has(Fork::Osaka) {
        Fork::Osaka
    } else {
        precompile.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use precompiles::{Native, Registry};

    #[test]
    fn as_without() {
        let memo = PrecompileMemo::default();
        for fork in [Fork::Istanbul, Fork::Cancun, Fork::Osaka] {
            for precompile in Registry::<Native>::at_fork(fork) {
                for length in [0, 32, 96, 192, 213, 1025, 1056] {
                    let input = vec![0; length];
                    for gas in [0, 4_000, 60_000, 10_000_000] {
                        let plain = precompile.call(&input, gas, fork);
                        let name = precompile.name;
                        assert_eq!(memo.call(precompile, &input, gas, fork), plain, "{name}");
                        assert_eq!(memo.call(precompile, &input, gas, fork), plain, "{name}");
                    }
                }
            }
        }
    }
}
