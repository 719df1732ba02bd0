//! `fevm bench`: gas of scenarios.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use fevm_bench::figures::{Figures, mean};
use fevm_bench::run::{self, StepCost};
use fevm_bench::scenario::{self, Scenario};
use fevm_bench::{json, table};
use fevm_bundle::{Bundle, Source};

/// Measure the gas of scenarios: folders of messages that drive contracts.
///
/// Shows each step's gas, its main classes, and how often it calls the host,
/// enters actors, reads and writes blocks; with --against, the ratio to
/// recorded figures; with a second --bundle, the ratio to the first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scenario (.json), or a folder of them.
    #[arg(value_name = "PATH")]
    scenarios: PathBuf,

    /// Only scenarios or steps (scenario/step) whose name contains one of these.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,

    /// Actors: `ours`, a CAR file, or `ours+FILE`. Several are compared with the first.
    #[arg(long, value_name = "FILE", default_value = "ours")]
    bundle: Vec<Source>,

    /// Recorded figures to compare with.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,

    /// Write the figures of the (last) bundle to a file.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Gas per EVM instruction, from the pairs NAME/base and NAME/run.
    #[arg(long)]
    micro: bool,

    /// Print every charge of each step in order.
    #[arg(long)]
    trace: bool,

    /// Print JSON.
    #[arg(long, conflicts_with_all = ["micro", "trace"])]
    json: bool,
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let scenarios = scenario::read(&args.scenarios)?;
    let recorded = args.against.as_deref().map(Figures::read).transpose()?;
    let mut all = Vec::new();
    for source in &args.bundle {
        all.push((
            format!("{source:?}"),
            measure(&args, &scenarios, &source.load()?)?,
        ));
    }
    let first = Figures::of("first bundle", &all[0].1);
    for (n, (name, costs)) in all.iter().enumerate() {
        let figures = match (&recorded, n) {
            (Some(recorded), _) => Some(recorded),
            (None, 0) => None,
            (None, _) => Some(&first),
        };
        if all.len() > 1 && !args.json {
            println!("{name}");
        }
        show(&args, costs, figures);
    }
    if let (Some(path), Some((name, costs))) = (&args.record, all.last()) {
        let note = format!("gas used, bundle {name}, FVM at network version 28");
        std::fs::write(path, Figures::of(&note, costs).to_json())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(args: &Args, scenarios: &[Scenario], bundle: &Bundle) -> anyhow::Result<Vec<StepCost>> {
    let mut costs = Vec::new();
    for scenario in scenarios {
        let wanted = |step: &str| {
            let name = format!("{}/{step}", scenario.name);
            args.filters.is_empty() || args.filters.iter().any(|f| name.contains(f))
        };
        if scenario.steps.iter().any(|step| wanted(&step.name)) {
            costs.extend(run::run(scenario, bundle, wanted, args.trace)?);
        }
    }
    if costs.is_empty() {
        bail!("no step's name contains {}", args.filters.join(" or "));
    }
    Ok(costs)
}

fn show(args: &Args, costs: &[StepCost], figures: Option<&Figures>) {
    if args.json {
        println!("{:#}", json::steps(costs, figures));
    } else if args.micro {
        print!("{}", table::micro(costs, figures));
    } else if args.trace {
        for cost in costs {
            print!("{}", table::charges(cost));
        }
    } else {
        print!("{}", table::steps(costs, figures));
        if let Some(figures) = figures
            && let Some(mean) = mean(costs.iter().filter_map(|c| figures.ratio(c)))
        {
            println!("geometric mean of all ratios: {mean:.3}");
        }
    }
}
