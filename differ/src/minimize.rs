//! Smaller subjects with the same fault.
//!
//! Accounts and slots are left out, call data and code are cut and blanked, one change at a time, as long as the
//! verdict stays what it was and the executions part at the same instruction.

use std::collections::BTreeSet;

use alloy_primitives::hex;
use serde_json::Value;

use crate::compare::Verdict;
use crate::error::DiffError;
use crate::run::{Answer, Job};
use crate::subject::Subject;

/// Runs at most.
const TRIES: usize = 400;

/// What must stay.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    verdict: Verdict,
    op: Option<u8>,
    fields: Vec<core::mem::Discriminant<crate::compare::fields::Field>>,
    /// What of the states behind differs without a reason, if the steps do not part.
    states: BTreeSet<String>,
}

impl Fault {
    fn of(answer: &Answer) -> Self {
        let parting = answer.comparison.parting.as_ref();
        // The instruction whose result differs is the last that both made.
        let last = parting.and_then(|parting| parting.common.last());
        let states = answer.states.iter().flatten();
        let faulty = states.filter(|difference| difference.ids.is_empty() && parting.is_none());
        // Of slots it may be any.
        let kinds = faulty.filter_map(|difference| difference.what.split(' ').next());
        Self {
            verdict: answer.verdict,
            states: kinds.map(str::to_owned).collect(),
            op: last.map(|(step, _)| step.op),
            fields: parting.map_or_else(Vec::new, |parting| {
                parting.fields.iter().map(core::mem::discriminant).collect()
            }),
        }
    }
}

/// Shrinks a job's subject; `None` if its verdict is no fault, so that there is nothing to keep.
///
/// # Errors
/// The first run fails.
pub fn minimize(job: &Job, progress: impl Fn(usize)) -> Result<Option<Subject>, DiffError> {
    let first = job.run()?;
    let Some(subject) = job
        .subject
        .clone()
        .filter(|_| first.verdict == Verdict::Unexplained)
    else {
        return Ok(None);
    };
    let mut shrinking = Shrinking {
        job: job.clone(),
        fault: Fault::of(&first),
        best: subject,
        tries: 0,
        progress: &progress,
    };
    loop {
        let size = shrinking.size();
        shrinking.accounts();
        shrinking.slots();
        shrinking.bytes("/transaction/data/0");
        shrinking.codes();
        if shrinking.size() == size || shrinking.tries >= TRIES {
            return Ok(Some(shrinking.best));
        }
    }
}

struct Shrinking<'a> {
    job: Job,
    fault: Fault,
    best: Subject,
    tries: usize,
    progress: &'a dyn Fn(usize),
}

impl Shrinking<'_> {
    fn size(&self) -> usize {
        self.best.test.to_string().len()
    }

    /// Takes a change over if the fault stays.
    fn attempt(&mut self, change: impl FnOnce(&mut Value)) -> bool {
        if self.tries >= TRIES {
            return false;
        }
        self.tries += 1;
        (self.progress)(self.tries);
        let mut candidate = self.best.clone();
        change(&mut candidate.test);
        if candidate.test == self.best.test {
            return false;
        }
        self.job.subject = Some(candidate.clone());
        let stays = self
            .job
            .run()
            .is_ok_and(|answer| Fault::of(&answer) == self.fault);
        if stays {
            self.best = candidate;
        }
        stays
    }

    fn keys(&self, pointer: &str) -> Vec<String> {
        let map = self.best.test.pointer(pointer).and_then(Value::as_object);
        map.map_or_else(Vec::new, |map| map.keys().cloned().collect())
    }

    fn remove(&mut self, pointer: &str, key: &str) {
        self.attempt(|test| {
            if let Some(map) = test.pointer_mut(pointer).and_then(Value::as_object_mut) {
                map.remove(key);
            }
        });
    }

    fn accounts(&mut self) {
        for address in self.keys("/pre") {
            self.remove("/pre", &address);
        }
    }

    fn slots(&mut self) {
        for address in self.keys("/pre") {
            let pointer = format!("/pre/{address}/storage");
            for slot in self.keys(&pointer) {
                self.remove(&pointer, &slot);
            }
        }
    }

    fn codes(&mut self) {
        for address in self.keys("/pre") {
            self.bytes(&format!("/pre/{address}/code"));
        }
    }

    /// Cuts a byte string's end off, then blanks runs of it.
    fn bytes(&mut self, pointer: &str) {
        let read = |test: &Value| {
            test.pointer(pointer)
                .and_then(Value::as_str)
                .and_then(|text| hex::decode(text).ok())
        };
        let set = |test: &mut Value, bytes: &[u8]| {
            if let Some(place) = test.pointer_mut(pointer) {
                *place = hex::encode_prefixed(bytes).into();
            }
        };
        let mut cut = read(&self.best.test).map_or(0, |bytes| bytes.len());
        while cut > 0 {
            let Some(bytes) = read(&self.best.test) else {
                return;
            };
            let kept = bytes.len().saturating_sub(cut);
            if !(cut <= bytes.len()
                && self.attempt(|test| set(test, bytes.get(..kept).unwrap_or_default())))
            {
                cut /= 2;
            }
        }
        let length = read(&self.best.test).map_or(0, |bytes| bytes.len());
        let mut run = (length / 2).min(256);
        while run > 0 {
            for from in (0..length).step_by(run) {
                let Some(mut bytes) = read(&self.best.test) else {
                    return;
                };
                // JUMPDEST does nothing, so the rest keeps its places.
                let end = (from + run).min(bytes.len());
                if let Some(place) = bytes.get_mut(from..end)
                    && place.iter().any(|byte| *byte != 0x5b)
                {
                    place.fill(0x5b);
                    self.attempt(|test| set(test, &bytes));
                }
            }
            run = if run > 8 { run / 4 } else { 0 };
        }
    }
}
