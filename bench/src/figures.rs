//! Recorded figures, ratios to them, and their means.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use crate::run::StepCost;

/// Gas of steps, as recorded from some bundle.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// What they are of.
    pub note: String,
    rows: BTreeMap<(String, String), u64>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct File {
    note: String,
    rows: Vec<Row>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Row {
    scenario: String,
    step: String,
    gas: u64,
}

impl Figures {
    /// Reads figures: `{"note": …, "rows": [{"scenario", "step", "gas"}, …]}`;
    /// other fields are passed over.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let json = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&json).with_context(|| format!("{} holds no figures", path.display()))
    }

    fn parse(json: &str) -> serde_json::Result<Self> {
        let file: File = serde_json::from_str(json)?;
        let rows = file.rows.into_iter();
        Ok(Self {
            note: file.note,
            rows: rows.map(|r| ((r.scenario, r.step), r.gas)).collect(),
        })
    }

    /// The figures of costs, to be recorded.
    pub fn of(note: &str, costs: &[StepCost]) -> Self {
        let rows = costs.iter();
        Self {
            note: note.into(),
            rows: rows
                .map(|c| ((c.scenario.clone(), c.step.clone()), c.gas))
                .collect(),
        }
    }

    /// The figures as a file holds them.
    pub fn to_json(&self) -> String {
        let rows = self.rows.iter().map(|((scenario, step), gas)| {
            serde_json::json!({"scenario": scenario, "step": step, "gas": gas}).to_string()
        });
        let rows = rows.collect::<Vec<_>>().join(",\n  ");
        format!(
            "{{\"note\": {}, \"rows\": [\n  {rows}\n]}}\n",
            serde_json::Value::from(self.note.as_str())
        )
    }

    /// Gas recorded for a step.
    pub fn gas(&self, scenario: &str, step: &str) -> Option<u64> {
        let key = (scenario.to_owned(), step.to_owned());
        self.rows.get(&key).copied()
    }

    /// A step's gas over the recorded one.
    pub fn ratio(&self, cost: &StepCost) -> Option<f64> {
        let recorded = self.gas(&cost.scenario, &cost.step)?;
        (recorded > 0).then(|| cost.gas as f64 / recorded as f64)
    }
}

/// Geometric mean; `None` of nothing.
pub fn mean(ratios: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = ratios
        .into_iter()
        .fold((0.0, 0u32), |(sum, n), r| (sum + r.ln(), n + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// Gas per EVM instruction: of each pair of steps `NAME/base` and `NAME/run`,
/// the difference divided by how often the body repeats.
pub fn per_instruction(costs: &[StepCost]) -> Vec<(String, f64)> {
    pairs(costs)
        .map(|(name, base, run, ops)| {
            (
                name.to_owned(),
                (run.gas as f64 - base.gas as f64) / ops as f64,
            )
        })
        .collect()
}

/// The same from recorded figures, for the pairs among these costs.
pub fn recorded_per_instruction(figures: &Figures, costs: &[StepCost]) -> Vec<(String, f64)> {
    pairs(costs)
        .filter_map(|(name, base, run, ops)| {
            let base = figures.gas(&base.scenario, &base.step)?;
            let run = figures.gas(&run.scenario, &run.step)?;
            Some((name.to_owned(), (run as f64 - base as f64) / ops as f64))
        })
        .collect()
}

fn pairs(costs: &[StepCost]) -> impl Iterator<Item = (&str, &StepCost, &StepCost, u64)> {
    costs.iter().filter_map(|run| {
        let name = run.step.strip_suffix("/run")?;
        let base = costs
            .iter()
            .find(|c| c.scenario == run.scenario && c.step.strip_suffix("/base") == Some(name))?;
        Some((name, base, run, run.ops.or(base.ops)?.max(1)))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn cost(step: &str, gas: u64, ops: Option<u64>) -> StepCost {
        StepCost {
            scenario: "micro".into(),
            step: step.into(),
            gas,
            breakdown: Default::default(),
            exit_code: 0,
            ops,
            wall: Duration::ZERO,
            charges: Vec::new(),
        }
    }

    #[test]
    fn pairs_give_gas_per_instruction() {
        let costs = [
            cost("ADD/base", 1_000, None),
            cost("ADD/run", 9_000, Some(100)),
        ];
        assert_eq!(per_instruction(&costs), [("ADD".into(), 80.0)]);
    }

    #[test]
    fn figures_survive_their_file() {
        let figures = Figures::of("a \"note\"", &[cost("x", 7, None)]);
        let again = Figures::parse(&figures.to_json()).unwrap();
        assert_eq!(again.gas("micro", "x"), Some(7));
        assert_eq!(again.note, "a \"note\"");
        assert_eq!(again.ratio(&cost("x", 14, None)), Some(2.0));
        assert_eq!(again.ratio(&cost("y", 14, None)), None);
    }
}
