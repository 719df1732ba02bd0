//! The account of an Ethereum key.
//!
//! The virtual machine makes it from a placeholder when that sends its first message, so the
//! constructor is never called in practice. Exported methods (FRC-0042) succeed with nothing, so that
//! calls and tokens can be sent to an account. There is no state.

use fevm_runtime::interface::CONSTRUCTOR;
use fevm_runtime::{Abort, Block, Runtime, frc42, internal_api, singletons};

/// Answers a message.
///
/// # Errors
/// 22 for methods below 2^24 (18 to contracts); those of the constructor.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        frc42::FIRST_EXPORTED.. => Ok(None),
        CONSTRUCTOR => construct(rt).map(|()| None),
        _ => Err(internal_api::unhandled(rt)),
    }
}

/// The constructor: for the system actor, at an f410 address.
fn construct(rt: &impl Runtime) -> Result<(), Abort> {
    rt.params()?.none()?;
    rt.require_caller(&[singletons::SYSTEM])?;
    let mut address = [0; 65];
    match rt.delegated_address(rt.message().receiver, &mut address) {
        // Protocol 4, namespace 10.
        Ok(len) if address[..len].starts_with(&[4, 10]) => Ok(()),
        _ => Err(Abort::illegal_argument("an EthAccount has an f410 address")),
    }
}

/// Entry of the WASM module.
#[cfg(target_arch = "wasm32")]
#[unsafe(export_name = "invoke")]
extern "C" fn entry(params: u32) -> u32 {
    fevm_runtime::entry::run(params, |rt| invoke(rt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fevm_runtime::testing::{Actor, TestRuntime};
    use fevm_runtime::{ActorType, Params};

    const ACCOUNT: u64 = 1000;

    fn runtime(method: u64, caller: u64, delegated: Option<Vec<u8>>) -> TestRuntime {
        let mut rt = TestRuntime::new(ACCOUNT);
        let actor = |actor_type, delegated| Actor {
            actor_type: Some(actor_type),
            delegated,
            ..Actor::default()
        };
        rt.actors
            .insert(ACCOUNT, actor(ActorType::EthAccount, delegated));
        rt.actors.insert(100, actor(ActorType::Account, None));
        rt.actors.insert(101, actor(ActorType::Evm, None));
        rt.message.method = method;
        rt.message.caller = caller;
        rt
    }

    fn exit(rt: &TestRuntime) -> u32 {
        match invoke(rt) {
            Ok(None) => 0,
            Ok(Some(block)) => panic!("returned {block:?}"),
            Err(abort) => abort.code().value(),
        }
    }

    #[test]
    fn exported_methods_succeed_without_a_host_call() {
        for method in [1 << 24, frc42::INVOKE_EVM, frc42::RECEIVE, u64::MAX] {
            let mut rt = runtime(method, 101, None);
            rt.params = Params {
                codec: 0x51,
                data: Some(vec![0xff]),
            };
            assert_eq!(exit(&rt), 0);
            assert!(rt.take_calls().is_empty());
        }
    }

    #[test]
    fn other_methods_are_refused() {
        for (method, caller, code) in [
            (2, 100, 22),
            (1023, 100, 22),
            (1024, 100, 22),
            ((1 << 24) - 1, 100, 22),
            (1024, 101, 18),
        ] {
            assert_eq!(exit(&runtime(method, caller, None)), code, "{method}");
        }
    }

    #[test]
    fn constructor_is_for_the_system_at_an_f410_address() {
        let f410 = || Some([&[4, 10][..], &[7; 20]].concat());
        assert_eq!(exit(&runtime(1, 0, f410())), 0);
        assert_eq!(exit(&runtime(1, 100, f410())), 18);
        assert_eq!(exit(&runtime(1, 0, None)), 16);
        assert_eq!(exit(&runtime(1, 0, Some(vec![4, 11, 1]))), 16);
        let mut rt = runtime(1, 0, f410());
        rt.params.data = Some(vec![0x80]);
        assert_eq!(exit(&rt), 16);
    }
}
