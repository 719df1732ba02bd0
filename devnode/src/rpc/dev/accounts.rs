//! Changing accounts from outside, and sending for others.

use std::sync::Arc;

use alloy_primitives::{B256, U256};
use fevm_machine::{MachineError, StateTree};
use serde_json::{Value, json};

use crate::Node;
use crate::executor::token_amount;
use crate::rpc::catalogue::{Method, required};
use crate::rpc::eth::state::storage_key;
use crate::rpc::filecoin::filecoin_address;
use crate::rpc::request::flag;
use crate::rpc::{RpcError, RpcResult, decode_hex, invalid};

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy(
        "hardhat_setBalance",
        &[required("address"), required("attoFIL")],
        "Sets the balance of an address; at most 2^128 - 1 attoFIL.",
        |node, params| {
            let (address, balance) = (params.address(0)?, params.number(1)?);
            change(node, |state| {
                state.set_balance(address, token_amount(balance))
            })
        },
    )
    .also(&["anvil_setBalance", "evm_setAccountBalance"]),
    Method::heavy(
        "anvil_addBalance",
        &[required("address"), required("attoFIL")],
        "Adds to the balance of an address.",
        |node, params| {
            let (address, more) = (params.address(0)?, params.number(1)?);
            change(node, |state| {
                let balance = state.eth_balance(address)?.saturating_add(more);
                state.set_balance(address, token_amount(balance))
            })
        },
    )
    .also(&["hardhat_addBalance"]),
    Method::heavy(
        "fevm_setBalance",
        &[required("Filecoin address"), required("attoFIL")],
        "Sets the balance of an actor by its Filecoin address; an unknown f1 or f3 address gets an account.",
        |node, params| {
            let (address, balance) = (filecoin_address(params, 0)?, params.number(1)?);
            change(node, |state| {
                state.set_actor_balance(&address, token_amount(balance))
            })
        },
    ),
    Method::heavy(
        "hardhat_setNonce",
        &[required("address"), required("nonce")],
        "Sets the transaction count of an address; for a contract, the nonce that CREATE counts.",
        |node, params| {
            let (address, nonce) = (params.address(0)?, params.u64(1)?);
            change(node, |state| state.set_nonce(address, nonce))?;
            node.pool().drop_below(address, nonce);
            Ok(json!(true))
        },
    )
    .also(&["anvil_setNonce", "evm_setAccountNonce"]),
    Method::heavy(
        "hardhat_setCode",
        &[required("address"), required("code")],
        "Sets the runtime code at an address; native actors keep theirs.",
        |node, params| {
            let (address, code) = (params.address(0)?, params.bytes(1)?);
            change(node, |state| state.set_code(address, &code))
        },
    )
    .also(&["anvil_setCode", "evm_setAccountCode"]),
    Method::heavy(
        "hardhat_setStorageAt",
        &[required("address"), required("slot"), required("value")],
        "Sets a storage slot of a contract.",
        |node, params| {
            let address = params.address(0)?;
            let slot = storage_key(params.required_raw(1)?).map_err(|error| invalid(1, error))?;
            let value = decode_hex(params.text(2)?).map_err(|error| invalid(2, error))?;
            let value = B256::try_from(value.as_slice())
                .map_err(|_| invalid(2, format!("value of {} bytes, want 32", value.len())))?;
            change(node, |state| {
                state.set_storage(address, &[(slot, U256::from_be_bytes(value.0))])
            })
        },
    )
    .also(&["anvil_setStorageAt", "evm_setAccountStorageAt"]),
    Method::light(
        "hardhat_impersonateAccount",
        &[required("address")],
        "Lets eth_sendTransaction send for an address without its key, contracts too.",
        |node, params| {
            let address = params.address(0)?;
            node.settings().impersonated.insert(address);
            Ok(json!(true))
        },
    )
    .also(&["anvil_impersonateAccount"]),
    Method::light(
        "hardhat_stopImpersonatingAccount",
        &[required("address")],
        "Ends the impersonation of an address.",
        |node, params| {
            Ok(json!(
                node.settings().impersonated.remove(&params.address(0)?)
            ))
        },
    )
    .also(&["anvil_stopImpersonatingAccount"]),
    Method::light(
        "anvil_autoImpersonateAccount",
        &[required("enabled")],
        "Lets eth_sendTransaction send for every address.",
        |node, params| {
            node.settings().impersonate_all = flag(params, 0)?;
            Ok(Value::Null)
        },
    )
    .also(&["hardhat_autoImpersonateAccount"]),
    Method::light(
        "hardhat_setCoinbase",
        &[required("address")],
        "Refused unless zero: COINBASE is always the zero address on Filecoin.",
        |_, params| match params.address(0)?.is_zero() {
            true => Ok(json!(true)),
            false => Err(RpcError::not_on_filecoin(
                "hardhat_setCoinbase",
                "COINBASE is always the zero address",
            )),
        },
    )
    .also(&["anvil_setCoinbase"]),
];

fn change(
    node: &Arc<Node>,
    change: impl FnOnce(&mut StateTree) -> Result<(), MachineError>,
) -> RpcResult {
    node.change_state(change)?;
    Ok(json!(true))
}
