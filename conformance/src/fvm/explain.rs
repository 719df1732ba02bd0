//! The differences behind a case.

use super::post::Post;
use super::setup;
use crate::divergence::{Switch, Switches};
use crate::ethereum::script::Script;
use crate::ethereum::{Block, Prestate, Rules, State, Transaction, execute_by};
use evm_interpreter::inspector::NoInspector;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time after which no smaller set is looked for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Sets of so many candidates are all tried, the smallest first.
const FEW: usize = 7;

/// A case's native runs.
#[derive(Debug)]
pub(super) struct Native<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) block: &'a Block,
    pub(super) state: &'a Arc<Prestate>,
    /// What the FVM's frames saw.
    pub(super) script: &'a Script,
    /// Whether the message ran out of gas.
    pub(super) out_of_gas: bool,
}

/// What came of a native run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) post: Post,
    pub(super) met: Switches,
    /// Where it departed from the FVM's run, if it has.
    pub(super) lost: Option<String>,
}

impl Native<'_> {
    /// Runs the case with these rules in Filecoin's way, and fees out of the comparison.
    pub(super) fn run(&self, switches: Switches) -> Ran {
        let mut state = State::new(Arc::clone(self.state));
        let mut rules =
            Rules::new(switches.with(Switch::Fees)).following(self.script, self.out_of_gas);
        rules.randomness = setup::randomness(self.block);
        let limit = self.block.gas_limit.max(self.transaction.gas_limit);
        let ran = execute_by(
            self.transaction,
            self.block,
            &mut state,
            limit,
            &mut NoInspector,
            &mut rules,
        );
        let logs = ran.map(|receipt| receipt.logs).unwrap_or_default();
        Ran {
            post: Post::of_native(&state, logs),
            met: rules.met(),
            lost: rules.lost().map(str::to_owned),
        }
    }

    /// Whether a run with these rules ends as the FVM's did.
    fn reaches(&self, switches: Switches, fvm: &Post) -> bool {
        let ran = self.run(switches);
        ran.lost.is_none() && ran.post == *fvm
    }

    /// The smallest set of differences, of those that the runs met, with which a native run ends as
    /// the FVM's. The error says where the run with all of them parts from it.
    pub(super) fn explain(&self, fvm: &Post, met: Switches) -> Result<Switches, String> {
        let all = self.run(Switch::ALL.into_iter().collect());
        if let Some(lost) = all.lost {
            let difference = fvm.difference(&all.post);
            return Err(match difference {
                Some(difference) => format!("{lost}; {difference}"),
                None => lost,
            });
        }
        if let Some(difference) = fvm.difference(&all.post) {
            return Err(difference);
        }
        let candidates = met.union(all.met).with(Switch::Gas).without(Switch::Fees);
        let start = Instant::now();
        if candidates.len() <= FEW
            && let Some(found) = self.smallest(candidates, fvm, start)
        {
            return Ok(found);
        }
        Ok(self.least(candidates, fvm, start))
    }

    /// Tries every set, the smaller ones first.
    fn smallest(&self, candidates: Switches, fvm: &Post, start: Instant) -> Option<Switches> {
        let list: Vec<Switch> = candidates.iter().collect();
        let mut sets: Vec<u32> = (0..1 << list.len()).collect();
        sets.sort_by_key(|set: &u32| (set.count_ones(), *set));
        for set in sets {
            if start.elapsed() > PATIENCE {
                return None;
            }
            let chosen = list.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            let chosen: Switches = chosen.map(|(_, switch)| *switch).collect();
            if self.reaches(chosen, fvm) {
                return Some(chosen);
            }
        }
        None
    }

    /// Leaves out what can be left out, one after the other.
    fn least(&self, candidates: Switches, fvm: &Post, start: Instant) -> Switches {
        let mut kept = candidates;
        for switch in candidates.iter() {
            if start.elapsed() > PATIENCE {
                break;
            }
            let fewer = kept.without(switch);
            if self.reaches(fewer, fvm) {
                kept = fewer;
            }
        }
        kept
    }
}
