//! One module per subcommand. Each has an `Args` struct (clap derive) and a
//! function `execute(Args) -> anyhow::Result<ExitCode>`.
//!
//! Exit status: 0 for success, 1 when the thing that was run failed (a revert,
//! a mismatch), 2 for bad input or a broken environment.

use std::process::ExitCode;

use clap::Subcommand;

/// The subcommands, in the order in which `--help` lists them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {}

impl Command {
    /// Runs the chosen subcommand and gives the status to exit with.
    pub(crate) fn execute(self) -> anyhow::Result<ExitCode> {
        match self {}
    }
}
