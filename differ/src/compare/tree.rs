//! The calls that an execution made, as its steps show them.

use alloy_primitives::Address;

use super::design::is_call;
use crate::step::Step;

/// Calls kept at most.
const MOST: usize = 4_096;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Depth, 1 for the outermost.
    pub depth: u64,
    /// Number of its first step.
    pub index: u64,
    /// The instruction that made it; none for the outermost.
    pub by: Option<String>,
    /// The address called; none for creations and the outermost.
    pub target: Option<Address>,
    /// Its own steps.
    pub steps: u64,
}

/// Frames in the order of their beginnings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallTree {
    /// The frames.
    pub calls: Vec<Call>,
    /// More were made than are kept.
    pub cut: bool,
    open: Vec<Option<usize>>,
    last: Option<(u8, Option<Address>)>,
}

impl CallTree {
    /// A step of the execution.
    pub(super) fn step(&mut self, index: u64, step: &Step) {
        let depth = step.depth as usize;
        if depth > self.open.len() {
            let (by, target) = match self.last {
                Some((op, target)) if is_call(op) => {
                    (Some(fevm_machine::steps::eip3155::op_name(op)), target)
                }
                _ => (None, None),
            };
            self.open.resize(depth - 1, None);
            let place = (self.calls.len() < MOST).then(|| {
                self.calls.push(Call {
                    depth: step.depth,
                    index,
                    by,
                    target,
                    steps: 0,
                });
                self.calls.len() - 1
            });
            self.cut |= place.is_none();
            self.open.push(place);
        } else {
            self.open.truncate(depth);
        }
        if let Some(call) = self
            .open
            .last()
            .copied()
            .flatten()
            .and_then(|at| self.calls.get_mut(at))
        {
            call.steps += 1;
        }
        let target = matches!(step.op, 0xf1 | 0xf2 | 0xf4 | 0xfa)
            .then(|| step.operand(1))
            .flatten()
            .map(|word| Address::from_word(word.into()));
        self.last = Some((step.op, target));
    }
}
