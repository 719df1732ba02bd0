//! One module per subcommand. Each has an `Args` struct (clap derive) and a
//! function `execute(Args) -> anyhow::Result<ExitCode>`.
//!
//! Exit status: 0 for success, 1 when the thing that was run failed (a revert,
//! a mismatch), 2 for bad input or a broken environment.

mod address;
mod b11r;
mod bench;
mod blocktest;
mod bundle;
mod diff;
pub(crate) mod node;
mod profile;
mod run;
mod statetest;
mod t8n;

use std::process::ExitCode;

use clap::Subcommand;

/// The subcommands, in the order in which `--help` lists them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Args),
    Bench(bench::Args),
    Profile(profile::Args),
    Bundle(bundle::Args),
    Address(address::Args),
    Node(Box<node::Args>),
    Statetest(statetest::Args),
    Diff(Box<diff::Args>),
    Blocktest(blocktest::Args),
    #[command(alias = "transition")]
    T8n(Box<t8n::Args>),
    #[command(alias = "build-block")]
    B11r(Box<b11r::Args>),
}

impl Command {
    /// Runs the chosen subcommand and gives the status to exit with.
    pub(crate) fn execute(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Run(args) => run::execute(args),
            Self::Bench(args) => bench::execute(args),
            Self::Profile(args) => profile::execute(args),
            Self::Bundle(args) => bundle::execute(args),
            Self::Address(args) => address::execute(args),
            Self::Node(args) => node::execute(*args),
            Self::Statetest(args) => statetest::execute(&args),
            Self::Diff(args) => diff::execute(&args),
            Self::Blocktest(args) => blocktest::execute(&args),
            Self::T8n(args) => Ok(t8n::execute(&args)),
            Self::B11r(args) => Ok(b11r::execute(&args)),
        }
    }
}
