//! `debug_`: looking into blocks and transactions.

pub(crate) mod call_tracer;

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::B256;
use fevm_machine::{Outcome, StateTree};
use serde_json::{Value, json};

use super::catalogue::{Method, optional, required};
use super::eth::execution::{Scene, call_message};
use super::eth::{block_at, existing_block};
use super::request::{BlockRef, CallRequest};
use super::views::to_json;
use super::{Params, RpcError, RpcResult, invalid};
use crate::Node;
use crate::chain::Block;
use call_tracer::{Frame, Reader};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "debug_traceTransaction",
        &[required("hash"), optional("options")],
        "Runs a transaction again and shows its calls (callTracer) or selectors (4byteTracer).",
        |node, params| {
            let tracer = Tracer::from_param(params, 1)?;
            let hash = params.hash(0)?;
            let found = node
                .chain()
                .transaction(hash)
                .map(|(block, index)| (Arc::clone(block), index));
            let (block, index) = found.ok_or_else(|| RpcError::server("transaction not found"))?;
            let traced = node.executor().replay(&block, index + 1)?;
            let outcome = traced
                .outcomes
                .get(index)
                .ok_or_else(|| RpcError::internal("no such transaction"))?;
            tracer.show(outcome, &traced.state)
        },
    ),
    Method::heavy(
        "debug_traceCall",
        &[required("call"), optional("block"), optional("options")],
        "Runs a call and shows its calls or selectors.",
        |node, params| {
            let tracer = Tracer::from_param(params, 2)?;
            let request = CallRequest::from_param(params, 0)?;
            let scene = Scene::at(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
            let traced = scene
                .executor
                .trace_call(scene.place, &call_message(node, &request))?;
            let outcome = traced
                .outcomes
                .first()
                .ok_or_else(|| RpcError::internal("no outcome"))?;
            tracer.show(outcome, &traced.state)
        },
    ),
    Method::heavy(
        "debug_traceBlockByNumber",
        &[required("block"), optional("options")],
        "Traces every transaction of a block, by number or tag.",
        |node, params| {
            trace_block(
                node,
                params,
                BlockRef::from_param(params, 0, BlockRef::Latest)?,
            )
        },
    ),
    Method::heavy(
        "debug_traceBlockByHash",
        &[required("hash"), optional("options")],
        "Traces every transaction of a block, by hash.",
        |node, params| trace_block(node, params, BlockRef::Hash(params.hash(0)?)),
    ),
    Method::heavy(
        "debug_getRawHeader",
        &[required("block")],
        "The Filecoin block header as DAG-CBOR.",
        |node, params| {
            let block = block_at(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
            let bytes = block.and_then(|block| block.header.encode().ok());
            Ok(bytes.map_or(Value::Null, |(_, bytes)| {
                Value::String(alloy_primitives::hex::encode_prefixed(bytes))
            }))
        },
    ),
];

/// What a trace shows.
enum Tracer {
    Calls { top_only: bool },
    Selectors,
    Nothing,
}

impl Tracer {
    fn from_param(params: &Params, index: usize) -> RpcResult<Self> {
        let options = params.raw(index).unwrap_or(&Value::Null);
        let setting = |name: &str| {
            options
                .get("tracerConfig")
                .and_then(|config| config.get(name))
                .and_then(Value::as_bool)
        };
        match options.get("tracer").and_then(Value::as_str) {
            Some("callTracer") => Ok(Self::Calls {
                top_only: setting("onlyTopCall").unwrap_or(false),
            }),
            Some("4byteTracer") => Ok(Self::Selectors),
            Some("noopTracer") => Ok(Self::Nothing),
            Some(other) => Err(invalid(
                index,
                format!(
                    "tracer {other:?} is not known: there are callTracer, 4byteTracer and noopTracer"
                ),
            )),
            None => Err(invalid(
                index,
                "the opcode logger is not available yet: choose {\"tracer\": \"callTracer\"} or {\"tracer\": \"4byteTracer\"}",
            )),
        }
    }

    fn show(&self, outcome: &Outcome, state: &StateTree) -> RpcResult {
        let top_only = match self {
            Self::Nothing => return Ok(json!({})),
            Self::Calls { top_only } => *top_only,
            Self::Selectors => false,
        };
        let root = outcome
            .call_tree()
            .ok_or_else(|| RpcError::internal("the message left no trace"))?;
        let frame =
            Reader { state, top_only }.message(&root, outcome.gas.limit, outcome.gas.used)?;
        match self {
            Self::Selectors => {
                let mut counts = BTreeMap::new();
                count_selectors(&frame, &mut counts);
                to_json(counts)
            }
            Self::Calls { .. } | Self::Nothing => to_json(frame),
        }
    }
}

/// Counts each selector with the length of its arguments, as `0x12345678-64`.
fn count_selectors(frame: &Frame, counts: &mut BTreeMap<String, u64>) {
    let is_call =
        matches!(frame.kind, "CALL" | "STATICCALL" | "DELEGATECALL") && frame.filecoin.is_none();
    if let (true, Some((selector, arguments))) = (is_call, frame.input.split_first_chunk::<4>()) {
        let key = format!(
            "{}-{}",
            alloy_primitives::hex::encode_prefixed(selector),
            arguments.len()
        );
        *counts.entry(key).or_default() += 1;
    }
    for call in &frame.calls {
        count_selectors(call, counts);
    }
}

fn trace_block(node: &Arc<Node>, params: &Params, wanted: BlockRef) -> RpcResult {
    let tracer = Tracer::from_param(params, 1)?;
    let block: Arc<Block> = existing_block(node, wanted)?;
    let traced = node.executor().replay(&block, block.transactions.len())?;
    let hashes = block
        .transactions
        .iter()
        .map(|included| included.transaction.hash);
    let show = |(hash, outcome): (B256, &Outcome)| {
        Ok(json!({ "txHash": hash, "result": tracer.show(outcome, &traced.state)? }))
    };
    hashes.zip(&traced.outcomes).map(show).collect()
}
