//! `fevm profile`: where the gas of a node's transaction went.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use fevm_bench::profile;
use fevm_differ::side::node::{Node, NodeTransaction, PATIENCE};
use serde_json::{Value, json};

/// Show where the gas of a transaction went: a flame graph.
///
/// Asks a fevm node, which runs the transaction again. For code that is not on a chain see
/// `fevm run --profile`, for scenarios `fevm bench --profile`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  fevm profile 0x5c50… --output gas.svg            by call and kind of charge
  fevm profile 0x5c50… --output gas.svg --opcodes  by EVM instruction
  fevm profile 0x5c50…                             as text: path and gas, the most expensive first")]
pub(crate) struct Args {
    /// Hash of the transaction.
    #[arg(value_name = "HASH")]
    transaction: String,

    /// The node.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    rpc: String,

    /// Where to write the flame graph (SVG), or text if the name ends in .folded.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// By EVM instruction, not by kind of charge.
    #[arg(long)]
    opcodes: bool,

    /// Give the node up when it has said nothing for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs())]
    timeout: u64,
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let transaction = NodeTransaction {
        url: args.rpc,
        hash: args.transaction,
        patience: Duration::from_secs(args.timeout),
    };
    let tracer = json!({ "tracer": "gasProfiler", "tracerConfig": { "opcodes": args.opcodes } });
    let answer =
        Node::of(&transaction)?.ask("debug_traceTransaction", json!([transaction.hash, tracer]))?;
    let stacks = read(&answer).with_context(|| format!("{}: no gas profile", transaction.url))?;
    match &args.output {
        Some(path) => {
            let lines: Vec<_> = stacks.iter().map(|(line, _)| line.clone()).collect();
            profile::write(&lines, &format!("Gas, {}", transaction.hash), path)?;
        }
        None => print!("{}", text(stacks)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The folded stacks of an answer, whole and their gas.
fn read(answer: &Value) -> anyhow::Result<Vec<(String, u64)>> {
    let stacks = answer
        .get("stacks")
        .and_then(Value::as_array)
        .context("the answer has no stacks")?;
    let stacks = stacks.iter().map(|stack| {
        let line = stack.as_str().unwrap_or_default();
        match line.rsplit_once(' ').and_then(|(_, gas)| gas.parse().ok()) {
            Some(gas) => Ok((line.to_owned(), gas)),
            None => bail!("stack {stack} has no gas"),
        }
    });
    stacks.collect()
}

/// Gas, share and path, the most expensive first.
fn text(mut stacks: Vec<(String, u64)>) -> String {
    stacks.sort_by(|(left, less), (right, more)| more.cmp(less).then_with(|| left.cmp(right)));
    let total: u64 = stacks.iter().map(|(_, gas)| gas).sum();
    let line = |(stack, gas): &(String, u64)| {
        let path = stack.rsplit_once(' ').map_or("", |(path, _)| path);
        // Thousandths, rounded.
        let share = (1_000 * u128::from(*gas) + u128::from(total) / 2) / u128::from(total.max(1));
        format!("{gas:>14} {:>3}.{} %  {path}\n", share / 10, share % 10)
    };
    stacks.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_expensive_comes_first() {
        let answer = json!({ "gasUsed": 1000, "stacks": ["a;b c 1", "a;d 999"] });
        assert_eq!(
            text(read(&answer).unwrap()),
            "           999  99.9 %  a;d\n             1   0.1 %  a;b c\n"
        );
    }

    #[test]
    fn what_is_no_profile_is_said() {
        for (answer, reason) in [
            (json!(null), "the answer has no stacks"),
            (json!({ "stacks": ["a"] }), "stack \"a\" has no gas"),
            (json!({ "stacks": [7] }), "stack 7 has no gas"),
        ] {
            assert_eq!(read(&answer).unwrap_err().to_string(), reason);
        }
    }
}
