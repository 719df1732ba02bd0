//! Arguments that the runners share, and the run over files.

use super::files::{collect, ranks};
use super::human::{Summary, progress};
use super::parallel::in_order;
use super::report::Array;
use super::result::{CaseResult, Cause};
use crate::fixture::FixtureError;
use crate::trace::TraceOptions;
use clap::{ArgAction, Args, ValueEnum};
use regex::Regex;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Status when a file was no test, or could not be read.
const BAD_INPUT: u8 = 2;
/// Status when a case failed, with `--fail-exit`.
const FAILED: u8 = 1;

/// What came of a file.
pub type FileResults<F> = Result<Vec<CaseResult<F>>, FixtureError>;

/// Arguments that the runners share.
#[derive(Args, Clone, Debug)]
pub struct RunnerArgs {
    /// Files or folders.
    paths: Vec<PathBuf>,

    /// Run only tests whose name matches.
    #[arg(long, value_name = "REGEX")]
    run: Option<Regex>,

    /// Add the state afterwards.
    #[arg(long)]
    dump: bool,

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
    #[arg(
        long = "trace.format",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
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

/// What a runner with a report of its own needs to know.
#[cfg(feature = "fvm")]
#[derive(Debug)]
pub(crate) struct Whole<'a> {
    /// As they were named.
    pub(crate) paths: &'a [PathBuf],
    /// The files, folders searched.
    pub(crate) files: &'a [PathBuf],
    /// Threads.
    pub(crate) jobs: usize,
    /// Whether a table for people is wanted.
    pub(crate) human: bool,
}

impl RunnerArgs {
    /// The regular expression that names of tests must match, if there is one.
    #[must_use]
    pub const fn name(&self) -> Option<&Regex> {
        self.run.as_ref()
    }

    /// Whether the state afterwards is asked for.
    #[must_use]
    pub const fn dump(&self) -> bool {
        self.dump
    }

    /// Runs every file that the arguments name, or standard input names line by line, and reports.
    /// `wanted` is what is asked of cases beside their names, for the case that none has it.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn execute<F: Cause + Send>(
        &self,
        wanted: &[String],
        run: impl Fn(&Path, Option<TraceOptions>, &mut dyn Write) -> FileResults<F> + Sync,
    ) -> io::Result<ExitCode> {
        if self.paths.is_empty() {
            self.batch(&run)
        } else {
            self.paths(wanted, &run)
        }
    }

    /// Hands all files that the arguments name, or standard input names, to a runner with a report of
    /// its own. That gives whether a file was bad, and how many cases failed.
    ///
    /// # Errors
    /// If standard input or output fails.
    #[cfg(feature = "fvm")]
    pub(crate) fn execute_at_once(
        &self,
        run: impl FnOnce(&Whole<'_>) -> io::Result<(bool, usize)>,
    ) -> io::Result<ExitCode> {
        let named;
        let paths = if self.paths.is_empty() {
            let lines = io::stdin()
                .lock()
                .lines()
                .map(|line| line.map(PathBuf::from));
            let end = |path: &io::Result<PathBuf>| !matches!(path, Ok(path) if path.as_os_str().is_empty());
            named = lines.take_while(end).collect::<io::Result<Vec<_>>>()?;
            &named
        } else {
            &self.paths
        };
        let (mut files, mut errors) = (Vec::new(), Vec::new());
        for path in paths {
            collect(path, &mut files, &mut errors);
        }
        for error in &errors {
            eprintln!("error: {error}");
        }
        let whole = Whole {
            paths,
            files: &files,
            jobs: self.jobs(),
            human: self.human,
        };
        let (bad_input, failed) = run(&whole)?;
        Ok(self.status(bad_input || !errors.is_empty(), failed))
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
        let default = || std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
        match self.trace_options() {
            Some(_) => 1,
            None => self.jobs.unwrap_or_else(default),
        }
    }

    fn paths<F: Cause + Send>(
        &self,
        wanted: &[String],
        run: &(impl Fn(&Path, Option<TraceOptions>, &mut dyn Write) -> FileResults<F> + Sync),
    ) -> io::Result<ExitCode> {
        let (mut files, mut errors) = (Vec::new(), Vec::new());
        for path in &self.paths {
            collect(path, &mut files, &mut errors);
        }
        for error in &errors {
            eprintln!("error: {error}");
        }
        let start = Instant::now();
        let mut bad_input = !errors.is_empty();
        let mut summary = Summary::default();
        let mut array = (!self.human).then(|| Array::new(BufWriter::new(io::stdout().lock())));
        let bar = self.human.then(|| progress(files.len()));
        let mut written = Ok(());
        self.each_file(&files, run, |path, outcome| {
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
            eprintln!("warning: {}", self.nothing_ran(&files, wanted));
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
            summary.print(&mut io::stdout().lock(), start.elapsed())?;
        }
        Ok(self.status(bad_input, summary.failed()))
    }

    fn batch<F: Cause + Send>(
        &self,
        run: &(impl Fn(&Path, Option<TraceOptions>, &mut dyn Write) -> FileResults<F> + Sync),
    ) -> io::Result<ExitCode> {
        let (mut bad_input, mut failed) = (false, 0);
        for line in io::stdin().lock().lines() {
            let line = line?;
            if line.is_empty() {
                break;
            }
            let start = Instant::now();
            let mut summary = Summary::default();
            let mut written = Ok(());
            self.each_file(&[PathBuf::from(line)], run, |path, outcome| match outcome {
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

    /// Why no case was run. `wanted` is what was asked of cases beside their names.
    fn nothing_ran(&self, files: &[PathBuf], wanted: &[String]) -> String {
        let paths: Vec<_> = self
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let paths = paths.join(", ");
        if files.is_empty() {
            return format!("{paths}: no *.json files");
        }
        let name = self
            .run
            .as_ref()
            .map(|name| format!("a name that matches {name}"));
        let wanted: Vec<_> = name.into_iter().chain(wanted.iter().cloned()).collect();
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
    fn each_file<F: Send>(
        &self,
        files: &[PathBuf],
        run: &(impl Fn(&Path, Option<TraceOptions>, &mut dyn Write) -> FileResults<F> + Sync),
        mut tell: impl FnMut(&Path, FileResults<F>),
    ) -> io::Result<()> {
        let trace = self.trace_options();
        // Traces are written as they come.
        let ranks = if trace.is_some() {
            Vec::new()
        } else {
            ranks(files)
        };
        in_order(
            files,
            self.jobs(),
            &ranks,
            |path| {
                if trace.is_some() {
                    let mut log = BufWriter::with_capacity(1 << 16, io::stderr());
                    let results = run(path, trace, &mut log);
                    // A closed pipe leaves nobody to tell.
                    let _ = log.flush();
                    (Vec::new(), results)
                } else {
                    let mut log = Vec::new();
                    let results = run(path, None, &mut log);
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
