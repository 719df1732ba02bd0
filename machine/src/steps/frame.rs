//! Invocations, as they look from Ethereum.

use alloy_primitives::{Address as EthAddress, U256};
use cid::Cid;
use fvm::gas::Gas;
use fvm::kernel::Block;
use fvm_ipld_encoding::{BytesDe, CBOR, DAG_CBOR, from_slice};
use fvm_shared::econ::TokenAmount;
use fvm_shared::{ActorID, METHOD_CONSTRUCTOR, MethodNum};

use super::event::{FrameInfo, FrameKind, MemoryChange, Step, StepHalt};
use super::ledger::Stretch;
use super::syscalls::RawStep;
use crate::amount;
use crate::message::{INVOKE_EVM, unwrap_bytes};

/// `Resurrect`, `InvokeContractDelegate` and the first method of the exported range of the EVM actor.
const RESURRECT: MethodNum = 2;
const INVOKE_DELEGATE: MethodNum = 6;
const FIRST_EXPORTED: MethodNum = 1 << 24;

const STATICCALL: u8 = 0xfa;
const DELEGATECALL: u8 = 0xf4;
const CREATE2: u8 = 0xf5;

/// What the machine says of an invocation.
pub(super) struct Invocation<'a> {
    pub(super) actor: ActorID,
    pub(super) address: EthAddress,
    pub(super) is_evm: bool,
    pub(super) caller: EthAddress,
    pub(super) method: MethodNum,
    pub(super) value: &'a TokenAmount,
    pub(super) params: Option<&'a Block>,
    pub(super) gas: Gas,
    pub(super) read_only: bool,
}

impl Invocation<'_> {
    /// Whether it runs EVM code.
    pub(super) const fn runs_code(&self) -> bool {
        self.is_evm
            && (matches!(
                self.method,
                METHOD_CONSTRUCTOR | RESURRECT | INVOKE_DELEGATE
            ) || self.method >= FIRST_EXPORTED)
    }

    /// Seen from Ethereum. `code_frames` are the open frames that run EVM code, outermost first; `origin` is the
    /// message's sender.
    pub(super) fn describe(&self, code_frames: &[&Open], origin: EthAddress) -> FrameInfo {
        let parent = code_frames.last();
        let parent_op = parent.map(|frame| frame.op);
        let kind = match self.method {
            _ if !self.is_evm => FrameKind::Native,
            METHOD_CONSTRUCTOR | RESURRECT if parent_op == Some(CREATE2) => FrameKind::Create2,
            METHOD_CONSTRUCTOR | RESURRECT => FrameKind::Create,
            INVOKE_DELEGATE => FrameKind::DelegateCall,
            INVOKE_EVM if parent_op == Some(STATICCALL) => FrameKind::StaticCall,
            INVOKE_EVM => FrameKind::Call,
            _ => FrameKind::Method,
        };
        let code_address = match (kind, parent) {
            (FrameKind::DelegateCall, Some(parent)) => parent.target.unwrap_or(self.address),
            _ => self.address,
        };
        let caller = match kind {
            FrameKind::Create | FrameKind::Create2 => {
                parent.map_or(origin, |frame| frame.info.address)
            }
            _ => self.caller,
        };
        FrameInfo {
            kind,
            depth: code_frames.len() as u32 + 1,
            actor: self.actor,
            address: self.address,
            code_address,
            caller,
            method: self.method,
            value: amount::to_u256(self.value).unwrap_or(U256::MAX),
            input: self.input(kind),
            gas: self.gas.round_down(),
            read_only: self.read_only,
        }
    }

    fn input(&self, kind: FrameKind) -> Vec<u8> {
        let Some(block) = self.params else {
            return Vec::new();
        };
        let data = block.data();
        let inner = match kind {
            FrameKind::Create | FrameKind::Create2 => from_slice::<(BytesDe, BytesDe)>(data)
                .map(|(_, code)| code.0)
                .ok(),
            FrameKind::DelegateCall => from_slice::<(Cid, BytesDe, BytesDe, TokenAmount)>(data)
                .map(|(_, input, _, _)| input.0)
                .ok(),
            FrameKind::Call | FrameKind::StaticCall => {
                unwrapped(block.codec(), data).map(<[u8]>::to_vec)
            }
            FrameKind::Method | FrameKind::Native => None,
        };
        inner.unwrap_or_else(|| data.to_vec())
    }
}

/// The byte string in a CBOR block.
pub(super) fn unwrapped(codec: u64, data: &[u8]) -> Option<&[u8]> {
    match codec {
        CBOR | DAG_CBOR => unwrap_bytes(data),
        _ => None,
    }
}

/// What waits for its gas.
#[derive(Debug)]
pub(super) enum Mark {
    /// The frame begins to run code.
    Begin,
    /// A step.
    Step(Box<Step>),
    /// The frame's code ended.
    Halt(StepHalt),
}

/// Charges that the machine has announced and that are not made yet, milligas.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pending {
    pub(super) exec: u64,
    pub(super) memory: u64,
    pub(super) syscall: Option<u64>,
    /// Those for executed code are made.
    pub(super) executed: bool,
}

/// An invocation that has begun and not ended.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) info: FrameInfo,
    /// Which invocation of the message it is.
    pub(super) number: usize,
    /// Whether it may report steps.
    pub(super) runs_code: bool,
    /// Whether its code has ended.
    pub(super) halted: bool,
    /// Whether its instance has ended.
    pub(super) ended: bool,
    pub(super) code_length: usize,
    /// The point of the shipping run's log that comes next.
    pub(super) cursor: usize,
    /// Whether the operation behind the last point has been noted.
    pub(super) noted: bool,
    pub(super) pending: Option<Pending>,
    /// Whether a new stretch of code begins.
    pub(super) fresh: bool,
    pub(super) stretch: Stretch,
    pub(super) marks: Vec<Mark>,
    /// The last step whose gas is known, until its cost is.
    pub(super) last: Option<Box<Step>>,
    pub(super) last_cost_known: bool,
    /// Opcode of the last step, and the address operand if it was a DELEGATECALL.
    pub(super) op: u8,
    pub(super) target: Option<EthAddress>,
    /// Gas left when it made its last call.
    pub(super) gas_at_call: u64,
    /// Gas left when it ended.
    pub(super) gas_at_end: u64,
    memory: Vec<u8>,
    return_data: Vec<u8>,
    /// Where the last step may have written, if that is known.
    written: Option<(usize, usize)>,
    seen: bool,
}

impl Open {
    pub(super) fn new(info: FrameInfo, number: usize, runs_code: bool) -> Self {
        Self {
            gas_at_call: info.gas,
            gas_at_end: info.gas,
            info,
            number,
            runs_code,
            halted: false,
            ended: false,
            code_length: usize::MAX,
            cursor: 0,
            noted: true,
            pending: None,
            fresh: true,
            stretch: Stretch::default(),
            marks: Vec::new(),
            last: None,
            last_cost_known: false,
            op: 0,
            target: None,
            memory: Vec::new(),
            return_data: Vec::new(),
            written: None,
            seen: false,
        }
    }

    /// Whether steps may still come, so that executed code may be a report's.
    pub(super) const fn may_report(&self) -> bool {
        self.runs_code && !self.halted
    }

    /// Takes a step over, with what has changed since the last.
    pub(super) fn take(&mut self, raw: &RawStep<'_>) -> Step {
        let stack: Vec<U256> = raw
            .stack
            .iter()
            .map(|word| U256::from_le_bytes(*word))
            .collect();
        let memory = self.changed(raw.memory);
        let return_data = (raw.return_data != self.return_data || !self.seen).then(|| {
            self.return_data = raw.return_data.to_vec();
            self.return_data.clone()
        });
        self.seen = true;
        self.op = raw.op;
        self.target = (raw.op == DELEGATECALL)
            .then(|| stack.iter().rev().nth(1))
            .flatten()
            .map(|word| EthAddress::from_word((*word).into()));
        self.written = written(raw.op, &stack);
        Step {
            pc: raw.pc.into(),
            op: raw.op,
            depth: self.info.depth,
            gas: 0,
            gas_cost: 0,
            stack,
            memory_size: raw.memory.len(),
            memory,
            return_data,
            implicit: raw.pc as usize >= self.code_length,
            halt: None,
        }
    }

    /// Compares memory with what it was, where the last step may have written.
    fn changed(&mut self, memory: &[u8]) -> Option<MemoryChange> {
        self.memory.resize(memory.len(), 0);
        let (from, to) = match self.written {
            Some((from, to)) => (from.min(memory.len()), to.min(memory.len())),
            None => (0, memory.len()),
        };
        let (old, new) = (self.memory.get(from..to)?, memory.get(from..to)?);
        if old == new {
            return None;
        }
        let equal = |(a, b): &(&u8, &u8)| a == b;
        let first = old.iter().zip(new).take_while(equal).count();
        let last = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take_while(equal)
            .count();
        let bytes = new.get(first..new.len() - last)?.to_vec();
        let offset = from + first;
        self.memory
            .get_mut(offset..offset + bytes.len())?
            .copy_from_slice(&bytes);
        Some(MemoryChange { offset, bytes })
    }
}

/// Where an instruction may write in memory: a range, or `None` if it could be anywhere.
fn written(op: u8, stack: &[U256]) -> Option<(usize, usize)> {
    const MSTORE: u8 = 0x52;
    const MSTORE8: u8 = 0x53;
    let at = |width| {
        let offset = usize::try_from(*stack.last()?).ok()?;
        Some((offset, offset.checked_add(width)?))
    };
    match op {
        MSTORE => at(32),
        MSTORE8 => at(1),
        // CALLDATACOPY, CODECOPY, EXTCODECOPY, RETURNDATACOPY, MCOPY, calls and creations.
        0x37 | 0x39 | 0x3c | 0x3e | 0x5e | 0xf0..=0xf2 | 0xf4 | 0xf5 | 0xfa => None,
        _ => Some((0, 0)),
    }
}
