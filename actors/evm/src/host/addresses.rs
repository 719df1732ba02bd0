//! Ethereum addresses of actors.

use super::World;
use evm_interpreter::H160;
use fevm_address::binary::EAM_NAMESPACE;
use fevm_runtime::{Abort, ActorId, ErrorNumber, Runtime};

/// The Ethereum address of an actor: that of its f410 address, or else its masked ID. Exit 24 if its
/// f410 address has another length than Ethereum's.
pub(crate) fn ethereum_address<R: Runtime>(rt: &R, actor: ActorId) -> Result<H160, Abort> {
    let mut buffer = [0; 65];
    let len = match rt.delegated_address(actor, &mut buffer) {
        Ok(len) => len,
        Err(ErrorNumber::NotFound) => 0,
        Err(error) => {
            return Err(Abort::assertion_failed(format!(
                "cannot look up the address of f0{actor}: {error}"
            )));
        }
    };
    let delegated = buffer.get(..len).unwrap_or_default();
    match fevm_address::from_delegated(delegated) {
        Some(address) => Ok(address),
        None if delegated.get(1) == Some(&(EAM_NAMESPACE as u8)) => Err(Abort::assertion_failed(
            format!("the f410 address of f0{actor} is not an Ethereum one"),
        )),
        None => Ok(fevm_address::masked_id(actor)),
    }
}

/// Ethereum addresses of the actors of a message, as far as they were looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownAddresses {
    /// The contract.
    pub receiver: Option<H160>,
    /// The message's caller.
    pub caller: Option<H160>,
    /// The sender of the message on chain.
    pub origin: Option<H160>,
}

/// What is known, or else looked up and then known.
fn look_up<R: Runtime>(rt: &R, known: &mut Option<H160>, actor: ActorId) -> Result<H160, Abort> {
    if let Some(address) = *known {
        return Ok(address);
    }
    let address = ethereum_address(rt, actor)?;
    *known = Some(address);
    Ok(address)
}

impl<R: Runtime> World<'_, '_, R> {
    /// Address of the contract.
    pub(super) fn receiver(&mut self) -> Result<H160, Abort> {
        let rt = self.rt();
        look_up(rt, &mut self.known.receiver, rt.message().receiver)
    }

    /// CALLER.
    pub(super) fn caller_address(&mut self) -> Result<H160, Abort> {
        if let Some(address) = self.frame.caller {
            return Ok(address);
        }
        let rt = self.rt();
        look_up(rt, &mut self.known.caller, rt.message().caller)
    }

    /// ORIGIN.
    pub(super) fn origin_address(&mut self) -> Result<H160, Abort> {
        let rt = self.rt();
        let message = rt.message();
        if message.origin == message.caller {
            return look_up(rt, &mut self.known.caller, message.origin);
        }
        look_up(rt, &mut self.known.origin, message.origin)
    }
}
