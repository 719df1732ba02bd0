//! A page that stands alone: nothing is loaded, nothing runs.

use core::fmt::Write;

use crate::compare::fields::Field;
use crate::compare::{Parting, Verdict};
use crate::run::{Answer, Job};
use crate::step::Step;

/// Words of a stack shown at most, the top first.
const STACK: usize = 24;
/// Bytes of memory shown at most.
const MEMORY: usize = 2_048;
/// Calls of the tree shown at most.
const CALLS: usize = 400;

const STYLE: &str = include_str!("style.css");

/// The page.
#[must_use]
pub fn html(job: &Job, answer: &Answer) -> String {
    let mut page = String::new();
    let (class, word) = match answer.verdict {
        Verdict::Equal => ("equal", "equal".to_owned()),
        Verdict::ByDesign => ("design", "by design".to_owned()),
        Verdict::GasOnly => ("gas", "gas only".to_owned()),
        Verdict::Unexplained => ("fault", "unexplained".to_owned()),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>fevm diff: {word}</title>\n<style>{STYLE}</style></head>\n\
         <body><header class=\"{class}\"><h1>{word}</h1>"
    );
    let ids = answer.ids();
    if !ids.is_empty() && answer.verdict == Verdict::ByDesign {
        let names: String = ids
            .names()
            .map(|name| format!("<span class=\"id\">{name}</span>"))
            .collect();
        let _ = write!(page, "<p>{names}</p>");
    }
    page.push_str("</header>\n<dl>");
    row(&mut page, "left", &job.left.to_string());
    row(&mut page, "right", &job.right.to_string());
    if let Some(subject) = &job.subject {
        row(
            &mut page,
            "subject",
            &format!("{} ({})", subject.name, subject.fork),
        );
    }
    if let Some(transaction) = &job.transaction {
        row(
            &mut page,
            "transaction",
            &format!("{} of {}", transaction.hash, transaction.url),
        );
    }
    row(
        &mut page,
        "steps in common",
        &answer.comparison.steps.to_string(),
    );
    if answer.comparison.passed_over > 0 {
        row(
            &mut page,
            "of one side alone",
            &answer.comparison.passed_over.to_string(),
        );
    }
    page.push_str("</dl>\n");
    for note in &answer.notes {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escape(note));
    }
    if let Some(parting) = &answer.comparison.parting {
        part(&mut page, job, parting);
    }
    if let Some((index, left, right)) = &answer.comparison.gas {
        let _ = write!(page, "<h2>Gas differs first at step {index}</h2>");
        pair(&mut page, job, left, right, &[Field::Gas, Field::Cost]);
    }
    met(&mut page, job, answer);
    tree(&mut page, answer);
    states(&mut page, answer);
    page.push_str("<footer>made by fevm diff</footer></body></html>\n");
    page
}

fn row(page: &mut String, name: &str, value: &str) {
    let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escape(value));
}

/// Text that is no markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

fn part(page: &mut String, job: &Job, parting: &Parting) {
    let why = if parting.ids.is_empty() {
        "without a reason".to_owned()
    } else {
        format!("by design: {}", parting.ids)
    };
    let _ = write!(
        page,
        "<h2>They part at step {}, {why}</h2>\n<table class=\"steps\"><thead><tr>",
        parting.index
    );
    for side in [&job.left, &job.right] {
        let _ = write!(page, "<th colspan=\"4\">{}</th>", escape(&side.to_string()));
    }
    page.push_str("</tr><tr>");
    for _ in 0..2 {
        page.push_str("<th>pc</th><th>instruction</th><th>gas</th><th>top of stack</th>");
    }
    page.push_str("</tr></thead><tbody>\n");
    for (left, right) in &parting.common {
        line(page, Some(left), Some(right), "");
    }
    let rows = parting.left.len().max(parting.right.len());
    for at in 0..rows {
        let class = if at == 0 {
            " class=\"parting\""
        } else {
            " class=\"apart\""
        };
        line(page, parting.left.get(at), parting.right.get(at), class);
    }
    page.push_str("</tbody></table>\n");
    if let (Some(left), Some(right)) = (parting.left.first(), parting.right.first()) {
        pair(page, job, left, right, &parting.fields);
    }
}

fn line(page: &mut String, left: Option<&Step>, right: Option<&Step>, class: &str) {
    let _ = write!(page, "<tr{class}>");
    for step in [left, right] {
        match step {
            None => page.push_str("<td colspan=\"4\" class=\"none\">ended</td>"),
            Some(step) => {
                let indent = "&nbsp;&nbsp;"
                    .repeat(usize::try_from(step.depth.clamp(1, 40)).unwrap_or(1) - 1);
                let error = step
                    .error
                    .as_ref()
                    .map(|error| format!(" <b>{}</b>", escape(error)))
                    .unwrap_or_default();
                let gas = step.gas.map(|gas| gas.to_string()).unwrap_or_default();
                let top = step
                    .operand(0)
                    .map(|word| shortened(&format!("{word:#x}")))
                    .unwrap_or_default();
                let _ = write!(
                    page,
                    "<td class=\"n\">{}</td><td>{indent}{}{error}</td><td class=\"n\">{gas}</td><td class=\"n\">{top}</td>",
                    step.pc,
                    escape(&step.name())
                );
            }
        }
    }
    page.push_str("</tr>\n");
}

fn shortened(word: &str) -> String {
    match (word.get(..10), word.get(word.len().saturating_sub(8)..)) {
        (Some(start), Some(end)) if word.len() > 22 => format!("{start}…{end}"),
        _ => word.to_owned(),
    }
}

/// Two steps in full.
fn pair(page: &mut String, job: &Job, left: &Step, right: &Step, fields: &[Field]) {
    let _ = writeln!(
        page,
        "<table class=\"pair\"><thead><tr><th></th><th>{}</th><th>{}</th></tr></thead><tbody>",
        escape(&job.left.to_string()),
        escape(&job.right.to_string())
    );
    let mut entry = |name: &str, a: String, b: String, differs: bool| {
        let class = if differs { " class=\"differs\"" } else { "" };
        let _ = writeln!(
            page,
            "<tr{class}><th>{name}</th><td>{}</td><td>{}</td></tr>",
            escape(&a),
            escape(&b)
        );
    };
    for field in [
        Field::Pc,
        Field::Op,
        Field::Depth,
        Field::Gas,
        Field::Cost,
        Field::Error,
        Field::MemorySize,
    ] {
        let (a, b) = field.values(left, right);
        entry(&field.to_string(), a, b, fields.contains(&field));
    }
    let size = |step: &Step| step.stack.as_ref().map_or(0, Vec::len);
    let items = size(left).max(size(right));
    for at in (0..items).rev().take(STACK) {
        let field = Field::Stack(at);
        let (a, b) = field.values(left, right);
        entry(
            &field.to_string(),
            a.clone(),
            b.clone(),
            a != b && fields.contains(&field),
        );
    }
    let memory = |step: &Step| step.memory.as_ref().map_or(0, Vec::len);
    let bytes = memory(left).max(memory(right)).min(MEMORY);
    for at in (0..bytes).step_by(32) {
        let field = Field::Memory(at);
        let (a, b) = field.values(left, right);
        entry(&field.to_string(), a, b, fields.contains(&field));
    }
    for field in fields {
        if matches!(field, Field::Storage(_) | Field::ReturnData)
            || matches!(field, Field::Memory(at) if *at >= MEMORY)
        {
            let (a, b) = field.values(left, right);
            entry(&field.to_string(), a, b, true);
        }
    }
    page.push_str("</tbody></table>\n");
}

fn met(page: &mut String, job: &Job, answer: &Answer) {
    for met in &answer.comparison.met {
        let _ = write!(page, "<h2>Step {}: by design, {}</h2>", met.index, met.ids);
        pair(page, job, &met.left, &met.right, &met.fields);
    }
}

fn tree(page: &mut String, answer: &Answer) {
    let tree = &answer.comparison.tree;
    if tree.calls.is_empty() {
        return;
    }
    page.push_str("<h2>Calls, up to there</h2>\n<ul class=\"tree\">\n");
    for call in tree.calls.iter().take(CALLS) {
        let by = call.by.as_deref().unwrap_or("transaction");
        let target = call
            .target
            .map(|target| format!(" {target}"))
            .unwrap_or_default();
        let _ = writeln!(
            page,
            "<li style=\"margin-left:{}em\"><b>{by}</b>{target} <small>from step {}, {} of its own</small></li>",
            (call.depth.clamp(1, 40) - 1) * 2,
            call.index,
            call.steps
        );
    }
    if tree.cut || tree.calls.len() > CALLS {
        page.push_str("<li>…</li>\n");
    }
    page.push_str("</ul>\n");
}

fn states(page: &mut String, answer: &Answer) {
    let Some(states) = &answer.states else {
        page.push_str("<p class=\"note\">The states behind the executions are not compared: a side has none to show.</p>\n");
        return;
    };
    if states.is_empty() {
        page.push_str("<h2>The states behind are equal</h2>\n");
        return;
    }
    page.push_str("<h2>States behind</h2>\n<table class=\"pair\"><thead><tr><th>account</th><th>what</th><th>left</th><th>right</th><th></th></tr></thead><tbody>\n");
    for difference in states {
        let class = if difference.ids.is_empty() {
            " class=\"differs\""
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "<tr{class}><td>{}</td><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            difference.address,
            escape(&difference.what),
            escape(&difference.left),
            escape(&difference.right),
            difference.ids
        );
    }
    page.push_str("</tbody></table>\n");
}
