//! What this repository's scenarios cost against what is recorded.

use std::path::{Path, PathBuf};

use fevm_bench::figures::Figures;
use fevm_bench::page::page;
use fevm_bench::run::Keep;
use fevm_bench::{run, scenario};
use fevm_machine::profile::Profile;

/// How much a step may rise above its record.
const TOLERANCE: f64 = 0.01;

fn recorded(name: &str) -> Figures {
    Figures::read(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("recorded")
            .join(name),
    )
    .unwrap()
}

#[test]
fn no_step_costs_more_than_recorded() {
    let scenarios = scenario::read(&scenario::own_folder()).unwrap();
    let bundle = fevm_bundle::ours().unwrap();
    let ours = recorded("ours.json");
    let mut failures = Vec::new();
    let mut steps = 0;
    for scenario in &scenarios {
        for cost in run::run(scenario, &bundle, |_| true, &mut Keep::default()).unwrap() {
            steps += 1;
            match ours.ratio(&cost) {
                Some(ratio) if ratio <= 1.0 + TOLERANCE => {}
                Some(ratio) => failures.push(format!(
                    "{}/{}: {} gas, {:+.1} %",
                    cost.scenario,
                    cost.step,
                    cost.gas,
                    100.0 * (ratio - 1.0)
                )),
                None => failures.push(format!("{}/{}: no record", cost.scenario, cost.step)),
            }
        }
    }
    assert!(steps > 200, "{steps} steps");
    assert!(
        failures.is_empty(),
        "above what is recorded; if on purpose, `fevm bench --update` and commit what it writes\n{}",
        failures.join("\n")
    );
}

#[test]
fn the_page_shows_what_is_recorded() {
    let scenarios = scenario::read(&scenario::own_folder()).unwrap();
    let expected = page(
        &scenarios,
        &recorded("ours.json"),
        &recorded("filecoin-v18.json"),
    );
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gas.md");
    let found = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == expected,
        "docs/gas.md is not what `fevm bench --update` writes"
    );
}

#[test]
fn a_profile_by_instruction_holds_all_gas() {
    let bundle = fevm_bundle::ours().unwrap();
    let scenarios = scenario::read(&scenario::own_folder()).unwrap();
    let calls = scenarios.iter().find(|s| s.name == "calls").unwrap();
    let mut profile = Profile::default();
    let mut keep = Keep {
        profile: Some(&mut profile),
        tracing: Some(fevm_bundle::evm_tracing().unwrap()),
        ..Keep::default()
    };
    let costs = run::run(calls, &bundle, |step| step == "call-1", &mut keep).unwrap();
    assert_eq!(costs.len(), 1);
    // What is below a unit of gas may be lost at each step.
    let lost = costs[0].gas.abs_diff(profile.total());
    assert!(lost < costs[0].gas / 100, "{lost} of {}", costs[0].gas);
    let folded = profile.folded();
    let has = |text: &str| folded.iter().any(|line| line.contains(text));
    for part in [";message ", ";CALL ", ";start and end ", "InvokeEVM;evm f0"] {
        assert!(has(part), "no {part} in {folded:#?}");
    }
}
