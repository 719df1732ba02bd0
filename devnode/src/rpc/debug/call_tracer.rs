//! The calls of a message as Ethereum's `callTracer` shows them.
//!
//! The FVM knows calls between actors. Those that belong together on Ethereum become one frame:
//! a creation is the address manager, the init actor and the constructor; a delegate call is a
//! question for the code and a call of the contract to itself. Calls of native actors are shown
//! with their Filecoin method beside.

use std::collections::HashMap;

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use fevm_machine::logs::EthLog;
use fevm_machine::message::{CREATE_EXTERNAL, INVOKE_EVM, unwrap_bytes};
use fevm_machine::revert::RevertReason;
use fevm_machine::trace::{CallFrame, CallResult};
use fevm_machine::{MachineError, Outcome, StateTree, address, amount};
use fvm_ipld_encoding::{BytesDe, from_slice};
use fvm_shared::ActorID;
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::GasUnit;
use crate::executor::ethereum_words;

const CONSTRUCTOR: u64 = 1;
const GET_BYTECODE: u64 = 3;
const GET_BYTECODE_HASH: u64 = 4;
const INVOKE_DELEGATE: u64 = 6;
const EAM_CREATE: u64 = 2;
const EAM_CREATE2: u64 = 3;
const INIT_EXEC4: u64 = 3;
const INIT_ACTOR: ActorID = 1;
const RESURRECT: u64 = 2;

/// A frame in the shape of Ethereum's call tracer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) from: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Address>,
    pub(crate) value: U256,
    pub(crate) gas: String,
    pub(crate) gas_used: String,
    pub(crate) input: Bytes,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) output: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revert_reason: Option<String>,
    /// Method and codec, where the call is no Ethereum call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filecoin: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<Self>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) logs: Vec<FrameLog>,
}

/// A log of a frame, and how many calls the frame had made before.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FrameLog {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
    position: String,
    index: String,
}

fn is_empty(bytes: &Bytes) -> bool {
    bytes.is_empty()
}

/// Reads call trees with the addresses of a state.
pub(crate) struct Reader<'a> {
    pub(crate) state: &'a StateTree,
    /// The unit of gas.
    pub(crate) unit: GasUnit,
    /// Whether only the outermost frame is wanted.
    pub(crate) top_only: bool,
}

/// The logs of frames, by the place of the frame in memory.
type Logs = HashMap<*const CallFrame, Vec<FrameLog>>;

impl Reader<'_> {
    /// The frames of a message, the outermost with the whole message's gas; none without a trace.
    pub(crate) fn message(
        &self,
        outcome: &Outcome,
        with_logs: bool,
    ) -> Result<Option<Frame>, MachineError> {
        let Some(root) = outcome.call_tree() else {
            return Ok(None);
        };
        let mut logs = Logs::new();
        if with_logs {
            self.place_logs(&root, outcome, &mut logs)?;
        }
        let mut frame = self.frame(&root, None, &mut logs)?;
        frame.gas = self.gas(outcome.gas.limit);
        frame.gas_used = self.gas(outcome.gas.used);
        Ok(Some(frame))
    }

    fn gas(&self, gas: u64) -> String {
        format!("{:#x}", self.unit.show(gas))
    }

    /// Gives the message's events to the frames that made them. Frames that failed have none.
    fn place_logs(
        &self,
        root: &CallFrame,
        outcome: &Outcome,
        logs: &mut Logs,
    ) -> Result<(), MachineError> {
        let mut events = outcome.events.iter();
        let mut index = 0_u64;
        // Each entry is a frame with the number of its calls that were looked into.
        let mut open = vec![(root, 0_usize)];
        while let Some((frame, done)) = open.pop() {
            if !frame.is_success() {
                continue;
            }
            for _ in frame.events.iter().filter(|position| **position == done) {
                let Some(event) = events.next() else {
                    return Ok(());
                };
                let Some(log) = EthLog::from_event(&event.event) else {
                    continue;
                };
                logs.entry(std::ptr::from_ref(frame))
                    .or_default()
                    .push(FrameLog {
                        address: self.state.eth_address_of(event.emitter)?,
                        topics: log.topics,
                        data: log.data.into(),
                        position: format!("{done:#x}"),
                        index: format!("{index:#x}"),
                    });
                index += 1;
            }
            if let Some(call) = frame.calls.get(done) {
                open.push((frame, done + 1));
                open.push((call, 0));
            }
        }
        Ok(())
    }

    fn frame(
        &self,
        call: &CallFrame,
        delegate_to: Option<Address>,
        logs: &mut Logs,
    ) -> Result<Frame, MachineError> {
        let from = self.state.eth_address_of(call.from)?;
        let is_eam = call.to_id == Some(address::EAM_ACTOR_ID);
        let mut frame = Frame {
            kind: if call.read_only { "STATICCALL" } else { "CALL" },
            from,
            to: Some(self.target(call)?),
            value: amount::to_u256(&call.value).unwrap_or_default(),
            gas: self.gas(call.gas_limit),
            gas_used: self.gas(call.gas_used),
            input: params(call),
            output: Bytes::new(),
            error: None,
            revert_reason: None,
            filecoin: None,
            calls: Vec::new(),
            logs: Vec::new(),
        };
        let mut inner = call;
        match call.method {
            INVOKE_EVM | 0 => {}
            CREATE_EXTERNAL | EAM_CREATE | EAM_CREATE2 if is_eam => {
                frame.kind = if call.method == EAM_CREATE2 {
                    "CREATE2"
                } else {
                    "CREATE"
                };
                if call.method != CREATE_EXTERNAL {
                    frame.input = first_bytes(call);
                }
                inner = constructor(call).unwrap_or(call);
                frame.to = Some(self.target(inner)?).filter(|_| !std::ptr::eq(inner, call));
            }
            INVOKE_DELEGATE => {
                frame.kind = "DELEGATECALL";
                frame.to = delegate_to.or(frame.to);
                let read = call.params.as_ref().and_then(|block| {
                    from_slice::<(cid::Cid, BytesDe, BytesDe, fvm_shared::econ::TokenAmount)>(
                        &block.data,
                    )
                    .ok()
                });
                if let Some((_, BytesDe(input), _, value)) = read {
                    frame.input = input.into();
                    frame.value = amount::to_u256(&value).unwrap_or_default();
                }
            }
            method => {
                frame.filecoin = Some(json!({
                    "to": call.to.to_string(),
                    "method": method,
                    "codec": call.params.as_ref().map(|block| block.codec),
                    "params": call.params.as_ref().map(|block| hex::encode_prefixed(&block.data)),
                }));
            }
        }
        self.end(&mut frame, call)?;
        frame.logs = logs.remove(&std::ptr::from_ref(inner)).unwrap_or_default();
        if !self.top_only {
            frame.calls = self.children(inner, logs)?;
        }
        Ok(frame)
    }

    fn children(&self, call: &CallFrame, logs: &mut Logs) -> Result<Vec<Frame>, MachineError> {
        let mut frames = Vec::new();
        let mut code_of = None;
        for child in &call.calls {
            match child.method {
                // Questions for code are part of EXTCODE instructions and delegate calls.
                GET_BYTECODE | GET_BYTECODE_HASH if child.read_only && child.params.is_none() => {
                    code_of = Some(self.target(child)?);
                }
                _ => frames.push(self.frame(child, code_of.take(), logs)?),
            }
        }
        Ok(frames)
    }

    fn target(&self, call: &CallFrame) -> Result<Address, MachineError> {
        if let Some(eth) = call
            .to_delegated
            .as_ref()
            .or(Some(&call.to))
            .and_then(address::to_eth)
        {
            return Ok(eth);
        }
        match call.to_id {
            Some(id) => self.state.eth_address_of(id),
            // Neither known nor an Ethereum address: what Filecoin shows for such.
            None => Ok(address::mask_id(u64::MAX)),
        }
    }

    fn end(&self, frame: &mut Frame, call: &CallFrame) -> Result<(), MachineError> {
        let code = match &call.result {
            CallResult::Exit(code, block) => {
                frame.output = block
                    .as_ref()
                    .map(|block| unwrapped(&block.data))
                    .unwrap_or_default();
                *code
            }
            CallResult::Refused(_, reason) => {
                frame.error = Some(reason.clone());
                return Ok(());
            }
            CallResult::Unfinished => {
                frame.error = Some("out of gas".to_owned());
                return Ok(());
            }
        };
        let creates = matches!(frame.kind, "CREATE" | "CREATE2");
        if code.is_success() {
            if let (true, Some(created)) = (creates, frame.to) {
                frame.output = self.state.eth_code(created)?.into();
            }
            return Ok(());
        }
        frame.error = Some(ethereum_words(code).to_owned());
        if let RevertReason::Message(reason) = RevertReason::decode(&frame.output) {
            frame.revert_reason = Some(reason);
        }
        if creates {
            frame.to = None;
        }
        Ok(())
    }
}

/// The constructor's frame below a creation: through the init actor, or straight from the address
/// manager where a dead contract comes back.
fn constructor(call: &CallFrame) -> Option<&CallFrame> {
    let init = call
        .calls
        .iter()
        .find(|child| child.to_id == Some(INIT_ACTOR) && child.method == INIT_EXEC4);
    match init {
        Some(init) => init.calls.iter().find(|child| child.method == CONSTRUCTOR),
        None => call.calls.iter().find(|child| child.method == RESURRECT),
    }
}

fn params(call: &CallFrame) -> Bytes {
    call.params
        .as_ref()
        .map(|block| unwrapped(&block.data))
        .unwrap_or_default()
}

/// The content of a CBOR byte string, or the bytes as they are.
fn unwrapped(data: &[u8]) -> Bytes {
    Bytes::copy_from_slice(unwrap_bytes(data).unwrap_or(data))
}

/// The init code in the parameters of `Create` and `Create2`: the first of two members.
fn first_bytes(call: &CallFrame) -> Bytes {
    let Some(block) = &call.params else {
        return Bytes::new();
    };
    let create = from_slice::<(BytesDe, u64)>(&block.data).map(|(code, _)| code);
    let create2 = || from_slice::<(BytesDe, BytesDe)>(&block.data).map(|(code, _)| code);
    create
        .or_else(|_| create2())
        .map(|BytesDe(code)| code.into())
        .unwrap_or_default()
}
