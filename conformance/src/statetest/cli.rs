//! The command line, in the form of go-ethereum's `evm statetest`.

use super::run::{Selection, run_file};
use crate::ethereum::memo::PrecompileMemo;
use crate::fvm;
use crate::fvm::run::TIMEOUT;
use crate::fvm::setup::Laboratory;
use crate::runner::cli::RunnerArgs;
use clap::{Args, ValueEnum};
use fevm_bundle::Source;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Run Ethereum state tests.
///
/// Takes files, and folders that it searches for *.json. Without any it reads file names from
/// standard input, one a line, until an empty one, and reports after each file.
///
/// Prints a JSON array of {name, pass, stateRoot, fork, error}; with --human a table. Status 0
/// whatever the cases came to (see --fail-exit), 2 if a file was no state test.
#[derive(Args, Clone, Debug)]
pub struct StateTestArgs {
    #[command(flatten)]
    runner: RunnerArgs,

    /// Run only the cases of this fork.
    #[arg(long = "statetest.fork", value_name = "NAME")]
    fork: Option<String>,

    /// Run only the cases at this position of each fork; -1 for all.
    #[arg(
        long = "statetest.index",
        value_name = "N",
        default_value_t = -1,
        allow_negative_numbers = true,
        hide_default_value = true
    )]
    index: i64,

    /// Add the time (ns) and the gas of the transaction.
    #[arg(long)]
    bench: bool,

    #[command(flatten)]
    fvm: FvmArgs,

    /// Shared by all files.
    #[arg(skip)]
    memo: Arc<PrecompileMemo>,
}

/// What runs the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Machine {
    /// The interpreter over Ethereum's world.
    #[default]
    Native,
    /// The WebAssembly actors in the Filecoin VM: only the newest fork of each test, unless one is
    /// named. Every case is compared with Ethereum's state, and where it differs, explained.
    Fvm,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Filecoin VM")]
struct FvmArgs {
    /// What runs the cases.
    #[arg(long, value_enum, default_value_t, value_name = "MACHINE")]
    vm: Machine,

    /// Actors to run: `ours`, or a CAR file.
    #[arg(long, value_name = "BUNDLE")]
    bundle: Option<Source>,

    /// Seconds that a case's message may take.
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT.as_secs())]
    timeout: u64,

    /// Write the table as a page of documentation.
    #[arg(long, value_name = "FILE", hide = true)]
    page: Option<PathBuf>,
}

impl StateTestArgs {
    /// Runs what the arguments ask for.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn execute(&self) -> io::Result<ExitCode> {
        if self.fvm.vm == Machine::Fvm {
            return self.in_fvm();
        }
        let selection = Selection {
            name: self.runner.name().cloned(),
            fork: self.fork.clone(),
            index: usize::try_from(self.index).ok(),
            dump: self.runner.dump(),
            bench: self.bench,
            memo: self.memo.clone(),
        };
        let fork = self.fork.iter().map(|fork| format!("fork {fork}"));
        let index = (self.index >= 0).then(|| format!("index {}", self.index));
        let wanted: Vec<_> = fork.chain(index).collect();
        self.runner.execute(&wanted, |path, trace, mut log| {
            run_file(path, &selection, trace, &mut log)
        })
    }

    fn in_fvm(&self) -> io::Result<ExitCode> {
        let bundle = self.fvm.bundle.clone().unwrap_or_default();
        let bundle = bundle.load().map_err(io::Error::other)?;
        let laboratory = Laboratory::new(&bundle).map_err(io::Error::other)?;
        self.runner.execute_at_once(|whole| {
            let names = whole.paths.iter().map(|path| {
                let name = path.file_name().unwrap_or(path.as_os_str());
                format!("`{}`", name.to_string_lossy())
            });
            let page = self.fvm.page.as_deref();
            let wanted = fvm::cli::Wanted {
                files: whole.files,
                selection: fvm::run::Selection {
                    name: self.runner.name().cloned(),
                    fork: self.fork.clone(),
                    index: usize::try_from(self.index).ok(),
                    timeout: Duration::from_secs(self.fvm.timeout),
                },
                jobs: whole.jobs,
                human: whole.human,
                page: page.map(|path| (path, names.collect::<Vec<_>>().join(", "))),
            };
            let went = fvm::cli::execute(&wanted, &laboratory, &self.memo)?;
            Ok((went.bad_input, went.wrong))
        })
    }
}
