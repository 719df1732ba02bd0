//! `fevm statetest --vm fvm`.

use super::case::{Class, Report};
use super::run::{Selection, run_file};
use super::setup::Laboratory;
use super::tally::Tally;
use crate::ethereum::memo::PrecompileMemo;
use crate::fixture::FixtureError;
use crate::runner::{in_order, progress, ranks};
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) files: &'a [PathBuf],
    pub(crate) selection: Selection,
    pub(crate) jobs: usize,
    /// A table for people instead of JSON.
    pub(crate) human: bool,
    /// Where the page goes, if it is wanted, and what it says of the cases.
    pub(crate) page: Option<(&'a Path, String)>,
}

/// How it went.
#[derive(Debug, Default)]
pub(crate) struct Went {
    pub(crate) bad_input: bool,
    pub(crate) wrong: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    name: &'a str,
    pass: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_root: Option<String>,
    fork: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    class: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_used: Option<u64>,
}

impl<'a> Entry<'a> {
    fn of(report: &'a Report) -> Self {
        let class = &report.class;
        let error = match class {
            Class::Unexplained(what) => Some(what.clone()),
            Class::Failed(failure) => Some(failure.to_string()),
            _ => None,
        };
        let reason = match class {
            Class::Inexpressible(reason) => Some(reason.to_string()),
            _ => None,
        };
        let differences = match class {
            Class::ByDesign(switches) => {
                switches.iter().map(crate::divergence::Switch::id).collect()
            }
            _ => Vec::new(),
        };
        Self {
            name: &report.name,
            pass: class.is_fine(),
            state_root: report.state_root.map(|root| format!("{root:#x}")),
            fork: &report.fork,
            error,
            class: class.name(),
            differences,
            reason,
            gas_used: report.gas_used,
        }
    }
}

/// Runs the cases and prints what came of them.
pub(crate) fn execute(
    wanted: &Wanted<'_>,
    laboratory: &Laboratory,
    memo: &Arc<PrecompileMemo>,
) -> io::Result<Went> {
    let start = Instant::now();
    let mut went = Went::default();
    let mut tally = Tally::default();
    let mut out = BufWriter::new(io::stdout().lock());
    let bar = wanted.human.then(|| progress(wanted.files.len()));
    let mut written = Ok(());
    let mut empty = true;
    in_order(
        wanted.files,
        wanted.jobs,
        &ranks(wanted.files),
        |path| run_file(path, &wanted.selection, laboratory, memo),
        |path, outcome: Result<Vec<Report>, FixtureError>| {
            match outcome {
                Ok(reports) => {
                    tally.add(path, &reports);
                    if !wanted.human && written.is_ok() {
                        written = reports
                            .iter()
                            .try_for_each(|one| write_entry(&mut out, one, &mut empty));
                    }
                }
                Err(error) => {
                    went.bad_input = true;
                    match &bar {
                        Some(bar) => bar.suspend(|| eprintln!("error: {error}")),
                        None => eprintln!("error: {error}"),
                    }
                }
            }
            if let Some(bar) = &bar {
                bar.inc(1);
                if !tally.wrong().is_empty() {
                    bar.set_message(format!("{} wrong", tally.wrong().len()));
                }
            }
        },
    )?;
    written?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
        tally.print(&mut out, start.elapsed())?;
    } else {
        out.write_all(if empty { b"[]\n" } else { b"\n]\n" })?;
    }
    out.flush()?;
    went.wrong = tally.wrong().len();
    if let Some((path, source)) = &wanted.page {
        std::fs::write(path, tally.page(source)).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
    }
    Ok(went)
}

fn write_entry(out: &mut impl Write, report: &Report, empty: &mut bool) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&Entry::of(report))?;
    out.write_all(if *empty { b"[" } else { b"," })?;
    *empty = false;
    text.lines().try_for_each(|line| write!(out, "\n  {line}"))
}
