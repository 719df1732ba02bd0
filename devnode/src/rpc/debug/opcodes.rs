//! The opcode logger behind `debug_traceTransaction` and its kin.

use std::sync::Arc;

use fevm_machine::steps::TracedOutcome;
use serde_json::Value;

use super::by_transaction;
use super::struct_log::{Options, StructLogger, show};
use crate::Node;
use crate::chain::Block;
use crate::executor::{CallMessage, Executor, Place};
use crate::rpc::{Params, RpcResult};

/// Options of the opcode logger; `None` if a tracer is asked for by name.
pub(super) fn options(params: &Params, index: usize) -> RpcResult<Option<Options>> {
    let options = params.raw(index).unwrap_or(&Value::Null);
    match options.get("tracer") {
        None | Some(Value::Null) => Options::from_value(index, options).map(Some),
        Some(_) => Ok(None),
    }
}

/// A transaction of a block.
pub(super) fn transaction(node: &Node, block: &Block, index: usize, options: Options) -> RpcResult {
    let logger = StructLogger::new(options, node.config().gas_unit);
    answer(node, node.executor().trace_steps(block, index, logger)?)
}

/// All transactions of a block.
pub(super) fn block(node: &Arc<Node>, block: &Block, options: Options) -> RpcResult {
    let traced = node
        .executor()
        .trace_block_steps(block, || StructLogger::new(options, node.config().gas_unit))?;
    by_transaction(block, traced.into_iter().map(|traced| answer(node, traced)))
}

/// A call.
pub(super) fn call(
    node: &Node,
    executor: &Executor,
    place: Place,
    call: &CallMessage,
    options: Options,
) -> RpcResult {
    let logger = StructLogger::new(options, node.config().gas_unit);
    answer(node, executor.trace_call_steps(place, call, logger)?)
}

fn answer(node: &Node, mut traced: TracedOutcome<StructLogger>) -> RpcResult<Value> {
    node.preimages()
        .add(std::mem::take(&mut traced.sink.preimages));
    show(traced)
}
