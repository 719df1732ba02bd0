//! A sink that sums gas up by frame and instruction, for flame graphs.

use std::collections::BTreeMap;

use evm_interpreter::opcode;

use super::event::{FrameEnd, FrameInfo, FrameKind, Step, StepSink};
use super::{TracedOutcome, UnfaithfulSteps};
use crate::profile::method_name;

/// Gas by the path of frames and instruction, outermost frame first.
pub type GasByPath = BTreeMap<Vec<String>, u64>;

/// Gas of a message by the path of frames and, within EVM code, by instruction.
///
/// An instruction's gas is all that it cost, host calls and blocks included. Beside instructions a frame has
/// its `start and end`: loading state and code, decoding and encoding, writing what has changed; and for
/// calls what taking the callee's answer cost. Together they are the frame's gas, and
/// what is not in any frame is the message's own.
#[derive(Debug, Clone, Default)]
pub struct InstructionGas {
    gas: GasByPath,
    path: Vec<String>,
    open: Vec<OpenFrame>,
    /// Gas of the frames that are no other's callee.
    frames: u64,
}

/// What of an open frame's gas is accounted for.
#[derive(Debug, Clone, Copy, Default)]
struct OpenFrame {
    accounted: u64,
}

impl InstructionGas {
    /// What a message's gas went for.
    ///
    /// # Errors
    /// Those of [`TracedOutcome::require_same_result`].
    pub fn of(traced: &mut TracedOutcome<Self>) -> Result<GasByPath, UnfaithfulSteps> {
        traced.require_same_result()?;
        Ok(std::mem::take(&mut traced.sink).finish(traced.outcome.gas.used))
    }

    /// Gas by path. `used` is what the message used in all.
    fn finish(mut self, used: u64) -> GasByPath {
        let rest = used.saturating_sub(self.frames);
        self.put("message", rest);
        self.gas
    }

    fn put(&mut self, leaf: &str, gas: u64) {
        if gas > 0 {
            let path = self.path.iter().map(String::as_str).chain([leaf]);
            *self
                .gas
                .entry(path.map(str::to_owned).collect())
                .or_default() += gas;
        }
    }
}

impl StepSink for InstructionGas {
    fn enter(&mut self, frame: &FrameInfo) {
        let actor = match (frame.kind, frame.actor) {
            (FrameKind::Native, 1) => "init",
            (FrameKind::Native, 10) => "eam",
            (FrameKind::Native, _) => "actor",
            _ => "evm",
        };
        let method = method_name(Some(actor), frame.method);
        self.path
            .push(format!("{actor} f0{} {method}", frame.actor));
        self.open.push(OpenFrame::default());
    }

    fn step(&mut self, step: &Step) {
        match opcode::instruction(step.op) {
            Some(known) => self.put(known.name, step.gas_cost),
            None => self.put("undefined", step.gas_cost),
        }
        if let Some(open) = self.open.last_mut() {
            open.accounted += step.gas_cost;
        }
    }

    fn leave(&mut self, end: &FrameEnd) {
        let open = self.open.pop().unwrap_or_default();
        self.put("start and end", end.gas_used.saturating_sub(open.accounted));
        self.path.pop();
        match self.open.last_mut() {
            Some(caller) => caller.accounted += end.gas_used,
            None => self.frames += end.gas_used,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256};
    use fvm_shared::error::ExitCode;

    use super::*;

    fn enter(actor: u64, kind: FrameKind) -> FrameInfo {
        FrameInfo {
            kind,
            depth: 1,
            actor,
            address: Address::ZERO,
            code_address: Address::ZERO,
            caller: Address::ZERO,
            method: crate::message::INVOKE_EVM,
            value: U256::ZERO,
            input: Vec::new(),
            gas: 1_000,
            read_only: false,
        }
    }

    fn step(op: u8, gas_cost: u64) -> Step {
        Step {
            pc: 0,
            op,
            depth: 1,
            gas: 0,
            gas_cost,
            stack: Vec::new(),
            memory_size: 0,
            memory: None,
            return_data: None,
            implicit: false,
            halt: None,
        }
    }

    fn leave(gas_used: u64) -> FrameEnd {
        FrameEnd {
            exit_code: ExitCode::OK,
            output: Vec::new(),
            gas_used,
        }
    }

    #[test]
    fn all_gas_is_somewhere() {
        let mut sums = InstructionGas::default();
        sums.enter(&enter(100, FrameKind::Call));
        sums.step(&step(opcode::ADD, 5));
        sums.step(&step(opcode::ADD, 6));
        sums.step(&step(opcode::CALL, 50));
        sums.enter(&enter(101, FrameKind::Native));
        sums.leave(&leave(200));
        sums.leave(&leave(300));
        let gas = sums.finish(1_000);
        let of = |path: &[&str]| gas[&path.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()];
        let outer = "evm f0100 InvokeEVM";
        assert_eq!(of(&[outer, "ADD"]), 11);
        assert_eq!(of(&[outer, "CALL"]), 50);
        assert_eq!(of(&[outer, "actor f0101 InvokeEVM", "start and end"]), 200);
        assert_eq!(of(&[outer, "start and end"]), 300 - 200 - 61);
        assert_eq!(of(&["message"]), 700);
        assert_eq!(gas.values().sum::<u64>(), 1_000);
    }
}
