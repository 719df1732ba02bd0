//! The calls of a message as a flat list, in the form that Parity gave them.

use alloy_primitives::{Address, Bytes};
use serde_json::{Value, json};

use crate::chain::Block;
use crate::rpc::debug::call_tracer::Frame;

/// One call.
pub(crate) struct Trace {
    /// Index of its transaction.
    pub(crate) index: usize,
    pub(crate) from: Address,
    pub(crate) to: Option<Address>,
    /// As it is shown.
    pub(crate) view: Value,
}

/// The calls of a message; `block` is none for one that is in no block.
pub(crate) fn traces(frame: &Frame, block: Option<&Block>, index: usize) -> Vec<Trace> {
    let mut traces = Vec::new();
    flatten(frame, block, index, &mut Vec::new(), &mut traces);
    traces
}

/// Depth first, each call before those that it made.
fn flatten(
    frame: &Frame,
    block: Option<&Block>,
    index: usize,
    place: &mut Vec<usize>,
    traces: &mut Vec<Trace>,
) {
    let mut view = json!({ "traceAddress": place, "subtraces": frame.calls.len() });
    if let Some(block) = block {
        let included = block.transactions.get(index);
        view["blockHash"] = json!(block.hash);
        view["blockNumber"] = json!(block.number);
        view["transactionHash"] = json!(included.map(|included| included.transaction.hash));
        view["transactionPosition"] = json!(index);
    }
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
