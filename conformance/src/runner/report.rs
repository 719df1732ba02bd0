//! Results as go-ethereum reports them: one JSON array, indented by two.

use super::result::{CaseResult, Cause};
use serde::Serialize;
use serde_json::value::RawValue;
use std::io::{self, Write};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bench_stats: Option<BenchStats>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BenchStats {
    /// Nanoseconds.
    time: u128,
    gas_used: u64,
}

/// An array that grows with the results.
#[derive(Debug)]
pub(crate) struct Array<W> {
    out: W,
    empty: bool,
}

impl<W: Write> Array<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self { out, empty: true }
    }

    pub(crate) fn push<F: Cause>(&mut self, result: &CaseResult<F>) -> io::Result<()> {
        let entry = Entry {
            name: &result.name,
            pass: result.failure.is_none(),
            state_root: result.state_root.map(|root| format!("{root:#x}")),
            fork: &result.fork,
            error: result.failure.as_ref().map(ToString::to_string),
            state: result.dump.as_deref(),
            bench_stats: result.bench.map(|bench| BenchStats {
                time: bench.time.as_nanos(),
                gas_used: bench.gas_used,
            }),
        };
        let text = serde_json::to_string_pretty(&entry)?;
        self.out.write_all(if self.empty { b"[" } else { b"," })?;
        self.empty = false;
        for line in text.lines() {
            write!(self.out, "\n  {line}")?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out
            .write_all(if self.empty { b"[]\n" } else { b"\n]\n" })?;
        self.out.flush()
    }
}
