//! Smaller subjects with the same fault.
//!
//! Accounts and slots are left out, call data and code are cut at the end, blanked, and taken out in the middle, one
//! change at a time, as long as the verdict stays what it was and the executions part at the same instruction.

use std::collections::BTreeSet;

use alloy_primitives::hex;
use serde_json::Value;

use crate::compare::Verdict;
use crate::error::DiffError;
use crate::run::{Answer, Job};
use crate::subject::Subject;

/// Runs at most.
const TRIES: usize = 1_000;

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
        shrinking.bytes("/transaction/data/0", false);
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
            self.bytes(&format!("/pre/{address}/code"), true);
        }
    }

    fn read(&self, pointer: &str) -> Option<Vec<u8>> {
        let text = self.best.test.pointer(pointer)?.as_str()?;
        hex::decode(text).ok()
    }

    fn attempt_bytes(&mut self, pointer: &str, bytes: &[u8]) -> bool {
        self.attempt(|test| {
            if let Some(place) = test.pointer_mut(pointer) {
                *place = hex::encode_prefixed(bytes).into();
            }
        })
    }

    /// Cuts a byte string's end off, blanks runs of it, and takes runs out of its middle.
    fn bytes(&mut self, pointer: &str, code: bool) {
        self.cut(pointer);
        self.blank(pointer);
        self.take_out(pointer, code);
    }

    fn cut(&mut self, pointer: &str) {
        let mut cut = self.read(pointer).map_or(0, |bytes| bytes.len());
        while cut > 0 {
            let Some(bytes) = self.read(pointer) else {
                return;
            };
            let kept = bytes
                .len()
                .checked_sub(cut)
                .and_then(|end| bytes.get(..end));
            if !kept.is_some_and(|kept| self.attempt_bytes(pointer, kept)) {
                cut /= 2;
            }
        }
    }

    fn blank(&mut self, pointer: &str) {
        let length = self.read(pointer).map_or(0, |bytes| bytes.len());
        let mut run = (length / 2).min(256);
        while run > 0 {
            for from in (0..length).step_by(run) {
                let Some(mut bytes) = self.read(pointer) else {
                    return;
                };
                // JUMPDEST does nothing, so the rest keeps its places.
                let end = (from + run).min(bytes.len());
                if let Some(place) = bytes.get_mut(from..end)
                    && place.iter().any(|byte| *byte != JUMPDEST)
                {
                    place.fill(JUMPDEST);
                    self.attempt_bytes(pointer, &bytes);
                }
            }
            run = if run > 8 { run / 4 } else { 0 };
        }
    }

    fn take_out(&mut self, pointer: &str, code: bool) {
        let mut run = self.read(pointer).map_or(0, |bytes| bytes.len() / 2);
        while run > 0 {
            let mut from = 0;
            while let Some(bytes) = self.read(pointer)
                && from + run <= bytes.len()
            {
                let mut rest = bytes.clone();
                rest.drain(from..from + run);
                if code {
                    move_jumps(&mut rest, &bytes, from, run);
                }
                if !self.attempt_bytes(pointer, &rest) {
                    from += run;
                }
                if self.tries >= TRIES {
                    return;
                }
            }
            run /= 2;
        }
    }
}

const JUMPDEST: u8 = 0x5b;
const PUSH1: u8 = 0x60;
const PUSH2: u8 = 0x61;
const PUSH32: u8 = 0x7f;

/// Whether a byte is an instruction, or part of what a PUSH brings.
fn instructions(code: &[u8]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let mut at = 0;
    while let Some(mark) = marks.get_mut(at) {
        *mark = true;
        at += match code[at] {
            op @ PUSH1..=PUSH32 => usize::from(op - PUSH1) + 2,
            _ => 1,
        };
    }
    marks
}

/// Sets pushed jump targets right, after `run` bytes from `from` on were taken out of `before`.
fn move_jumps(code: &mut [u8], before: &[u8], from: usize, run: usize) {
    let old = instructions(before);
    let is_target = |at: usize| before.get(at) == Some(&JUMPDEST) && old.get(at) == Some(&true);
    let marks = instructions(code);
    for at in 0..code.len() {
        let width = match (marks[at], code[at]) {
            (true, PUSH1) => 1,
            (true, PUSH2) => 2,
            _ => continue,
        };
        let Some(immediate) = code.get_mut(at + 1..at + 1 + width) else {
            continue;
        };
        let target = immediate
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte));
        if target >= from + run && is_target(target) {
            let moved = (target - run) as u16;
            immediate.copy_from_slice(&moved.to_be_bytes()[2 - width..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_follow_what_is_taken_out() {
        // PUSH1 8, JUMP, three bytes of no use, PUSH1 0x5b, JUMPDEST, PUSH2 8, JUMP
        let before = [0x60, 8, 0x56, 1, 2, 3, 0x60, 0x5b, 0x5b, 0x61, 0, 8, 0x56];
        let mut code = before.to_vec();
        code.drain(3..6);
        move_jumps(&mut code, &before, 3, 3);
        assert_eq!(code, [0x60, 5, 0x56, 0x60, 0x5b, 0x5b, 0x61, 0, 5, 0x56]);
        // What is pushed is no target: byte 7 belongs to a PUSH.
        let before = [0x60, 7, 0x56, 1, 2, 3, 0x60, 0x5b, 0x5b];
        let mut code = before.to_vec();
        code.drain(3..6);
        move_jumps(&mut code, &before, 3, 3);
        assert_eq!(code[1], 7);
        // Cut off within a PUSH.
        assert_eq!(instructions(&[0x00, 0x62, 1]), [true, true, false]);
    }
}
