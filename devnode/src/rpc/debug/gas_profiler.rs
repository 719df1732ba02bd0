//! `gasProfiler`: where the gas of a message went, as folded stacks that flame graphs are drawn from.

use std::sync::Arc;

use fevm_machine::profile::Profile;
use fevm_machine::steps::TracedOutcome;
use fevm_machine::steps::flame::InstructionGas;
use fevm_machine::{MachineError, Outcome};
use serde_json::{Value, json};

use super::by_transaction;
use super::tracer::{setting, tracer_name};
use crate::Node;
use crate::chain::Block;
use crate::executor::{CallMessage, Executor, Place, Traced};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// The name by which the profiler is asked for.
pub(super) const NAME: &str = "gasProfiler";

/// What gas is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Calls and kinds of charges.
    Charges,
    /// Calls and EVM instructions.
    Instructions,
}

/// Options of the profiler; `None` if another tracer is asked for.
pub(super) fn options(params: &Params, index: usize) -> RpcResult<Option<By>> {
    let options = params.raw(index).unwrap_or(&Value::Null);
    if tracer_name(options) != Some(NAME) {
        return Ok(None);
    }
    let config = options.get("tracerConfig").unwrap_or(&Value::Null);
    let opcodes = setting(config, "opcodes").map_err(|error| invalid(index, error))?;
    Ok(Some(if opcodes {
        By::Instructions
    } else {
        By::Charges
    }))
}

/// A transaction of a block.
pub(super) fn transaction(node: &Node, block: &Block, index: usize, by: By) -> RpcResult {
    let executor = node.executor();
    match by {
        By::Charges => charges(&executor.replay(block, index + 1)?, index),
        By::Instructions => {
            instructions(executor.trace_steps(block, index, InstructionGas::default())?)
        }
    }
}

/// All transactions of a block.
pub(super) fn block(node: &Arc<Node>, block: &Block, by: By) -> RpcResult {
    let executor = node.executor();
    match by {
        By::Charges => {
            let count = block.transactions.len();
            let traced = executor.replay(block, count)?;
            by_transaction(block, (0..count).map(|index| charges(&traced, index)))
        }
        By::Instructions => {
            let traced = executor.trace_block_steps(block, InstructionGas::default)?;
            by_transaction(block, traced.into_iter().map(instructions))
        }
    }
}

/// A call.
pub(super) fn call(executor: &Executor, place: Place, call: &CallMessage, by: By) -> RpcResult {
    match by {
        By::Charges => charges(&executor.trace_call(place, call)?, 0),
        By::Instructions => {
            instructions(executor.trace_call_steps(place, call, InstructionGas::default())?)
        }
    }
}

fn charges(traced: &Traced, index: usize) -> RpcResult {
    let outcome = traced
        .outcomes
        .get(index)
        .ok_or_else(|| RpcError::internal("no such message in the trace"))?;
    let mut profile = Profile::default();
    profile.add("message", &outcome.trace, traced.state.builtin_actors());
    Ok(show(outcome, &profile))
}

fn instructions(mut traced: TracedOutcome<InstructionGas>) -> RpcResult {
    let gas = InstructionGas::of(&mut traced).map_err(MachineError::Steps)?;
    let mut profile = Profile::default();
    profile.add_instructions("message", gas);
    Ok(show(&traced.outcome, &profile))
}

/// Gas is FVM gas, whatever unit the node speaks.
fn show(outcome: &Outcome, profile: &Profile) -> Value {
    json!({ "gasUsed": outcome.gas.used, "stacks": profile.folded() })
}
