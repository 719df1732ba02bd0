//! Calls that change nothing.

use alloy_primitives::{Address, Bytes, U256};
use fevm_machine::message::{Created, DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::outcome::Failure;
use fevm_machine::trace::CallFrame;
use fevm_machine::{ApplyKind, MachineError, Outcome, Session, exit};
use fvm_shared::error::ExitCode;

use super::{Executor, Place};
use crate::report::console;

/// A call: who to whom, with what.
#[derive(Debug, Clone, Default)]
pub struct CallMessage {
    /// Caller; any address, known or not.
    pub from: Address,
    /// Called address; none runs init code.
    pub to: Option<Address>,
    /// Call data, or init code.
    pub input: Bytes,
    /// Value in attoFIL.
    pub value: U256,
    /// Most gas to use.
    pub gas_limit: u64,
    /// Fee cap that GASPRICE shows, in attoFIL per gas; nothing is paid.
    pub fee_cap: u128,
    /// Premium that GASPRICE shows, in attoFIL per gas; nothing is paid.
    pub premium: u128,
}

impl From<&CallMessage> for EthCall {
    fn from(call: &CallMessage) -> Self {
        Self {
            from: call.from,
            to: call.to,
            input: call.input.to_vec(),
            value: call.value,
            nonce: 0,
            gas_limit: call.gas_limit,
            max_fee_per_gas: U256::from(call.fee_cap),
            max_priority_fee_per_gas: U256::from(call.premium),
        }
    }
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct CallOutcome {
    /// What it returned; for a creation the code of the new contract.
    pub output: Bytes,
    /// Gas it used, inclusion counted in.
    pub gas_used: u64,
}

/// What a call sent to the console, and its result.
#[derive(Debug)]
pub struct Heard {
    /// Messages in order; none unless the call was listened to.
    pub console: Vec<Bytes>,
    /// What came of the call.
    pub result: Result<CallOutcome, CallError>,
}

/// Why a call gave no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// It reverted with this data.
    #[error("execution reverted")]
    Reverted(Bytes),
    /// It ran out of gas.
    #[error("out of gas")]
    OutOfGas,
    /// It ended otherwise: the reason in Ethereum's words, then in the FVM's.
    #[error("{0}")]
    Failed(String),
    /// The machine cannot run it.
    #[error("{0}")]
    Machine(String),
}

impl From<MachineError> for CallError {
    fn from(error: MachineError) -> Self {
        Self::Machine(error.to_string())
    }
}

/// A call's result, with what only some readers want.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) outcome: Outcome,
    pub(super) calls: Option<CallFrame>,
    pub(super) created_code: Option<Bytes>,
}

impl Executor {
    /// Runs a call and forgets what it changed. `listen` asks for what it sends to the console.
    ///
    /// # Errors
    /// The machine cannot run it. That it fails is part of the answer.
    pub fn call(
        &self,
        place: Place,
        call: &CallMessage,
        listen: bool,
    ) -> Result<Heard, MachineError> {
        let run = self.run_call(place, call, listen, true)?;
        let console = run.calls.as_ref().map(console::messages);
        let result = check(&run.outcome).map(|()| CallOutcome {
            output: match run.created_code {
                Some(code) => code,
                None => Bytes::copy_from_slice(run.outcome.return_bytes()),
            },
            gas_used: run.outcome.gas.used,
        });
        Ok(Heard {
            console: console.unwrap_or_default(),
            result,
        })
    }

    /// Runs a call, traced or not, with or without the code of what it creates.
    pub(super) fn run_call(
        &self,
        place: Place,
        call: &CallMessage,
        tracing: bool,
        with_code: bool,
    ) -> Result<Run, MachineError> {
        let context = self.context(place, tracing)?;
        let mut message = EthCall::from(call).to_message();
        let mut apply = move |session: &mut Session| {
            // The nonce decides the address of what a creation makes.
            message.sequence = session.prepare_sender(&message.from)?;
            let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
            session.apply(&message, ApplyKind::Call, length)
        };
        let done = |outcome: Outcome, created_code| Run {
            calls: outcome.call_tree(),
            outcome,
            created_code,
        };
        if call.to.is_some() || !with_code {
            return self
                .vm
                .run_scratch(context, move |session| Ok(done(apply(session)?, None)));
        }
        // The state after a creation is kept only for as long as it takes to read the code.
        let vm = self.vm.with_store(self.store().overlay());
        let store = vm.store().clone();
        vm.run(context, move |session| {
            let outcome = apply(session)?;
            let created = Created::decode(&outcome.return_data).filter(|_| outcome.is_success());
            let created_code = match created {
                Some(created) => Some(super::state::code(
                    &store,
                    &session.flush()?,
                    created.eth_address,
                )?),
                None => None,
            };
            Ok(done(outcome, created_code))
        })
    }
}

/// The error for an outcome that is no success.
pub(super) fn check(outcome: &Outcome) -> Result<(), CallError> {
    if outcome.is_success() {
        return Ok(());
    }
    if outcome.exit_code == exit::EVM_REVERTED {
        return Err(CallError::Reverted(Bytes::copy_from_slice(
            outcome.return_bytes(),
        )));
    }
    if outcome.is_included() && outcome.exit_code == ExitCode::SYS_OUT_OF_GAS {
        return Err(CallError::OutOfGas);
    }
    Err(CallError::Failed(failure_words(
        outcome.exit_code,
        outcome.failure.as_ref(),
    )))
}

/// What geth says of a failure like that.
pub fn ethereum_words(code: ExitCode) -> &'static str {
    match code.value() {
        33 => "execution reverted",
        6 => "insufficient funds for transfer",
        7 => "out of gas",
        25 => "write protection",
        34 => "invalid opcode: INVALID",
        35 => "invalid opcode",
        36 => "stack underflow",
        37 => "stack limit reached 1024 (1023)",
        38 => "memory access out of bounds",
        39 => "invalid jump destination",
        _ => "execution failed",
    }
}

/// A failure in geth's words where it has some, then the FVM's exit code and backtrace.
fn failure_words(code: ExitCode, failure: Option<&Failure>) -> String {
    let ethereum = ethereum_words(code);
    let detail = failure
        .map(|failure| failure.to_string())
        .unwrap_or_default();
    let detail = detail
        .trim()
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("; ");
    let exit = format!("exit code {}, {}", code.value(), exit::describe(code));
    if detail.is_empty() {
        format!("{ethereum} ({exit})")
    } else {
        format!("{ethereum} ({exit}: {detail})")
    }
}
