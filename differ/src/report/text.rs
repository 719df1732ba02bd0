//! A verdict for people.

use core::fmt::Write;

use alloy_primitives::U256;

use crate::compare::{Parting, Verdict};
use crate::run::{Answer, Job};
use crate::step::Step;

/// Differences of states shown at most.
const STATES: usize = 40;

/// The whole answer.
#[must_use]
pub fn text(job: &Job, answer: &Answer) -> String {
    let mut out = String::new();
    let comparison = &answer.comparison;
    // Writing to a string cannot fail.
    let _ = writeln!(out, "left     {}", job.left);
    let _ = writeln!(out, "right    {}", job.right);
    if let Some(subject) = &job.subject {
        let _ = writeln!(out, "subject  {} ({})", subject.name, subject.fork);
    }
    let _ = write!(out, "steps    {} in common", comparison.steps);
    if comparison.passed_over > 0 {
        let _ = write!(
            out,
            ", {} that one side alone has run, by design",
            comparison.passed_over
        );
    }
    out.push('\n');
    for met in &comparison.met {
        let _ = writeln!(out, "\nstep {}, by design: {}", met.index, met.ids);
        place(&mut out, &met.left);
        for field in &met.fields {
            let (left, right) = field.values(&met.left, &met.right);
            let _ = writeln!(out, "  {field:<14} {left}  |  {right}");
        }
    }
    if let Some((index, left, right)) = &comparison.gas {
        let _ = writeln!(out, "\nstep {index}: gas differs first here");
        place(&mut out, left);
        let gas = |step: &Step| format!("{} left, {} for it", shown(step.gas), shown(step.cost));
        let _ = writeln!(out, "  {}  |  {}", gas(left), gas(right));
    }
    if let Some(parting) = &comparison.parting {
        part(&mut out, parting);
    }
    states(&mut out, answer);
    for note in &answer.notes {
        let _ = writeln!(out, "\nnote: {note}");
    }
    let _ = write!(out, "\nverdict: {}", answer.verdict);
    let ids = answer.ids();
    if answer.verdict == Verdict::ByDesign {
        let _ = write!(out, " ({ids})");
    }
    out.push('\n');
    out
}

fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "-".into(), |number| number.to_string())
}

fn place(out: &mut String, step: &Step) {
    let _ = writeln!(out, "  {}", one_line(step));
}

fn one_line(step: &Step) -> String {
    let indent = "  ".repeat(usize::try_from(step.depth.min(40)).unwrap_or(40) - 1);
    let error = step
        .error
        .as_ref()
        .map(|error| format!("  ! {error}"))
        .unwrap_or_default();
    let line = if step.line > 0 {
        format!("  (line {})", step.line)
    } else {
        String::new()
    };
    format!(
        "{indent}{:>5} {:<14} depth {}{error}{line}",
        step.pc,
        step.name(),
        step.depth
    )
}

fn part(out: &mut String, parting: &Parting) {
    let why = if parting.ids.is_empty() {
        "without a reason".to_owned()
    } else {
        format!("by design: {}", parting.ids)
    };
    let _ = writeln!(out, "\nThey part at step {}, {why}.", parting.index);
    if !parting.common.is_empty() {
        out.push_str("the last steps in common\n");
        for (step, _) in &parting.common {
            place(out, step);
        }
    }
    for (name, steps) in [("left", &parting.left), ("right", &parting.right)] {
        match steps.first() {
            None => {
                let _ = writeln!(out, "{name} has ended");
            }
            Some(step) => {
                let _ = writeln!(out, "{name} goes on with");
                place(out, step);
                stack(out, step);
            }
        }
    }
    if let (Some(left), Some(right)) = (parting.left.first(), parting.right.first()) {
        out.push_str("differences\n");
        for field in &parting.fields {
            let (a, b) = field.values(left, right);
            let _ = writeln!(out, "  {field:<14} {a}  |  {b}");
        }
    }
}

fn stack(out: &mut String, step: &Step) {
    let Some(stack) = &step.stack else { return };
    let words = |words: &[U256]| {
        words
            .iter()
            .map(|word| format!("{word:#x}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let from = stack.len().saturating_sub(8);
    let more = if from > 0 { "... " } else { "" };
    let _ = writeln!(
        out,
        "          stack: {more}{}",
        words(stack.get(from..).unwrap_or_default())
    );
}

fn states(out: &mut String, answer: &Answer) {
    let Some(states) = &answer.states else { return };
    if states.is_empty() {
        out.push_str("states   equal\n");
        return;
    }
    let _ = writeln!(
        out,
        "\nstates differ in {} places (left | right)",
        states.len()
    );
    for difference in states.iter().take(STATES) {
        let ids = if difference.ids.is_empty() {
            String::new()
        } else {
            format!("  [{}]", difference.ids)
        };
        let _ = writeln!(
            out,
            "  {} {}: {} | {}{ids}",
            difference.address, difference.what, difference.left, difference.right
        );
    }
    if states.len() > STATES {
        let _ = writeln!(out, "  ... and {} more", states.len() - STATES);
    }
}
