//! The command line, in the form of go-ethereum's `evm blocktest`.

use super::run::{Selection, run_file};
use crate::ethereum::memo::PrecompileMemo;
use crate::runner::cli::RunnerArgs;
use clap::Args;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// Run Ethereum blockchain tests.
///
/// Takes files, and folders that it searches for *.json. Without any it reads file names from
/// standard input, one a line, until an empty one, and reports after each file.
///
/// Prints a JSON array of {name, pass, stateRoot, fork, error}; with --human a table. Status 0
/// whatever the tests came to (see --fail-exit), 2 if a file was no blockchain test.
#[derive(Args, Clone, Debug)]
pub struct BlockTestArgs {
    #[command(flatten)]
    runner: RunnerArgs,

    /// Accepted for go-ethereum's sake: there is no second implementation to compare with.
    #[arg(long = "cross-check", alias = "xc", hide = true)]
    cross_check: bool,

    /// Shared by all files.
    #[arg(skip)]
    memo: Arc<PrecompileMemo>,
}

impl BlockTestArgs {
    /// Runs what the arguments ask for.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn execute(&self) -> io::Result<ExitCode> {
        let selection = Selection {
            name: self.runner.name().cloned(),
            dump: self.runner.dump(),
            memo: self.memo.clone(),
        };
        self.runner.execute(&[], |path, trace, mut log| {
            run_file(path, &selection, trace, &mut log)
        })
    }
}
