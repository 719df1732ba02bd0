//! The page of the documentation with the recorded figures.

use std::fmt::Write;

use crate::figures::{Figures, mean};
use crate::groups::GROUPS;
use crate::scenario::Scenario;

/// The page, as Markdown: `ours` against `theirs`, for the steps of the given scenarios.
pub fn page(scenarios: &[Scenario], ours: &Figures, theirs: &Figures) -> String {
    let mut text = String::from(
        "# Gas\n\n\
        <!-- Written by `fevm bench --update`; a test compares. -->\n\n\
        What messages cost on this suite's actors, and on Filecoin mainnet's (builtin-actors v18), in FVM gas at\n\
        network version 28. Gas is exact: the same message costs the same everywhere. The scenarios are in\n\
        [bench/scenarios](../bench/scenarios/README.md); `fevm bench` runs them, on any bundle of actors.\n\n\
        ## By kind\n\n\
        Ratio of this suite's gas to that of mainnet's actors: geometric mean, lowest and highest.\n\n\
        | | steps | mean | lowest | highest |\n|---|--:|--:|--:|--:|\n",
    );
    let steps: Vec<_> = scenarios.iter().flat_map(reported).collect();
    let ratio = |scenario: &str, step: &str| {
        let (mine, other) = (ours.gas(scenario, step)?, theirs.gas(scenario, step)?);
        (other > 0).then(|| mine as f64 / other as f64)
    };
    for group in GROUPS {
        let members = steps.iter().filter(|(s, t, _)| group.contains(s, t));
        let ratios: Vec<f64> = members.filter_map(|(s, t, _)| ratio(s, t)).collect();
        if let Some(mean) = mean(ratios.iter().copied()) {
            let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let high = ratios.iter().copied().fold(0.0, f64::max);
            let count = ratios.len();
            let _ = writeln!(
                text,
                "| {} | {count} | {mean:.2} | {low:.2} | {high:.2} |",
                group.name
            );
        }
    }
    text += "\n## By step\n\n| step | gas | mainnet's actors | ratio |\n|---|--:|--:|--:|\n";
    for (scenario, step, _) in &steps {
        if step.ends_with("/base") || step.ends_with("/run") {
            continue;
        }
        let (Some(mine), Some(other)) = (ours.gas(scenario, step), theirs.gas(scenario, step))
        else {
            continue;
        };
        let _ = writeln!(
            text,
            "| {scenario}/{step} | {} | {} | {:.2} |",
            grouped(mine),
            grouped(other),
            mine as f64 / other as f64
        );
    }
    text += "\n## By EVM instruction\n\n\
        Gas of one instruction with 256-bit operands unless its name says otherwise; the instructions that set up the\n\
        operands are counted in.\n\n\
        | instruction | gas | mainnet's actors | ratio |\n|---|--:|--:|--:|\n";
    for (scenario, step, ops) in &steps {
        let (Some(name), Some(ops)) = (step.strip_suffix("/run"), *ops) else {
            continue;
        };
        let base = format!("{name}/base");
        let each = |figures: &Figures| {
            let gas = figures
                .gas(scenario, step)?
                .checked_sub(figures.gas(scenario, &base)?)?;
            Some(gas as f64 / ops.max(1) as f64)
        };
        if let (Some(mine), Some(other)) = (each(ours), each(theirs)) {
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {:.2} |",
                grouped(mine.round() as u64),
                grouped(other.round() as u64),
                mine / other
            );
        }
    }
    text
}

/// The steps of a scenario that are reported: scenario, step, how often its body repeats.
fn reported(scenario: &Scenario) -> impl Iterator<Item = (&str, &str, Option<u64>)> {
    let steps = scenario.steps.iter().filter(|step| !step.setup);
    steps.map(|step| (scenario.name.as_str(), step.name.as_str(), step.ops))
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
