//! A verdict for programs.

use alloy_primitives::hex;
use serde_json::{Value, json};

use crate::compare::fields::Field;
use crate::run::{Answer, Job};
use crate::step::Step;

/// The whole answer.
#[must_use]
pub fn json(job: &Job, answer: &Answer) -> Value {
    let comparison = &answer.comparison;
    let ids: Vec<_> = answer.ids().names().collect();
    let parting = comparison.parting.as_ref().map(|parting| {
        json!({
            "step": parting.index,
            "byDesign": parting.ids.names().collect::<Vec<_>>(),
            "differences": fields(&parting.fields, parting.left.first(), parting.right.first()),
            "common": parting.common.iter().map(|(one, _)| step(one)).collect::<Vec<_>>(),
            "left": parting.left.iter().map(step).collect::<Vec<_>>(),
            "right": parting.right.iter().map(step).collect::<Vec<_>>(),
        })
    });
    let met = comparison.met.iter().map(|met| {
        json!({
            "step": met.index,
            "ids": met.ids.names().collect::<Vec<_>>(),
            "at": step(&met.left),
            "differences": fields(&met.fields, Some(&met.left), Some(&met.right)),
        })
    });
    let gas = comparison.gas.as_ref().map(
        |(index, left, right)| json!({ "step": index, "left": step(left), "right": step(right) }),
    );
    let states = answer.states.as_ref().map(|states| {
        let one = states.iter().map(|difference| {
            json!({
                "address": difference.address,
                "what": difference.what,
                "left": difference.left,
                "right": difference.right,
                "ids": difference.ids.names().collect::<Vec<_>>(),
            })
        });
        one.collect::<Vec<_>>()
    });
    json!({
        "verdict": answer.verdict.to_string(),
        "ids": ids,
        "left": job.left.to_string(),
        "right": job.right.to_string(),
        "subject": job.subject.as_ref().map(|subject| json!({ "name": subject.name, "fork": subject.fork })),
        "steps": comparison.steps,
        "passedOver": comparison.passed_over,
        "parting": parting,
        "met": met.collect::<Vec<_>>(),
        "gas": gas,
        "states": states,
        "notes": answer.notes,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "pc": step.pc,
        "op": step.name(),
        "depth": step.depth,
        "gas": step.gas,
        "gasCost": step.cost,
        "stack": step.stack.as_ref().map(|words| words.iter().map(|word| format!("{word:#x}")).collect::<Vec<_>>()),
        "memory": step.memory.as_ref().map(hex::encode_prefixed),
        "returnData": step.return_data.as_ref().map(hex::encode_prefixed),
        "error": step.error,
        "line": step.line,
    })
}

fn fields(fields: &[Field], left: Option<&Step>, right: Option<&Step>) -> Value {
    let (Some(left), Some(right)) = (left, right) else {
        return Value::Array(Vec::new());
    };
    let one = fields.iter().map(|field| {
        let (a, b) = field.values(left, right);
        json!({ "field": field.to_string(), "left": a, "right": b })
    });
    one.collect()
}
