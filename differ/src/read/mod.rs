//! Traces read as streams.

mod lines;
mod names;
mod struct_logs;

use std::io::{BufRead, BufReader, Read};

pub use lines::{Lines, Strictness};
pub use struct_logs::StructLogs;

use crate::error::TraceError;
use crate::step::Entry;

/// Entries of a trace.
pub type Trace = Box<dyn Iterator<Item = Result<Entry, TraceError>> + Send>;

/// So much is looked at to tell the two forms apart.
const LOOK: usize = 1 << 16;

/// A trace in whatever form: lines, or one object with struct logs.
///
/// # Errors
/// It cannot be read, or is empty.
pub fn open(reader: impl Read + Send + 'static) -> Result<Trace, TraceError> {
    let mut reader = BufReader::with_capacity(LOOK, reader);
    let start = reader
        .fill_buf()
        .map_err(|error| TraceError::Source(error.to_string()))?;
    if start.trim_ascii().is_empty() {
        return Err(TraceError::NoTrace("the trace is empty".into()));
    }
    if is_one_object(start) {
        let logs =
            StructLogs::new(reader).map_err(|error| TraceError::Source(error.to_string()))?;
        return Ok(Box::new(logs));
    }
    Ok(Box::new(Lines::new(reader, Strictness::Strict)))
}

/// A trace of lines begins with a line that is a whole object of one step; an answer's first line is not.
fn is_one_object(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let first = text
        .trim_start()
        .lines()
        .find(|line| !line.starts_with('#'))
        .unwrap_or_default();
    if !first.trim_start().starts_with('{') {
        return false;
    }
    match serde_json::from_str::<serde_json::Value>(first) {
        Ok(line) => {
            line.get("pc").is_none()
                && (line.get("structLogs").is_some()
                    || line.get("result").is_some()
                    || line.get("jsonrpc").is_some())
        }
        // Cut off by the look, or spread over lines.
        Err(_) => {
            text.contains("\"structLogs\"")
                || (text.contains("\"jsonrpc\"") && !text.contains("\"pc\""))
        }
    }
}
