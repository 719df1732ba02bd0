//! `trace_`: the calls of transactions as a flat list, in the form that Parity gave them.

use std::sync::Arc;

use alloy_primitives::{Address, Bytes};
use serde_json::{Value, json};

use super::catalogue::{Method, required};
use super::debug::call_tracer::{Frame, Reader};
use super::eth::existing_block;
use super::request::BlockRef;
use super::{RpcError, RpcResult, invalid, parse_number};
use crate::Node;
use crate::chain::Block;

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
            let found = node
                .chain()
                .transaction(hash)
                .map(|(block, index)| (Arc::clone(block), index));
            let Some((block, index)) = found else {
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

struct Trace {
    index: usize,
    from: Address,
    to: Option<Address>,
    view: Value,
}

/// The flat traces of the first `count` transactions of a block.
fn block_traces(node: &Arc<Node>, block: &Block, count: usize) -> RpcResult<Vec<Trace>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let traced = node.executor().replay(block, count)?;
    let mut traces = Vec::new();
    for (index, outcome) in traced.outcomes.iter().enumerate() {
        let root = outcome
            .call_tree()
            .ok_or_else(|| RpcError::internal("the message left no trace"))?;
        let reader = Reader {
            state: &traced.state,
            top_only: false,
        };
        let frame = reader.message(&root, outcome.gas.limit, outcome.gas.used)?;
        flatten(&frame, block, index, &mut Vec::new(), &mut traces);
    }
    Ok(traces)
}

/// Depth first, each call before those that it made.
fn flatten(
    frame: &Frame,
    block: &Block,
    index: usize,
    place: &mut Vec<usize>,
    traces: &mut Vec<Trace>,
) {
    let hash = block
        .transactions
        .get(index)
        .map(|included| included.transaction.hash);
    let mut view = json!({
        "traceAddress": place,
        "subtraces": frame.calls.len(),
        "blockHash": block.hash,
        "blockNumber": block.number,
        "transactionHash": hash,
        "transactionPosition": index,
    });
    if frame.kind.starts_with("CREATE") {
        view["type"] = json!("create");
        view["action"] = json!({
            "from": frame.from, "value": frame.value, "gas": frame.gas, "init": frame.input,
            "creationMethod": frame.kind.to_lowercase(),
        });
        view["result"] =
            json!({ "address": frame.to, "code": frame.output, "gasUsed": frame.gas_used });
    } else {
        view["type"] = json!("call");
        view["action"] = json!({
            "callType": frame.kind.to_lowercase(), "from": frame.from, "to": frame.to,
            "value": frame.value, "gas": frame.gas, "input": frame.input,
        });
        view["result"] = json!({ "gasUsed": frame.gas_used, "output": frame.output });
    }
    if let Some(error) = &frame.error {
        view["error"] = json!(if error == "execution reverted" {
            "Reverted"
        } else {
            error.as_str()
        });
        if frame.output == Bytes::new() {
            view["result"] = Value::Null;
        }
    }
    traces.push(Trace {
        index,
        from: frame.from,
        to: frame.to,
        view,
    });
    for (child, call) in frame.calls.iter().enumerate() {
        place.push(child);
        flatten(call, block, index, place, traces);
        place.pop();
    }
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
        let head = node.head().number;
        let number =
            |name: &str, default: u64| match value.get(name).filter(|value| !value.is_null()) {
                None => Ok(default),
                Some(value) => match BlockRef::parse(value)
                    .map_err(|error| format!("field \"{name}\": {error}"))?
                {
                    BlockRef::Number(number) => Ok(number.min(head)),
                    BlockRef::Latest | BlockRef::Pending => Ok(head),
                    BlockRef::Hash(_) => Err(format!("field \"{name}\": expected a number or tag")),
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
        let blocks = node.chain().range(self.blocks.0, self.blocks.1).to_vec();
        let mut views = Vec::new();
        for block in blocks.iter().filter(|block| !block.transactions.is_empty()) {
            let traces = block_traces(node, block, block.transactions.len())?;
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
