//! Results for people: progress, a table by group and fork, failures by cause.

use super::result::{CaseResult, Cause};
use crate::fixture::{fork_by_name, fork_name};
use evm_interpreter::Fork;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// Failures of one cause that are shown one by one.
const SHOWN: usize = 8;

/// A progress bar over so many files; silent where standard error is no terminal.
pub(crate) fn progress(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{elapsed_precise} {wide_bar} {pos}/{len} files {msg} ({eta} left)",
    );
    let bar = ProgressBar::new(files as u64);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// What has come of the cases so far.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// By group, then fork.
    groups: BTreeMap<String, BTreeMap<ForkKey, Tally>>,
    /// By cause.
    failures: BTreeMap<String, Vec<String>>,
    total: Tally,
}

/// Forks in their order, unknown ones behind.
type ForkKey = (Option<Fork>, String);

impl Summary {
    pub(super) fn add<F: Cause>(&mut self, path: &Path, results: &[CaseResult<F>]) {
        let group = self.groups.entry(group(path)).or_default();
        for result in results {
            let fork = fork_by_name(&result.fork);
            let label = fork.map_or_else(|| result.fork.clone(), |fork| fork_name(fork).to_owned());
            let tally = group.entry((fork, label)).or_default();
            match &result.failure {
                None => {
                    tally.passed += 1;
                    self.total.passed += 1;
                }
                Some(failure) => {
                    tally.failed += 1;
                    self.total.failed += 1;
                    self.failures
                        .entry(failure.cause())
                        .or_default()
                        .push(format!(
                            "{} {} [{} {}]: {failure}",
                            path.display(),
                            result.name,
                            result.fork,
                            result.index
                        ));
                }
            }
        }
    }

    pub(super) const fn cases(&self) -> usize {
        self.total.passed + self.total.failed
    }

    pub(super) const fn failed(&self) -> usize {
        self.total.failed
    }

    pub(super) fn print(&self, out: &mut impl Write, time: Duration) -> io::Result<()> {
        let forks: Vec<&ForkKey> = {
            let mut forks: Vec<_> = self.groups.values().flat_map(BTreeMap::keys).collect();
            forks.sort();
            forks.dedup();
            forks
        };
        let name_width = self
            .groups
            .keys()
            .map(String::len)
            .max()
            .unwrap_or(0)
            .max(5);
        let widths: Vec<usize> = forks.iter().map(|(_, name)| name.len().max(6)).collect();
        write!(out, "{:name_width$}", "group")?;
        for ((_, name), width) in forks.iter().zip(&widths) {
            write!(out, "  {name:>width$}")?;
        }
        writeln!(out)?;
        for (group, tallies) in &self.groups {
            write!(out, "{group:name_width$}")?;
            for (fork, width) in forks.iter().zip(&widths) {
                let cell = match tallies.get(*fork) {
                    None => "-".to_owned(),
                    Some(Tally { passed, failed: 0 }) => passed.to_string(),
                    Some(Tally { passed, failed }) => format!("{passed}/{}", passed + failed),
                };
                write!(out, "  {cell:>width$}")?;
            }
            writeln!(out)?;
        }
        let mut causes: Vec<_> = self.failures.iter().collect();
        causes.sort_by_key(|(_, cases)| core::cmp::Reverse(cases.len()));
        for (cause, cases) in causes {
            writeln!(out, "\n{} failed: {cause}", cases.len())?;
            for case in cases.iter().take(SHOWN) {
                writeln!(out, "  {case}")?;
            }
            if cases.len() > SHOWN {
                writeln!(out, "  and {} more", cases.len() - SHOWN)?;
            }
        }
        let cases = self.total.passed + self.total.failed;
        let seconds = time.as_secs_f64();
        let rate = if seconds > 0.0 {
            cases as f64 / seconds
        } else {
            0.0
        };
        writeln!(
            out,
            "\n{} passed, {} failed, {cases} cases in {seconds:.2} s, {rate:.0} cases/s",
            self.total.passed, self.total.failed
        )
    }
}

/// The folders that hold a kind of tests; those of execution-spec-tests have two levels below them.
const ROOTS: [(&str, usize); 5] = [
    ("GeneralStateTests", 1),
    ("BlockchainTests", 1),
    ("state_tests", 2),
    ("blockchain_tests", 2),
    ("blockchain_tests_engine", 2),
];

/// The folder that a file's test belongs to: the one below `GeneralStateTests` or `state_tests`,
/// with the next below it where EIPs have one; otherwise the folder that the file is in.
pub(crate) fn group(path: &Path) -> String {
    let names: Vec<_> = path
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let Some((_, folders)) = names.split_last() else {
        return String::new();
    };
    let root = folders.iter().enumerate().find_map(|(at, name)| {
        let (_, levels) = ROOTS.iter().find(|(root, _)| name == root)?;
        Some((at + 1, *levels))
    });
    match root {
        Some((from, levels)) if from < folders.len() => {
            folders[from..(from + levels).min(folders.len())].join("/")
        }
        _ => folders.last().cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        for (path, expected) in [
            ("x/GeneralStateTests/stCallCodes/a.json", "stCallCodes"),
            ("GeneralStateTests/Pyspecs/cancun/a.json", "Pyspecs"),
            (
                "e/state_tests/prague/eip7702_set_code_tx/gas/a.json",
                "prague/eip7702_set_code_tx",
            ),
            (
                "BlockchainTests/ValidBlocks/bcStateTests/a.json",
                "ValidBlocks",
            ),
            ("blockchain_tests/prague/eip7002/x/a.json", "prague/eip7002"),
            ("folder/a.json", "folder"),
            ("a.json", ""),
        ] {
            assert_eq!(group(Path::new(path)), expected, "{path}");
        }
    }
}
