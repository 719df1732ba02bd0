//! Calls and estimates.

use std::sync::Arc;

use alloy_primitives::{Address, U256};
use serde_json::{Map, Value};

use super::existing_block;
use super::state::storage_key;
use crate::Node;
use crate::executor::{
    AccountOverride, BlockOverrides, CallError, CallMessage, EstimateError, Executor, Place,
};
use crate::report::lines;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::{BlockRef, CallRequest};
use crate::rpc::views::quantity;
use crate::rpc::{Params, RpcError, RpcResult, decode_hex, invalid, parse_number};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "eth_call",
        &[
            required("call"),
            optional("block"),
            optional("state overrides"),
            optional("block overrides"),
        ],
        "Runs a call and forgets what it changed. The gas limit in the call is not used: it has a whole block's.",
        call,
    )
    .on_message_thread(),
    Method::heavy(
        "eth_estimateGas",
        &[
            required("call"),
            optional("block"),
            optional("state overrides"),
            optional("block overrides"),
        ],
        "A gas limit that is enough for a transaction, found by running it.",
        |node, params| {
            let request = CallRequest::from_param(params, 0)?;
            let block = BlockRef::from_param(params, 1, BlockRef::Pending)?;
            let scene = Scene::from_params(node, params, block)?;
            Ok(quantity(estimate(node, &scene, &request)?))
        },
    ),
];

impl From<CallError> for RpcError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Reverted(data) => Self::reverted(&data),
            CallError::OutOfGas | CallError::Failed(_) => Self::server(error.to_string()),
            CallError::Machine(_) => Self::internal(error.to_string()),
        }
    }
}

impl From<EstimateError> for RpcError {
    fn from(error: EstimateError) -> Self {
        match error {
            EstimateError::Call(error) => error.into(),
            EstimateError::Allowance(_) => Self::server(error.to_string()),
        }
    }
}

/// Where a call runs: a place in the chain, maybe with differences.
pub(crate) struct Scene {
    pub(crate) executor: Executor,
    pub(crate) place: Place,
}

impl Scene {
    /// Reads the overrides in parameters 2 and 3.
    fn from_params(node: &Node, params: &Params, block: BlockRef) -> RpcResult<Self> {
        Self::with_overrides(node, block, params.raw(2), params.raw(3), 3)
    }

    /// After a block, with differences in accounts and in the block. `index` is the parameter
    /// that has them.
    pub(crate) fn with_overrides(
        node: &Node,
        block: BlockRef,
        accounts: Option<&Value>,
        differences: Option<&Value>,
        index: usize,
    ) -> RpcResult<Self> {
        let accounts = match accounts.filter(|value| !value.is_null()) {
            None => Vec::new(),
            Some(value) => {
                account_overrides(value).map_err(|error| invalid(index.min(2), error))?
            }
        };
        let differences = match differences.filter(|value| !value.is_null()) {
            None => BlockOverrides::default(),
            Some(value) => block_overrides(value).map_err(|error| invalid(index, error))?,
        };
        let mut scene = Self::at(node, block)?;
        if !accounts.is_empty() {
            scene.executor = scene.executor.scratch();
            scene.place.state_root = scene
                .executor
                .override_state(&scene.place.state_root, &accounts)?;
        }
        if differences.gas_limit.is_some() {
            return Err(invalid(index, "field \"gasLimit\": is fixed on Filecoin"));
        }
        scene.place = differences.apply(scene.place);
        if let Some(price) = differences.base_fee {
            scene.place.base_fee = node.config().gas_unit.take_price(price);
        }
        Ok(scene)
    }

    /// After a block.
    pub(crate) fn at(node: &Node, block: BlockRef) -> RpcResult<Self> {
        let block = existing_block(node, block)?;
        Ok(Self {
            executor: node.executor().clone(),
            place: Place::after(&block),
        })
    }
}

fn call(node: &Arc<Node>, params: &Params) -> RpcResult {
    let request = CallRequest::from_param(params, 0)?;
    let block = BlockRef::from_param(params, 1, BlockRef::Latest)?;
    let scene = Scene::from_params(node, params, block)?;
    check_value(node, &scene, &request)?;
    let heard = scene.executor.call(
        scene.place,
        &call_message(node, &request),
        node.is_telling(),
    )?;
    lines::log_console(&heard.console);
    Ok(Value::String(heard.result?.output.to_string()))
}

/// The call of a request, with the gas of a whole block.
pub(crate) fn call_message(node: &Node, request: &CallRequest) -> CallMessage {
    let (fee_cap, premium) = fees(node, request);
    CallMessage {
        from: request.from.unwrap_or_default(),
        to: request.to,
        input: request.input.clone(),
        value: request.value,
        gas_limit: node.settings().block_gas_limit,
        fee_cap,
        premium,
    }
}

/// The gas limit that a transaction needs.
pub(crate) fn estimate(node: &Node, scene: &Scene, request: &CallRequest) -> RpcResult<u64> {
    let from = request.from.unwrap_or_default();
    check_value(node, scene, request)?;
    let mut message = call_message(node, request);
    if message.fee_cap > 0 {
        // No more gas than the sender can pay for.
        let balance = scene
            .executor
            .state(&scene.place.state_root)?
            .eth_balance(from)?;
        let affordable = balance.saturating_sub(request.value) / U256::from(message.fee_cap);
        message.gas_limit = message
            .gas_limit
            .min(u64::try_from(affordable).unwrap_or(u64::MAX));
    }
    let unit = node.config().gas_unit;
    match scene.executor.estimate(scene.place, &message) {
        Ok(gas) => Ok(unit.show(gas)),
        Err(EstimateError::Allowance(gas)) => Err(EstimateError::Allowance(unit.show(gas)).into()),
        Err(error) => Err(error.into()),
    }
}

/// Refuses a value that the sender does not have, in geth's words. Filecoin's nodes run it and
/// let it fail.
pub(super) fn check_value(node: &Node, scene: &Scene, request: &CallRequest) -> RpcResult<()> {
    let (from, value) = (request.from.unwrap_or_default(), request.value);
    if value.is_zero() || node.config().lotus {
        return Ok(());
    }
    let balance = scene
        .executor
        .state(&scene.place.state_root)?
        .eth_balance(from)?;
    if balance < value {
        return Err(RpcError::server(format!(
            "insufficient funds for gas * price + value: address {from} have {balance} want {value}"
        )));
    }
    Ok(())
}

/// Fee cap and premium of a request in attoFIL per FVM gas; zero where it has none.
pub(super) fn fees(node: &Node, request: &CallRequest) -> (u128, u128) {
    let unit = node.config().gas_unit;
    let (fee_cap, premium) = match request.gas_price {
        Some(price) => (price, price),
        None => {
            let premium = request.max_priority_fee_per_gas.unwrap_or_default();
            (request.max_fee_per_gas.unwrap_or(premium), premium)
        }
    };
    (unit.take_price(fee_cap), unit.take_price(premium))
}

pub(super) fn account_overrides(value: &Value) -> Result<Vec<(Address, AccountOverride)>, String> {
    let Value::Object(accounts) = value else {
        return Err("expected an object of overrides by address".to_owned());
    };
    accounts
        .iter()
        .map(|(text, value)| {
            let named = |error: String| format!("{text}: {error}");
            let address = decode_hex(text).map_err(named)?;
            let address =
                Address::try_from(address.as_slice()).map_err(|error| named(error.to_string()))?;
            let Value::Object(members) = value else {
                return Err(named("expected an object".to_owned()));
            };
            Ok((address, account_override(members).map_err(named)?))
        })
        .collect()
}

fn account_override(members: &Map<String, Value>) -> Result<AccountOverride, String> {
    let mut account = AccountOverride::default();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let named = |error: String| format!("field \"{name}\": {error}");
        match name.as_str() {
            "balance" => account.balance = Some(parse_number(value).map_err(named)?),
            "nonce" => {
                let nonce = parse_number(value).map_err(named)?;
                account.nonce = Some(
                    u64::try_from(nonce).map_err(|_| named("does not fit 64 bits".to_owned()))?,
                );
            }
            "code" => {
                let text = value
                    .as_str()
                    .ok_or_else(|| named("expected a string".to_owned()))?;
                account.code = Some(decode_hex(text).map_err(named)?.into());
            }
            "state" => account.state = Some(slots(value).map_err(named)?),
            "stateDiff" => account.state_diff = slots(value).map_err(named)?,
            other => return Err(format!("override \"{other}\" is not supported")),
        }
    }
    if account.state.is_some() && !account.state_diff.is_empty() {
        return Err("has both 'state' and 'stateDiff'".to_owned());
    }
    Ok(account)
}

fn slots(value: &Value) -> Result<Vec<(U256, U256)>, String> {
    let Value::Object(slots) = value else {
        return Err("expected an object of values by slot".to_owned());
    };
    slots
        .iter()
        .map(|(key, value)| {
            Ok((
                storage_key(&Value::String(key.clone()))?,
                storage_key(value)?,
            ))
        })
        .collect()
}

pub(super) fn block_overrides(value: &Value) -> Result<BlockOverrides, String> {
    let Value::Object(members) = value else {
        return Err("expected an object of block overrides".to_owned());
    };
    let mut block = BlockOverrides::default();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let named = |error: String| format!("field \"{name}\": {error}");
        let number = || parse_number(value).map_err(named);
        let number_u64 =
            || u64::try_from(number()?).map_err(|_| named("does not fit 64 bits".to_owned()));
        match name.as_str() {
            "number" => block.number = Some(number_u64()?),
            "time" | "timestamp" => block.time = Some(number_u64()?),
            "baseFee" | "baseFeePerGas" => {
                let fee = number()?;
                block.base_fee = Some(
                    u128::try_from(fee).map_err(|_| named("does not fit 128 bits".to_owned()))?,
                );
            }
            "gasLimit" => block.gas_limit = Some(number_u64()?),
            // Always zero on Filecoin.
            "coinbase" | "feeRecipient" | "difficulty" | "blobBaseFee" if is_zero(value) => {}
            "withdrawals" if value.as_array().is_some_and(Vec::is_empty) => {}
            "coinbase" | "feeRecipient" | "difficulty" | "random" | "prevRandao"
            | "blobBaseFee" | "beaconRoot" | "withdrawals" => {
                return Err(named("is fixed on Filecoin".to_owned()));
            }
            other => return Err(format!("override \"{other}\" is not supported")),
        }
    }
    Ok(block)
}

/// Whether a hex string has no digit but 0.
fn is_zero(value: &Value) -> bool {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
    digits.is_some_and(|digits| digits.bytes().all(|digit| digit == b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn overrides_are_read_and_faults_named() {
        let address = "0x00000000000000000000000000000000000000aa";
        let read = |account: Value| account_overrides(&json!({ address: account }));
        let account =
            read(json!({"balance": "0x10", "code": "0x60", "stateDiff": {"0x1": "0x2"}})).unwrap();
        assert_eq!(account[0].1.balance, Some(U256::from(16)));
        assert_eq!(account[0].1.state_diff, [(U256::from(1), U256::from(2))]);
        assert!(
            read(json!({"state": {}, "stateDiff": {"0x1": "0x2"}}))
                .unwrap_err()
                .contains("both")
        );
        assert!(
            read(json!({"code": "0x6"}))
                .unwrap_err()
                .contains("odd length")
        );
        assert!(
            read(json!({"movePrecompileToAddress": address}))
                .unwrap_err()
                .contains("not supported")
        );
        assert_eq!(
            block_overrides(&json!({"number": "0x5"})).unwrap().number,
            Some(5)
        );
        assert!(
            block_overrides(&json!({"coinbase": address}))
                .unwrap_err()
                .contains("fixed on Filecoin")
        );
    }
}
