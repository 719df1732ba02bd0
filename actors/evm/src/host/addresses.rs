//! Ethereum addresses of actors.

use super::{Caller, World};
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
        None if delegated.get(1) == Some(&(EAM_NAMESPACE as u8)) => Err(
            Abort::assertion_failed(format!("the f410 address of f0{actor} is not an Ethereum one")),
        ),
        None => Ok(fevm_address::masked_id(actor)),
    }
}

impl<R: Runtime> World<'_, '_, R> {
    /// Address of the contract.
    pub(super) fn receiver(&mut self) -> Result<H160, Abort> {
        if let Some(address) = self.receiver {
            return Ok(address);
        }
        let rt = self.rt();
        let address = ethereum_address(rt, rt.message().receiver)?;
        self.receiver = Some(address);
        Ok(address)
    }

    /// Address of the caller.
    pub(super) fn caller_address(&mut self) -> Result<H160, Abort> {
        if let Caller::Known(address) = self.frame.caller {
            return Ok(address);
        }
        let rt = self.rt();
        let address = ethereum_address(rt, rt.message().caller)?;
        self.frame.caller = Caller::Known(address);
        Ok(address)
    }

    /// Address of the sender of the message on chain.
    pub(super) fn origin_address(&mut self) -> Result<H160, Abort> {
        if let Some(address) = self.origin {
            return Ok(address);
        }
        let rt = self.rt();
        let message = rt.message();
        let address = match self.frame.caller {
            // In a delegate frame the caller known is that of the frame that delegated.
            Caller::Known(address)
                if message.origin == message.caller && message.caller != message.receiver =>
            {
                address
            }
            _ => ethereum_address(rt, message.origin)?,
        };
        self.origin = Some(address);
        Ok(address)
    }
}
