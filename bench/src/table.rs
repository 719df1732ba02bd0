//! Results as text.

use std::fmt::Write;

use fevm_machine::gas::{GasBreakdown, GasClass};

use crate::figures::{self, Figures};
use crate::run::StepCost;

/// The steps of one scenario: gas, ratio, and the main classes.
pub fn steps(costs: &[StepCost], figures: Option<&Figures>) -> String {
    let mut text = String::new();
    let mut scenario = "";
    for cost in costs {
        if cost.scenario != scenario {
            scenario = &cost.scenario;
            head(&mut text, scenario, costs, figures);
        }
        let ratio = figures.and_then(|f| f.ratio(cost));
        let _ = write!(
            text,
            "  {:<26}{:>14}{:>7}",
            cost.step,
            cost.gas,
            number(ratio)
        );
        for class in SHOWN {
            let _ = write!(text, "{:>13}", cost.breakdown.gas(class));
        }
        let calls = &cost.breakdown;
        let _ = writeln!(
            text,
            "{:>7}{:>5}{:>5}{:>5}{:>9.2}{}",
            calls.host_calls,
            calls.invocations,
            calls.block_reads,
            calls.block_writes,
            cost.wall.as_secs_f64() * 1e3,
            if cost.exit_code == 0 {
                String::new()
            } else {
                format!("  exit {}", cost.exit_code)
            }
        );
    }
    text
}

const SHOWN: [GasClass; 6] = [
    GasClass::WasmExec,
    GasClass::MemoryInit,
    GasClass::MemoryGrow,
    GasClass::HostCalls,
    GasClass::BlockReads,
    GasClass::BlockWrites,
];

fn head(text: &mut String, scenario: &str, costs: &[StepCost], figures: Option<&Figures>) {
    let ratios = costs
        .iter()
        .filter(|c| c.scenario == scenario)
        .filter_map(|c| figures?.ratio(c));
    let mean = figures::mean(ratios);
    let _ = write!(text, "{scenario:<28}{:>14}{:>7}", "gas", number(mean));
    for class in SHOWN {
        let _ = write!(text, "{:>13}", class.name());
    }
    let _ = writeln!(
        text,
        "{:>7}{:>5}{:>5}{:>5}{:>9}",
        "calls", "inv", "rd", "wr", "ms"
    );
}

/// Gas per EVM instruction, and the ratio to recorded figures.
pub fn micro(costs: &[StepCost], figures: Option<&Figures>) -> String {
    let recorded = figures.map(|f| figures::recorded_per_instruction(f, costs));
    let recorded = recorded.unwrap_or_default();
    let mut text = format!(
        "{:<28}{:>14}{:>14}{:>9}\n",
        "instruction", "gas each", "recorded", "ratio"
    );
    let mut ratios = Vec::new();
    for (name, gas) in figures::per_instruction(costs) {
        let other = recorded.iter().find(|(n, _)| *n == name).map(|(_, g)| *g);
        let ratio = other.filter(|g| *g > 0.0 && gas > 0.0).map(|g| gas / g);
        ratios.extend(ratio);
        let shown = other.map_or("-".into(), |g| format!("{g:.0}"));
        let _ = writeln!(text, "{name:<28}{gas:>14.0}{shown:>14}{:>9}", number(ratio));
    }
    let _ = writeln!(
        text,
        "{:<28}{:>37}",
        "geometric mean",
        number(figures::mean(ratios))
    );
    text
}

/// Every charge of a step in order, in gas.
pub fn charges(cost: &StepCost) -> String {
    let mut text = format!("{}/{}\n", cost.scenario, cost.step);
    for (name, milligas) in &cost.charges {
        let _ = writeln!(
            text,
            "  {name:<28}{:>14}.{:03}",
            milligas / 1_000,
            milligas % 1_000
        );
    }
    text
}

/// All classes of a breakdown that are not zero, one a line.
pub fn breakdown(gas: &GasBreakdown) -> String {
    let mut text = String::new();
    let total = gas.total().max(1);
    for (class, gas) in gas.classes().filter(|(_, gas)| *gas > 0) {
        let share = 100.0 * gas as f64 / total as f64;
        let _ = writeln!(text, "  {:<14}{gas:>16}{share:>7.1} %", class.name());
    }
    text
}

fn number(ratio: Option<f64>) -> String {
    ratio.map_or("-".into(), |r| format!("{r:.3}"))
}
