//! Whole folders at once, for programs that want the results and no output.

use super::outcome::CaseResult;
use super::run::{Selection, run_file};
use crate::fixture::FixtureError;
use crate::runner::{collect, in_order, ranks};
use std::io;
use std::path::PathBuf;

/// What came of files and folders.
#[derive(Debug, Default)]
pub struct All {
    /// Files with the results of their cases.
    pub results: Vec<(PathBuf, Vec<CaseResult>)>,
    /// What could not be read, or was no file of state tests.
    pub errors: Vec<FixtureError>,
}

impl All {
    /// The cases that failed, with their files.
    pub fn failures(&self) -> impl Iterator<Item = (&PathBuf, &CaseResult)> {
        self.results.iter().flat_map(|(path, results)| {
            results
                .iter()
                .filter(|result| result.failure.is_some())
                .map(move |r| (path, r))
        })
    }

    /// How many cases were run.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.results.iter().map(|(_, results)| results.len()).sum()
    }
}

/// Runs every file at `paths` on `jobs` threads.
///
/// # Errors
/// If the system gives no thread.
pub fn run_all(paths: &[PathBuf], selection: &Selection, jobs: usize) -> io::Result<All> {
    let mut files = Vec::new();
    let mut all = All::default();
    for path in paths {
        collect(path, &mut files, &mut all.errors);
    }
    let All { results, errors } = &mut all;
    in_order(
        &files,
        jobs,
        &ranks(&files),
        |path| run_file(path, selection, None, &mut io::sink()),
        |path, outcome| match outcome {
            Ok(cases) => results.push((path.clone(), cases)),
            Err(error) => errors.push(error),
        },
    )?;
    Ok(all)
}
