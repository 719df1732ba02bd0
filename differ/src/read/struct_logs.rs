//! Answers of `debug_traceTransaction`: one JSON object with all struct logs in it, read as a stream.

use core::fmt;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

use super::lines::Raw;
use crate::error::TraceError;
use crate::step::{Entry, Summary};

/// Entries in flight between the thread that reads and the one that compares.
const AHEAD: usize = 1_024;

/// Reads struct logs on a thread of their own.
#[derive(Debug)]
pub struct StructLogs {
    entries: Receiver<Result<Entry, TraceError>>,
}

impl StructLogs {
    /// Reads an answer, with or without the JSON-RPC envelope.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(reader: impl Read + Send + 'static) -> std::io::Result<Self> {
        let (sender, entries) = sync_channel(AHEAD);
        std::thread::Builder::new()
            .name("struct-logs".into())
            .spawn(move || {
                let mut deserializer = serde_json::Deserializer::from_reader(reader);
                let sink = Sink { sender: &sender };
                let end = match sink.deserialize(&mut deserializer) {
                    Ok(true) => return,
                    Ok(false) => TraceError::NoTrace("an answer without \"structLogs\"".into()),
                    // The reader of the channel is gone.
                    Err(error) if error.to_string().contains(HUNG_UP) => return,
                    Err(error) if error.is_eof() => TraceError::CutOff {
                        line: error.line() as u64,
                    },
                    Err(error) if error.is_io() => TraceError::Source(error.to_string()),
                    Err(error) => TraceError::Line {
                        line: error.line() as u64,
                        reason: error.to_string(),
                    },
                };
                // Nobody listens any more: nobody to tell.
                let _ = sender.send(Err(end));
            })?;
        Ok(Self { entries })
    }
}

impl Iterator for StructLogs {
    type Item = Result<Entry, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.recv().ok()
    }
}

/// What the visitor's error says when nobody listens.
const HUNG_UP: &str = "nobody reads the trace any more";

/// Visits an object; answers whether it held struct logs.
#[derive(Clone, Copy)]
struct Sink<'a> {
    sender: &'a SyncSender<Result<Entry, TraceError>>,
}

impl<'de> DeserializeSeed<'de> for Sink<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sink<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"structLogs\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        let mut summary = Summary::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "structLogs" => {
                    map.next_value_seed(Steps {
                        sender: self.sender,
                    })?;
                    found = true;
                }
                "result" => found |= map.next_value_seed(self)?,
                "error" => {
                    let error = map.next_value::<Value>()?;
                    let message = error.get("message").and_then(Value::as_str);
                    let message = message.map_or_else(|| error.to_string(), str::to_owned);
                    let told = TraceError::Source(format!("the node answers: {message}"));
                    self.sender
                        .send(Err(told))
                        .map_err(|_| serde::de::Error::custom(HUNG_UP))?;
                    found = true;
                }
                "gas" => summary.gas_used = map.next_value::<Value>()?.as_u64(),
                "failed" => {
                    if map.next_value::<Value>()? == true {
                        summary.error = Some("failed".into());
                    }
                }
                "returnValue" => {
                    let value = map.next_value::<Value>()?;
                    summary.output = value
                        .as_str()
                        .and_then(|text| alloy_primitives::hex::decode(text).ok());
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if summary != Summary::default() {
            self.sender
                .send(Ok(Entry::Summary(summary)))
                .map_err(|_| serde::de::Error::custom(HUNG_UP))?;
        }
        Ok(found)
    }
}

/// The array itself.
struct Steps<'a> {
    sender: &'a SyncSender<Result<Entry, TraceError>>,
}

impl<'de> DeserializeSeed<'de> for Steps<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Steps<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of struct logs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut steps: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = steps.next_element::<Value>()? {
            number += 1;
            let entry = Raw::deserialize(&value)
                .map_err(|error| error.to_string())
                .and_then(|raw| raw.entry(number))
                .map_err(|reason| {
                    serde::de::Error::custom(format!("struct log {number}: {reason}"))
                })?;
            if let Some(entry) = entry {
                self.sender
                    .send(Ok(entry))
                    .map_err(|_| serde::de::Error::custom(HUNG_UP))?;
            }
        }
        Ok(())
    }
}
