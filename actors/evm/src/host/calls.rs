//! Calls of every kind.

use super::code::Kind;
use super::{World, amount};
use crate::precompiles::{self, Context};
use crate::state::EMPTY_CODE;
use evm_interpreter::H160;
use evm_interpreter::host::{CallKind, CallReply, CallRequest};
use fevm_runtime::cbor::{Reader, Writer};
use fevm_runtime::interface::evm;
use fevm_runtime::params::decode_all;
use fevm_runtime::runtime::SendRequest;
use fevm_runtime::{Abort, Block, ErrorNumber, ExitCode, Runtime, Sent, cid};
use std::borrow::Cow;

/// Gas for a call that passes none with value, or 2,300 without: Solidity's `transfer`, whose
/// stipend would not pay for anything here.
const TRANSFER_GAS: u64 = 10_000_000;
/// The EVM's stipend.
const STIPEND: u64 = 2_300;

/// All but one 64th of the gas left (EIP-150).
pub(super) const fn all_but_one_64th(gas: u64) -> u64 {
    // As (63 * gas) / 64, for any gas.
    (gas / 64) * 63 + (gas % 64) * 63 / 64
}

impl<R: Runtime> World<'_, '_, R> {
    /// Makes a call.
    pub(super) fn make_call(&mut self, request: &CallRequest<'_>) -> Result<CallReply, Abort> {
        if precompiles::is_reserved(&request.target) {
            return self.call_precompile(request);
        }
        match request.kind {
            CallKind::Call | CallKind::StaticCall => self.call_actor(request),
            CallKind::DelegateCall => self.delegate(request),
            CallKind::CallCode => Err(Abort::new(
                ExitCode::EVM_UNDEFINED_INSTRUCTION,
                "CALLCODE is undefined",
            )),
        }
    }

    /// What a callee may use: what was asked for, but a 64th stays.
    pub(crate) fn callee_gas(&self, asked: u64) -> u64 {
        asked.min(all_but_one_64th(self.rt().gas_available()))
    }

    fn call_precompile(&mut self, request: &CallRequest<'_>) -> Result<CallReply, Abort> {
        let context = Context {
            kind: request.kind,
            gas: request.gas,
        };
        let Ok(output) = precompiles::call(self, &request.target, request.input, context)? else {
            return Ok(CallReply::default());
        };
        if !request.value.is_zero() {
            let to = fevm_address::to_filecoin(&request.target);
            let moved = match amount(&request.value) {
                Some(value) => self.contract.transfer(to.as_bytes(), value).is_ok(),
                None => false,
            };
            if !moved {
                return Ok(CallReply::default());
            }
        }
        Ok(success(output))
    }

    /// CALL and STATICCALL: `InvokeEVM` on whatever is there.
    fn call_actor(&mut self, request: &CallRequest<'_>) -> Result<CallReply, Abort> {
        let read_only = request.kind == CallKind::StaticCall;
        let asked = match (request.gas, request.value.is_zero()) {
            (0, false) | (STIPEND, true) => TRANSFER_GAS,
            (gas, _) => gas,
        };
        let gas_limit = self.callee_gas(asked);
        let to = fevm_address::to_filecoin(&request.target);
        let sent = match amount(&request.value) {
            Some(value) => self.contract.send(SendRequest {
                to: to.as_bytes(),
                method: evm::INVOKE_CONTRACT,
                params: (!request.input.is_empty()).then_some((cid::RAW, request.input)),
                value,
                gas_limit: Some(gas_limit),
                read_only,
            })?,
            None => {
                self.contract.flush()?;
                Err(ErrorNumber::InsufficientFunds)
            }
        };
        match sent {
            Ok(sent) => self.reply(&sent),
            // Nobody there, and nobody could be made: a call of nothing succeeds.
            Err(ErrorNumber::NotFound) => Ok(success(Vec::new())),
            Err(ErrorNumber::ReadOnly) if read_only || self.rt().message().read_only => {
                Ok(success(Vec::new()))
            }
            Err(_) => Ok(CallReply::default()),
        }
    }

    /// DELEGATECALL: this actor calls itself, to run the other's code on its own state.
    fn delegate(&mut self, request: &CallRequest<'_>) -> Result<CallReply, Abort> {
        let actor = match self.kind_of(&request.target)? {
            Kind::Evm(actor) => actor,
            Kind::Account | Kind::Absent | Kind::Precompile => return Ok(success(Vec::new())),
            Kind::Native => return Ok(CallReply::default()),
        };
        let Some(code) = self.code_block(&request.target, actor)? else {
            return Ok(success(Vec::new()));
        };
        if code == EMPTY_CODE {
            return Ok(success(Vec::new()));
        }
        let params = DelegateParams {
            code,
            input: Cow::Borrowed(request.input),
            caller: self.caller_address()?,
            value: self.frame.value,
        };
        let params = params.encode();
        let gas_limit = self.callee_gas(request.gas);
        let to = fevm_address::Address::id(self.rt().message().receiver);
        let sent = self.contract.send(SendRequest {
            to: to.as_bytes(),
            method: evm::INVOKE_CONTRACT_DELEGATE,
            params: Some((cid::DAG_CBOR, &params)),
            value: 0,
            gas_limit: Some(gas_limit),
            read_only: false,
        })?;
        match sent {
            Ok(sent) => self.reply(&sent),
            Err(_) => Ok(CallReply::default()),
        }
    }

    /// What came of a send that was made.
    fn reply(&self, sent: &Sent) -> Result<CallReply, Abort> {
        let block = self
            .rt()
            .read_return(sent)
            .map_err(|error| Abort::assertion_failed(format!("cannot read the return: {error}")))?;
        Ok(CallReply {
            success: sent.exit_code.is_success(),
            output: block.map_or_else(Vec::new, unwrap_bytes),
            ..CallReply::default()
        })
    }
}

fn success(output: Vec<u8>) -> CallReply {
    CallReply {
        success: true,
        output,
        ..CallReply::default()
    }
}

/// The bytes in a block that is a CBOR byte string; of any other, the block itself.
pub(super) fn unwrap_bytes(block: Block) -> Vec<u8> {
    if !matches!(block.codec, cid::CBOR | cid::DAG_CBOR) {
        return block.data;
    }
    let mut data = block.data;
    let len = match decode_all(&data, Reader::bytes) {
        Ok(Cow::Borrowed(bytes)) => bytes.len(),
        Ok(Cow::Owned(bytes)) => return bytes,
        Err(_) => return data,
    };
    data.drain(..data.len() - len);
    data
}

/// Parameters of InvokeContractDelegate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelegateParams<'a> {
    /// Block with the code.
    pub(crate) code: fevm_runtime::Cid,
    /// Call data.
    pub(crate) input: Cow<'a, [u8]>,
    /// CALLER of the frame that delegates.
    pub(crate) caller: H160,
    /// CALLVALUE of the frame that delegates, attoFIL.
    pub(crate) value: u128,
}

impl<'a> DelegateParams<'a> {
    /// Writes the tuple.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.input.len() + 96);
        writer.array(4);
        writer.link(&self.code);
        writer.bytes(&self.input);
        writer.bytes(&self.caller.0);
        writer.token_amount(self.value);
        writer.into_bytes()
    }

    /// Reads the tuple.
    pub(crate) fn decode(reader: &mut Reader<'a>) -> Result<Self, fevm_runtime::cbor::DecodeError> {
        reader.tuple(4)?;
        Ok(Self {
            code: reader.link()?,
            input: reader.bytes()?,
            caller: H160(reader.byte_array()?),
            value: reader.token_amount()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn returns_are_unwrapped_where_they_are_wrapped() {
        let of = |codec, data: &[u8]| {
            unwrap_bytes(Block {
                codec,
                data: data.to_vec(),
            })
        };
        assert_eq!(of(cid::CBOR, &[0x42, 1, 2]), [1, 2]);
        assert_eq!(of(cid::DAG_CBOR, &[0x58, 1, 2]), [2]);
        assert_eq!(of(cid::CBOR, &[0x5f, 0x41, 1, 0x41, 2, 0xff]), [1, 2]);
        assert_eq!(of(cid::RAW, &[0x41, 1]), [0x41, 1]);
        assert_eq!(of(cid::CBOR, &[0x82, 1, 2]), [0x82, 1, 2]);
        assert_eq!(of(cid::CBOR, &[0x41, 1, 2]), [0x41, 1, 2]);
    }

    proptest! {
        #[test]
        fn one_64th_stays(gas: u64) {
            let exact = (u128::from(gas) * 63 / 64) as u64;
            prop_assert_eq!(all_but_one_64th(gas), exact);
        }

        #[test]
        fn delegate_params_come_back(
            digest: [u8; 32],
            input in proptest::collection::vec(any::<u8>(), 0..300),
            caller: [u8; 20],
            value: u128,
        ) {
            let params = DelegateParams {
                code: fevm_runtime::Cid::new(0x55, digest),
                input: Cow::Owned(input),
                caller: H160(caller),
                value,
            };
            let bytes = params.encode();
            let back = decode_all(&bytes, DelegateParams::decode);
            prop_assert_eq!(back, Ok(params));
        }
    }
}
