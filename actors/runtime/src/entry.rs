//! The entry of a WASM instance.

use crate::abort::Abort;
use crate::fvm::Fvm;
use crate::runtime::{Block, Runtime};
use fvm_sdk::sys;

/// Runs an actor: sets the panic hook, calls `actor`, and ends the invocation by its result.
///
/// To be called by `invoke` with the handle of the parameters; its result is `invoke`'s.
pub fn run(params: u32, actor: impl FnOnce(&Fvm) -> Result<Option<Block>, Abort>) -> u32 {
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        exit(crate::ExitCode::ASSERTION_FAILED.value(), 0, &message)
    }));
    let fvm = Fvm::new(params);
    match actor(&fvm) {
        Ok(None) => 0,
        Ok(Some(block)) => put(&fvm, &block),
        Err(abort) => {
            let data = abort.data().map_or(0, |block| put(&fvm, block));
            exit(abort.code().value(), data, abort.message())
        }
    }
}

/// A result that is no block, above 1 MiB that is, ends with 24.
fn put(fvm: &Fvm, block: &Block) -> u32 {
    match fvm.create_block(block.codec, &block.data) {
        Ok(id) => id,
        Err(error) => exit(
            crate::ExitCode::ASSERTION_FAILED.value(),
            0,
            &format!("cannot return the result: {error}"),
        ),
    }
}

fn exit(code: u32, block: u32, message: &str) -> ! {
    // SAFETY: pointer and length are those of the message.
    unsafe { sys::vm::exit(code, block, message.as_ptr(), message.len() as u32) }
}
