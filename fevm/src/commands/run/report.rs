//! What `fevm run` prints.

use std::fmt::Write;

use alloy_primitives::{Address, hex};
use fevm_machine::exit::{EVM_REVERTED, describe};
use fevm_machine::logs::EthLog;
use fevm_machine::revert::RevertReason;
use fevm_machine::trace::{CallFrame, CallResult};
use fevm_machine::{MachineError, Outcome, StateTree};
use serde_json::{Value, json};

use super::chain::{Chain, Run};

/// For people.
pub(super) fn text(runs: &[Run], chain: &Chain, trace: bool) -> Result<String, MachineError> {
    let state = chain.state()?;
    let mut text = String::new();
    for (n, run) in runs.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        one(&mut text, run, &state, trace)?;
    }
    Ok(text)
}

fn one(text: &mut String, run: &Run, state: &StateTree, trace: bool) -> Result<(), MachineError> {
    let outcome = &run.outcome;
    match run.to {
        Some(to) => line(text, "call", &to.to_string()),
        None => line(text, "create", ""),
    }
    let code = outcome.exit_code;
    line(
        text,
        "exit code",
        &format!("{} ({})", code.value(), describe(code)),
    );
    if let Some(address) = run.created {
        line(text, "contract", &address.to_string());
        let size = state.eth_code(address)?.len();
        line(text, "code size", &format!("{size} bytes"));
    } else {
        let data = outcome.return_bytes();
        line(text, "return", &hex::encode_prefixed(data));
    }
    if code == EVM_REVERTED {
        let reason = RevertReason::decode(outcome.return_bytes());
        line(text, "reverted", &reason.to_string());
    } else if let Some(failure) = &outcome.failure {
        line(text, "failed", failure.to_string().trim_end());
    }
    for (address, log) in logs(outcome, state)? {
        line(text, "log", &address.to_string());
        for (n, topic) in log.topics.iter().enumerate() {
            line(text, "", &format!("topic {n} {topic}"));
        }
        if !log.data.is_empty() {
            line(
                text,
                "",
                &format!("data    {}", hex::encode_prefixed(&log.data)),
            );
        }
    }
    line(
        text,
        "gas used",
        &format!("{} of {}", outcome.gas.used, outcome.gas.limit),
    );
    text.push_str(&fevm_bench::table::breakdown(&outcome.gas_breakdown()));
    if trace && let Some(root) = outcome.call_tree() {
        line(text, "calls", "");
        frame(text, &root, state, 1);
    }
    Ok(())
}

fn line(text: &mut String, label: &str, content: &str) {
    for (n, part) in content.split('\n').enumerate() {
        let label = if n == 0 { label } else { "" };
        let _ = writeln!(text, "{label:<10} {part}");
    }
}

fn frame(text: &mut String, call: &CallFrame, state: &StateTree, depth: usize) {
    let name = call
        .code
        .and_then(|code| state.name_of(&code).map(str::to_owned));
    let result = match &call.result {
        CallResult::Exit(code, _) if code.is_success() => String::new(),
        CallResult::Exit(code, _) => format!(" exit {}", code.value()),
        CallResult::Refused(error, _) => format!(" refused: {error}"),
        CallResult::Unfinished => " unfinished".into(),
    };
    let _ = writeln!(
        text,
        "{}{} {} method {} gas {}{result}",
        "  ".repeat(depth),
        name.as_deref().unwrap_or("-"),
        callee(call),
        call.method,
        call.gas_used,
    );
    for inner in &call.calls {
        frame(text, inner, state, depth + 1);
    }
}

fn callee(call: &CallFrame) -> String {
    match (call.to_id, &call.to_delegated) {
        (Some(id), delegated) => {
            fevm_machine::address::of_actor(id, delegated.as_ref()).to_string()
        }
        (None, _) => call.to.to_string(),
    }
}

/// For programs.
pub(super) fn json(runs: &[Run], chain: &Chain, trace: bool) -> Result<Value, MachineError> {
    let state = chain.state()?;
    let steps = runs.iter().map(|run| {
        let outcome = &run.outcome;
        let mut step = json!({
            "kind": if run.to.is_some() { "call" } else { "create" },
            "to": run.to,
            "exitCode": outcome.exit_code.value(),
            "exit": describe(outcome.exit_code),
            "return": hex::encode_prefixed(outcome.return_bytes()),
            "created": run.created,
            "gasUsed": outcome.gas.used,
            "gasLimit": outcome.gas.limit,
            "gas": fevm_bench::json::breakdown(&outcome.gas_breakdown()),
        });
        let logs = logs(outcome, &state)?.into_iter().map(|(address, log)| {
            json!({
                "address": address,
                "topics": log.topics,
                "data": hex::encode_prefixed(&log.data),
            })
        });
        step["logs"] = logs.collect();
        if let Some(address) = run.created {
            step["code"] = hex::encode_prefixed(state.eth_code(address)?).into();
        }
        if outcome.exit_code == EVM_REVERTED {
            let reason = RevertReason::decode(outcome.return_bytes());
            step["revertReason"] = reason.to_string().into();
        } else if let Some(failure) = &outcome.failure {
            step["failure"] = failure.to_string().trim_end().into();
        }
        if trace {
            step["calls"] = outcome.call_tree().map(|c| frame_json(&c, &state)).into();
        }
        Ok(step)
    });
    let steps = steps.collect::<Result<Vec<_>, MachineError>>()?;
    Ok(json!({ "steps": steps }))
}

fn frame_json(call: &CallFrame, state: &StateTree) -> Value {
    let (exit, refused) = match &call.result {
        CallResult::Exit(code, _) => (Some(code.value()), None),
        CallResult::Refused(error, _) => (None, Some(error.to_string())),
        CallResult::Unfinished => (None, None),
    };
    json!({
        "actor": call.code.and_then(|code| state.name_of(&code).map(str::to_owned)),
        "to": callee(call),
        "method": call.method,
        "value": call.value.atto().to_string(),
        "params": call.params.as_ref().map(|b| hex::encode_prefixed(&b.data)),
        "readOnly": call.read_only,
        "gasUsed": call.gas_used,
        "exitCode": exit,
        "refused": refused,
        "calls": call.calls.iter().map(|c| frame_json(c, state)).collect::<Vec<_>>(),
    })
}

/// Ethereum logs with the address of their emitter.
fn logs(outcome: &Outcome, state: &StateTree) -> Result<Vec<(Address, EthLog)>, MachineError> {
    let mut logs = Vec::new();
    for stamped in &outcome.events {
        if let Some(log) = EthLog::from_event(&stamped.event) {
            logs.push((state.eth_address_of(stamped.emitter)?, log));
        }
    }
    Ok(logs)
}
