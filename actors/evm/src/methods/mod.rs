//! The methods of the actor and their dispatch.

mod getters;
mod invoke;
mod lifecycle;
mod native;

use fevm_runtime::interface::evm;
use fevm_runtime::{Abort, Block, Runtime};

/// Runs the method that the message asks for. Parameters are decoded before the caller is looked
/// at.
pub fn dispatch<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        evm::INVOKE_CONTRACT => invoke::invoke_contract(rt),
        evm::INVOKE_CONTRACT_DELEGATE => invoke::invoke_contract_delegate(rt),
        evm::GET_BYTECODE => getters::bytecode(rt),
        evm::GET_BYTECODE_HASH => getters::bytecode_hash(rt),
        evm::GET_STORAGE_AT => getters::storage_at(rt),
        evm::CONSTRUCTOR => lifecycle::constructor(rt),
        evm::RESURRECT => lifecycle::resurrect(rt),
        method if method > evm::LAST_RESERVED => native::handle_filecoin_method(rt, method),
        method => Err(Abort::unhandled(format!("no method {method}"))),
    }
}
