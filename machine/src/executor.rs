//! Applies one message to a machine: pre-flight, execution, fees.
//!
//! The same steps, in the same order, as the FVM's reference executor, with
//! two differences that a development chain needs: modules are compiled when
//! first used and not all at once, and there are two more kinds of messages.

use anyhow::Context as _;
use fvm::Kernel;
use fvm::call_manager::{CallManager, Entrypoint, FinishRet, InvocationResult, backtrace};
use fvm::engine::EnginePool;
use fvm::gas::{Gas, GasCharge, GasOutputs};
use fvm::kernel::{Block, ExecutionError};
use fvm::machine::{BURNT_FUNDS_ACTOR_ID, Machine, REWARD_ACTOR_ID};
use fvm::state_tree::ActorState;
use fvm_ipld_encoding::{CBOR, IPLD_RAW};
use fvm_shared::address::Payload;
use fvm_shared::econ::TokenAmount;
use fvm_shared::error::{ErrorNumber, ExitCode};
use fvm_shared::message::Message;
use fvm_shared::{ActorID, METHOD_SEND};
use num_traits::Zero;

use crate::address::EAM_ACTOR_ID;
use crate::amount;
use crate::error::MachineError;
use crate::outcome::{Failure, GasOutcome, Outcome};

/// How a message is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyKind {
    /// As a block includes it: sender and nonce checked, fees paid.
    Explicit,
    /// As [`Explicit`](Self::Explicit), but any actor that exists may send,
    /// contracts too: impersonation.
    Impersonated,
    /// As the FVM's implicit messages: no check, no nonce, no fee, no charge
    /// for inclusion.
    Implicit,
    /// As [`Implicit`](Self::Implicit), with the charge for inclusion, so that
    /// gas comes out as in a block: calls and estimates.
    Call,
}

impl ApplyKind {
    const fn pays(self) -> bool {
        matches!(self, Self::Explicit | Self::Impersonated)
    }

    const fn charges_inclusion(self) -> bool {
        !matches!(self, Self::Implicit)
    }
}

/// What execution left, before fees are settled.
struct Executed {
    result: Result<InvocationResult, ExecutionError>,
    finish: FinishRet,
}

struct Preflight {
    sender: ActorID,
    gas_cost: TokenAmount,
    inclusion: GasCharge,
}

/// Applies a message. `raw_length` is its length on chain in bytes, for the
/// inclusion charge. The machine comes back unless execution ended fatally.
pub(crate) fn apply<K>(
    mut machine: <K::CallManager as CallManager>::Machine,
    pool: &EnginePool,
    msg: &Message,
    kind: ApplyKind,
    raw_length: usize,
) -> (
    Result<Outcome, MachineError>,
    Option<<K::CallManager as CallManager>::Machine>,
)
where
    K: Kernel,
{
    if let Err(error) = check(msg) {
        return (Err(error), Some(machine));
    }
    let preflight = match preflight(&mut machine, msg, kind, raw_length) {
        Ok(Ok(preflight)) => preflight,
        Ok(Err(refused)) => return (Ok(*refused), Some(machine)),
        Err(error) => return (Err(error), None),
    };
    let (executed, mut machine) = execute::<K>(machine, pool, msg, &preflight);
    let outcome = executed
        .and_then(|executed| settle(&mut machine, msg, kind, preflight, executed))
        .map_err(|error| {
            MachineError::Fatal(error.context(format!(
                "message from {} to {}, nonce {}, method {}",
                msg.from, msg.to, msg.sequence, msg.method_num
            )))
        });
    match outcome {
        Ok(outcome) => (Ok(outcome), Some(machine)),
        Err(error) => (Err(error), None),
    }
}

/// Refuses fields that the FVM would answer with a fatal error.
fn check(msg: &Message) -> Result<(), MachineError> {
    msg.check()
        .map_err(|e| MachineError::InvalidMessage(e.to_string()))?;
    for (what, value) in [
        ("value", &msg.value),
        ("gas fee cap", &msg.gas_fee_cap),
        ("gas premium", &msg.gas_premium),
    ] {
        amount::check_range(what, value)
            .map_err(|e| MachineError::InvalidMessage(e.to_string()))?;
    }
    Ok(())
}

fn preflight<M: Machine>(
    machine: &mut M,
    msg: &Message,
    kind: ApplyKind,
    raw_length: usize,
) -> Result<Result<Preflight, Box<Outcome>>, MachineError> {
    let base_fee = machine.context().base_fee.clone();
    let refused =
        |code, reason: String, penalty| Ok(Err(Box::new(refusal(msg, code, reason, penalty))));

    let inclusion = if kind.charges_inclusion() {
        machine.context().price_list.on_chain_message(raw_length)
    } else {
        GasCharge::new("none", Gas::zero(), Gas::zero())
    };
    let inclusion_total = inclusion.total().round_up();
    if inclusion_total > msg.gas_limit {
        return refused(
            ExitCode::SYS_OUT_OF_GAS,
            format!(
                "gas limit {} is below the {inclusion_total} that inclusion costs",
                msg.gas_limit
            ),
            &base_fee * inclusion_total,
        );
    }

    let penalty = &base_fee * msg.gas_limit;
    let tree = machine.state_tree();
    let sender = match tree.lookup_id(&msg.from).map_err(MachineError::state)? {
        Some(id) => id,
        None => {
            let reason = format!("sender {} does not exist", msg.from);
            return refused(ExitCode::SYS_SENDER_INVALID, reason, penalty);
        }
    };
    if !kind.pays() {
        return Ok(Ok(Preflight {
            sender,
            gas_cost: TokenAmount::zero(),
            inclusion,
        }));
    }

    let Some(mut state) = tree.get_actor(sender).map_err(MachineError::state)? else {
        let reason = format!("sender {} does not exist", msg.from);
        return refused(ExitCode::SYS_SENDER_INVALID, reason, penalty);
    };
    let valid = promote(machine, &mut state);
    if !valid && kind == ApplyKind::Explicit {
        let reason = format!("sender {} is no account", msg.from);
        return refused(ExitCode::SYS_SENDER_INVALID, reason, penalty);
    }
    if msg.sequence != state.sequence {
        let reason = format!("nonce is {}, expected {}", msg.sequence, state.sequence);
        return refused(ExitCode::SYS_SENDER_STATE_INVALID, reason, penalty);
    }
    let gas_cost = &msg.gas_fee_cap * msg.gas_limit;
    if state.balance < gas_cost {
        let reason = format!(
            "balance of {} attoFIL is below fee cap times gas limit, {}",
            state.balance.atto(),
            gas_cost.atto()
        );
        return refused(ExitCode::SYS_SENDER_STATE_INVALID, reason, penalty);
    }
    state.sequence += 1;
    state
        .deduct_funds(&gas_cost)
        .map_err(|e| MachineError::Fatal(e.into()))?;
    machine.state_tree_mut().set_actor(sender, state);
    Ok(Ok(Preflight {
        sender,
        gas_cost,
        inclusion,
    }))
}

/// Whether the actor may send messages. A placeholder at an f410 address that
/// has not sent yet becomes an Ethereum account.
pub(crate) fn promote<M: Machine>(machine: &M, state: &mut ActorState) -> bool {
    let actors = machine.builtin_actors();
    if actors.is_account_actor(&state.code) || actors.is_ethaccount_actor(&state.code) {
        return true;
    }
    let in_eam_namespace = state.delegated_address.is_some_and(
        |a| matches!(a.payload(), Payload::Delegated(d) if d.namespace() == EAM_ACTOR_ID),
    );
    if actors.is_placeholder_actor(&state.code) && state.sequence == 0 && in_eam_namespace {
        state.code = *actors.get_ethaccount_code();
        return true;
    }
    false
}

fn execute<K: Kernel>(
    machine: <K::CallManager as CallManager>::Machine,
    pool: &EnginePool,
    msg: &Message,
    preflight: &Preflight,
) -> (
    anyhow::Result<Executed>,
    <K::CallManager as CallManager>::Machine,
) {
    let receiver = match machine.state_tree().lookup_id(&msg.to) {
        Ok(id) => id,
        Err(error) => {
            let error = anyhow::Error::from(error).context("receiver look-up");
            return (Err(error), machine);
        }
    };
    let premium = msg
        .gas_premium
        .clone()
        .min(&msg.gas_fee_cap - &machine.context().base_fee)
        .max(TokenAmount::zero());
    let mut calls = K::CallManager::new(
        machine,
        pool.acquire(),
        msg.gas_limit,
        preflight.sender,
        msg.from,
        receiver,
        msg.to,
        msg.sequence,
        premium,
    );
    if let Err(error) = calls.charge_gas(preflight.inclusion.clone()) {
        // Pre-flight has compared this charge with the limit.
        return (Err(error.into()), calls.finish().1);
    }
    // Parameters from off chain are CBOR and not DAG-CBOR: links in them reach
    // nothing. Those of a bare send are never looked at.
    let params = (!msg.params.is_empty()).then(|| {
        let codec = if msg.method_num == METHOD_SEND {
            IPLD_RAW
        } else {
            CBOR
        };
        Block::new(codec, msg.params.bytes(), Vec::new())
    });
    let result = calls.with_transaction(|calls| {
        calls.call_actor::<K>(
            preflight.sender,
            msg.to,
            Entrypoint::Invoke(msg.method_num),
            params,
            &msg.value,
            None,
            false,
        )
    });
    match calls.finish() {
        (Ok(finish), machine) => (Ok(Executed { result, finish }), machine),
        (Err(error), machine) => (Err(error.into()), machine),
    }
}

/// Turns the result of execution into an outcome and moves the fees.
fn settle<M: Machine>(
    machine: &mut M,
    msg: &Message,
    kind: ApplyKind,
    preflight: Preflight,
    executed: Executed,
) -> anyhow::Result<Outcome> {
    let finish = executed.finish;
    let mut backtrace = finish.backtrace;
    let (exit_code, value) = match executed.result {
        Ok(InvocationResult { exit_code, value }) => (exit_code, value),
        Err(ExecutionError::OutOfGas) => (ExitCode::SYS_OUT_OF_GAS, None),
        // The message could not be dispatched at all.
        Err(ExecutionError::Syscall(error)) => {
            let code = match error.1 {
                ErrorNumber::InsufficientFunds => ExitCode::SYS_INSUFFICIENT_FUNDS,
                ErrorNumber::NotFound => ExitCode::SYS_INVALID_RECEIVER,
                _ => ExitCode::SYS_ASSERTION_FAILED,
            };
            backtrace.begin(backtrace::Cause::from_syscall("send", "send", error));
            (code, None)
        }
        Err(ExecutionError::Fatal(error)) => return Err(error),
    };
    let gas = if kind.pays() {
        pay(machine, msg, preflight, finish.gas_used)?
    } else {
        GasOutcome {
            used: finish.gas_used,
            limit: msg.gas_limit,
            ..Default::default()
        }
    };
    Ok(Outcome {
        exit_code,
        return_codec: value.as_ref().map(Block::codec),
        return_data: value.map(|block| block.data().to_vec()).unwrap_or_default(),
        gas,
        events: finish.events,
        events_root: finish.events_root,
        failure: (!exit_code.is_success()).then_some(Failure::Execution(backtrace)),
        trace: finish.exec_trace,
    })
}

/// Moves the fees of a message that was run: burn, tip, refund.
fn pay<M: Machine>(
    machine: &mut M,
    msg: &Message,
    preflight: Preflight,
    gas_used: u64,
) -> anyhow::Result<GasOutcome> {
    let outputs = GasOutputs::compute(
        gas_used,
        msg.gas_limit,
        &machine.context().base_fee,
        &msg.gas_fee_cap,
        &msg.gas_premium,
    );
    let total = &outputs.base_fee_burn
        + &outputs.over_estimation_burn
        + &outputs.refund
        + &outputs.miner_tip;
    anyhow::ensure!(total == preflight.gas_cost, "fees do not add up");

    for (to, amount) in [
        (BURNT_FUNDS_ACTOR_ID, &outputs.base_fee_burn),
        (REWARD_ACTOR_ID, &outputs.miner_tip),
        (BURNT_FUNDS_ACTOR_ID, &outputs.over_estimation_burn),
        (preflight.sender, &outputs.refund),
    ] {
        anyhow::ensure!(!amount.is_negative(), "negative fee");
        if amount.is_zero() {
            continue;
        }
        machine
            .state_tree_mut()
            .mutate_actor(to, |actor| {
                actor
                    .deposit_funds(amount)
                    .map_err(|e| ExecutionError::Fatal(e.into()))
            })
            .map_err(anyhow::Error::from)
            .with_context(|| format!("fee to f0{to}"))?;
    }
    Ok(GasOutcome {
        used: gas_used,
        limit: msg.gas_limit,
        base_fee_burn: outputs.base_fee_burn,
        over_estimation_burn: outputs.over_estimation_burn,
        tip: outputs.miner_tip,
        refund: outputs.refund,
        penalty: outputs.miner_penalty,
    })
}

fn refusal(msg: &Message, code: ExitCode, reason: String, penalty: TokenAmount) -> Outcome {
    Outcome {
        exit_code: code,
        return_data: Vec::new(),
        return_codec: None,
        gas: GasOutcome {
            limit: msg.gas_limit,
            penalty,
            ..Default::default()
        },
        events: Vec::new(),
        events_root: None,
        failure: Some(Failure::NotIncluded(reason)),
        trace: Vec::new(),
    }
}
