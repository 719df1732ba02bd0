//! Constructor and Resurrect.

use super::invoke::execute;
use crate::contract::Contract;
use crate::host::{Frame, KnownAddresses, World, ethereum_address};
use evm_interpreter::Bytecode;
use fevm_runtime::interface::evm::ConstructorParams;
use fevm_runtime::{Abort, Block, Runtime, singletons};

/// Constructor: runs init code and keeps its output as runtime code.
pub(super) fn constructor<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    let params = rt.params()?;
    let params = params.decode(ConstructorParams::decode)?;
    rt.require_caller(&[singletons::INIT])?;
    initialize(Contract::create(rt)?, params)
}

/// Resurrect: the constructor again, over a dead contract.
pub(super) fn resurrect<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    let params = rt.params()?;
    let params = params.decode(ConstructorParams::decode)?;
    rt.require_caller(&[singletons::EAM])?;
    initialize(Contract::resurrect(rt)?, params)
}

fn initialize<R: Runtime>(
    mut contract: Contract<'_, R>,
    params: ConstructorParams<'_>,
) -> Result<Option<Block>, Abort> {
    let rt = contract.rt;
    let message = rt.message();
    let receiver = ethereum_address(rt, message.receiver)?;
    if fevm_address::from_masked_id(&receiver).is_some() {
        return Err(Abort::forbidden("contracts need an Ethereum address"));
    }
    if params.init_code.is_empty() {
        contract.flush()?;
        return Ok(None);
    }
    let frame = Frame {
        caller: Some(params.creator),
        value: message.value,
        input: Vec::new(),
    };
    let code = Bytecode::new(params.init_code.into_owned());
    let known = KnownAddresses {
        receiver: Some(receiver),
        ..KnownAddresses::default()
    };
    let mut world = World::new(&mut contract, frame, known);
    let output = execute(&mut world, &code, <[u8]>::to_vec)?;
    contract.set_code(&output)?;
    contract.flush()?;
    Ok(None)
}
