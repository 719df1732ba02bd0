//! Steps of all clients in a form in which they can be compared.

use crate::error::TraceError;
use crate::read::Trace;
use crate::step::{Entry, Step, Summary};

const STOP: u8 = 0x00;
const REVERT: u8 = 0xfd;

/// The steps of a trace, one by one.
///
/// STOPs are left out, since not all clients show the one behind the end of the code. A line that repeats
/// the one before it to tell of its failure is one step with it. REVERT is no failure of its instruction.
pub struct Steps {
    trace: Trace,
    held: Option<Step>,
    summary: Summary,
    steps: u64,
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steps")
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl Steps {
    /// The steps of a trace.
    #[must_use]
    pub fn new(trace: Trace) -> Self {
        Self {
            trace,
            held: None,
            summary: Summary::default(),
            steps: 0,
        }
    }

    /// What the trace has said of the transaction's end so far.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The next step; `None` behind the last.
    ///
    /// # Errors
    /// The trace cannot be read on.
    pub fn next_step(&mut self) -> Result<Option<Step>, TraceError> {
        loop {
            let entry = match self.trace.next() {
                Some(entry) => entry?,
                None => {
                    self.steps += u64::from(self.held.is_some());
                    return Ok(self.held.take());
                }
            };
            let mut step = match entry {
                Entry::Step(step) => *step,
                Entry::Summary(summary) => {
                    self.note(summary);
                    continue;
                }
            };
            let repeats = self.held.as_ref().is_some_and(|held| {
                (held.depth, held.pc, held.op) == (step.depth, step.pc, step.op)
            });
            let failed = step.error.is_some();
            if step.op == REVERT {
                step.error = None;
            }
            if let Some(held) = self.held.as_mut().filter(|_| repeats && failed) {
                held.error = step.error;
                continue;
            }
            // Failures of a STOP do not exist.
            let next = (step.op != STOP).then_some(step);
            if next.is_none() && self.held.is_none() {
                continue;
            }
            if let Some(held) = std::mem::replace(&mut self.held, next) {
                self.steps += 1;
                return Ok(Some(held));
            }
        }
    }

    fn note(&mut self, summary: Summary) {
        // Each frame has one: the last is the outermost frame's.
        if summary.state_root.is_some() {
            self.summary.state_root = summary.state_root;
        }
        if summary.output.is_some() || summary.gas_used.is_some() {
            self.summary.output = summary.output;
            self.summary.gas_used = summary.gas_used;
            self.summary.error = summary.error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_and_repeated_lines_are_one_form() {
        let text = "\
            {\"pc\":0,\"op\":96,\"gas\":\"0x10\",\"gasCost\":\"0x3\",\"depth\":1,\"stack\":[]}\n\
            {\"pc\":2,\"op\":86,\"gas\":\"0xd\",\"gasCost\":\"0x8\",\"depth\":1,\"stack\":[\"0x7\"]}\n\
            {\"pc\":2,\"op\":86,\"gas\":\"0xd\",\"gasCost\":\"0x8\",\"depth\":1,\"stack\":[],\"error\":\"invalid jump destination\"}\n\
            {\"pc\":3,\"op\":0,\"gas\":\"0xd\",\"gasCost\":\"0x0\",\"depth\":1,\"stack\":[]}\n\
            {\"output\":\"\",\"gasUsed\":\"0x10\",\"error\":\"invalid jump destination\"}\n\
            {\"stateRoot\": \"0xab\"}\n";
        let mut steps = Steps::new(crate::read::open(text.as_bytes()).unwrap());
        let first = steps.next_step().unwrap().unwrap();
        assert_eq!((first.pc, first.gas), (0, Some(16)));
        let second = steps.next_step().unwrap().unwrap();
        assert_eq!(second.error.as_deref(), Some("invalid jump destination"));
        assert_eq!(second.stack.as_ref().unwrap().len(), 1);
        assert_eq!(steps.next_step().unwrap(), None);
        assert_eq!(steps.summary().gas_used, Some(16));
        assert_eq!(steps.summary().state_root.as_deref(), Some("0xab"));
    }
}
