//! What a message did that outsiders notice, in order: values moved, events.

use fvm::trace::ExecutionEvent;
use fvm_shared::ActorID;
use fvm_shared::address::Address;
use fvm_shared::econ::TokenAmount;

use crate::address::EAM_ACTOR_ID;
use crate::trace::CHARGE_OF_EVENT;

const INIT_ACTOR_ID: ActorID = 1;

/// One thing that outsiders notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A value moved from actor to actor. What goes to a new contract through the address manager
    /// and the init actor is one move.
    Transfer {
        /// Who paid.
        from: ActorID,
        /// Who was paid.
        to: ActorID,
        /// attoFIL, more than 0.
        value: TokenAmount,
    },
    /// The next event of the outcome.
    Event,
}

struct Frame {
    payer: ActorID,
    to: Address,
    to_id: Option<ActorID>,
    value: TokenAmount,
    effects: Vec<Effect>,
}

impl Frame {
    /// The transfer that the frame itself is; none for a stop on the way to a new contract.
    fn transfer(&self) -> Option<Effect> {
        let to = self.to_id.or_else(|| self.to.id().ok())?;
        let passes_on = to == EAM_ACTOR_ID || to == INIT_ACTOR_ID;
        (!self.value.is_zero() && !passes_on).then(|| Effect::Transfer {
            from: self.payer,
            to,
            value: self.value.clone(),
        })
    }
}

/// The effects of all frames that succeeded, a frame's transfer before what the frame did.
pub(crate) fn effects(trace: &[ExecutionEvent]) -> Vec<Effect> {
    let mut open: Vec<Frame> = Vec::new();
    for event in trace {
        match event {
            ExecutionEvent::Call {
                from, to, value, ..
            } => open.push(Frame {
                // The address manager and the init actor pay with what they were handed.
                payer: match open.last() {
                    Some(parent) if matches!(*from, EAM_ACTOR_ID | INIT_ACTOR_ID) => parent.payer,
                    _ => *from,
                },
                to: *to,
                to_id: None,
                value: value.clone(),
                effects: Vec::new(),
            }),
            ExecutionEvent::InvokeActor { id, .. } => {
                if let Some(frame) = open.last_mut() {
                    frame.to_id = Some(*id);
                }
            }
            ExecutionEvent::GasCharge(charge) if charge.name == CHARGE_OF_EVENT => {
                if let Some(frame) = open.last_mut() {
                    frame.effects.push(Effect::Event);
                }
            }
            ExecutionEvent::CallReturn(code, _) => {
                let Some(frame) = open.pop().filter(|_| code.is_success()) else {
                    continue;
                };
                let own = frame.transfer();
                let effects = own.into_iter().chain(frame.effects);
                match open.last_mut() {
                    Some(parent) => parent.effects.extend(effects),
                    None => return effects.collect(),
                }
            }
            ExecutionEvent::CallError(_) => {
                open.pop();
            }
            _ => {}
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use fvm::gas::{Gas, GasCharge};
    use fvm_shared::error::ExitCode;
    use num_traits::Zero;

    use super::*;

    fn call(from: ActorID, to: ActorID, value: u64) -> ExecutionEvent {
        ExecutionEvent::Call {
            from,
            to: Address::new_id(to),
            method: 2,
            params: None,
            value: TokenAmount::from_atto(value),
            gas_limit: 1,
            read_only: false,
        }
    }

    fn event() -> ExecutionEvent {
        ExecutionEvent::GasCharge(GasCharge::new(CHARGE_OF_EVENT, Gas::zero(), Gas::zero()))
    }

    fn end(code: u32) -> ExecutionEvent {
        ExecutionEvent::CallReturn(ExitCode::new(code), None)
    }

    fn transfer(from: ActorID, to: ActorID, value: u64) -> Effect {
        Effect::Transfer {
            from,
            to,
            value: TokenAmount::from_atto(value),
        }
    }

    #[test]
    fn failed_frames_leave_nothing_and_the_order_is_kept() {
        let trace = [
            call(100, 200, 5),
            event(),
            call(200, 300, 6),
            event(),
            end(33),
            call(200, 400, 7),
            end(0),
            event(),
            end(0),
        ];
        assert_eq!(
            effects(&trace),
            [
                transfer(100, 200, 5),
                Effect::Event,
                transfer(200, 400, 7),
                Effect::Event
            ]
        );
    }

    #[test]
    fn a_creation_is_one_transfer() {
        let trace = [
            call(100, 10, 5),
            call(10, 1, 5),
            call(1, 500, 5),
            event(),
            end(0),
            end(0),
            end(0),
        ];
        assert_eq!(effects(&trace), [transfer(100, 500, 5), Effect::Event]);
    }
}
