//! The system actor f00.
//!
//! State: the tuple `[link]` to the manifest data of the actors in force. Genesis writes it; a fresh
//! one made by the constructor links to an empty list. No method but the constructor.

use fevm_runtime::cbor::Writer;
use fevm_runtime::interface::CONSTRUCTOR;
use fevm_runtime::{Abort, Block, Cid, Runtime, cid, internal_api, singletons};

/// Answers a message.
///
/// # Errors
/// 22 for every method but the constructor (18 to contracts), 18 for the constructor by another
/// caller than the system itself.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        CONSTRUCTOR => construct(rt).map(|()| None),
        _ => Err(internal_api::unhandled(rt)),
    }
}

fn construct(rt: &impl Runtime) -> Result<(), Abort> {
    rt.params()?.none()?;
    rt.require_caller(&[singletons::SYSTEM])?;
    rt.require_no_state()?;
    rt.put_block(cid::DAG_CBOR, &[0x80])
        .and_then(|no_actors| rt.put_block(cid::DAG_CBOR, &state(&no_actors)))
        .and_then(|root| rt.set_root(&root))
        .map_err(|error| Abort::illegal_state(format!("cannot write the state: {error}")))
}

/// The state block for this manifest data.
#[must_use]
pub fn state(manifest_data: &Cid) -> Vec<u8> {
    let mut writer = Writer::with_capacity(Cid::LEN + 6);
    writer.array(1);
    writer.link(manifest_data);
    writer.into_bytes()
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
    use fevm_runtime::{ActorType, ExitCode, Params};

    fn runtime(caller: u64, method: u64) -> TestRuntime {
        let mut rt = TestRuntime::new(singletons::SYSTEM);
        let contract = Actor {
            actor_type: Some(ActorType::Evm),
            ..Actor::default()
        };
        rt.actors.insert(101, contract);
        rt.message.caller = caller;
        rt.message.method = method;
        rt
    }

    #[test]
    fn constructor_writes_an_empty_list() {
        let rt = runtime(0, 1);
        assert_eq!(invoke(&rt), Ok(None));
        let root = rt.state().and_then(|root| rt.stored(&root));
        assert_eq!(root, Some(state(&cid::EMPTY_ARRAY)));
        assert_eq!(rt.stored(&cid::EMPTY_ARRAY), Some(vec![0x80]));
        assert_eq!(
            invoke(&rt).unwrap_err().code(),
            ExitCode::ILLEGAL_STATE,
            "twice"
        );
    }

    #[test]
    fn everything_else_is_refused() {
        let exit = |rt: &TestRuntime| invoke(rt).unwrap_err().code();
        assert_eq!(exit(&runtime(100, 1)), ExitCode::FORBIDDEN);
        let mut rt = runtime(0, 1);
        rt.params = Params {
            codec: cid::CBOR,
            data: Some(vec![0x80]),
        };
        assert_eq!(exit(&rt), ExitCode::ILLEGAL_ARGUMENT);
        for method in [2, 1023, 1 << 24, u64::MAX] {
            assert_eq!(exit(&runtime(101, method)), ExitCode::UNHANDLED_MESSAGE);
        }
        assert_eq!(exit(&runtime(101, 1024)), ExitCode::FORBIDDEN);
    }
}
