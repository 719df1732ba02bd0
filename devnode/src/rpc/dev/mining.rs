//! Making blocks, moving time, going back.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::Node;
use crate::config::{LEAST_BLOCK_GAS, Mining};
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::flag;
use crate::rpc::views::{self, quantity};
use crate::rpc::{Params, RpcError, RpcResult, invalid, parse_number};

/// Most blocks that one call makes.
const MOST_BLOCKS: u64 = 1_000_000;
/// Intervals below this many are taken as seconds, as anvil's users give them; others as
/// milliseconds, as Hardhat's do.
const SECONDS_BELOW: u64 = 500;

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy("evm_mine", &[optional("timestamp or options")], "Makes a block, at a time if given.", |node, params| {
        mine_by_options(node, params)?;
        Ok(json!("0x0"))
    }),
    Method::heavy("anvil_mine_detailed", &[optional("timestamp or options")], "As evm_mine; answers with the blocks.", |node, params| {
        let before = node.head().number;
        mine_by_options(node, params)?;
        let (chain, style) = (node.chain(), node.style());
        chain.range(before + 1, u64::MAX).map(|block| views::block(&*block?, true, style)).collect()
    })
    .also(&["evm_mine_detailed"]),
    Method::heavy(
        "hardhat_mine",
        &[optional("count"), optional("seconds between")],
        "Makes many blocks.",
        |node, params| {
            let count = checked_count(0, params.optional_u64(0)?.unwrap_or(1))?;
            node.mine_many(count, params.optional_u64(1)?)?;
            Ok(json!(true))
        },
    )
    .also(&["anvil_mine"]),
    Method::heavy(
        "fevm_mineNullRounds",
        &[optional("count")],
        "Lets epochs pass without a block, then makes one; answers with its number. Requests for such an epoch get error 12, as on Filecoin.",
        |node, params| {
            let count = checked_count(0, params.optional_u64(0)?.unwrap_or(1))?;
            node.settings().null_rounds = count;
            Ok(quantity(node.mine()?.number))
        },
    ),
    Method::light("evm_increaseTime", &[required("seconds")], "Moves the clock forward; answers with the whole offset.", |node, params| {
        let seconds = params.u64(0)?;
        Ok(json!(node.settings().clock.advance(seconds)))
    })
    .also(&["anvil_increaseTime"]),
    Method::light("evm_setNextBlockTimestamp", &[required("timestamp")], "Sets the time of the next block.", |node, params| {
        let timestamp = params.u64(0)?;
        set_next(node, timestamp)?;
        Ok(json!(timestamp.to_string()))
    })
    .also(&["anvil_setNextBlockTimestamp"]),
    Method::light("evm_setTime", &[required("timestamp")], "Sets the clock.", |node, params| {
        let timestamp = params.u64(0)?;
        // Ganache's users give milliseconds.
        let seconds = if timestamp > 100_000_000_000 { timestamp / 1_000 } else { timestamp };
        Ok(json!(node.settings().clock.set_now(seconds)))
    })
    .also(&["anvil_setTime"]),
    Method::light("anvil_setBlockTimestampInterval", &[required("seconds")], "Fixes the seconds between blocks.", |node, params| {
        let seconds = params.u64(0)?;
        node.settings().clock.set_interval(Some(seconds));
        Ok(Value::Null)
    }),
    Method::light("anvil_removeBlockTimestampInterval", &[], "Lets blocks follow the clock again.", |node, _| {
        node.settings().clock.set_interval(None);
        Ok(json!(true))
    }),
    Method::heavy("evm_setAutomine", &[required("enabled")], "Switches blocks for each transaction on or off.", |node, params| {
        let automatic = flag(params, 0)?;
        node.settings().mining = if automatic { Mining::Automatic } else { Mining::Manual };
        node.mine_if_automatic()?;
        Ok(json!(true))
    })
    .also(&["anvil_setAutomine"]),
    Method::light("hardhat_getAutomine", &[], "Whether each transaction gets a block at once.", |node, _| {
        Ok(json!(node.settings().mining == Mining::Automatic))
    })
    .also(&["anvil_getAutomine"]),
    Method::light(
        "evm_setIntervalMining",
        &[required("interval")],
        "Makes blocks by time: in seconds below 500, else in milliseconds; 0 ends it.",
        |node, params| {
            let interval = params.u64(0)?;
            let milliseconds = if interval < SECONDS_BELOW { interval.saturating_mul(1_000) } else { interval };
            set_interval(node, milliseconds);
            Ok(json!(true))
        },
    ),
    Method::light("anvil_setIntervalMining", &[required("seconds")], "Makes blocks by time; 0 ends it.", |node, params| {
        set_interval(node, params.u64(0)?.saturating_mul(1_000));
        Ok(Value::Null)
    }),
    Method::light("anvil_getIntervalMining", &[], "Seconds between blocks, null if not by time.", |node, _| {
        Ok(match node.settings().mining {
            Mining::Interval(milliseconds) => json!(milliseconds.div_ceil(1_000)),
            Mining::Automatic | Mining::Manual => Value::Null,
        })
    }),
    Method::light("evm_setBlockGasLimit", &[required("gas")], "Sets the gas limit of blocks to come; GASLIMIT stays.", |node, params| {
        let limit = params.u64(0)?;
        let limit = node.config().gas_unit.take(limit);
        if limit < LEAST_BLOCK_GAS {
            return Err(invalid(0, format!("block gas limit {limit} holds no transaction: Filecoin gas is about 444 times Ethereum's, so at least {LEAST_BLOCK_GAS}")));
        }
        node.settings().block_gas_limit = limit;
        Ok(json!(true))
    })
    .also(&["anvil_setBlockGasLimit"]),
    Method::light("hardhat_setNextBlockBaseFeePerGas", &[required("attoFIL")], "Sets the base fee of the next block.", |node, params| {
        let fee = params.number(0)?;
        let fee = u64::try_from(fee).map_err(|_| invalid(0, "base fee does not fit 64 bits"))?;
        node.settings().next_base_fee = Some(node.config().gas_unit.take_price(fee.into()));
        Ok(json!(true))
    })
    .also(&["anvil_setNextBlockBaseFeePerGas"]),
    Method::light("hardhat_setMinGasPrice", &[required("attoFIL")], "Sets the least fee cap that the pool takes.", |node, params| {
        let least = params.number(0)?;
        let least = u128::try_from(least).map_err(|_| invalid(0, "does not fit 128 bits"))?;
        node.settings().min_gas_price = node.config().gas_unit.take_price(least);
        Ok(json!(true))
    })
    .also(&["anvil_setMinGasPrice"]),
    Method::light(
        "hardhat_setPrevRandao",
        &[required("value")],
        "Refused: PREVRANDAO is drawn from the beacon by the actor.",
        |_, _| Err(RpcError::not_on_filecoin("hardhat_setPrevRandao", "PREVRANDAO is a hash of the beacon's entry, so no value can be set")),
    )
    .also(&["anvil_setNextBlockPrevRandao"]),
    Method::heavy("evm_snapshot", &[], "Remembers the chain as it is; answers with a number for evm_revert.", |node, _| {
        Ok(quantity(node.snapshot()?))
    })
    .also(&["anvil_snapshot"]),
    Method::heavy("evm_revert", &[required("snapshot")], "Goes back to a snapshot; false if there is no such one.", |node, params| {
        Ok(json!(node.revert(params.u64(0)?)?))
    })
    .also(&["anvil_revert"]),
    Method::heavy("hardhat_reset", &[optional("forking")], "Starts again from block 0.", |node, params| {
        if params.raw(0).is_some_and(|options| options.get("forking").is_some_and(Value::is_object)) {
            return Err(RpcError::server("this node does not fork other networks"));
        }
        node.reset()?;
        Ok(json!(true))
    })
    .also(&["anvil_reset"]),
];

fn checked_count(index: usize, count: u64) -> RpcResult<u64> {
    if count > MOST_BLOCKS {
        return Err(invalid(
            index,
            format!("{count} blocks, at most {MOST_BLOCKS} in one call"),
        ));
    }
    Ok(count)
}

fn set_next(node: &Node, timestamp: u64) -> RpcResult<()> {
    let head = node.head().timestamp;
    node.settings()
        .clock
        .set_next(timestamp, head)
        .map_err(|error| RpcError::server(error.to_string()))
}

fn set_interval(node: &Node, milliseconds: u64) {
    node.settings().mining = if milliseconds == 0 {
        Mining::Manual
    } else {
        Mining::Interval(milliseconds)
    };
}

/// A timestamp, or an object with `timestamp` and `blocks`.
fn mine_by_options(node: &Arc<Node>, params: &Params) -> RpcResult<()> {
    let number = |value: &Value| {
        let number = parse_number(value).map_err(|error| invalid(0, error))?;
        u64::try_from(number).map_err(|_| invalid(0, "number does not fit 64 bits"))
    };
    let mut count = 1;
    match params.raw(0) {
        None => {}
        Some(Value::Object(options)) => {
            if let Some(timestamp) = options.get("timestamp").filter(|value| !value.is_null()) {
                set_next(node, number(timestamp)?)?;
            }
            if let Some(blocks) = options.get("blocks").filter(|value| !value.is_null()) {
                count = checked_count(0, number(blocks)?)?;
            }
        }
        // Some tools send 0 for now.
        Some(value) => match number(value)? {
            0 => {}
            timestamp => set_next(node, timestamp)?,
        },
    }
    Ok(node.mine_many(count, None)?)
}
