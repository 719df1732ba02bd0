//! Stands in the manifest for an actor that this suite does not have.
//!
//! The names and their order in the manifest are part of the network's interface, so each name has
//! a module. This one refuses every method with exit 22. Bare transfers run no code, so an actor with
//! this code holds funds: the reward actor needs no more.

use fevm_runtime::{Abort, Block, Runtime};

/// Answers a message.
///
/// # Errors
/// Always exit 22.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    let method = rt.message().method;
    Err(Abort::unhandled(format!(
        "method {method} of an actor that is not supported"
    )))
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
    use fevm_runtime::ExitCode;
    use fevm_runtime::testing::TestRuntime;

    #[test]
    fn every_method_is_refused() {
        for method in [1, 2, 1023, 1024, 1 << 24, u64::MAX] {
            let mut rt = TestRuntime::new(5);
            rt.message.method = method;
            let abort = invoke(&rt).unwrap_err();
            assert_eq!(abort.code(), ExitCode::UNHANDLED_MESSAGE);
            assert!(abort.message().contains(&method.to_string()));
            assert!(rt.take_calls().is_empty());
        }
    }
}
