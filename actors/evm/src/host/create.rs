//! CREATE and CREATE2: sends to the Ethereum address manager.

use super::calls::{all_but_one_64th, unwrap_bytes};
use super::{World, amount};
use evm_interpreter::host::{CreateReply, CreateRequest};
use fevm_address::Address;
use fevm_runtime::interface::eam;
use fevm_runtime::params::decode_all;
use fevm_runtime::runtime::SendRequest;
use fevm_runtime::{Abort, Runtime, cid, singletons};
use std::borrow::Cow;

impl<R: Runtime> World<'_, '_, R> {
    /// Makes a contract. The nonce is spent unless the endowment exceeds the balance.
    pub(super) fn make_contract(
        &mut self,
        request: &CreateRequest<'_>,
    ) -> Result<CreateReply, Abort> {
        let rt = self.rt();
        let affordable = if request.value.is_zero() {
            Some(0)
        } else {
            amount(&request.value).filter(|value| *value <= self.contract.balance())
        };
        let Some(value) = affordable else {
            return Ok(CreateReply::default());
        };
        let nonce = self.contract.take_nonce()?;
        let init_code = Cow::Borrowed(request.init_code);
        let (method, params) = match request.salt {
            None => {
                let params = eam::CreateParams { init_code, nonce };
                (eam::CREATE, params.encode())
            }
            Some(salt) => {
                let salt = salt.0;
                (
                    eam::CREATE2,
                    eam::Create2Params { init_code, salt }.encode(),
                )
            }
        };
        let to = Address::id(singletons::EAM);
        let sent = self.contract.send(SendRequest {
            to: to.as_bytes(),
            method,
            params: Some((cid::CBOR, &params)),
            value,
            gas_limit: Some(all_but_one_64th(rt.gas_available())),
            read_only: false,
        })?;
        let Ok(sent) = sent else {
            return Ok(CreateReply::default());
        };
        let returned = rt
            .read_return(&sent)
            .map_err(|error| Abort::assertion_failed(format!("cannot read the return: {error}")))?;
        if !sent.exit_code.is_success() {
            return Ok(CreateReply {
                output: returned.map_or_else(Vec::new, unwrap_bytes),
                ..CreateReply::default()
            });
        }
        let returned = returned.ok_or_else(|| Abort::serialization("the EAM returned nothing"))?;
        let created = decode_all(&returned.data, eam::CreateReturn::decode)?;
        Ok(CreateReply {
            address: Some(created.eth_address),
            ..CreateReply::default()
        })
    }
}
