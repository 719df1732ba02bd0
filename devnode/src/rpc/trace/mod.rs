//! `trace_`: the calls of transactions as a flat list, in the form that Parity gave them.

pub(crate) mod flat;
mod replay;

use std::sync::Arc;

use alloy_primitives::Address;
use fevm_machine::Outcome;
use serde_json::Value;

use super::catalogue::{Method, optional, required};
use super::debug::call_tracer::{Frame, Reader};
use super::eth::existing_block;
use super::request::BlockRef;
use super::{RpcError, RpcResult, invalid, parse_number};
use crate::Node;
use crate::chain::Block;
use crate::executor::Traced;
use flat::Trace;

/// Most blocks that one `trace_filter` looks into.
const MOST_BLOCKS: u64 = 10_000;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "trace_transaction",
        &[required("hash")],
        "The calls of a transaction; null if unknown.",
        |node, params| {
            let hash = params.hash(0)?;
            let Some((block, index)) = node.mined(hash)? else {
                return Ok(Value::Null);
            };
            let traces = block_traces(node, &block, index + 1)?;
            Ok(traces
                .into_iter()
                .filter(|trace| trace.index == index)
                .map(|trace| trace.view)
                .collect())
        },
    ),
    Method::heavy(
        "trace_block",
        &[required("block")],
        "The calls of a block's transactions.",
        |node, params| {
            let block = existing_block(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
            let traces = block_traces(node, &block, block.transactions.len())?;
            Ok(traces.into_iter().map(|trace| trace.view).collect())
        },
    ),
    Method::heavy(
        "trace_get",
        &[required("hash"), required("place")],
        "One call of a transaction, by its place in the tree; null if there is none.",
        |node, params| {
            let Some((block, index)) = node.mined(params.hash(0)?)? else {
                return Ok(Value::Null);
            };
            let place: Value = params
                .required::<Vec<Value>>(1)?
                .iter()
                .map(|step| parse_number(step).map(|step| Value::from(step.saturating_to::<u64>())))
                .collect::<Result<_, _>>()
                .map_err(|error| invalid(1, error))?;
            let traces = block_traces(node, &block, index + 1)?;
            let found = traces
                .into_iter()
                .find(|trace| trace.index == index && trace.view["traceAddress"] == place);
            Ok(found.map_or(Value::Null, |trace| trace.view))
        },
    ),
    Method::heavy(
        "trace_call",
        &[required("call"), optional("trace types"), optional("block")],
        "Runs a call and shows its calls and what it would change: trace, stateDiff.",
        replay::call,
    ),
    Method::heavy(
        "trace_callMany",
        &[required("calls"), optional("block")],
        "Runs several calls, each on the same state, and shows them as trace_call does.",
        replay::call_many,
    ),
    Method::heavy(
        "trace_replayTransaction",
        &[required("hash"), required("trace types")],
        "Runs a transaction again and shows its calls and what it changed.",
        replay::transaction,
    ),
    Method::heavy(
        "trace_replayBlockTransactions",
        &[required("block"), required("trace types")],
        "Runs the transactions of a block again and shows their calls and changes.",
        replay::block,
    ),
    Method::heavy(
        "trace_filter",
        &[required("filter")],
        "The calls in a range of blocks from and to certain addresses.",
        |node, params| {
            let filter =
                Filter::parse(node, params.required_raw(0)?).map_err(|error| invalid(0, error))?;
            filter.run(node)
        },
    ),
];

/// The flat traces of the first `count` transactions of a block.
fn block_traces(node: &Arc<Node>, block: &Block, count: usize) -> RpcResult<Vec<Trace>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let traced = node.executor().replay(block, count)?;
    let mut traces = Vec::new();
    for (index, outcome) in traced.outcomes.iter().enumerate() {
        let frame = frame(node, &traced, outcome)?;
        traces.extend(flat::traces(&frame, Some(block), index));
    }
    Ok(traces)
}

/// The calls of a message.
fn frame(node: &Node, traced: &Traced, outcome: &Outcome) -> RpcResult<Frame> {
    let reader = Reader {
        state: &traced.state,
        unit: node.config().gas_unit,
        top_only: false,
    };
    reader
        .message(outcome, false)?
        .ok_or_else(|| RpcError::internal("the message left no trace"))
}

struct Filter {
    blocks: (u64, u64),
    from: Vec<Address>,
    to: Vec<Address>,
    after: usize,
    count: usize,
}

impl Filter {
    fn parse(node: &Node, value: &Value) -> Result<Self, String> {
        let head = node.latest().number;
        let number =
            |name: &str, default: u64| match value.get(name).filter(|value| !value.is_null()) {
                None => Ok(default),
                Some(value) => match BlockRef::parse(value)
                    .map_err(|error| format!("field \"{name}\": {error}"))?
                {
                    BlockRef::Number(number) => Ok(number.min(head)),
                    BlockRef::Hash(_) => Err(format!("field \"{name}\": expected a number or tag")),
                    BlockRef::Earliest => Ok(0),
                    // Nothing is ever taken back, so all other tags are the newest block.
                    _ => Ok(head),
                },
            };
        let addresses = |name: &str| match value.get(name).filter(|value| !value.is_null()) {
            None => Ok(Vec::new()),
            Some(list) => serde_json::from_value(list.clone())
                .map_err(|error| format!("field \"{name}\": {error}")),
        };
        let count =
            |name: &str, default: usize| match value.get(name).filter(|value| !value.is_null()) {
                None => Ok(default),
                Some(value) => {
                    let number = parse_number(value)
                        .map_err(|error| format!("field \"{name}\": {error}"))?;
                    usize::try_from(number).map_err(|_| format!("field \"{name}\": too large"))
                }
            };
        let blocks = (number("fromBlock", head)?, number("toBlock", head)?);
        if blocks.1.saturating_sub(blocks.0) >= MOST_BLOCKS {
            return Err(format!("range of more than {MOST_BLOCKS} blocks"));
        }
        Ok(Self {
            blocks,
            from: addresses("fromAddress")?,
            to: addresses("toAddress")?,
            after: count("after", 0)?,
            count: count("count", usize::MAX)?,
        })
    }

    fn run(&self, node: &Arc<Node>) -> RpcResult {
        let mut views = Vec::new();
        for number in self.blocks.0..=self.blocks.1.min(node.head().number) {
            let block = node.chain().by_number(number)?;
            let Some(block) = block.filter(|block| !block.transactions.is_empty()) else {
                continue;
            };
            let traces = block_traces(node, &block, block.transactions.len())?;
            views.extend(
                traces
                    .into_iter()
                    .filter(|trace| self.wants(trace))
                    .map(|trace| trace.view),
            );
            if views.len() >= self.after.saturating_add(self.count) {
                break;
            }
        }
        Ok(views
            .into_iter()
            .skip(self.after)
            .take(self.count)
            .collect())
    }

    fn wants(&self, trace: &Trace) -> bool {
        let from = self.from.is_empty() || self.from.contains(&trace.from);
        from && (self.to.is_empty() || trace.to.is_some_and(|to| self.to.contains(&to)))
    }
}
