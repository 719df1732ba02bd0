//! Results by group and class: a table for people, and a page of the documentation.

use super::case::{Class, Report};
use crate::divergence::Switch;
use crate::runner::group;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// Cases of one kind that are shown one by one.
const SHOWN: usize = 12;

/// Classes in the order of the columns.
const CLASSES: [&str; 6] = [
    "identical",
    "by design",
    "out of gas",
    "not expressible",
    "unexplained",
    "failed",
];

/// What has come of the cases so far.
#[derive(Debug, Default)]
pub struct Tally {
    groups: BTreeMap<String, [usize; CLASSES.len()]>,
    total: [usize; CLASSES.len()],
    /// Cases by difference.
    differences: BTreeMap<Switch, usize>,
    /// Cases by reason.
    inexpressible: BTreeMap<String, usize>,
    /// Cases that something is wrong with.
    wrong: Vec<String>,
    out_of_gas: Vec<String>,
}

impl Tally {
    /// Counts a file's cases.
    pub fn add(&mut self, path: &Path, reports: &[Report]) {
        let counts = self.groups.entry(group(path)).or_default();
        for report in reports {
            let column = CLASSES.iter().position(|name| *name == report.class.name());
            let column = column.unwrap_or(CLASSES.len() - 1);
            counts[column] += 1;
            self.total[column] += 1;
            let case = || {
                let Report {
                    name,
                    fork,
                    index,
                    class,
                    ..
                } = report;
                format!("{} {name} [{fork} {index}]: {class}", path.display())
            };
            match &report.class {
                Class::ByDesign(switches) => {
                    for switch in switches.iter() {
                        *self.differences.entry(switch).or_default() += 1;
                    }
                }
                Class::Inexpressible(reason) => {
                    *self.inexpressible.entry(reason.to_string()).or_default() += 1;
                }
                Class::Unexplained(_) | Class::Failed(_) => self.wrong.push(case()),
                Class::OutOfGas => self.out_of_gas.push(case()),
                Class::Identical => {}
            }
        }
    }

    /// Cases that something is wrong with.
    #[must_use]
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }

    /// All cases.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.total.iter().sum()
    }

    /// Cases of a class.
    #[must_use]
    pub fn count(&self, class: &str) -> usize {
        let column = CLASSES.iter().position(|name| *name == class);
        column.map_or(0, |at| self.total[at])
    }

    /// Prints the table.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn print(&self, out: &mut impl Write, time: Duration) -> io::Result<()> {
        let width = self
            .groups
            .keys()
            .map(String::len)
            .max()
            .unwrap_or(0)
            .max(5);
        write!(out, "{:width$}", "group")?;
        for class in CLASSES {
            write!(out, "  {class}")?;
        }
        writeln!(out)?;
        let total = ("all".to_owned(), self.total);
        let groups = self
            .groups
            .iter()
            .map(|(name, counts)| (name.clone(), *counts));
        for (name, counts) in groups.chain([total]) {
            write!(out, "{name:width$}")?;
            for (count, class) in counts.iter().zip(CLASSES) {
                let cell = if *count == 0 {
                    "-".to_owned()
                } else {
                    count.to_string()
                };
                write!(out, "  {cell:>0$}", class.len())?;
            }
            writeln!(out)?;
        }
        if !self.differences.is_empty() {
            writeln!(out, "\nby design, for")?;
            for (switch, cases) in self.by_frequency() {
                writeln!(out, "{cases:>8}  {}", switch.id())?;
            }
        }
        if !self.inexpressible.is_empty() {
            writeln!(out, "\nnot expressible")?;
            for (reason, cases) in &self.inexpressible {
                writeln!(out, "{cases:>8}  {reason}")?;
            }
        }
        for (title, cases) in [("out of gas", &self.out_of_gas), ("wrong", &self.wrong)] {
            if cases.is_empty() {
                continue;
            }
            writeln!(out, "\n{title}")?;
            for case in cases.iter().take(SHOWN) {
                writeln!(out, "  {case}")?;
            }
            if cases.len() > SHOWN {
                writeln!(out, "  and {} more", cases.len() - SHOWN)?;
            }
        }
        let seconds = time.as_secs_f64();
        let rate = if seconds > 0.0 {
            self.cases() as f64 / seconds
        } else {
            0.0
        };
        writeln!(
            out,
            "\n{} cases in {seconds:.1} s, {rate:.0} cases/s",
            self.cases()
        )
    }

    fn by_frequency(&self) -> Vec<(Switch, usize)> {
        let mut list: Vec<_> = self.differences.iter().map(|(s, n)| (*s, *n)).collect();
        list.sort_by_key(|(switch, cases)| (core::cmp::Reverse(*cases), *switch));
        list
    }

    /// `docs/conformance.md` of these cases; `source` says which they are.
    #[must_use]
    pub fn page(&self, source: &str) -> String {
        let mut page = HEAD.to_owned();
        let _ = writeln!(page, "Cases: {source}.\n");
        page.push_str("| group |");
        for class in CLASSES {
            let _ = write!(page, " {class} |");
        }
        page.push_str("\n|---|---:|---:|---:|---:|---:|---:|\n");
        let total = ("**all**".to_owned(), self.total);
        let groups = self
            .groups
            .iter()
            .map(|(name, counts)| (name.clone(), *counts));
        for (name, counts) in groups.chain([total]) {
            let _ = write!(page, "| {name} |");
            for count in counts {
                let _ = match count {
                    0 => write!(page, " |"),
                    _ => write!(page, " {count} |"),
                };
            }
            page.push('\n');
        }
        page.push_str("\n## By design\n\nA case may have several differences.\n\n");
        page.push_str("| difference | cases |\n|---|---:|\n");
        for (switch, cases) in self.by_frequency() {
            let _ = writeln!(page, "| [`{}`](differences.md) | {cases} |", switch.id());
        }
        page.push_str("\n## Not expressible\n\n| because of | cases |\n|---|---:|\n");
        for (reason, cases) in &self.inexpressible {
            let _ = writeln!(page, "| {reason} | {cases} |");
        }
        page
    }
}

const HEAD: &str = "<!-- Generated by `fevm statetest --vm fvm --page docs/conformance.md`. -->

# Ethereum's state tests in the Filecoin VM

Every case runs natively, where it must end in the fixture's state root, and as a message to the WebAssembly actors in
the FVM, with the 10,000,000,000 gas of a block. Balances, nonces, code, storage and logs afterwards are compared,
fees aside.

* **identical**: the FVM ends in Ethereum's state
* **by design**: it ends in another, and a native run that follows [Filecoin's rules](differences.md) in just the
  named points ends in the same
* **out of gas**: needs more than a block's gas
* **not expressible**: cannot be set up on Filecoin
* **unexplained**: a bug; **failed**: the native run is not the fixture's

";
