//! Files of cases.

use super::case::{Bench, Class, Report, TestState, run_case};
use super::setup::Laboratory;
use crate::ethereum::memo::PrecompileMemo;
use crate::fixture::{FixtureError, StateTest, fork_by_name, read_state_tests};
use crate::runner::panic_text;
use crate::statetest::outcome::Failure;
use crate::statetest::prepared::Prepared;
use regex::Regex;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Which cases to run.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Tests whose name has a match.
    pub name: Option<Regex>,
    /// Cases of this fork; of each test's newest one if there is none.
    pub fork: Option<String>,
    /// Cases at this position alone.
    pub index: Option<usize>,
    /// Wall-clock time of a case's message at most.
    pub timeout: Duration,
}

/// Time that a case's message may take, unless told otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(60);

impl Default for Selection {
    fn default() -> Self {
        Self {
            name: None,
            fork: None,
            index: None,
            timeout: TIMEOUT,
        }
    }
}

/// Runs the cases of a file.
///
/// # Errors
/// If the file cannot be read, or is no file of state tests.
pub fn run_file(
    path: &Path,
    selection: &Selection,
    laboratory: &Laboratory,
    memo: &Arc<PrecompileMemo>,
) -> Result<Vec<Report>, FixtureError> {
    let bench = Bench {
        laboratory,
        memo,
        timeout: selection.timeout,
    };
    let mut reports = Vec::new();
    for (name, test) in read_state_tests(path)?.0 {
        if selection
            .name
            .as_ref()
            .is_none_or(|regex| regex.is_match(&name))
        {
            run_test(&name, test, selection, &bench, &mut reports);
        }
    }
    Ok(reports)
}

fn run_test(
    name: &str,
    mut test: StateTest,
    selection: &Selection,
    bench: &Bench<'_>,
    reports: &mut Vec<Report>,
) {
    let mut state = TestState::new(Prepared::new(&mut test));
    let newest = test
        .post
        .0
        .iter()
        .max_by_key(|(fork, _)| fork_by_name(fork));
    let newest = newest.map(|(fork, _)| fork.clone());
    let Some(wanted) = selection.fork.clone().or(newest) else {
        return;
    };
    for (fork, cases) in test.post.0.iter().filter(|(fork, _)| *fork == wanted) {
        for (index, case) in cases.iter().enumerate() {
            if selection.index.is_some_and(|only| only != index) {
                continue;
            }
            let run = || run_case(&mut state, fork, case, bench);
            let (state_root, class, gas_used) =
                catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
                    let what = Failure::Panic(panic_text(panic.as_ref()));
                    (None, Class::Failed(what), None)
                });
            let (name, fork) = (name.to_owned(), fork.clone());
            reports.push(Report {
                name,
                fork,
                index,
                state_root,
                class,
                gas_used,
            });
        }
    }
}
