//! Many vectors in parallel, and what came of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fevm_machine::bundle::Bundle;

use crate::compare::{Difference, compare, open_balances};
use crate::divergence;
use crate::format::Vector;
use crate::replay::Replay;
use crate::switch::Switch;

/// What came of one vector.
#[derive(Debug, Clone)]
pub struct VectorResult {
    /// `group/topic`.
    pub name: String,
    /// Messages applied.
    pub steps: usize,
    /// Steps that differ; the first only, unless asked for all.
    pub mismatches: Vec<Mismatch>,
    /// Steps that differ and may, with the reason.
    pub allowed: Vec<(String, &'static str)>,
    /// Gas as recorded and as replayed, of each step that agrees.
    pub gas: Vec<(u64, u64)>,
    /// Why the replay could not go on, if so.
    pub error: Option<String>,
}

/// A step that differs.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// Position in the vector, from 0.
    pub index: usize,
    /// The step's name.
    pub step: String,
    /// What differs.
    pub differences: Vec<Difference>,
    /// Where the message failed, if it did.
    pub backtrace: String,
}

impl VectorResult {
    /// Whether all messages did what was recorded, but for known divergences.
    pub const fn is_ok(&self) -> bool {
        self.mismatches.is_empty() && self.error.is_none()
    }
}

/// How to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'b> {
    /// Whether to go on after a step that differs.
    pub keep_going: bool,
    /// A bundle that takes over in the middle of each vector.
    pub switch: Option<SwitchPlan<'b>>,
    /// Vectors at once; 0 for as many as the machine runs at once.
    pub jobs: usize,
}

/// When and how another bundle takes over.
#[derive(Debug, Clone, Copy)]
pub struct SwitchPlan<'b> {
    /// The first message for the new bundle; half of each vector if `None`.
    pub at: Option<usize>,
    /// How.
    pub mode: crate::switch::SwitchMode,
    /// The new bundle.
    pub to: &'b Bundle,
}

/// Replays vectors on a bundle; results in the order of the vectors.
pub fn run(vectors: &[Vector], bundle: &Bundle, options: &Options<'_>) -> Vec<VectorResult> {
    let jobs = match options.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    };
    // Long vectors first, so that no thread ends up alone with one.
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    let weight = |i: &usize| {
        vectors[*i]
            .steps
            .iter()
            .map(|s| s.expect.gas_used)
            .sum::<u64>()
    };
    order.sort_by_key(|i| std::cmp::Reverse(weight(i)));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![None; vectors.len()]);
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(vectors.len()) {
            scope.spawn(|| {
                while let Some(&i) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = guarded(&vectors[i], bundle, options);
                    results.lock().unwrap_or_else(|e| e.into_inner())[i] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    results.into_iter().flatten().collect()
}

fn guarded(vector: &Vector, bundle: &Bundle, options: &Options<'_>) -> VectorResult {
    let run = AssertUnwindSafe(|| run_one(vector, bundle, options));
    catch_unwind(run).unwrap_or_else(|_| VectorResult {
        error: Some("the runner panicked".into()),
        ..empty(vector)
    })
}

fn empty(vector: &Vector) -> VectorResult {
    VectorResult {
        name: vector.name.clone(),
        steps: 0,
        mismatches: Vec::new(),
        allowed: Vec::new(),
        gas: Vec::new(),
        error: None,
    }
}

/// Replays one vector.
pub fn run_one(vector: &Vector, bundle: &Bundle, options: &Options<'_>) -> VectorResult {
    let mut result = empty(vector);
    let switch = options.switch.map(|plan| Switch {
        at: plan.at.unwrap_or(vector.steps.len() / 2),
        mode: plan.mode,
        to: plan.to,
    });
    let open = open_balances(vector);
    let mut replay = match Replay::start(vector, bundle, switch) {
        Ok(replay) => replay,
        Err(error) => {
            result.error = Some(format!("{error:#}"));
            return result;
        }
    };
    for (index, step) in vector.steps.iter().enumerate() {
        let done = match replay.step() {
            Ok(Some(done)) => done,
            Ok(None) => break,
            Err(error) => {
                result.error = Some(format!("{error:#}"));
                break;
            }
        };
        result.steps += 1;
        let differences = compare(&step.expect, &done, &open);
        if differences.is_empty() {
            result
                .gas
                .push((step.expect.gas_used, done.outcome.gas.used));
        } else if let Some(reason) = divergence::allowed(&vector.name, index, &differences) {
            result.allowed.push((step.name.clone(), reason));
        } else {
            let failure = done.outcome.failure.as_ref();
            result.mismatches.push(Mismatch {
                index,
                step: step.name.clone(),
                differences,
                backtrace: failure.map(ToString::to_string).unwrap_or_default(),
            });
            if !options.keep_going {
                break;
            }
        }
    }
    result
}
