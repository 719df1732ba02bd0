//! Sends of a contract.

use super::Contract;
use fevm_runtime::runtime::SendRequest;
use fevm_runtime::{Abort, ErrorNumber, ExitCode, Runtime, Sent};

impl<R: Runtime> Contract<'_, R> {
    /// Sends a message that may come back to this contract: state is written before, and after
    /// success it is stale.
    pub(crate) fn send(
        &mut self,
        request: SendRequest<'_>,
    ) -> Result<Result<Sent, ErrorNumber>, Abort> {
        self.flush()?;
        self.balance = None;
        let sent = self.rt.send(request);
        // Nothing below a read-only send can set a root.
        let may_write = !request.read_only && !self.rt.message().read_only;
        if may_write && sent.is_ok_and(|sent| sent.exit_code.is_success()) {
            self.stale = true;
        }
        Ok(sent)
    }

    /// Asks an EVM actor by one of its getters, which call nobody; its failure ends this frame too.
    pub(crate) fn query(&self, actor: u64, method: u64) -> Result<Sent, Abort> {
        let to = fevm_address::Address::id(actor);
        let sent = self.rt.send(SendRequest {
            to: to.as_bytes(),
            method,
            params: None,
            value: 0,
            gas_limit: None,
            read_only: true,
        });
        passed_on(self.rt, sent)
    }

    /// Moves value by a bare send.
    pub(crate) fn transfer(&mut self, to: &[u8], value: u128) -> Result<(), Abort> {
        let sent = self.send(SendRequest {
            to,
            method: fevm_runtime::interface::SEND,
            params: None,
            value,
            gas_limit: None,
            read_only: false,
        })?;
        passed_on(self.rt, sent).map(|_| ())
    }
}

/// The failure of a send as the failure of the sender.
fn passed_on<R: Runtime>(rt: &R, sent: Result<Sent, ErrorNumber>) -> Result<Sent, Abort> {
    match sent {
        Ok(sent) if sent.exit_code.is_success() => Ok(sent),
        Ok(sent) => {
            let data = rt.read_return(&sent).ok().flatten();
            let message = format!("send aborted with code {}", sent.exit_code);
            Err(Abort::with_data(sent.exit_code.propagated(), message, data))
        }
        Err(error) => {
            let code = match error {
                ErrorNumber::NotFound | ErrorNumber::ReadOnly => ExitCode::UNSPECIFIED,
                ErrorNumber::InsufficientFunds => ExitCode::INSUFFICIENT_FUNDS,
                _ => ExitCode::ASSERTION_FAILED,
            };
            Err(Abort::new(code, format!("cannot send: {error}")))
        }
    }
}
