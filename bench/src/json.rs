//! Results as JSON.

use fevm_machine::gas::GasBreakdown;
use serde_json::{Map, Value, json};

use crate::figures::Figures;
use crate::run::StepCost;

/// A list with one object per step.
pub fn steps(costs: &[StepCost], figures: Option<&Figures>) -> Value {
    let rows = costs.iter().map(|cost| {
        let mut row = json!({
            "scenario": cost.scenario,
            "step": cost.step,
            "gas": cost.gas,
            "exit_code": cost.exit_code,
            "breakdown": breakdown(&cost.breakdown),
            "host_calls": cost.breakdown.host_calls,
            "invocations": cost.breakdown.invocations,
            "block_reads": cost.breakdown.block_reads,
            "block_writes": cost.breakdown.block_writes,
            "wall_us": cost.wall.as_micros() as u64,
        });
        if let Some(figures) = figures {
            row["recorded"] = figures.gas(&cost.scenario, &cost.step).into();
            row["ratio"] = figures.ratio(cost).into();
        }
        if let Some(ops) = cost.ops {
            row["ops"] = ops.into();
        }
        if !cost.charges.is_empty() {
            let list = cost.charges.iter();
            row["charges"] = list.map(|(name, milli)| json!([name, milli])).collect();
        }
        row
    });
    rows.collect()
}

/// Gas by class, all of them.
pub fn breakdown(gas: &GasBreakdown) -> Value {
    let classes = gas.classes();
    Value::Object(
        classes
            .map(|(class, gas)| (class.name().to_owned(), Value::from(gas)))
            .collect::<Map<_, _>>(),
    )
}
