//! The table as a page of the documentation.

use super::{Concern, Divergence, Pin, Switch, TABLE};
use core::fmt::Write as _;
use evm_interpreter::opcode;
use precompiles::{Native, Registry};

const HEAD: &str = "<!-- Generated from conformance/src/divergence/table. `UPDATE_PAGES=1 cargo test -p \
fevm-conformance --test pages` writes it. -->

# Where Filecoin's EVM differs from Ethereum's

Each row is deliberate, follows from a FIP or a rule of the FVM, and is pinned by a test. `fevm statetest --vm fvm`
and `fevm diff` explain what they find by the names in the first column. A name with a mark (\u{2713}) is a rule that the
native world can follow in Filecoin's way by itself: a difference counts as explained by it only if a native run that
does so ends as the FVM's run. Rows that give another name behind the mark are part of that rule.

";

/// `docs/differences.md`.
#[must_use]
pub fn differences() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| difference | about | Ethereum | Filecoin | why | how it shows | test |\n");
    page.push_str("|---|---|---|---|---|---|---|\n");
    let mut group = None;
    for row in &TABLE {
        if group.replace(row.group) != Some(row.group) {
            let _ = writeln!(page, "| **{}** | | | | | | |", row.group.title());
        }
        let _ = writeln!(
            page,
            "| `{}`{} | {} | {} | {} | {} | {} | {} |",
            row.id,
            mark(row),
            about(row.concerns),
            row.ethereum,
            row.filecoin,
            row.why,
            row.shows,
            pinned(row.test)
        );
    }
    page
}

fn mark(row: &Divergence) -> String {
    match row.switch.map(Switch::id) {
        None => String::new(),
        Some(id) if id == row.id => " \u{2713}".into(),
        Some(id) => format!(" \u{2713} `{id}`"),
    }
}

fn about(concerns: &[Concern]) -> String {
    let names = concerns.iter().map(|concern| match concern {
        Concern::Opcode(op) => opcode::instruction(*op)
            .map_or("?", |known| known.name)
            .to_owned(),
        Concern::Precompile(number) => {
            let known = Registry::<Native>::ALL
                .iter()
                .find(|one| one.number == *number);
            format!("{} ({number:#04x})", known.map_or("?", |one| one.name))
        }
        Concern::Rule(rule) => (*rule).to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn pinned(test: Pin) -> String {
    match test {
        Pin::Vector(name) => format!("[vector](../test-vectors/README.md) `{name}`"),
        Pin::Function(file, name) => format!("[`{name}`](../{file})"),
    }
}
