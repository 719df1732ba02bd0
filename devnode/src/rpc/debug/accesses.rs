//! The accounts and the slots that an execution meets, seen from its steps.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, U256};
use fevm_machine::MachineError;
use fevm_machine::steps::{FrameEnd, FrameInfo, FrameKind, Step, StepSink, TracedOutcome};

use crate::rpc::RpcResult;

const BALANCE: u8 = 0x31;
const EXTCODESIZE: u8 = 0x3b;
const EXTCODECOPY: u8 = 0x3c;
const EXTCODEHASH: u8 = 0x3f;
const CALL: u8 = 0xf1;
const CALLCODE: u8 = 0xf2;
const DELEGATECALL: u8 = 0xf4;
const STATICCALL: u8 = 0xfa;
const SELFDESTRUCT: u8 = 0xff;

/// Takes steps and keeps what they meet.
#[derive(Debug, Default)]
pub(crate) struct Accesses {
    /// Addresses that instructions name: whom they call, whose balance or code they read, who inherits.
    pub(crate) named: BTreeSet<Address>,
    /// Contracts that ran, in their storage or by their code.
    pub(crate) ran: BTreeSet<Address>,
    /// Slots of SLOAD and SSTORE, by the contract whose storage it is.
    pub(crate) slots: BTreeMap<Address, BTreeSet<B256>>,
    /// Whose storage the open frames work on.
    frames: Vec<Address>,
}

impl Accesses {
    /// What a trace met.
    ///
    /// # Errors
    /// The trace is not of that execution.
    pub(crate) fn of(traced: TracedOutcome<Self>) -> RpcResult<Self> {
        traced.require_same_result().map_err(MachineError::Steps)?;
        Ok(traced.sink)
    }
}

impl StepSink for Accesses {
    fn enter(&mut self, frame: &FrameInfo) {
        self.frames.push(frame.address);
        if !matches!(frame.kind, FrameKind::Native | FrameKind::Method) {
            self.ran.extend([frame.address, frame.code_address]);
        }
    }

    fn step(&mut self, step: &Step) {
        if let (Some(access), Some(contract)) = (step.storage(), self.frames.last()) {
            let slots = self.slots.entry(*contract).or_default();
            slots.insert(access.slot);
        }
        let place = match step.op {
            BALANCE | EXTCODESIZE | EXTCODECOPY | EXTCODEHASH | SELFDESTRUCT => 0,
            CALL | CALLCODE | DELEGATECALL | STATICCALL => 1,
            _ => return,
        };
        if let Some(word) = step.stack.iter().rev().nth(place) {
            self.named.insert(address_of(*word));
        }
    }

    fn leave(&mut self, _end: &FrameEnd) {
        self.frames.pop();
    }
}

/// The address in a word, whose upper twelve bytes do not count.
fn address_of(word: U256) -> Address {
    Address::from_word(word.into())
}
