//! `fevm run`: deploys and calls code on a fresh chain in memory.

mod chain;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alloy_primitives::{Address, U256};
use anyhow::Context;
use fevm_bundle::Source;
use fevm_machine::profile::Profile;

use crate::input;

/// Run EVM code on a fresh chain in memory, in the real Filecoin VM.
///
/// Without --create, CODE is runtime code that already lies at an address, and
/// each --input is a call of it. With --create, CODE is init code: it is
/// deployed first, and each --input is a call of the new contract.
///
/// Exit status: 0 if everything succeeded, 1 if a message failed, 2 for bad
/// input.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  fevm run --code 602a5f5260205ff3
  fevm run --code Token.hex --create --input 0x18160ddd
  fevm run --code artifacts/Token.json --create --args 0000…01 --json
  fevm run --code Token.hex --create --input 0x18160ddd --profile gas.svg --opcodes")]
pub(crate) struct Args {
    /// Code: hex digits, or a file with hex digits, a compiler's JSON artifact, or raw bytes.
    #[arg(long, value_name = "FILE|HEX")]
    code: String,

    /// The code is init code: deploy it, then call what it made.
    #[arg(long)]
    create: bool,

    /// Constructor arguments, appended to the init code.
    #[arg(long, value_name = "HEX", requires = "create")]
    args: Option<String>,

    /// Call data, in hex. Give it several times for several calls in order.
    #[arg(long, value_name = "HEX")]
    input: Vec<String>,

    /// Value sent with the last message: attoFIL, or FIL as in 1.5FIL.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    value: String,

    /// Gas limit of each message, in FVM gas.
    #[arg(long, value_name = "N", default_value_t = chain::BLOCK_GAS_LIMIT)]
    gas: u64,

    /// Sender, a 0x address; it owns 10,000 FIL.
    #[arg(long, value_name = "ADDRESS", default_value_t = chain::SENDER)]
    from: Address,

    /// Print the tree of calls, Filecoin's own actors included, and on standard error each EVM instruction as a
    /// line of JSON (EIP-3155; gas is FVM gas).
    #[arg(long)]
    trace: bool,

    /// Write where the gas went, by call and kind of charge: a flame graph (SVG), or text if the
    /// name ends in .folded.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Make the profile by EVM instruction: each message is run once more with the actor that reports its steps.
    #[arg(long, requires = "profile")]
    opcodes: bool,

    /// Print JSON.
    #[arg(long)]
    json: bool,

    /// Actors: `ours`, a CAR file, or `ours+FILE`.
    #[arg(long, value_name = "FILE", default_value = "ours")]
    bundle: Source,
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut code = input::code(&args.code)?;
    if let Some(text) = &args.args {
        code.extend(input::bytes(text).context("--args")?);
    }
    let inputs = args.input.iter().enumerate().map(|(n, text)| {
        input::bytes(text).with_context(|| match args.input.len() {
            1 => "--input".to_owned(),
            _ => format!("--input number {}", n + 1),
        })
    });
    let mut inputs = inputs.collect::<anyhow::Result<Vec<_>>>()?;
    let value = input::amount(&args.value).context("--value")?;
    if !args.create && inputs.is_empty() {
        inputs.push(Vec::new());
    }
    let bundle = args.bundle.load()?;

    let reports = chain::Reports {
        steps: args.trace,
        instruction_gas: args.opcodes,
    };
    let mut chain = chain::Chain::new(&bundle, args.from, args.gas, reports)?;
    let messages = inputs.len() + usize::from(args.create);
    let mut runs = Vec::with_capacity(messages);
    // Only the last message carries the value.
    let value_of = |n: usize| if n + 1 == messages { value } else { U256::ZERO };
    let mut contract = chain::CONTRACT;
    if args.create {
        let run = chain.create(code, value_of(0))?;
        let created = run.created;
        runs.push(run);
        match created {
            Some(address) => contract = address,
            // There is nothing to call.
            None => inputs.clear(),
        }
    } else {
        chain.place(contract, &code)?;
    }
    for input in inputs {
        let value = value_of(runs.len());
        runs.push(chain.call(contract, input, value)?);
    }

    if args.json {
        println!("{:#}", report::json(&runs, &chain, args.trace)?);
    } else {
        print!("{}", report::text(&runs, &chain, args.trace)?);
    }
    if let Some(path) = &args.profile {
        profile(&runs, &chain, path)?;
    }
    let ok = runs.iter().all(|run| run.outcome.is_success());
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Writes where the gas of all messages went.
fn profile(runs: &[chain::Run], chain: &chain::Chain, path: &Path) -> anyhow::Result<()> {
    let state = chain.state()?;
    let mut profile = Profile::default();
    for (n, run) in runs.iter().enumerate() {
        let kind = if run.to.is_some() { "call" } else { "create" };
        let name = format!("{} {kind}", n + 1);
        match &run.instruction_gas {
            Some(gas) => profile.add_instructions(&name, gas.clone()),
            None => profile.add(&name, &run.outcome.trace, state.builtin_actors()),
        }
    }
    fevm_bench::profile::write(&profile.folded(), "Gas", path)
}
