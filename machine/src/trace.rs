//! The tree of calls behind an outcome.

use cid::Cid;
use fvm::gas::Gas;
use fvm::trace::ExecutionEvent;
use fvm_ipld_encoding::ipld_block::IpldBlock;
use fvm_shared::address::Address;
use fvm_shared::econ::TokenAmount;
use fvm_shared::error::{ErrorNumber, ExitCode};
use fvm_shared::{ActorID, MethodNum};
use num_traits::Zero;

/// The name of the charge for an event, which stands in a trace where the event was made.
pub(crate) const CHARGE_OF_EVENT: &str = "OnActorEvent";

/// How a call ended.
#[derive(Debug, Clone)]
pub enum CallResult {
    /// The callee ended with an exit code, 0 for success, and maybe a block.
    Exit(ExitCode, Option<IpldBlock>),
    /// The call was refused before the callee ran, with the number that the
    /// caller sees.
    Refused(ErrorNumber, String),
    /// The trace ends within the call: the message ran out of gas or failed
    /// fatally.
    Unfinished,
}

/// One call from actor to actor, with those that it made.
#[derive(Debug, Clone)]
pub struct CallFrame {
    /// The caller.
    pub from: ActorID,
    /// The callee as the caller named it.
    pub to: Address,
    /// The callee's ID, if it was found.
    pub to_id: Option<ActorID>,
    /// The code that the callee ran.
    pub code: Option<Cid>,
    /// The callee's delegated address, if it has one.
    pub to_delegated: Option<Address>,
    /// The method called.
    pub method: MethodNum,
    /// Parameters, if any.
    pub params: Option<IpldBlock>,
    /// attoFIL sent along.
    pub value: TokenAmount,
    /// Gas that the call could use.
    pub gas_limit: u64,
    /// Whether the callee could change anything.
    pub read_only: bool,
    /// Gas that the call used, its own calls counted in.
    pub gas_used: u64,
    /// How it ended.
    pub result: CallResult,
    /// Whether an event was the last thing that the callee asked of the machine.
    pub ended_by_event: bool,
    /// For each event that the callee made, how many calls it had made before.
    pub events: Vec<usize>,
    /// The calls it made, in order.
    pub calls: Vec<Self>,
}

impl CallFrame {
    /// Builds the tree of a message's trace. `None` without a trace.
    pub fn from_trace(trace: &[ExecutionEvent]) -> Option<Self> {
        let mut open: Vec<(Self, Gas)> = Vec::new();
        for event in trace {
            match event {
                ExecutionEvent::Call { .. } => open.push((Self::begin(event)?, Gas::zero())),
                ExecutionEvent::GasCharge(charge) => {
                    if let Some((frame, gas)) = open.last_mut() {
                        *gas += charge.total();
                        match &*charge.name {
                            CHARGE_OF_EVENT => {
                                frame.ended_by_event = true;
                                frame.events.push(frame.calls.len());
                            }
                            // What comes with the end itself.
                            "wasm_exec" | "wasm_memory_grow" | "OnSyscall" => {}
                            _ => frame.ended_by_event = false,
                        }
                    }
                }
                ExecutionEvent::InvokeActor { id, state } => {
                    if let Some((frame, _)) = open.last_mut() {
                        frame.to_id = Some(*id);
                        frame.code = Some(state.code);
                        frame.to_delegated = state.delegated_address;
                    }
                }
                ExecutionEvent::CallReturn(code, block) => {
                    let result = CallResult::Exit(*code, block.clone());
                    if let Some(root) = close(&mut open, result) {
                        return Some(root);
                    }
                }
                ExecutionEvent::CallError(error) => {
                    let result = CallResult::Refused(error.1, error.0.clone());
                    if let Some(root) = close(&mut open, result) {
                        return Some(root);
                    }
                }
                _ => {}
            }
        }
        // Out of gas or fatal: the frames never returned.
        while !open.is_empty() {
            if let Some(root) = close(&mut open, CallResult::Unfinished) {
                return Some(root);
            }
        }
        None
    }

    fn begin(event: &ExecutionEvent) -> Option<Self> {
        let ExecutionEvent::Call {
            from,
            to,
            method,
            params,
            value,
            gas_limit,
            read_only,
        } = event
        else {
            return None;
        };
        Some(Self {
            from: *from,
            to: *to,
            to_id: to.id().ok(),
            code: None,
            to_delegated: None,
            method: *method,
            params: params.clone(),
            value: value.clone(),
            gas_limit: *gas_limit,
            read_only: *read_only,
            gas_used: 0,
            result: CallResult::Unfinished,
            ended_by_event: false,
            events: Vec::new(),
            calls: Vec::new(),
        })
    }

    /// Whether the call succeeded.
    pub fn is_success(&self) -> bool {
        matches!(&self.result, CallResult::Exit(code, _) if code.is_success())
    }

    /// The number of calls in this tree, itself counted in.
    pub fn len(&self) -> usize {
        1 + self.calls.iter().map(Self::len).sum::<usize>()
    }

    /// Never: a tree holds at least its root.
    pub const fn is_empty(&self) -> bool {
        false
    }
}

/// Ends the innermost open call; gives it back if it was the outermost.
fn close(open: &mut Vec<(CallFrame, Gas)>, result: CallResult) -> Option<CallFrame> {
    let (mut frame, gas) = open.pop()?;
    frame.gas_used = gas.round_up();
    frame.result = result;
    match open.last_mut() {
        Some((parent, parent_gas)) => {
            *parent_gas += gas;
            parent.calls.push(frame);
            None
        }
        None => Some(frame),
    }
}

#[cfg(test)]
mod tests {
    use fvm::gas::GasCharge;

    use super::*;

    fn call(to: u64) -> ExecutionEvent {
        ExecutionEvent::Call {
            from: 100,
            to: Address::new_id(to),
            method: 1,
            params: None,
            value: TokenAmount::from_atto(0),
            gas_limit: 1_000,
            read_only: false,
        }
    }

    fn gas(n: u64) -> ExecutionEvent {
        ExecutionEvent::GasCharge(GasCharge::new("x", Gas::new(n), Gas::zero()))
    }

    fn ret(code: u32) -> ExecutionEvent {
        ExecutionEvent::CallReturn(ExitCode::new(code), None)
    }

    #[test]
    fn gas_of_callees_counts_for_their_callers() {
        let trace = [
            gas(5),
            call(1),
            gas(10),
            call(2),
            gas(20),
            ret(0),
            gas(1),
            call(3),
            ret(33),
            ret(0),
        ];
        let root = CallFrame::from_trace(&trace).unwrap();
        assert_eq!(root.gas_used, 31);
        assert_eq!(root.len(), 3);
        assert_eq!(root.calls[0].gas_used, 20);
        assert!(root.is_success() && !root.calls[1].is_success());
    }

    #[test]
    fn an_unfinished_trace_still_gives_a_tree() {
        let root = CallFrame::from_trace(&[call(1), call(2), gas(3)]).unwrap();
        assert!(matches!(root.result, CallResult::Unfinished));
        assert_eq!(root.calls.len(), 1);
        assert!(CallFrame::from_trace(&[gas(3)]).is_none());
    }
}
