//! The command line, in the form of go-ethereum's `evm statetest`.

use super::files::{collect, ranks};
use super::human::{Summary, progress};
use super::parallel::in_order;
use super::report::Array;
use super::run::{Selection, run_file};
use crate::ethereum::memo::PrecompileMemo;
use crate::fixture::FixtureError;
use crate::fvm::run::TIMEOUT;
use crate::fvm::setup::Laboratory;
use crate::fvm;
use crate::trace::TraceOptions;
use clap::{ArgAction, Args, ValueEnum};
use fevm_bundle::Source;
use regex::Regex;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Status when a file was no state test, or could not be read.
const BAD_INPUT: u8 = 2;
/// Status when a case failed, with `--fail-exit`.
const FAILED: u8 = 1;

/// Run Ethereum state tests.
///
/// Takes files, and folders that it searches for *.json. Without any it reads file names from
/// standard input, one a line, until an empty one, and reports after each file.
///
/// Prints a JSON array of {name, pass, stateRoot, fork, error}; with --human a table. Status 0
/// whatever the cases came to (see --fail-exit), 2 if a file was no state test.
#[derive(Args, Clone, Debug)]
pub struct StateTestArgs {
    /// Files or folders.
    paths: Vec<PathBuf>,

    /// Run only tests whose name matches.
    #[arg(long, value_name = "REGEX")]
    run: Option<Regex>,

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

    /// Add the state after the transaction.
    #[arg(long)]
    dump: bool,

    /// Add the time (ns) and the gas of the transaction.
    #[arg(long)]
    bench: bool,

    /// Print a table for people instead of JSON.
    #[arg(long)]
    human: bool,

    /// Threads; all cores by default, one when tracing.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,

    /// Exit with status 1 if a case failed.
    #[arg(long)]
    fail_exit: bool,

    #[command(flatten)]
    trace: TraceArgs,

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

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Traces (EIP-3155, on standard error)")]
struct TraceArgs {
    /// Write traces.
    #[arg(long)]
    trace: bool,

    /// The same.
    #[arg(long)]
    json: bool,

    /// Form of the traces.
    #[arg(long = "trace.format", value_enum, default_value_t, value_name = "FORMAT")]
    format: TraceFormat,

    /// Leave memory out.
    #[arg(long = "trace.nomemory", alias = "nomemory", value_name = "BOOL", num_args = 0..=1,
        require_equals = true, default_missing_value = "true", default_value_t = true,
        action = ArgAction::Set)]
    no_memory: bool,

    /// Leave the stack out.
    #[arg(long = "trace.nostack", alias = "nostack", value_name = "BOOL", num_args = 0..=1,
        require_equals = true, default_missing_value = "true", default_value_t = false,
        action = ArgAction::Set)]
    no_stack: bool,

    /// Leave return data out.
    #[arg(long = "trace.noreturndata", alias = "noreturndata", value_name = "BOOL",
        num_args = 0..=1, require_equals = true, default_missing_value = "true",
        default_value_t = true, action = ArgAction::Set)]
    no_return_data: bool,

    /// Accepted for go-ethereum's sake: its JSON traces never show storage.
    #[arg(long = "trace.nostorage", alias = "nostorage", value_name = "BOOL", num_args = 0..=1,
        require_equals = true, default_missing_value = "true", default_value_t = false,
        action = ArgAction::Set, hide = true)]
    no_storage: bool,
}

/// Form of traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum TraceFormat {
    /// A JSON object a line.
    #[default]
    Json,
}

impl StateTestArgs {
    /// Runs what the arguments ask for.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn execute(&self) -> io::Result<ExitCode> {
        if self.paths.is_empty() { self.batch() } else { self.paths() }
    }

    fn selection(&self) -> Selection {
        Selection {
            name: self.run.clone(),
            fork: self.fork.clone(),
            index: usize::try_from(self.index).ok(),
            dump: self.dump,
            bench: self.bench,
            memo: self.memo.clone(),
        }
    }

    fn trace_options(&self) -> Option<TraceOptions> {
        let trace = &self.trace;
        (trace.trace || trace.json).then_some(TraceOptions {
            memory: !trace.no_memory,
            stack: !trace.no_stack,
            return_data: !trace.no_return_data,
        })
    }

    fn jobs(&self) -> usize {
        let default =
            || std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
        match self.trace_options() {
            Some(_) => 1,
            None => self.jobs.unwrap_or_else(default),
        }
    }

    fn paths(&self) -> io::Result<ExitCode> {
        let (mut files, mut errors) = (Vec::new(), Vec::new());
        for path in &self.paths {
            collect(path, &mut files, &mut errors);
        }
        for error in &errors {
            eprintln!("error: {error}");
        }
        if self.fvm.vm == Machine::Fvm {
            return self.in_fvm(&files, !errors.is_empty());
        }
        let start = Instant::now();
        let mut bad_input = !errors.is_empty();
        let mut summary = Summary::default();
        let mut array =
            (!self.human).then(|| Array::new(BufWriter::new(io::stdout().lock())));
        let bar = self.human.then(|| progress(files.len()));
        let mut written = Ok(());
        self.each_file(&files, |path, outcome| {
            match outcome {
                Ok(results) => {
                    summary.add(path, &results);
                    if let Some(array) = &mut array
                        && written.is_ok()
                    {
                        written = results.iter().try_for_each(|result| array.push(result));
                    }
                }
                Err(error) => {
                    bad_input = true;
                    match &bar {
                        Some(bar) => bar.suspend(|| eprintln!("error: {error}")),
                        None => eprintln!("error: {error}"),
                    }
                }
            }
            if let Some(bar) = &bar {
                bar.inc(1);
                if summary.failed() > 0 {
                    bar.set_message(format!("{} failed", summary.failed()));
                }
            }
        })?;
        written?;
        if let Some(array) = array {
            array.finish()?;
        }
        if !bad_input && summary.cases() == 0 {
            eprintln!("warning: {}", self.nothing_ran(&files));
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
            summary.print(&mut io::stdout().lock(), start.elapsed())?;
        }
        Ok(self.status(bad_input, summary.failed()))
    }

    fn in_fvm(&self, files: &[PathBuf], bad_input: bool) -> io::Result<ExitCode> {
        let bundle = self.fvm.bundle.clone().unwrap_or_default();
        let bundle = bundle.load().map_err(io::Error::other)?;
        let laboratory = Laboratory::new(&bundle).map_err(io::Error::other)?;
        let names = self.paths.iter().map(|path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            format!("`{}`", name.to_string_lossy())
        });
        let went = fvm::cli::execute(
            &fvm::cli::Wanted {
                files,
                selection: fvm::run::Selection {
                    name: self.run.clone(),
                    fork: self.fork.clone(),
                    index: usize::try_from(self.index).ok(),
                    timeout: Duration::from_secs(self.fvm.timeout),
                },
                jobs: self.jobs(),
                human: self.human,
                page: self.fvm.page.as_deref().map(|path| (path, names.collect::<Vec<_>>().join(", "))),
            },
            &laboratory,
            &self.memo,
        )?;
        Ok(self.status(bad_input || went.bad_input, went.wrong))
    }

    fn batch(&self) -> io::Result<ExitCode> {
        let (mut bad_input, mut failed) = (false, 0);
        for line in io::stdin().lock().lines() {
            let line = line?;
            if line.is_empty() {
                break;
            }
            let start = Instant::now();
            let mut summary = Summary::default();
            let mut written = Ok(());
            self.each_file(&[PathBuf::from(line)], |path, outcome| match outcome {
                Ok(results) => {
                    summary.add(path, &results);
                    if !self.human {
                        let mut array = Array::new(BufWriter::new(io::stdout().lock()));
                        written = results
                            .iter()
                            .try_for_each(|result| array.push(result))
                            .and_then(|()| array.finish());
                    }
                }
                Err(error) => {
                    bad_input = true;
                    eprintln!("error: {error}");
                }
            })?;
            written?;
            failed += summary.failed();
            if self.human {
                summary.print(&mut io::stdout().lock(), start.elapsed())?;
            }
        }
        Ok(self.status(bad_input, failed))
    }

    /// Why no case was run.
    fn nothing_ran(&self, files: &[PathBuf]) -> String {
        let paths: Vec<_> = self.paths.iter().map(|path| path.display().to_string()).collect();
        let paths = paths.join(", ");
        if files.is_empty() {
            return format!("{paths}: no *.json files");
        }
        let mut wanted = Vec::new();
        if let Some(name) = &self.run {
            wanted.push(format!("a name that matches {name}"));
        }
        if let Some(fork) = &self.fork {
            wanted.push(format!("fork {fork}"));
        }
        if self.index >= 0 {
            wanted.push(format!("index {}", self.index));
        }
        if wanted.is_empty() {
            return format!("{paths}: no cases");
        }
        format!("{paths}: no case has {}", wanted.join(" and "))
    }

    fn status(&self, bad_input: bool, failed: usize) -> ExitCode {
        if bad_input {
            ExitCode::from(BAD_INPUT)
        } else if self.fail_exit && failed > 0 {
            ExitCode::from(FAILED)
        } else {
            ExitCode::SUCCESS
        }
    }

    /// Runs files and tells of them in order. Traces and state roots go to standard error: traces
    /// as they come, state roots with the file's results.
    fn each_file(
        &self,
        files: &[PathBuf],
        mut tell: impl FnMut(&Path, Result<Vec<super::outcome::CaseResult>, FixtureError>),
    ) -> io::Result<()> {
        let selection = self.selection();
        let trace = self.trace_options();
        // Traces are written as they come.
        let ranks = if trace.is_some() { Vec::new() } else { ranks(files) };
        in_order(
            files,
            self.jobs(),
            &ranks,
            |path| {
                if trace.is_some() {
                    let mut log = BufWriter::with_capacity(1 << 16, io::stderr());
                    let results = run_file(path, &selection, trace, &mut log);
                    // A closed pipe leaves nobody to tell.
                    let _ = log.flush();
                    (Vec::new(), results)
                } else {
                    let mut log = Vec::new();
                    let results = run_file(path, &selection, None, &mut log);
                    (log, results)
                }
            },
            |path, (log, results)| {
                if !self.human {
                    let _ = io::stderr().write_all(&log);
                }
                tell(path, results);
            },
        )
    }
}
