//! An execution of the FVM as native runs can follow it.

use crate::ethereum::script::{Script, ScriptCall, ScriptEnd, ScriptKind};
use evm_interpreter::H160;
use fevm_machine::address::{EAM_ACTOR_ID, mask_id, to_eth};
use fevm_machine::message::INVOKE_EVM;
use fevm_machine::observe::{End, Observed, Sent, Step};

/// Methods of the EVM actor.
const CONSTRUCTOR: u64 = 1;
const RESURRECT: u64 = 2;
const INVOKE_DELEGATE: u64 = 6;
/// Methods of the EAM.
const CREATE: u64 = 2;
const CREATE2: u64 = 3;
const CREATE_EXTERNAL: u64 = 4;
/// The init actor.
const INIT_ACTOR_ID: u64 = 1;
/// Exit code of a callee whose gas ended.
const OUT_OF_GAS: u32 = 7;
/// Errors by which nobody is called, and the call succeeds all the same.
const LIMIT_EXCEEDED: u32 = 3;

/// The script of a message.
pub(super) fn of_message(observed: Option<&Observed>) -> Script {
    let Some(first) = observed else {
        return Script::default();
    };
    if first.actor == EAM_ACTOR_ID && first.method == CREATE_EXTERNAL {
        return init_code(first).map_or_else(Script::default, of_frame);
    }
    of_frame(first)
}

/// Whether a frame ended in a trap of WebAssembly.
pub(super) fn trapped(observed: &Observed) -> bool {
    const ILLEGAL_INSTRUCTION: u32 = 4;
    observed.steps.iter().any(|step| match step {
        Step::GasAvailable(_) => false,
        Step::Sent(sent) => {
            sent.end == End::Exit(ILLEGAL_INSTRUCTION) || sent.callee.as_ref().is_some_and(trapped)
        }
    })
}

fn of_frame(frame: &Observed) -> Script {
    let mut script = Script::default();
    let mut steps = frame.steps.iter().peekable();
    while let Some(step) = steps.next() {
        match step {
            // The actor asks before it passes gas on; what is asked for otherwise, GAS shows.
            Step::GasAvailable(gas) => {
                let passed_on = matches!(
                    steps.peek(),
                    Some(Step::Sent(sent)) if sent.gas_limit.is_some() && kind(sent).is_some()
                );
                if !passed_on {
                    script.gas.push(*gas);
                }
            }
            Step::Sent(sent) => {
                if let Some(kind) = kind(sent) {
                    let callee = match kind {
                        ScriptKind::Create => sent.callee.as_ref().and_then(init_code),
                        _ => sent.callee.as_ref(),
                    };
                    script.calls.push(ScriptCall {
                        kind,
                        end: end(sent.end),
                        callee: callee.map_or_else(Script::default, of_frame),
                    });
                }
            }
        }
    }
    script
}

/// What a send was made for; `None` for those that no call or creation of the EVM stands behind.
fn kind(sent: &Sent) -> Option<ScriptKind> {
    let id = sent.to.id().ok();
    match sent.method {
        INVOKE_EVM => {
            let address = match id {
                Some(id) => mask_id(id),
                None => to_eth(&sent.to)?,
            };
            Some(ScriptKind::Call(H160(address.into_array())))
        }
        INVOKE_DELEGATE => Some(ScriptKind::Delegate),
        CREATE | CREATE2 if id == Some(EAM_ACTOR_ID) => Some(ScriptKind::Create),
        _ => None,
    }
}

const fn end(end: End) -> ScriptEnd {
    match end {
        End::Exit(OUT_OF_GAS) | End::OutOfGas | End::Fatal => ScriptEnd::OutOfGas,
        End::Exit(code) => ScriptEnd::Ended { success: code == 0 },
        End::Refused(error) if error as u32 == LIMIT_EXCEEDED => ScriptEnd::Limit,
        End::Refused(_) => ScriptEnd::Refused,
    }
}

/// The frame that ran init code on behalf of the EAM, or of the init actor for it.
fn init_code(frame: &Observed) -> Option<&Observed> {
    if !matches!(frame.actor, EAM_ACTOR_ID | INIT_ACTOR_ID) {
        return matches!(frame.method, CONSTRUCTOR | RESURRECT).then_some(frame);
    }
    frame.steps.iter().find_map(|step| match step {
        Step::GasAvailable(_) => None,
        Step::Sent(sent) => sent.callee.as_ref().and_then(init_code),
    })
}
