//! Calls that the protocol itself makes at the ends of a block (EIP-4788, 2935, 7002, 7251).

use super::block::Block;
use super::rules::Rules;
use super::spare;
use super::state::State;
use super::tracer::Tracer;
use super::world::{Call, World};
use evm_interpreter::host::CallKind;
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{H160, U256};
use std::sync::Arc;

/// Caller of system contracts (EIP-4788).
pub const SYSTEM_ADDRESS: H160 = {
    let mut address = [0xff; 20];
    address[19] = 0xfe;
    H160(address)
};

/// Gas of a system call; nobody pays for it, and the block's limit does not know it.
const GAS: u64 = 30_000_000;

/// What a system call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemReply {
    /// Whether it succeeded; it also does where there is no code.
    pub success: bool,
    /// What was returned.
    pub output: Vec<u8>,
}

/// Calls a system contract. The state is at rest before and after; logs are dropped.
pub fn system_call<T: Tracer>(
    target: H160,
    input: &[u8],
    block: &Block,
    state: &mut State,
    tracer: &mut T,
) -> SystemReply {
    let id = state.load(target);
    state.warm(id);
    if !T::SYSTEM_CALLS {
        return call(target, input, block, state, &mut NoInspector);
    }
    tracer.system_call(true);
    let reply = call(target, input, block, state, tracer);
    tracer.system_call(false);
    reply
}

fn call<T: Tracer>(
    target: H160,
    input: &[u8],
    block: &Block,
    state: &mut State,
    tracer: &mut T,
) -> SystemReply {
    if T::ENABLED {
        tracer.begin(0);
    }
    let mut world = World {
        state,
        block,
        origin: SYSTEM_ADDRESS,
        gas_price: U256::zero(),
        blob_hashes: Arc::default(),
        rules: &mut Rules::ethereum(),
        tracer,
        depth: 0,
        spare: spare::take(),
    };
    let reply = world.call(&Call {
        kind: CallKind::Call,
        gas: GAS,
        target,
        account: target,
        caller: SYSTEM_ADDRESS,
        value: U256::zero(),
        input,
        is_static: false,
    });
    spare::keep(world.spare);
    // Every fork that makes system calls has EIP-161.
    state.finish_transaction(true);
    SystemReply {
        success: reply.success,
        output: reply.output,
    }
}
