//! A comparison from its subject to its verdict.

use std::path::{Path, PathBuf};

use crate::compare::{Comparator, Comparison, Settings, Verdict, compare};
use crate::error::{DiffError, Place, TraceError};
use crate::side::node::NodeTransaction;
use crate::side::{Running, SideSpec, fvm, geth, native, node};
use crate::state::{self, Reasons, StateDifference};
use crate::subject::Subject;

/// What is compared.
#[derive(Debug, Clone)]
pub struct Job {
    /// The first side.
    pub left: SideSpec,
    /// The second side.
    pub right: SideSpec,
    /// What sides execute that execute.
    pub subject: Option<Subject>,
    /// What sides ask a node for.
    pub transaction: Option<NodeTransaction>,
    /// What counts; by default what fits the sides.
    pub comparator: Option<Comparator>,
    /// Steps shown around the parting.
    pub context: usize,
}

/// A comparison's answer.
#[derive(Debug)]
pub struct Answer {
    /// The verdict, states considered.
    pub verdict: Verdict,
    /// What counted.
    pub comparator: Comparator,
    /// The traces.
    pub comparison: Comparison,
    /// The states; `None` where a side has none to show.
    pub states: Option<Vec<StateDifference>>,
    /// Remarks for the reader.
    pub notes: Vec<String>,
}

/// A folder of this run's own, gone with it.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, DiffError> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "fevm-diff-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).map_err(|cause| DiffError::Report {
            path: path.display().to_string(),
            cause,
        })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Job {
    /// What counts where the command line does not say it: between Filecoin and Ethereum what is no design, else
    /// everything.
    #[must_use]
    pub fn comparator(&self) -> Comparator {
        let filecoin = |side: &SideSpec| matches!(side, SideSpec::Fvm(_) | SideSpec::Node(_));
        self.comparator
            .unwrap_or(match (filecoin(&self.left), filecoin(&self.right)) {
                (true, false) | (false, true) => Comparator::ByDesign,
                _ => Comparator::Exact,
            })
    }

    /// Runs both sides.
    ///
    /// # Errors
    /// A side cannot be run or read.
    pub fn run(&self) -> Result<Answer, DiffError> {
        let scratch = Scratch::new()?;
        let file = self
            .subject
            .as_ref()
            .map(|subject| subject.write(&scratch.0))
            .transpose()?;
        let parties = self
            .subject
            .as_ref()
            .map(Subject::parties)
            .unwrap_or_default();
        let comparator = self.comparator();
        let mut left = self.start(Place::Left, file.as_deref())?;
        let mut right = self.start(Place::Right, file.as_deref())?;
        let settings = Settings {
            comparator,
            context: self.context,
            parties,
        };
        let compared = compare(&mut left.steps, &mut right.steps, settings);
        let comparison = match compared {
            Ok(comparison) => comparison,
            Err((place, cause)) => {
                // What a program said when it ended explains more than a trace that broke off.
                let (side, other) = if place == Place::Left {
                    (left, right)
                } else {
                    (right, left)
                };
                drop(other);
                let told = side.finish().err();
                return Err(self.fault(place, told.unwrap_or(cause)));
            }
        };
        let empty = comparison.steps == 0;
        let notes = notes(&comparison);
        let parted = comparison.parting.is_some();
        let (a, b) = (left.finish(), right.finish());
        let a = a.map_err(|cause| self.fault(Place::Left, cause))?;
        let b = b.map_err(|cause| self.fault(Place::Right, cause))?;
        if empty && !parted && self.subject.is_none() && self.transaction.is_none() {
            return Err(self.fault(
                Place::Left,
                TraceError::NoTrace("there is no step in the trace".into()),
            ));
        }
        let reasons = Reasons {
            by_design: comparator == Comparator::ByDesign,
            parties,
            storage: comparison.design.storage(),
            destroyed: comparison.design.destroyed(),
        };
        let states = a.zip(b).map(|(a, b)| state::differences(&a, &b, reasons));
        let verdict = verdict(&comparison, states.as_deref().unwrap_or_default());
        Ok(Answer {
            verdict,
            comparator,
            comparison,
            states,
            notes,
        })
    }

    const fn spec(&self, place: Place) -> &SideSpec {
        match place {
            Place::Left => &self.left,
            Place::Right => &self.right,
        }
    }

    fn fault(&self, place: Place, cause: TraceError) -> DiffError {
        DiffError::Side {
            place,
            name: self.spec(place).to_string(),
            cause,
        }
    }

    fn start(&self, place: Place, file: Option<&Path>) -> Result<Running, DiffError> {
        let nothing = || {
            TraceError::Source("nothing to execute: give --test, --code, or --rpc with --tx".into())
        };
        let running = match (self.spec(place), file, &self.subject) {
            (SideSpec::File(path), _, _) => Running::recorded(path),
            (SideSpec::Node(url), _, _) => match &self.transaction {
                Some(transaction) => {
                    let url = url.clone().unwrap_or_else(|| transaction.url.clone());
                    node::run(&NodeTransaction {
                        url,
                        ..transaction.clone()
                    })
                }
                None => Err(TraceError::Source(
                    "which transaction? Give its hash with --tx".into(),
                )),
            },
            (SideSpec::Native, Some(file), _) => native::run(file),
            (SideSpec::Geth(program), Some(file), _) => geth::run(program.as_deref(), file),
            (SideSpec::Fvm(bundle), _, Some(subject)) => fvm::run(bundle.as_deref(), subject),
            _ => Err(nothing()),
        };
        running.map_err(|cause| self.fault(place, cause))
    }
}

fn verdict(comparison: &Comparison, states: &[StateDifference]) -> Verdict {
    // Behind a parting by design the executions are two: so may be their states.
    let parted = comparison.parting.is_some();
    let faulty = states.iter().any(|difference| difference.ids.is_empty());
    match comparison.verdict {
        Verdict::Unexplained => Verdict::Unexplained,
        Verdict::ByDesign if parted => Verdict::ByDesign,
        _ if faulty => match comparison.verdict {
            // Another price of gas is another balance.
            Verdict::GasOnly if states.iter().all(|difference| difference.what == "balance") => {
                Verdict::GasOnly
            }
            _ => Verdict::Unexplained,
        },
        Verdict::Equal if !states.is_empty() => Verdict::ByDesign,
        verdict => verdict,
    }
}

fn notes(comparison: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(parting) = &comparison.parting
        && parting.ids.is_empty()
    {
        match (parting.left.is_empty(), parting.right.is_empty()) {
            _ if parting.index == 0 => {
                notes.push("They part at the first step: traces of different transactions?".into());
            }
            (true, false) => notes.push(format!(
                "The left side has ended after {} steps: is its trace cut off?",
                parting.index
            )),
            (false, true) => notes.push(format!(
                "The right side has ended after {} steps: is its trace cut off?",
                parting.index
            )),
            _ => {}
        }
    }
    notes
}

impl Answer {
    /// The deliberate differences behind it.
    #[must_use]
    pub fn ids(&self) -> crate::compare::ids::Ids {
        let states = self.states.iter().flatten();
        let parting = self.comparison.parting.iter();
        let all = states
            .map(|difference| difference.ids)
            .chain(parting.map(|parting| parting.ids));
        all.fold(self.comparison.design.met(), crate::compare::ids::Ids::with)
    }
}
