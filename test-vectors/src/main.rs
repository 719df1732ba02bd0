//! Replays golden vectors on actor bundles and says what differs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Parser;
use fevm_bundle::{Bundle, Source};
use fevm_test_vectors::format::Vector;
use fevm_test_vectors::record::record;
use fevm_test_vectors::runner::{Options, SwitchPlan, VectorResult, run};
use fevm_test_vectors::switch::SwitchMode;
use fevm_test_vectors::{archive, report};

/// Replays golden vectors, recorded from Filecoin's own EVM actors, on a
/// bundle of actors. Everything but gas is compared.
#[derive(Debug, Parser)]
#[command(name = "fevm-vectors")]
struct Args {
    /// Only vectors whose name (group/topic) contains one of these.
    filters: Vec<String>,

    /// Actors to replay on: `ours`, a CAR file, or `ours+FILE`. Given twice, the
    /// second is compared with the first, gas included.
    #[arg(long, value_name = "FILE", default_value = "ours")]
    bundle: Vec<Source>,

    /// A vector file or a folder of them, instead of the repository's own.
    #[arg(long, value_name = "PATH")]
    vectors: Vec<PathBuf>,

    /// Print only the table of groups.
    #[arg(long)]
    summary: bool,

    /// Print the gas of each vector as well.
    #[arg(long)]
    gas: bool,

    /// Go on in a vector after a message that differs.
    #[arg(long)]
    keep_going: bool,

    /// Let the second bundle take over in the middle of each vector.
    #[arg(long, value_name = "MODE", value_enum)]
    switch: Option<SwitchMode>,

    /// The first message for the second bundle; half of the vector by default.
    #[arg(long, value_name = "N", requires = "switch")]
    switch_at: Option<usize>,

    /// Vectors at once; as many as there are processors by default.
    #[arg(long, value_name = "N", default_value_t = 0)]
    jobs: usize,

    /// Write the chosen vectors with what the bundle does in the place of what was recorded: to FILE,
    /// compressed if its name ends in .zst.
    #[arg(long, value_name = "FILE", conflicts_with = "switch")]
    record: Option<PathBuf>,

    /// Print the names of the chosen vectors and stop.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    match execute(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn execute(args: &Args) -> anyhow::Result<bool> {
    let vectors = choose(args)?;
    if args.list {
        for vector in &vectors {
            println!("{:<32} {}", vector.name, vector.description);
        }
        return Ok(true);
    }
    let bundles = args.bundle.iter().map(Source::load);
    let bundles = bundles.collect::<Result<Vec<Bundle>, _>>()?;
    if let Some(path) = &args.record {
        let [bundle] = &bundles[..] else {
            bail!("--record takes one bundle, not {}", bundles.len());
        };
        let recorded = vectors.iter().map(|vector| {
            record(vector, bundle).with_context(|| format!("vector {}", vector.name))
        });
        archive::write(path, &recorded.collect::<anyhow::Result<Vec<_>>>()?)?;
        return Ok(true);
    }
    let started = Instant::now();
    let mut options = Options {
        keep_going: args.keep_going,
        switch: None,
        jobs: args.jobs,
    };
    let ok = match (&bundles[..], args.switch) {
        ([first], None) => show(args, &run(&vectors, first, &options)),
        ([first, second], Some(mode)) => {
            options.switch = Some(SwitchPlan {
                at: args.switch_at,
                mode,
                to: second,
            });
            show(args, &run(&vectors, first, &options))
        }
        ([first, second], None) => {
            let first = run(&vectors, first, &options);
            let second = run(&vectors, second, &options);
            println!("first bundle");
            let first_ok = show(args, &first);
            println!("\nsecond bundle");
            let second_ok = show(args, &second);
            ratios(&first, &second);
            first_ok && second_ok
        }
        (_, Some(_)) => bail!("--switch needs two bundles"),
        _ => bail!("one or two bundles, not {}", bundles.len()),
    };
    eprintln!("{:.1} s", started.elapsed().as_secs_f64());
    Ok(ok)
}

fn choose(args: &Args) -> anyhow::Result<Vec<Vector>> {
    let own = [archive::own_folder()];
    let paths = if args.vectors.is_empty() {
        &own[..]
    } else {
        &args.vectors
    };
    let mut vectors = Vec::new();
    for path in paths {
        vectors.append(&mut archive::read(path)?);
    }
    let filters = &args.filters;
    // Names may be written as the files of a folder are: group-topic.
    vectors.retain(|v| {
        filters.is_empty()
            || filters
                .iter()
                .any(|f| v.name.contains(f) || v.name.replace('/', "-").contains(f))
    });
    if vectors.is_empty() {
        bail!("no vector's name contains {}", filters.join(" or "));
    }
    Ok(vectors)
}

fn show(args: &Args, results: &[VectorResult]) -> bool {
    if !args.summary {
        for result in results.iter().filter(|r| !r.is_ok()) {
            println!("{}", report::mismatches(result));
        }
    }
    if args.gas {
        for result in results {
            let (recorded, used) = result
                .gas
                .iter()
                .fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
            let ratio = report::ratio(result.gas.iter());
            println!(
                "{:<36}{recorded:>16}{used:>16}{:>9}",
                result.name,
                ratio.map_or("-".into(), |r| format!("{r:.3}"))
            );
        }
    }
    print!("{}", report::summary(results));
    results.iter().all(VectorResult::is_ok)
}

/// Gas of the second bundle relative to the first, step by step.
fn ratios(first: &[VectorResult], second: &[VectorResult]) {
    println!("\ngas of the second bundle / first, geometric mean");
    let mut all = Vec::new();
    for (a, b) in first.iter().zip(second) {
        // Only where both ran the whole vector do the steps stand in pairs.
        if a.gas.len() == b.gas.len() {
            let pairs: Vec<(u64, u64)> = a
                .gas
                .iter()
                .zip(&b.gas)
                .map(|((_, x), (_, y))| (*x, *y))
                .collect();
            if let Some(ratio) = report::ratio(pairs.iter()) {
                println!("{:<36}{ratio:>9.3}", a.name);
            }
            all.extend(pairs);
        }
    }
    if let Some(ratio) = report::ratio(all.iter()) {
        println!("{:<36}{ratio:>9.3}", "all");
    }
}
