//! The EVM actor that reports its steps, as a WASM module. Natively there is nothing to run.

#![cfg_attr(target_arch = "wasm32", no_main)]

/// Entry of the WASM instance.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn invoke(params: u32) -> u32 {
    fevm_runtime::entry::run(params, fevm_actor_evm::dispatch)
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
