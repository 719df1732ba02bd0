//! The tracers that show a message's calls and changes.

use std::collections::BTreeMap;

use alloy_primitives::hex;
use fevm_machine::{Outcome, StateTree};
use serde_json::{Map, Value, json};

use super::accesses::Accesses;
use super::call_tracer::{Frame, Reader};
use super::{gas_profiler, prestate};
use crate::chain::Block;
use crate::config::GasUnit;
use crate::executor::Traced;
use crate::rpc::trace::flat;
use crate::rpc::views::to_json;
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// What a trace shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tracer {
    /// The tree of calls.
    Calls { top_only: bool, logs: bool },
    /// The calls as Parity's flat list.
    Flat,
    /// The selectors that were called, counted.
    Selectors,
    /// Accounts before the message, or the differences that it made.
    Prestate(prestate::Options),
    /// Several tracers at once, by name.
    Mux(Vec<(String, Self)>),
    /// Nothing.
    Nothing,
}

/// The tracer that options name.
pub(super) fn tracer_name(options: &Value) -> Option<&str> {
    options.get("tracer").and_then(Value::as_str)
}

/// A flag of a tracer's configuration, false by default.
pub(super) fn setting(config: &Value, name: &str) -> Result<bool, String> {
    match config.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!(
            "field \"tracerConfig\".\"{name}\": expected true or false"
        )),
    }
}

/// A message in a trace.
pub(super) struct Subject<'a> {
    pub(super) traced: &'a Traced,
    pub(super) index: usize,
    /// What its steps meet, for the tracers that [need](Tracer::needs_steps) it.
    pub(super) accesses: Option<&'a Accesses>,
    /// The block that holds it; none for a call.
    pub(super) block: Option<&'a Block>,
    pub(super) unit: GasUnit,
}

impl Tracer {
    /// Reads the options of a trace.
    pub(super) fn from_param(params: &Params, index: usize) -> RpcResult<Self> {
        let options = params.raw(index).unwrap_or(&Value::Null);
        let config = options.get("tracerConfig").unwrap_or(&Value::Null);
        match tracer_name(options) {
            Some(name) => Self::named(name, config).map_err(|error| invalid(index, error)),
            None => Err(invalid(index, "no tracer is named")),
        }
    }

    fn named(name: &str, config: &Value) -> Result<Self, String> {
        let setting = |name| setting(config, name);
        Ok(match name {
            "callTracer" => Self::Calls {
                top_only: setting("onlyTopCall")?,
                logs: setting("withLog")?,
            },
            "flatCallTracer" => Self::Flat,
            "4byteTracer" => Self::Selectors,
            "prestateTracer" => {
                let options = prestate::Options {
                    differences: setting("diffMode")?,
                    without_code: setting("disableCode")?,
                    without_storage: setting("disableStorage")?,
                    with_empty: setting("includeEmpty")?,
                };
                if options.differences && options.with_empty {
                    return Err("cannot use diffMode with includeEmpty".to_owned());
                }
                Self::Prestate(options)
            }
            "muxTracer" => {
                let Value::Object(tracers) = config else {
                    return Err("field \"tracerConfig\": expected an object of tracers".to_owned());
                };
                let tracers = tracers.iter().map(|(name, config)| match name.as_str() {
                    "muxTracer" => Err("a muxTracer cannot hold another".to_owned()),
                    gas_profiler::NAME => Err(format!("a muxTracer cannot hold a {name}")),
                    _ => Ok((name.clone(), Self::named(name, config)?)),
                });
                Self::Mux(tracers.collect::<Result<_, String>>()?)
            }
            "noopTracer" => Self::Nothing,
            other => {
                return Err(format!(
                    "tracer {other:?} is not known: there are callTracer, flatCallTracer, prestateTracer, 4byteTracer, gasProfiler, muxTracer and noopTracer"
                ));
            }
        })
    }

    /// Whether the message must be run step by step too.
    pub(super) fn needs_steps(&self) -> bool {
        match self {
            Self::Prestate(options) => !options.differences,
            Self::Mux(tracers) => tracers.iter().any(|(_, tracer)| tracer.needs_steps()),
            Self::Calls { .. } | Self::Flat | Self::Selectors | Self::Nothing => false,
        }
    }

    /// The trace of a message.
    pub(super) fn show(&self, subject: &Subject<'_>) -> RpcResult {
        match self {
            Self::Nothing => Ok(json!({})),
            Self::Mux(tracers) => tracers
                .iter()
                .map(|(name, tracer)| Ok((name.clone(), tracer.show(subject)?)))
                .collect::<RpcResult<Map<_, _>>>()
                .map(Value::Object),
            Self::Calls { top_only, logs } => to_json(subject.frame(*top_only, *logs)?),
            Self::Flat => {
                let frame = subject.frame(false, false)?;
                Ok(flat::traces(&frame, subject.block, subject.index)
                    .into_iter()
                    .map(|trace| trace.view)
                    .collect())
            }
            Self::Selectors => {
                let mut counts = BTreeMap::new();
                count_selectors(&subject.frame(false, false)?, &mut counts);
                to_json(counts)
            }
            Self::Prestate(options) => {
                let root = subject.outcome()?.call_tree().ok_or_else(no_trace)?;
                let (before, after) = subject.traced.around(subject.index)?;
                if options.differences {
                    return prestate::differences(options, &root, &before, &after);
                }
                let accesses = subject
                    .accesses
                    .ok_or_else(|| RpcError::internal("the message was run without its steps"))?;
                prestate::met(options, &root, accesses, &before, &after)
            }
        }
    }
}

impl Subject<'_> {
    fn outcome(&self) -> RpcResult<&Outcome> {
        self.traced
            .outcomes
            .get(self.index)
            .ok_or_else(|| RpcError::internal("no such message in the trace"))
    }

    const fn state(&self) -> &StateTree {
        &self.traced.state
    }

    /// The message's tree of calls.
    pub(super) fn frame(&self, top_only: bool, logs: bool) -> RpcResult<Frame> {
        let reader = Reader {
            state: self.state(),
            unit: self.unit,
            top_only,
        };
        reader.message(self.outcome()?, logs)?.ok_or_else(no_trace)
    }
}

fn no_trace() -> RpcError {
    RpcError::internal("the message left no trace")
}

/// Counts each selector with the length of its arguments, as `0x12345678-64`.
fn count_selectors(frame: &Frame, counts: &mut BTreeMap<String, u64>) {
    let is_call =
        matches!(frame.kind, "CALL" | "STATICCALL" | "DELEGATECALL") && frame.filecoin.is_none();
    if let (true, Some((selector, arguments))) = (is_call, frame.input.split_first_chunk::<4>()) {
        let key = format!("{}-{}", hex::encode_prefixed(selector), arguments.len());
        *counts.entry(key).or_default() += 1;
    }
    for call in &frame.calls {
        count_selectors(call, counts);
    }
}
