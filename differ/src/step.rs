//! Steps in one form, whoever wrote them.

use alloy_primitives::{B256, U256};

/// The machine before an instruction, as far as a trace shows it. What it does not show is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Position in the code.
    pub pc: u64,
    /// Opcode.
    pub op: u8,
    /// Depth, 1 for the outermost frame.
    pub depth: u64,
    /// Gas left.
    pub gas: Option<u64>,
    /// Gas of the instruction.
    pub cost: Option<u64>,
    /// Refund counter.
    pub refund: Option<u64>,
    /// Operand stack, bottom first.
    pub stack: Option<Vec<U256>>,
    /// Size of memory, bytes.
    pub memory_size: Option<u64>,
    /// Memory.
    pub memory: Option<Vec<u8>>,
    /// Return data of the last call.
    pub return_data: Option<Vec<u8>>,
    /// Slots of the running contract that the trace lists at this step.
    pub storage: Option<Vec<(B256, B256)>>,
    /// Why the instruction failed.
    pub error: Option<String>,
    /// Line of the trace, from 1; 0 where there are no lines.
    pub line: u64,
}

/// The end of a frame, or of the transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Output or revert data.
    pub output: Option<Vec<u8>>,
    /// Gas used.
    pub gas_used: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
    /// State root behind the transaction.
    pub state_root: Option<String>,
}

/// An entry of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An instruction.
    Step(Box<Step>),
    /// An end.
    Summary(Summary),
}

impl Step {
    /// Its name as go-ethereum writes it.
    #[must_use]
    pub fn name(&self) -> String {
        fevm_machine::steps::eip3155::op_name(self.op)
    }

    /// The operand so far below the top.
    #[must_use]
    pub fn operand(&self, below: usize) -> Option<U256> {
        self.stack.as_ref()?.iter().rev().nth(below).copied()
    }
}
