//! Sends whose failure ends the sender too.

use crate::abort::Abort;
use crate::exit_code::ExitCode;
use crate::runtime::{Block, Runtime, SendRequest, Sent};
use crate::{ActorId, ErrorNumber, cid};
use fevm_address::Address;

/// Sends CBOR parameters, none if empty, and value with all gas to an actor. A failure of the callee
/// is passed on with its return block, see [`ExitCode::propagated`].
pub fn send(
    rt: &impl Runtime,
    to: ActorId,
    method: u64,
    params: &[u8],
    value: u128,
) -> Result<Sent, Abort> {
    let address = Address::id(to);
    let request = SendRequest {
        to: address.as_bytes(),
        method,
        params: (!params.is_empty()).then_some((cid::CBOR, params)),
        value,
        gas_limit: None,
        read_only: false,
    };
    let sent = rt.send(request).map_err(not_sent)?;
    if sent.exit_code.is_success() {
        return Ok(sent);
    }
    let message = format!(
        "send to f0{to}, method {method}, ended with {}",
        sent.exit_code
    );
    let data = rt.read_return(&sent).ok().flatten();
    Err(Abort::with_data(sent.exit_code.propagated(), message, data))
}

/// The return block of a send that must have one, else exit 24.
pub fn returned(rt: &impl Runtime, sent: &Sent) -> Result<Block, Abort> {
    match rt.read_return(sent) {
        Ok(Some(block)) => Ok(block),
        _ => Err(Abort::assertion_failed("the callee returned nothing")),
    }
}

/// How an actor ends that could not send.
#[cold]
fn not_sent(error: ErrorNumber) -> Abort {
    let code = match error {
        ErrorNumber::NotFound => ExitCode::UNSPECIFIED,
        ErrorNumber::InsufficientFunds => ExitCode::INSUFFICIENT_FUNDS,
        ErrorNumber::ReadOnly => ExitCode::READ_ONLY,
        _ => ExitCode::ASSERTION_FAILED,
    };
    Abort::new(code, format!("cannot send: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ExpectedSend, TestRuntime};

    #[test]
    fn failures_are_passed_on() {
        let data = Some(Block::cbor(vec![0x41, 7]));
        for (code, passed) in [(33, 33), (7, 24), (4, 23)] {
            let rt = TestRuntime::new(10);
            rt.expect_send(ExpectedSend {
                reply: Ok((ExitCode::new(code), data.clone())),
                ..ExpectedSend::new(&[0, 1], 3, None)
            });
            let abort = send(&rt, 1, 3, &[], 0).unwrap_err();
            assert_eq!(abort.code().value(), passed);
            assert_eq!(abort.data(), data.as_ref());
        }
        for (error, code) in [
            (ErrorNumber::NotFound, 23),
            (ErrorNumber::InsufficientFunds, 19),
            (ErrorNumber::ReadOnly, 25),
            (ErrorNumber::LimitExceeded, 24),
        ] {
            let rt = TestRuntime::new(10);
            rt.expect_send(ExpectedSend {
                reply: Err(error),
                ..ExpectedSend::new(&[0, 1], 3, None)
            });
            assert_eq!(send(&rt, 1, 3, &[], 0).unwrap_err().code().value(), code);
        }
    }

    #[test]
    fn a_return_can_be_demanded() {
        let rt = TestRuntime::new(10);
        let params = Block::cbor(vec![0x80]);
        rt.expect_send(ExpectedSend::new(&[0, 0xe8, 7], 2, Some(params)));
        let sent = send(&rt, 1000, 2, &[0x80], 0).unwrap();
        assert_eq!(returned(&rt, &sent).unwrap_err().code().value(), 24);
    }
}
