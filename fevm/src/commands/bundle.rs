//! `fevm bundle`: writes the actors as a CAR file, and looks into such files.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use fevm_bundle::{Bundle, Source};
use serde_json::{Value, json};

/// Write the actors as a CAR file that Filecoin nodes load, or look into one.
///
/// Prints name, code CID and size in bytes of each actor, in the manifest's order: the position is
/// the actor's type number.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where to write the CAR file; without it the list is printed and nothing written
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which actors: `ours`, a CAR file, or `ours+FILE`, our EVM actors in place of those of a file
    #[arg(long, value_name = "ours|FILE|ours+FILE", default_value = "ours")]
    bundle: Source,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List what a bundle holds: manifest, code CIDs, sizes, memory, imports
    Inspect {
        /// A CAR file, `ours` or `ours+FILE`
        #[arg(value_name = "FILE")]
        bundle: Source,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let text = match args.command {
        None => {
            let bundle = args.bundle.load()?;
            if let Some(path) = &args.output {
                std::fs::write(path, bundle.to_car())
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            if args.json {
                pretty(&list(&bundle))?
            } else {
                table(&bundle)
            }
        }
        Some(Command::Inspect { bundle, json }) => {
            let bundle = bundle.load()?;
            if json {
                pretty(&details(&bundle)?)?
            } else {
                report(&bundle)?
            }
        }
    };
    // A reader that closes the pipe early has seen what it wanted.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn table(bundle: &Bundle) -> String {
    let mut text = format!("manifest {}\n", bundle.manifest().0);
    for actor in bundle.actors() {
        let (name, cid, size) = (actor.name(), actor.cid(), actor.code().len());
        text += &format!("{name:<16} {cid} {size:>8}\n");
    }
    text
}

fn list(bundle: &Bundle) -> Value {
    let actors: Vec<_> = bundle
        .actors()
        .iter()
        .zip(1..)
        .map(|(actor, number)| {
            json!({
                "name": actor.name(),
                "type": number,
                "code": actor.cid().to_string(),
                "size": actor.code().len(),
            })
        })
        .collect();
    json!({
        "manifest": bundle.manifest().0.to_string(),
        "manifestData": bundle.manifest_data().0.to_string(),
        "actors": actors,
    })
}

fn report(bundle: &Bundle) -> anyhow::Result<String> {
    let mut text = format!(
        "manifest       {}\nmanifest data  {}\n",
        bundle.manifest().0,
        bundle.manifest_data().0
    );
    if !bundle.has_mainnet_order() {
        text += "names or order are not mainnet's, so type numbers differ\n";
    }
    for (actor, number) in bundle.actors().iter().zip(1..) {
        let info = actor.inspect()?;
        text += &format!(
            "\n{number:>2} {}\n   code     {}\n   size     {} bytes, {} functions\n   memory   {} KiB at the start\n   imports  {}\n",
            actor.name(),
            actor.cid(),
            actor.code().len(),
            info.functions,
            info.memory_pages * 64,
            if info.imports.is_empty() {
                "none".to_owned()
            } else {
                info.imports.join(", ")
            },
        );
    }
    Ok(text)
}

fn details(bundle: &Bundle) -> anyhow::Result<Value> {
    let mut value = list(bundle);
    value["mainnetOrder"] = bundle.has_mainnet_order().into();
    for (at, actor) in bundle.actors().iter().enumerate() {
        let info = actor.inspect()?;
        let entry = &mut value["actors"][at];
        entry["memoryPages"] = info.memory_pages.into();
        entry["functions"] = info.functions.into();
        entry["imports"] = info.imports.into();
        entry["exports"] = info.exports.into();
    }
    Ok(value)
}
