//! Messages run again, or for the first time, with their calls and what they change.

use std::sync::Arc;

use alloy_primitives::{Address, B256, U256, hex};
use fevm_machine::StateTree;
use serde_json::{Map, Value, json};

use super::{flat, frame};
use crate::Node;
use crate::executor::{AccountChange, Traced, changes, touched};
use crate::rpc::eth::execution::{Scene, call_message};
use crate::rpc::eth::existing_block;
use crate::rpc::request::{BlockRef, CallRequest};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// Most calls of one request.
const MOST_CALLS: usize = 1_000;

/// What is shown of a message.
#[derive(Debug, Clone, Copy, Default)]
struct Types {
    trace: bool,
    differences: bool,
}

pub(super) fn call(node: &Arc<Node>, params: &Params) -> RpcResult {
    let request = CallRequest::from_param(params, 0)?;
    let types = match params.raw(1) {
        None => Types {
            trace: true,
            differences: false,
        },
        Some(value) => Types::parse(value).map_err(|error| invalid(1, error))?,
    };
    let scene = Scene::at(node, BlockRef::from_param(params, 2, BlockRef::Latest)?)?;
    run(node, &scene, &request, types)
}

pub(super) fn call_many(node: &Arc<Node>, params: &Params) -> RpcResult {
    let calls: Vec<Value> = params.required(0)?;
    if calls.len() > MOST_CALLS {
        return Err(invalid(
            0,
            format!("{} calls, at most {MOST_CALLS}", calls.len()),
        ));
    }
    let scene = Scene::at(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
    let shown = calls.iter().enumerate().map(|(index, call)| {
        let named = |error: String| invalid(0, format!("call {index}: {error}"));
        let pair = call.as_array().map(Vec::as_slice);
        let Some([Value::Object(members), types]) = pair else {
            return Err(named(
                "expected a call and a list of trace types".to_owned(),
            ));
        };
        let request = CallRequest::parse(members).map_err(named)?;
        run(node, &scene, &request, Types::parse(types).map_err(named)?)
    });
    shown.collect()
}

pub(super) fn transaction(node: &Arc<Node>, params: &Params) -> RpcResult {
    let hash = params.hash(0)?;
    let types = Types::parse(params.required_raw(1)?).map_err(|error| invalid(1, error))?;
    let (block, index) = node
        .mined(hash)?
        .ok_or_else(|| RpcError::server("transaction not found"))?;
    let traced = node.executor().replay(&block, index + 1)?;
    let mut shown = show(node, &traced, index, types)?;
    shown["transactionHash"] = json!(hash);
    Ok(shown)
}

pub(super) fn block(node: &Arc<Node>, params: &Params) -> RpcResult {
    let types = Types::parse(params.required_raw(1)?).map_err(|error| invalid(1, error))?;
    let block = existing_block(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
    let traced = node.executor().replay(&block, block.transactions.len())?;
    let shown = block
        .transactions
        .iter()
        .enumerate()
        .map(|(index, included)| {
            let mut shown = show(node, &traced, index, types)?;
            shown["transactionHash"] = json!(included.transaction.hash);
            Ok(shown)
        });
    shown.collect()
}

fn run(node: &Node, scene: &Scene, request: &CallRequest, types: Types) -> RpcResult {
    let traced = scene
        .executor
        .trace_call(scene.place, &call_message(node, request))?;
    show(node, &traced, 0, types)
}

fn show(node: &Node, traced: &Traced, index: usize, types: Types) -> RpcResult {
    let outcome = traced
        .outcomes
        .get(index)
        .ok_or_else(|| RpcError::internal("no such message in the trace"))?;
    let frame = frame(node, traced, outcome)?;
    let mut shown = json!({
        "output": frame.output, "trace": [], "stateDiff": null, "vmTrace": null,
    });
    if types.trace {
        shown["trace"] = flat::traces(&frame, None, index)
            .into_iter()
            .map(|trace| trace.view)
            .collect();
    }
    if types.differences {
        let root = outcome
            .call_tree()
            .ok_or_else(|| RpcError::internal("the message left no trace"))?;
        let (before, after) = traced.around(index)?;
        shown["stateDiff"] = differences(&root, &before, &after)?;
    }
    Ok(shown)
}

impl Types {
    fn parse(value: &Value) -> Result<Self, String> {
        let Value::Array(names) = value else {
            return Err("expected a list of trace types".to_owned());
        };
        let mut types = Self::default();
        for name in names {
            match name.as_str() {
                Some("trace") => types.trace = true,
                Some("stateDiff") => types.differences = true,
                Some("vmTrace") => {
                    return Err("vmTrace is not available: use debug_traceTransaction".to_owned());
                }
                _ => {
                    return Err(format!(
                        "unknown trace type {name}: there are trace and stateDiff"
                    ));
                }
            }
        }
        Ok(types)
    }
}

fn differences(
    root: &fevm_machine::trace::CallFrame,
    before: &StateTree,
    after: &StateTree,
) -> RpcResult {
    let changes = changes(before, after, &touched(root, after)?)?;
    let shown: Map<String, Value> = changes.iter().map(account).collect();
    Ok(Value::Object(shown))
}

/// An account's differences: `=` for what is the same, `+`, `-` and `*` for what is new, gone and
/// other.
fn account(change: &AccountChange) -> (String, Value) {
    let AccountChange {
        address,
        before,
        after,
        slots,
    } = change;
    let (old, new) = (before.as_ref(), after.as_ref());
    let storage: Map<String, Value> = slots
        .iter()
        .map(|(key, from, to)| {
            let word = |word: U256| json!(B256::from(word));
            let difference = difference(old.map(|_| word(*from)), new.map(|_| word(*to)));
            (B256::from(*key).to_string(), difference)
        })
        .collect();
    let number = |number: U256| json!(format!("{number:#x}"));
    let shown = json!({
        "balance": difference(old.map(|account| number(account.balance)), new.map(|account| number(account.balance))),
        "nonce": difference(
            old.map(|account| number(U256::from(account.nonce))),
            new.map(|account| number(U256::from(account.nonce))),
        ),
        "code": difference(
            old.map(|account| json!(hex::encode_prefixed(&account.code))),
            new.map(|account| json!(hex::encode_prefixed(&account.code))),
        ),
        "storage": storage,
    });
    (lower(address), shown)
}

fn lower(address: &Address) -> String {
    format!("{address:#x}")
}

fn difference(old: Option<Value>, new: Option<Value>) -> Value {
    match (old, new) {
        (Some(old), Some(new)) if old == new => json!("="),
        (Some(old), Some(new)) => json!({ "*": { "from": old, "to": new } }),
        (None, Some(new)) => json!({ "+": new }),
        (Some(old), None) => json!({ "-": old }),
        (None, None) => json!("="),
    }
}
