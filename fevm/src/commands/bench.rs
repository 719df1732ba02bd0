//! `fevm bench`: gas of scenarios.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use fevm_bench::figures::{Figures, mean};
use fevm_bench::run::{self, Keep, StepCost};
use fevm_bench::scenario::{self, Scenario};
use fevm_bench::{json, page, profile, table};
use fevm_bundle::{Bundle, Source};
use fevm_machine::profile::Profile;

/// Measure the gas of scenarios: folders of messages that drive contracts.
///
/// Shows each step's gas, its main classes, how often it calls the host, enters actors, reads and
/// writes blocks, and the time it took; with --against, the ratio to recorded figures; with several
/// bundles, which take turns scenario by scenario, the ratio to the first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  fevm bench                                     the repository's own scenarios
  fevm bench erc20 storage/map                   steps whose name contains one of these
  fevm bench PATH --bundle a.car --bundle b.car  scenarios of others, two bundles
  fevm bench erc20/transfer --profile gas.svg    where the gas goes: calls and kinds of charges
  fevm bench erc20/transfer --profile gas.svg --opcodes
                                                 the same by EVM instruction")]
pub(crate) struct Args {
    /// A scenario (.json) or a folder of them, by default the repository's own; then parts of the
    /// names (scenario/step) of the steps that are shown.
    #[arg(value_name = "PATH|FILTER")]
    words: Vec<String>,

    /// Actors: `ours`, a CAR file, or `ours+FILE`. Several are compared with the first.
    #[arg(long, value_name = "FILE", default_value = "ours")]
    bundle: Vec<Source>,

    /// Recorded figures to compare with.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,

    /// Write the figures of the (last) bundle to a file.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Record our bundle's figures in the repository, and write docs/gas.md from them.
    #[arg(long, conflicts_with_all = ["words", "bundle", "record"])]
    update: bool,

    /// Gas per EVM instruction, from the pairs NAME/base and NAME/run.
    #[arg(long)]
    micro: bool,

    /// Print every charge of each step in order.
    #[arg(long)]
    trace: bool,

    /// Write where the gas of the (last) bundle went, by call and kind of charge: a flame graph
    /// (SVG), or text if the name ends in .folded.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Make the profile by EVM instruction: each step is run once more with the actor that reports its
    /// steps. Wall times are then those of both runs.
    #[arg(long, requires = "profile")]
    opcodes: bool,

    /// Print JSON.
    #[arg(long, conflicts_with_all = ["micro", "trace"])]
    json: bool,
}

/// The steps of one bundle.
struct Measured {
    name: String,
    bundle: Bundle,
    costs: Vec<StepCost>,
    profile: Profile,
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let (path, filters) = match args.words.split_first() {
        // A folder of another kind may have the name of a scenario.
        Some((first, rest)) if scenario::are_at(Path::new(first)) => (PathBuf::from(first), rest),
        _ => (scenario::own_folder(), &args.words[..]),
    };
    let scenarios = scenario::read(&path)?;
    let recorded = args.against.as_deref().map(Figures::read).transpose()?;
    let bundles = args.bundle.iter().map(|source| {
        Ok(Measured {
            name: source.to_string(),
            bundle: source.load()?,
            costs: Vec::new(),
            profile: Profile::default(),
        })
    });
    let mut all = bundles.collect::<anyhow::Result<Vec<_>>>()?;
    measure(&args, filters, &scenarios, &mut all)?;
    if args.update {
        return update(&scenarios, &all[0].costs);
    }
    show_all(&args, &all, recorded.as_ref());
    let Some(last) = all.last() else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(path) = &args.record {
        let note = format!("gas used, bundle {}, FVM at network version 28", last.name);
        write(path, &Figures::of(&note, &last.costs).to_json())?;
    }
    if let Some(path) = &args.profile {
        profile::write(&last.profile.folded(), &format!("Gas, {}", last.name), path)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(
    args: &Args,
    filters: &[String],
    scenarios: &[Scenario],
    all: &mut [Measured],
) -> anyhow::Result<()> {
    let tracing = fevm_bundle::evm_tracing()?;
    for scenario in scenarios {
        let wanted = |step: &str| {
            let name = format!("{}/{step}", scenario.name);
            filters.is_empty() || filters.iter().any(|f| name.contains(f))
        };
        if !scenario.steps.iter().any(|step| wanted(&step.name)) {
            continue;
        }
        for measured in &mut *all {
            let mut keep = Keep {
                charges: args.trace,
                profile: args.profile.is_some().then_some(&mut measured.profile),
                tracing: args.opcodes.then_some(tracing),
            };
            let costs = run::run(scenario, &measured.bundle, wanted, &mut keep)?;
            measured.costs.extend(costs);
        }
    }
    if all.iter().all(|measured| measured.costs.is_empty()) {
        bail!("no step's name contains {}", filters.join(" or "));
    }
    Ok(())
}

/// Writes the record of the repository and the page that shows it.
fn update(scenarios: &[Scenario], costs: &[StepCost]) -> anyhow::Result<ExitCode> {
    let folder = scenario::own_folder();
    let recorded = folder.join("../recorded");
    let ours = Figures::of(
        "gas of this suite's actors, FVM at network version 28",
        costs,
    );
    let theirs = Figures::read(&recorded.join("filecoin-v18.json"))?;
    write(&recorded.join("ours.json"), &ours.to_json())?;
    write(
        &folder.join("../../docs/gas.md"),
        &page::page(scenarios, &ours, &theirs),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn show_all(args: &Args, all: &[Measured], recorded: Option<&Figures>) {
    let first = all
        .first()
        .map(|measured| Figures::of("first bundle", &measured.costs));
    let figures = |n: usize| match (recorded, n) {
        (Some(recorded), _) => Some(recorded),
        (None, 0) => None,
        (None, _) => first.as_ref(),
    };
    if args.json {
        let rows = |n: usize, measured: &Measured| json::steps(&measured.costs, figures(n));
        let value = match all {
            [only] => rows(0, only),
            // One object per bundle, so that the whole is one JSON value.
            several => several
                .iter()
                .enumerate()
                .map(|(n, measured)| {
                    serde_json::json!({"bundle": measured.name, "steps": rows(n, measured)})
                })
                .collect(),
        };
        println!("{value:#}");
        return;
    }
    for (n, measured) in all.iter().enumerate() {
        if all.len() > 1 {
            println!("{}", measured.name);
        }
        show(args, &measured.costs, figures(n));
    }
}

fn show(args: &Args, costs: &[StepCost], figures: Option<&Figures>) {
    if args.micro {
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
