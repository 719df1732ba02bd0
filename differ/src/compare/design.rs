//! Which differences between steps are Filecoin's design.
//!
//! A value may differ where an instruction that Filecoin answers otherwise has put it there, and where it
//! was computed from such a value. So each place of the stack carries the differences that may be behind it;
//! memory, storage and return data carry them as a whole. What differs without such a reason is a fault.

use alloy_primitives::{Address, U256, keccak256};
use evm_interpreter::opcode::*;

use super::fields::Field;
use super::ids::Ids;
use crate::step::Step;

/// Who the transaction's own fees concern.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parties {
    /// The transaction's sender.
    pub sender: Option<Address>,
    /// The receiver of fees.
    pub coinbase: Option<Address>,
}

/// What may differ in an open frame, and why.
#[derive(Debug, Clone, Default)]
struct Frame {
    stack: Vec<Ids>,
    memory: Ids,
    input: Ids,
    return_data: Ids,
}

/// Follows two executions step by step.
#[derive(Debug)]
pub struct Design {
    parties: Parties,
    frames: Vec<Frame>,
    storage: Ids,
    /// Reasons met so far.
    met: Ids,
    /// The last pair.
    last: Option<(Step, Step)>,
    /// Why the result of the call that just returned may differ.
    returning: Ids,
    /// A contract has destroyed itself.
    destroyed: bool,
}

/// What a pair of steps came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Equal, or different by design.
    Explained,
    /// These differences have no reason.
    Fault(Vec<Field>),
}

impl Design {
    /// At the beginning of a transaction.
    #[must_use]
    pub const fn new(parties: Parties) -> Self {
        Self {
            parties,
            frames: Vec::new(),
            storage: Ids::NONE,
            met: Ids::NONE,
            last: None,
            returning: Ids::NONE,
            destroyed: false,
        }
    }

    /// Whether a contract has destroyed itself.
    #[must_use]
    pub const fn destroyed(&self) -> bool {
        self.destroyed
    }

    /// The reasons met so far.
    #[must_use]
    pub const fn met(&self) -> Ids {
        self.met
    }

    /// Why storage may differ.
    #[must_use]
    pub const fn storage(&self) -> Ids {
        self.storage
    }

    /// Why steps after a pair may be those of different places: what the jump, call or failure of the last
    /// pair depended on.
    #[must_use]
    pub fn parting(&self) -> Ids {
        let Some((left, right)) = &self.last else {
            return Ids::NONE;
        };
        let failed = self.failure(left, right);
        let mut ids = failed.with(self.intrinsic(left));
        let Some(frame) = self.frames.last() else {
            return ids;
        };
        let inputs = inputs(left.op);
        // The stack as it was before the last pair.
        for ids_of in frame.stack.iter().rev().take(inputs) {
            ids = ids.with(*ids_of);
        }
        if is_call(left.op) {
            ids = ids.with(self.returning);
        }
        ids
    }

    /// Steps of a frame that only one side has run were passed over, for these reasons.
    pub const fn skipped(&mut self, ids: Ids) {
        self.met = self.met.with(ids);
        self.returning = self.returning.with(ids);
    }

    /// The traces have ended: carries reasons over the last instruction.
    pub fn finish(&mut self) {
        if let Some((left, _)) = self.last.take() {
            let intrinsic = self.intrinsic(&left);
            self.execute(&left, &left, intrinsic);
        }
    }

    /// Judges the next pair, both at the same instruction of the same frame.
    pub fn judge(&mut self, left: &Step, right: &Step, fields: &[Field]) -> Judgement {
        self.advance(left);
        let depth = self.frames.len();
        let mut faults = Vec::new();
        let mut met = Ids::NONE;
        let frame = self.frames.last().cloned().unwrap_or_default();
        for field in fields {
            let why = match field {
                Field::Gas | Field::Cost | Field::Refund => Ids::of("gas"),
                Field::Stack(at) => {
                    let why = frame.stack.get(*at).copied().unwrap_or_default();
                    if self.is_no_hash_of_nothing(why, left, right, *at) {
                        Ids::NONE
                    } else {
                        why
                    }
                }
                Field::Memory(_) | Field::MemorySize => frame.memory,
                Field::ReturnData => frame.return_data,
                Field::Storage(_) => self.storage,
                // What it fails on may be a value that differs.
                Field::Error => {
                    let operands = frame.stack.iter().rev().take(inputs(left.op));
                    operands.fold(self.failure(left, right), |all, ids| all.with(*ids))
                }
                Field::Depth | Field::Pc | Field::Op | Field::StackSize => Ids::NONE,
            };
            if why.is_empty() {
                faults.push(field.clone());
            }
            if !field.is_gas() {
                met = met.with(why);
            }
        }
        debug_assert_eq!(depth, self.frames.len());
        if !faults.is_empty() {
            return Judgement::Fault(faults);
        }
        self.met = self.met.with(met);
        self.forget_equal(left, right);
        self.destroyed |= left.op == SELFDESTRUCT;
        self.last = Some((left.clone(), right.clone()));
        Judgement::Explained
    }

    /// An account that one world lacks has the hash of no code in the other: any other difference of
    /// EXTCODEHASH has another reason.
    fn is_no_hash_of_nothing(&self, why: Ids, left: &Step, right: &Step, at: usize) -> bool {
        let hashed = self
            .last
            .as_ref()
            .is_some_and(|(last, _)| last.op == EXTCODEHASH);
        let word = |step: &Step| step.stack.as_ref().and_then(|stack| stack.get(at)).copied();
        let is_top = left
            .stack
            .as_ref()
            .is_some_and(|stack| stack.len() == at + 1);
        hashed
            && is_top
            && why == Ids::of("empty-accounts")
            && !matches!((word(left), word(right)), (Some(a), Some(b)) if are_hashes_of_nothing(a, b))
    }

    /// Values that are equal have no difference to pass on.
    fn forget_equal(&mut self, left: &Step, right: &Step) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if let (Some(a), Some(b)) = (&left.stack, &right.stack) {
            frame.stack.resize(a.len(), Ids::NONE);
            for (ids, _) in frame
                .stack
                .iter_mut()
                .zip(a.iter().zip(b))
                .filter(|(_, (a, b))| a == b)
            {
                *ids = Ids::NONE;
            }
        }
        if left.memory.is_some() && left.memory == right.memory {
            frame.memory = Ids::NONE;
        }
        if left.return_data.is_some() && left.return_data == right.return_data {
            frame.return_data = Ids::NONE;
        }
    }

    /// Carries reasons over the instruction of the last pair, to the state before `next`.
    fn advance(&mut self, next: &Step) {
        let depth = next.depth as usize;
        let Some((left, right)) = self.last.take() else {
            self.frames.resize(depth, Frame::default());
            return;
        };
        let intrinsic = self.intrinsic(&left);
        let before = left.depth as usize;
        if depth > before {
            self.enter(&left, depth);
        } else if depth < before {
            self.leave(depth);
            // The caller's instruction was the call.
            self.after_call(next);
        } else {
            self.execute(&left, next, intrinsic);
        }
        self.last = Some((left, right));
        self.returning = if depth >= before {
            Ids::NONE
        } else {
            self.returning
        };
    }

    fn enter(&mut self, call: &Step, depth: usize) {
        let caller = self.frames.last().cloned().unwrap_or_default();
        let operands = caller.stack.iter().rev().take(inputs(call.op));
        let input = operands.fold(caller.memory, |all, ids| all.with(*ids));
        // The caller's operands are gone, the result is not there yet.
        if let Some(frame) = self.frames.last_mut() {
            let left = frame.stack.len().saturating_sub(inputs(call.op));
            frame.stack.truncate(left);
        }
        self.frames.resize(
            depth,
            Frame {
                input,
                ..Frame::default()
            },
        );
    }

    fn leave(&mut self, depth: usize) {
        let mut out = self.returning;
        while self.frames.len() > depth {
            let Some(frame) = self.frames.pop() else {
                break;
            };
            out = out.with(frame.memory);
        }
        self.returning = out;
    }

    /// The caller goes on behind its call: result, memory and return data are the callee's.
    fn after_call(&mut self, next: &Step) {
        let why = self.returning;
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.return_data = why;
        frame.memory = frame.memory.with(why);
        let size = next.stack.as_ref().map_or(0, Vec::len);
        frame.stack.resize(size.saturating_sub(1), Ids::NONE);
        if size > 0 {
            frame.stack.push(why);
        }
    }

    fn execute(&mut self, step: &Step, next: &Step, intrinsic: Ids) {
        let storage = self.storage;
        let returning = self.returning;
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let (inputs, size) = (inputs(step.op), next.stack.as_ref().map_or(0, Vec::len));
        let taken: Vec<Ids> = frame.stack.iter().rev().take(inputs).copied().collect();
        let all = taken.iter().fold(intrinsic, |all, ids| all.with(*ids));
        match step.op {
            DUP1..=DUP16 => {
                let below = usize::from(step.op - DUP1);
                let ids = frame
                    .stack
                    .iter()
                    .rev()
                    .nth(below)
                    .copied()
                    .unwrap_or_default();
                frame.stack.push(ids);
            }
            SWAP1..=SWAP16 => {
                let (top, other) = (
                    frame.stack.len().wrapping_sub(1),
                    usize::from(step.op - SWAP1) + 2,
                );
                if let Some(other) = frame.stack.len().checked_sub(other) {
                    frame.stack.swap(top, other);
                }
            }
            op => {
                let kept = frame.stack.len().saturating_sub(inputs);
                frame.stack.truncate(kept);
                let result = match op {
                    MLOAD | KECCAK256 | CREATE | CREATE2 => all.with(frame.memory),
                    SLOAD | TLOAD => all.with(storage),
                    CALLDATALOAD | CALLDATASIZE => all.with(frame.input),
                    RETURNDATASIZE => all.with(frame.return_data),
                    CALL | CALLCODE | DELEGATECALL | STATICCALL => {
                        all.with(frame.memory).with(returning)
                    }
                    _ => all,
                };
                frame.stack.resize(size, result);
                match op {
                    MSTORE | MSTORE8 | MCOPY | CODECOPY | EXTCODECOPY => {
                        frame.memory = frame.memory.with(all)
                    }
                    CALLDATACOPY => frame.memory = frame.memory.with(all).with(frame.input),
                    RETURNDATACOPY => frame.memory = frame.memory.with(all).with(frame.return_data),
                    CALL | CALLCODE | DELEGATECALL | STATICCALL | CREATE | CREATE2 => {
                        frame.return_data = result;
                        frame.memory = frame.memory.with(result);
                    }
                    SSTORE | TSTORE => self.storage = self.storage.with(all),
                    _ => {}
                }
            }
        }
    }

    /// Why an instruction may fail on one side alone.
    fn failure(&self, left: &Step, right: &Step) -> Ids {
        let Some(error) = left.error.as_deref().or(right.error.as_deref()) else {
            return Ids::NONE;
        };
        if left.error.is_some() && right.error.is_some() {
            return Ids::NONE;
        }
        let op = left.op;
        if error.contains("memory") {
            return Ids::of("memory-limit");
        }
        if error.contains("out of gas") || error.contains("gas uint64 overflow") {
            return Ids::of("gas");
        }
        match op {
            CALLCODE => Ids::of("callcode"),
            BLOBHASH | BLOBBASEFEE => Ids::of("blob-opcodes"),
            LOG0..=LOG4 if left.operand(1).is_some_and(|size| size > U256::from(8_192)) => {
                Ids::of("log-size")
            }
            CREATE | CREATE2 if error.contains("initcode") => Ids::of("init-code-size"),
            _ if error.contains("opcode") && instruction(op).is_some() => Ids::of("fork"),
            _ => Ids::NONE,
        }
    }

    /// Why the result of an instruction may differ whatever its operands are.
    fn intrinsic(&self, left: &Step) -> Ids {
        let address = |below| {
            left.operand(below)
                .map(|word| Address::from_word(word.into()))
        };
        match left.op {
            GAS => Ids::of("gas"),
            COINBASE => Ids::of("coinbase"),
            GASLIMIT => Ids::of("gas-limit"),
            PREVRANDAO => Ids::of("prevrandao"),
            BALANCE => {
                let of = address(0);
                let paid =
                    of.is_some() && (of == self.parties.sender || of == self.parties.coinbase);
                if paid { Ids::of("fees") } else { Ids::NONE }
            }
            EXTCODEHASH => match address(0) {
                Some(address) if is_precompile(address) => Ids::of("precompile-hash"),
                Some(address) if is_masked_id(address) => Ids::of("native-actors"),
                _ => Ids::of("empty-accounts"),
            },
            EXTCODESIZE | EXTCODECOPY if address(0).is_some_and(is_masked_id) => {
                Ids::of("native-actors")
            }
            CALL | CALLCODE | DELEGATECALL | STATICCALL => address(1).map_or(Ids::NONE, target),
            _ => Ids::NONE,
        }
    }
}

/// Whether two results of EXTCODEHASH are those of an account that exists in one world alone.
fn are_hashes_of_nothing(left: U256, right: U256) -> bool {
    let empty = U256::from_be_bytes(keccak256([]).0);
    (left == U256::ZERO && right == empty) || (left == empty && right == U256::ZERO)
}

/// Why a call of an address may have another result whatever happens in it.
fn target(address: Address) -> Ids {
    if is_masked_id(address) {
        return Ids::of("native-actors");
    }
    match low(address) {
        Some(5) => Ids::of("modexp-bounds"),
        Some(0x0a) => Ids::of("kzg"),
        Some(n) if (0x12..0x100).contains(&n) => Ids::of("reserved-addresses"),
        _ => Ids::NONE,
    }
}

fn low(address: Address) -> Option<u16> {
    let (high, low) = address.as_slice().split_at(18);
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| u16::from_be_bytes([low[0], low[1]]))
}

fn is_precompile(address: Address) -> bool {
    low(address).is_some_and(|n| n != 0 && (n <= 0x11 || n == 0x100))
}

fn is_masked_id(address: Address) -> bool {
    address[0] == 0xff && address[1..12].iter().all(|byte| *byte == 0)
}

fn inputs(op: u8) -> usize {
    instruction(op).map_or(0, |instruction| usize::from(instruction.inputs))
}

/// Whether an instruction can begin a frame.
#[must_use]
pub const fn is_call(op: u8) -> bool {
    matches!(
        op,
        CALL | CALLCODE | DELEGATECALL | STATICCALL | CREATE | CREATE2
    )
}
