//! The opcode logger: go-ethereum's struct logs.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, B256, Bytes, hex, keccak256};
use fevm_machine::exit::EVM_REVERTED;
use fevm_machine::steps::eip3155::op_name;
use fevm_machine::steps::{FrameEnd, FrameInfo, MemoryView, Step, StepSink, TracedOutcome};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::GasUnit;
use crate::rpc::{RpcResult, invalid};

const KECCAK256: u8 = 0x20;

/// What the logs show, as go-ethereum's options say it; options of other tools are passed over.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Options {
    enable_memory: bool,
    /// As go-ethereum's options once had it; Remix's published debugger asks for memory by a `false` here.
    disable_memory: Option<bool>,
    disable_stack: bool,
    disable_storage: bool,
    enable_return_data: bool,
    disable_return_data: Option<bool>,
    /// Bytes of all logs after which no more are taken; 0 for no bound.
    limit: usize,
}

impl Options {
    pub(super) fn from_value(index: usize, options: &Value) -> Result<Self, crate::rpc::RpcError> {
        if options.is_null() {
            return Ok(Self::default());
        }
        let mut read = Self::deserialize(options).map_err(|error| invalid(index, error))?;
        read.enable_memory |= read.disable_memory == Some(false);
        read.enable_return_data |= read.disable_return_data == Some(false);
        Ok(read)
    }
}

/// An open frame.
#[derive(Debug)]
struct Frame {
    address: Address,
    view: MemoryView,
}

/// Takes steps and makes logs of them.
#[derive(Debug)]
pub(super) struct StructLogger {
    options: Options,
    unit: GasUnit,
    logs: Vec<Value>,
    /// Bytes of the logs, about.
    size: usize,
    frames: Vec<Frame>,
    /// Slots that were read or written, by contract.
    storage: HashMap<Address, BTreeMap<B256, B256>>,
    /// The last log is SLOAD's of this slot, whose value the next step shows.
    loading: Option<B256>,
    /// Inputs of KECCAK256 by their hash.
    pub(super) preimages: HashMap<B256, Bytes>,
}

impl StructLogger {
    pub(super) fn new(options: Options, unit: GasUnit) -> Self {
        Self {
            options,
            unit,
            logs: Vec::new(),
            size: 0,
            frames: Vec::new(),
            storage: HashMap::new(),
            loading: None,
            preimages: HashMap::new(),
        }
    }

    const fn is_full(&self) -> bool {
        self.options.limit != 0 && self.size > self.options.limit
    }

    /// Slots of the running contract, for the log.
    fn slots(&mut self, slot: B256, value: B256) -> Option<Value> {
        let address = self.frames.last()?.address;
        let slots = self.storage.entry(address).or_default();
        slots.insert(slot, value);
        let shown: serde_json::Map<_, _> = slots
            .iter()
            .map(|(slot, value)| (slot.to_string(), Value::String(value.to_string())))
            .collect();
        Some(Value::Object(shown))
    }

    fn show_storage(&mut self, slot: B256, value: B256) {
        let shown = self.slots(slot, value);
        if let (Some(log), Some(shown)) = (self.logs.last_mut(), shown) {
            log["storage"] = shown;
        }
    }

    fn keep_preimage(&mut self, step: &Step) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let mut operands = step
            .stack
            .iter()
            .rev()
            .map(|word| usize::try_from(*word).ok());
        let (Some(Some(offset)), Some(Some(length))) = (operands.next(), operands.next()) else {
            return;
        };
        let end = offset.saturating_add(length);
        // Longer input is no key of a mapping.
        if length <= 128
            && let Some(input) = frame.view.memory.get(offset..end)
        {
            self.preimages
                .insert(keccak256(input), Bytes::copy_from_slice(input));
        }
    }
}

impl StepSink for StructLogger {
    fn enter(&mut self, frame: &FrameInfo) {
        self.frames.push(Frame {
            address: frame.address,
            view: MemoryView::default(),
        });
    }

    fn step(&mut self, step: &Step) {
        if let (Some(slot), Some(value)) = (self.loading.take(), step.stack.last()) {
            self.show_storage(slot, B256::from(*value));
        }
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.view.follow(step);
        if step.op == KECCAK256 {
            self.keep_preimage(step);
        }
        if self.is_full() {
            return;
        }
        let Some(frame) = self.frames.last() else {
            return;
        };
        let mut log = json!({
            "pc": step.pc,
            "op": op_name(step.op),
            "gas": self.unit.show(step.gas),
            "gasCost": self.unit.show(step.gas_cost),
            "depth": step.depth,
        });
        let mut size = 80;
        let error = step.halt.and_then(fevm_machine::steps::StepHalt::error);
        // A revert is the caller's error, not the instruction's.
        if let Some(error) = error.filter(|_| step.op != 0xfd) {
            log["error"] = error.into();
        }
        if !self.options.disable_stack {
            let words = step
                .stack
                .iter()
                .map(|word| Value::String(format!("{word:#x}")));
            log["stack"] = words.collect();
            size += 20 * step.stack.len();
        }
        if self.options.enable_memory && !frame.view.memory.is_empty() {
            let words = frame.view.memory.chunks(32);
            log["memory"] = words
                .map(|word| Value::String(hex::encode_prefixed(word)))
                .collect();
            size += 70 * frame.view.memory.len() / 32;
        }
        if self.options.enable_return_data && !frame.view.return_data.is_empty() {
            log["returnData"] = hex::encode_prefixed(&frame.view.return_data).into();
            size += 2 * frame.view.return_data.len();
        }
        self.logs.push(log);
        self.size += size;
        if !self.options.disable_storage
            && error.is_none()
            && let Some(access) = step.storage()
        {
            match access.written {
                Some(value) => self.show_storage(access.slot, value),
                None => self.loading = Some(access.slot),
            }
        }
    }

    fn leave(&mut self, _end: &FrameEnd) {
        self.loading = None;
        self.frames.pop();
    }
}

/// The answer of the opcode logger.
pub(super) fn show(traced: TracedOutcome<StructLogger>) -> RpcResult {
    let outcome = &traced.outcome;
    let failed = !outcome.is_success();
    let output: &[u8] = if failed && outcome.exit_code != EVM_REVERTED {
        &[]
    } else {
        outcome.return_bytes()
    };
    let mut answer = json!({
        "gas": traced.sink.unit.show(outcome.gas.used),
        "failed": failed,
        "returnValue": hex::encode_prefixed(output),
    });
    if let Err(difference) = &traced.faithful {
        answer["warning"] = difference.to_string().into();
    }
    answer["structLogs"] = Value::Array(traced.sink.logs);
    Ok(answer)
}
