//! One module per subcommand. Each has an `Args` struct (clap derive) and a
//! function `execute(Args) -> anyhow::Result<ExitCode>`.
//!
//! Exit status: 0 for success, 1 when the thing that was run failed (a revert,
//! a mismatch), 2 for bad input or a broken environment.

mod address;
mod bench;
mod bundle;
mod diff;
pub(crate) mod node;
mod run;
mod statetest;

use std::process::ExitCode;

use clap::Subcommand;

/// The subcommands, in the order in which `--help` lists them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Args),
    Bench(bench::Args),
    Bundle(bundle::Args),
    Address(address::Args),
    Node(Box<node::Args>),
    Statetest(statetest::Args),
    Diff(Box<diff::Args>),
}

impl Command {
    /// Runs the chosen subcommand and gives the status to exit with.
    pub(crate) fn execute(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Run(args) => run::execute(args),
            Self::Bench(args) => bench::execute(args),
            Self::Bundle(args) => bundle::execute(args),
            Self::Address(args) => address::execute(args),
            Self::Node(args) => node::execute(*args),
            Self::Statetest(args) => statetest::execute(&args),
            Self::Diff(args) => diff::execute(&args),
        }
    }
}
