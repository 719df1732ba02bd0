//! Accounts: balances, code, storage, counts.

use std::sync::Arc;

use alloy_consensus::constants::{EMPTY_ROOT_HASH, KECCAK_EMPTY as KECCAK256_EMPTY};
use alloy_primitives::{B256, U256};
use serde_json::{Map, Value, json};

use super::state_at;
use crate::Node;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::BlockRef;
use crate::rpc::views::{self, quantity};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "eth_getBalance",
        &[required("address"), optional("block")],
        "The balance of an address in attoFIL.",
        |node, params| {
            let balance = state_at(node, block(params, 1)?)?.eth_balance(params.address(0)?)?;
            Ok(word(balance))
        },
    ),
    Method::heavy(
        "eth_getCode",
        &[required("address"), optional("block")],
        "The runtime code at an address; empty for accounts and native actors.",
        |node, params| {
            let code = state_at(node, block(params, 1)?)?.eth_code(params.address(0)?)?;
            Ok(Value::String(alloy_primitives::hex::encode_prefixed(code)))
        },
    ),
    Method::heavy(
        "eth_getStorageAt",
        &[required("address"), required("slot"), optional("block")],
        "A storage slot of a contract, 32 bytes.",
        |node, params| {
            let slot = storage_key(params.required_raw(1)?).map_err(|error| invalid(1, error))?;
            let value = state_at(node, block(params, 2)?)?.eth_storage(params.address(0)?, slot)?;
            Ok(json!(B256::from(value)))
        },
    ),
    Method::heavy(
        "eth_getStorageValues",
        &[required("slots by address"), optional("block")],
        "Several storage slots of several contracts.",
        storage_values,
    ),
    Method::heavy(
        "eth_getTransactionCount",
        &[required("address"), optional("block")],
        "How many transactions an address has sent; for a contract, the nonce that CREATE counts.",
        transaction_count,
    ),
    Method::heavy(
        "eth_getAccount",
        &[required("address"), optional("block")],
        "Balance, nonce, hash of the code and root of the storage of an address; the root is the digest of its KAMT's CID.",
        |node, params| {
            let (address, state) = (params.address(0)?, state_at(node, block(params, 1)?)?);
            let storage = state
                .evm_at(address)?
                .filter(|evm| !evm.is_dead())
                .map_or(EMPTY_ROOT_HASH, |evm| views::digest(&evm.contract_state));
            Ok(json!({
                "balance": word(state.eth_balance(address)?),
                "nonce": quantity(state.eth_nonce(address)?),
                "codeHash": state.eth_code_hash(address)?.unwrap_or(KECCAK256_EMPTY),
                "storageRoot": storage,
            }))
        },
    ),
    Method::heavy(
        "eth_getAccountInfo",
        &[required("address"), optional("block")],
        "Balance, nonce and code of an address together.",
        |node, params| {
            let (address, state) = (params.address(0)?, state_at(node, block(params, 1)?)?);
            Ok(json!({
                "balance": word(state.eth_balance(address)?),
                "nonce": quantity(state.eth_nonce(address)?),
                "code": alloy_primitives::hex::encode_prefixed(state.eth_code(address)?),
            }))
        },
    ),
];

fn block(params: &Params, index: usize) -> RpcResult<BlockRef> {
    BlockRef::from_param(params, index, BlockRef::Latest)
}

/// A 256-bit number as a hex quantity.
pub(crate) fn word(number: U256) -> Value {
    Value::String(format!("{number:#x}"))
}

/// A storage key: a number, or up to 32 bytes of hex with any leading zeros.
pub(crate) fn storage_key(value: &Value) -> Result<U256, String> {
    match value.as_str().and_then(|text| text.strip_prefix("0x")) {
        Some(digits) if digits.len() > 64 => Err(format!(
            "storage key of {} hex digits, at most 64",
            digits.len()
        )),
        _ => crate::rpc::parse_number(value),
    }
}

fn transaction_count(node: &Arc<Node>, params: &Params) -> RpcResult {
    let (address, wanted) = (params.address(0)?, block(params, 1)?);
    let nonce = match wanted {
        BlockRef::Pending => {
            let nonce = state_at(node, BlockRef::Latest)?.eth_nonce(address)?;
            node.pool().next_nonce(address, nonce)
        }
        other => state_at(node, other)?.eth_nonce(address)?,
    };
    Ok(quantity(nonce))
}

fn storage_values(node: &Arc<Node>, params: &Params) -> RpcResult {
    const MOST: usize = 1_024;
    let Value::Object(wanted) = params.required_raw(0)? else {
        return Err(invalid(0, "expected an object of slot lists by address"));
    };
    let state = state_at(node, block(params, 1)?)?;
    let mut answer = Map::new();
    let mut count = 0;
    for (text, slots) in wanted {
        let address = Params::new(Some(json!([text])))?.address(0)?;
        let Value::Array(slots) = slots else {
            return Err(invalid(0, format!("{text}: expected a list of slots")));
        };
        count += slots.len();
        if count > MOST {
            return Err(RpcError::params(format!("too many slots (max {MOST})")));
        }
        let values = slots.iter().map(|slot| {
            let key = storage_key(slot).map_err(|error| invalid(0, format!("{text}: {error}")))?;
            Ok(json!(B256::from(state.eth_storage(address, key)?)))
        });
        answer.insert(text.clone(), values.collect::<RpcResult<Value>>()?);
    }
    Ok(Value::Object(answer))
}
