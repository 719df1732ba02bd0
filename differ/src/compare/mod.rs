//! Two executions side by side.
//!
//! | module | what it holds |
//! |---|---|
//! | [`fields`] | in what two steps differ |
//! | [`design`] | which of that is Filecoin's design |
//! | [`ids`] | sets of deliberate differences |
//! | [`tree`] | the calls that were met |

pub mod design;
pub mod fields;
pub mod ids;
pub mod tree;

use core::fmt;
use std::collections::VecDeque;

use design::{Design, Judgement, Parties};
use fields::{Field, differences};
use ids::Ids;
use tree::CallTree;

use crate::error::{Place, TraceError};
use crate::normal::Steps;
use crate::step::Step;

/// What counts as a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Comparator {
    /// Everything that both traces show.
    Exact,
    /// All but gas.
    NoGas,
    /// All but gas, and what Filecoin does otherwise by design.
    ByDesign,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No difference.
    Equal,
    /// Differences that are all deliberate.
    ByDesign,
    /// The same but for gas.
    GasOnly,
    /// A difference without a reason.
    Unexplained,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal",
            Self::ByDesign => "by design",
            Self::GasOnly => "gas only",
            Self::Unexplained => "unexplained",
        })
    }
}

/// How to compare.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What counts.
    pub comparator: Comparator,
    /// Steps shown before and behind the place where the executions part.
    pub context: usize,
    /// Who pays and gets fees.
    pub parties: Parties,
}

/// Where two executions part.
#[derive(Debug, Clone)]
pub struct Parting {
    /// Number of the step, from 0.
    pub index: u64,
    /// The last steps that both made.
    pub common: Vec<(Step, Step)>,
    /// In what the next differ; nothing if one side has ended.
    pub fields: Vec<Field>,
    /// What the left side does from there on.
    pub left: Vec<Step>,
    /// What the right side does from there on.
    pub right: Vec<Step>,
    /// The deliberate differences behind it; none for a fault.
    pub ids: Ids,
}

/// A step at which a deliberate difference was first met.
#[derive(Debug, Clone)]
pub struct Met {
    /// Number of the step, from 0.
    pub index: u64,
    /// Which differences.
    pub ids: Ids,
    /// What differs.
    pub fields: Vec<Field>,
    /// On the left.
    pub left: Step,
    /// On the right.
    pub right: Step,
}

/// The traces' part of a verdict.
#[derive(Debug)]
pub struct Comparison {
    /// What it came to, states left aside.
    pub verdict: Verdict,
    /// Steps that both made.
    pub steps: u64,
    /// Steps of frames that one side alone has run, by design.
    pub passed_over: u64,
    /// Where the executions part.
    pub parting: Option<Parting>,
    /// Where gas first differs.
    pub gas: Option<(u64, Step, Step)>,
    /// First meetings with deliberate differences.
    pub met: Vec<Met>,
    /// The calls of the left side.
    pub tree: CallTree,
    /// Reasons that differences of the states may have.
    pub design: Design,
}

/// A side's next step, looked at before it is taken.
struct Side<'a> {
    place: Place,
    steps: &'a mut Steps,
    next: Option<Step>,
}

impl Side<'_> {
    fn advance(&mut self) -> Result<(), (Place, TraceError)> {
        self.next = self
            .steps
            .next_step()
            .map_err(|error| (self.place, error))?;
        Ok(())
    }

    /// Passes over steps that are deeper; gives their number.
    fn skip_to(&mut self, depth: u64) -> Result<u64, (Place, TraceError)> {
        let mut passed = 0;
        while self.next.as_ref().is_some_and(|step| step.depth > depth) {
            passed += 1;
            self.advance()?;
        }
        Ok(passed)
    }

    /// The next steps, for show.
    fn rest(&mut self, count: usize) -> Vec<Step> {
        let mut rest = Vec::new();
        while let Some(step) = self.next.take() {
            rest.push(step);
            // What cannot be read any more is not shown.
            if rest.len() == count || self.advance().is_err() {
                break;
            }
        }
        rest
    }
}

/// Compares two traces to the first difference that counts, or to their ends.
///
/// # Errors
/// Which side cannot be read, and why.
pub fn compare(
    left: &mut Steps,
    right: &mut Steps,
    settings: Settings,
) -> Result<Comparison, (Place, TraceError)> {
    let mut run = Run {
        settings,
        common: VecDeque::with_capacity(settings.context),
        result: Comparison {
            verdict: Verdict::Equal,
            steps: 0,
            passed_over: 0,
            parting: None,
            gas: None,
            met: Vec::new(),
            tree: CallTree::default(),
            design: Design::new(settings.parties),
        },
    };
    let mut left = Side {
        place: Place::Left,
        steps: left,
        next: None,
    };
    let mut right = Side {
        place: Place::Right,
        steps: right,
        next: None,
    };
    left.advance()?;
    right.advance()?;
    loop {
        match (&left.next, &right.next) {
            (None, None) => break,
            (Some(a), Some(b)) => {
                let fields = differences(a, b);
                if run.pair(&mut left, &mut right, fields)? {
                    continue;
                }
                break;
            }
            _ => {
                run.ended(&mut left, &mut right);
                break;
            }
        }
    }
    Ok(run.finish())
}

struct Run {
    settings: Settings,
    common: VecDeque<(Step, Step)>,
    result: Comparison,
}

impl Run {
    fn by_design(&self) -> bool {
        self.settings.comparator == Comparator::ByDesign
    }

    /// Looks at a pair; whether to go on.
    fn pair(
        &mut self,
        left: &mut Side<'_>,
        right: &mut Side<'_>,
        fields: Vec<Field>,
    ) -> Result<bool, (Place, TraceError)> {
        if fields.iter().any(Field::is_place) {
            return self.other_places(left, right, fields);
        }
        let (Some(a), Some(b)) = (&left.next, &right.next) else {
            return Ok(false);
        };
        let index = self.result.steps;
        if self.by_design() {
            let before = self.result.design.met();
            match self.result.design.judge(a, b, &fields) {
                Judgement::Fault(faults) => {
                    self.part(left, right, faults, Ids::NONE);
                    return Ok(false);
                }
                Judgement::Explained => {
                    let now = self.result.design.met();
                    if now != before {
                        let fields = fields.into_iter().filter(|field| !field.is_gas()).collect();
                        self.result.met.push(Met {
                            index,
                            ids: now,
                            fields,
                            left: a.clone(),
                            right: b.clone(),
                        });
                    }
                }
            }
        } else {
            let (gas, others): (Vec<_>, Vec<_>) = fields.into_iter().partition(Field::is_gas);
            if !others.is_empty() {
                self.part(left, right, others, Ids::NONE);
                return Ok(false);
            }
            if !gas.is_empty()
                && self.settings.comparator == Comparator::Exact
                && self.result.gas.is_none()
            {
                self.result.gas = Some((index, a.clone(), b.clone()));
            }
        }
        let (Some(a), Some(b)) = (left.next.take(), right.next.take()) else {
            return Ok(false);
        };
        self.result.tree.step(index, &a);
        self.result.steps += 1;
        if self.common.len() == self.settings.context {
            self.common.pop_front();
        }
        self.common.push_back((a, b));
        left.advance()?;
        right.advance()?;
        Ok(true)
    }

    /// The next instructions are not the same.
    fn other_places(
        &mut self,
        left: &mut Side<'_>,
        right: &mut Side<'_>,
        fields: Vec<Field>,
    ) -> Result<bool, (Place, TraceError)> {
        let why = if self.by_design() {
            self.result.design.parting()
        } else {
            Ids::NONE
        };
        let depth = |side: &Side<'_>| side.next.as_ref().map_or(0, |step| step.depth);
        let (a, b) = (depth(left), depth(right));
        if why.is_empty() || a == b {
            self.part(left, right, fields, why);
            return Ok(false);
        }
        // One of them has run a frame that the other has not, or left one early: both meet again in the caller.
        self.result.passed_over += if a > b {
            left.skip_to(b)?
        } else {
            right.skip_to(a)?
        };
        self.result.design.skipped(why);
        Ok(true)
    }

    /// One side has ended.
    fn ended(&mut self, left: &mut Side<'_>, right: &mut Side<'_>) {
        let why = if self.by_design() {
            self.result.design.parting()
        } else {
            Ids::NONE
        };
        self.part(left, right, Vec::new(), why);
    }

    fn part(&mut self, left: &mut Side<'_>, right: &mut Side<'_>, fields: Vec<Field>, ids: Ids) {
        if !ids.is_empty() {
            self.result.design.skipped(ids);
        }
        self.result.parting = Some(Parting {
            index: self.result.steps,
            common: self.common.drain(..).collect(),
            fields,
            left: left.rest(self.settings.context),
            right: right.rest(self.settings.context),
            ids,
        });
    }

    fn finish(mut self) -> Comparison {
        let result = &mut self.result;
        result.design.finish();
        result.verdict = match &result.parting {
            Some(parting) if parting.ids.is_empty() => Verdict::Unexplained,
            Some(_) => Verdict::ByDesign,
            None if !result.design.met().is_empty() => Verdict::ByDesign,
            None if result.gas.is_some() => Verdict::GasOnly,
            None => Verdict::Equal,
        };
        self.result
    }
}
