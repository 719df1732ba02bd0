//! Traces of a JSON object a line (EIP-3155 and its dialects).

use std::borrow::Cow;
use std::io::{BufRead, Read as _};

use alloy_primitives::{B256, U256, hex};
use serde::Deserialize;
use serde_json::Value;

use crate::error::TraceError;
use crate::step::{Entry, Step, Summary};

/// Lines longer than this are no line of a trace.
const LONGEST: u64 = 1 << 28;

/// How lines that are no JSON are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Each line must be JSON, but for empty ones and those that begin with `#`: a file.
    Strict,
    /// A program may say other things in between.
    Loose,
}

/// Reads entries one after the other, in constant memory.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    strictness: Strictness,
    number: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads from `reader`.
    pub const fn new(reader: R, strictness: Strictness) -> Self {
        Self {
            reader,
            strictness,
            number: 0,
            buffer: Vec::new(),
        }
    }

    fn read(&mut self) -> Result<Option<Entry>, TraceError> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let line = self.number;
            let mut limited = (&mut self.reader).take(LONGEST);
            let read = limited
                .read_until(b'\n', &mut self.buffer)
                .map_err(|error| TraceError::Source(format!("line {line}: {error}")))?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 == LONGEST {
                let reason = "longer than any line of a trace".into();
                return Err(TraceError::Line { line, reason });
            }
            let whole = self.buffer.ends_with(b"\n");
            let text = self.buffer.trim_ascii();
            let is_object = text.first() == Some(&b'{');
            if text.is_empty() || text.first() == Some(&b'#') {
                continue;
            }
            if !is_object {
                if self.strictness == Strictness::Loose {
                    continue;
                }
                return Err(TraceError::Line {
                    line,
                    reason: not_a_trace(text),
                });
            }
            match serde_json::from_slice::<Raw<'_>>(text) {
                Ok(raw) => {
                    let entry = raw
                        .entry(line)
                        .map_err(|reason| TraceError::Line { line, reason })?;
                    if let Some(entry) = entry {
                        return Ok(Some(entry));
                    }
                }
                Err(error) if error.is_eof() && !whole => return Err(TraceError::CutOff { line }),
                Err(error) => {
                    return Err(TraceError::Line {
                        line,
                        reason: error.to_string(),
                    });
                }
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Entry, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn not_a_trace(text: &[u8]) -> String {
    match core::str::from_utf8(text.get(..text.len().min(40)).unwrap_or(text)) {
        Ok(start) if !start.contains(|c: char| c.is_control()) => {
            format!("no JSON object, but {start:?}")
        }
        _ => "binary data, no line of a trace".into(),
    }
}

/// A line, or an element of struct logs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw<'a> {
    pc: Option<Value>,
    op: Option<Value>,
    depth: Option<Value>,
    gas: Option<Value>,
    gas_cost: Option<Value>,
    refund: Option<Value>,
    mem_size: Option<Value>,
    #[serde(borrow)]
    stack: Option<Vec<Cow<'a, str>>>,
    memory: Option<Value>,
    return_data: Option<Value>,
    storage: Option<serde_json::Map<String, Value>>,
    error: Option<Value>,
    output: Option<Value>,
    gas_used: Option<Value>,
    state_root: Option<Value>,
}

impl Raw<'_> {
    /// What the line says; `None` if it is about something else.
    pub(super) fn entry(self, line: u64) -> Result<Option<Entry>, String> {
        let Some(pc) = &self.pc else {
            return self.summary();
        };
        let op = self.op.as_ref().ok_or("a step without \"op\"")?;
        let depth = self.depth.as_ref().ok_or("a step without \"depth\"")?;
        let storage = self.storage.as_ref().map(slots).transpose()?;
        let step = Step {
            pc: number("pc", pc)?,
            op: opcode(op)?,
            depth: number("depth", depth)?,
            gas: optional("gas", &self.gas)?,
            cost: optional("gasCost", &self.gas_cost)?,
            refund: optional("refund", &self.refund)?,
            stack: self
                .stack
                .as_ref()
                .map(|words| words.iter().map(|word| word_of(word)).collect())
                .transpose()?,
            memory_size: optional("memSize", &self.mem_size)?,
            memory: self
                .memory
                .as_ref()
                .filter(|value| !value.is_null())
                .map(memory)
                .transpose()?,
            return_data: self
                .return_data
                .as_ref()
                .and_then(Value::as_str)
                .map(bytes)
                .transpose()?,
            storage,
            error: self.error.as_ref().and_then(error_text),
            line,
        };
        if step.depth == 0 {
            return Err("a step of depth 0".into());
        }
        Ok(Some(Entry::Step(Box::new(step))))
    }

    fn summary(&self) -> Result<Option<Entry>, String> {
        let summary = Summary {
            output: self
                .output
                .as_ref()
                .and_then(Value::as_str)
                .map(bytes)
                .transpose()?,
            gas_used: optional("gasUsed", &self.gas_used)?,
            error: self.error.as_ref().and_then(error_text),
            state_root: self
                .state_root
                .as_ref()
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        Ok((summary != Summary::default()).then_some(Entry::Summary(summary)))
    }
}

fn error_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        // go-ethereum's older struct logs: an object without anything in it.
        other => Some(other.to_string()),
    }
}

fn optional(name: &str, value: &Option<Value>) -> Result<Option<u64>, String> {
    value
        .as_ref()
        .filter(|value| !value.is_null())
        .map(|value| number(name, value))
        .transpose()
}

/// A number, or hex digits in a string.
fn number(name: &str, value: &Value) -> Result<u64, String> {
    let parsed = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
        _ => None,
    };
    parsed.ok_or_else(|| format!("\"{name}\" is {value}, and no number of 64 bits"))
}

/// A number, or a name as struct logs have it.
fn opcode(value: &Value) -> Result<u8, String> {
    let unknown = || format!("\"op\" is {value}, and no opcode");
    match value {
        Value::String(name) if !name.starts_with("0x") => {
            super::names::by_name(name).ok_or_else(unknown)
        }
        _ => u8::try_from(number("op", value)?).map_err(|_| unknown()),
    }
}

fn word_of(text: &str) -> Result<U256, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.is_empty() {
        return Ok(U256::ZERO);
    }
    U256::from_str_radix(digits, 16).map_err(|_| format!("{text:?} is no word of the stack"))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|error| format!("{:?}: {error}", shortened(text)))
}

fn shortened(text: &str) -> &str {
    text.get(..20).unwrap_or(text)
}

/// One string, or one for each word.
fn memory(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::String(text) => bytes(text),
        Value::Array(words) => {
            let mut memory = Vec::with_capacity(32 * words.len());
            for word in words {
                memory.extend(bytes(
                    word.as_str().ok_or("\"memory\" is no list of strings")?,
                )?);
            }
            Ok(memory)
        }
        _ => Err("\"memory\" is neither a string nor a list".into()),
    }
}

fn slots(map: &serde_json::Map<String, Value>) -> Result<Vec<(B256, B256)>, String> {
    let word = |text: &str| word_of(text).map(B256::from);
    map.iter()
        .map(|(key, value)| {
            let value = value
                .as_str()
                .ok_or("\"storage\" holds something else than strings")?;
            Ok((word(key)?, word(value)?))
        })
        .collect()
}
