//! Who may call the methods below 2^24 of an actor that is not programmable.

use crate::abort::Abort;
use crate::actor_type::ActorType;
use crate::frc42;
use crate::runtime::Runtime;

/// Lowest method number that a contract can call: those below are reserved for built-in actors, and
/// the precompile `call_actor` refuses them.
const FIRST_OF_CONTRACTS: u64 = 1024;

/// Answers a method that the actor does not have: as mainnet's actors, methods below 2^24 are for
/// built-in callers, but for contracts, who get exit 18 rather than 22.
///
/// Two host calls for methods from 1024 to 2^24 - 1, none for others: contracts cannot send below
/// 1024, so only built-in callers do.
#[cold]
pub fn unhandled(rt: &impl Runtime) -> Abort {
    let message = rt.message();
    let method = message.method;
    if (FIRST_OF_CONTRACTS..frc42::FIRST_EXPORTED).contains(&method) {
        match rt.actor_type(message.caller) {
            Ok(Some(Some(actor_type))) if actor_type != ActorType::Evm => {}
            _ => return Abort::forbidden(format!("method {method} is for built-in callers")),
        }
    }
    Abort::unhandled(format!("no method {method}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExitCode;
    use crate::testing::{Actor, TestRuntime};

    #[test]
    fn contracts_are_told_apart_between_1024_and_2_24() {
        for (actor_type, method, code, calls) in [
            (Some(ActorType::Evm), 1023, ExitCode::UNHANDLED_MESSAGE, 0),
            (Some(ActorType::Evm), 1024, ExitCode::FORBIDDEN, 2),
            (None, (1 << 24) - 1, ExitCode::FORBIDDEN, 2),
            (
                Some(ActorType::EthAccount),
                1024,
                ExitCode::UNHANDLED_MESSAGE,
                2,
            ),
            (
                Some(ActorType::Evm),
                1 << 24,
                ExitCode::UNHANDLED_MESSAGE,
                0,
            ),
        ] {
            let mut rt = TestRuntime::new(5);
            let caller = Actor {
                actor_type,
                ..Actor::default()
            };
            rt.actors.insert(100, caller);
            rt.message.method = method;
            assert_eq!(unhandled(&rt).code(), code, "{actor_type:?} {method}");
            assert_eq!(rt.take_calls().len(), calls);
        }
    }
}
