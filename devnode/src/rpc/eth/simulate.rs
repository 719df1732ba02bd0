//! `eth_simulateV1`: blocks of calls on top of a block, with the state and the headers changed as
//! wished, kept nowhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_primitives::Address;
use serde_json::{Map, Value, json};

use super::execution::{account_overrides, block_overrides, fees};
use super::existing_block;
use crate::Node;
use crate::chain::Block;
use crate::chain::builder::Draft;
use crate::executor::{
    AccountOverride, BlockOverrides, CallError, Executor, Rules, SimulatedBlock, SimulationCall,
    SimulationError,
};
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::{BlockRef, CallRequest};
use crate::rpc::views::{self, quantity};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// Most blocks of a simulation, those that fill gaps counted in.
const MOST_BLOCKS: u64 = 256;
/// Seconds between blocks whose time is not given.
const BLOCK_SECONDS: u64 = 12;
/// How long a simulation may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

// The codes of the execution APIs' specification.
const NONCE_TOO_LOW: i64 = -38_010;
const NONCE_TOO_HIGH: i64 = -38_011;
const INTRINSIC_GAS: i64 = -38_013;
const INSUFFICIENT_FUNDS: i64 = -38_014;
const BLOCK_GAS_LIMIT: i64 = -38_015;
const BLOCK_NUMBER: i64 = -38_020;
const BLOCK_TIMESTAMP: i64 = -38_021;
const CLIENT_LIMIT: i64 = -38_026;
const VM_ERROR: i64 = -32_015;
const TIMEOUT: i64 = -32_016;

/// The methods of this module.
pub(crate) const METHODS: &[Method] = &[Method::heavy(
    "eth_simulateV1",
    &[required("simulation"), optional("block")],
    "Runs blocks of calls on top of a block, with state and block overrides, and keeps nothing.",
    simulate,
)];

/// A block to simulate.
#[derive(Debug, Clone, Default)]
struct Wanted {
    accounts: Vec<(Address, AccountOverride)>,
    overrides: BlockOverrides,
    calls: Vec<CallRequest>,
}

/// A block with its place in the chain.
#[derive(Debug)]
struct Placed {
    number: u64,
    timestamp: u64,
    wanted: Wanted,
}

struct Options {
    rules: Rules,
    full: bool,
}

impl From<SimulationError> for RpcError {
    fn from(error: SimulationError) -> Self {
        let code = match &error {
            SimulationError::NonceTooLow { .. } => NONCE_TOO_LOW,
            SimulationError::NonceTooHigh { .. } => NONCE_TOO_HIGH,
            SimulationError::IntrinsicGas(_) => INTRINSIC_GAS,
            SimulationError::InsufficientFunds { .. } => INSUFFICIENT_FUNDS,
            SimulationError::BlockGasLimit { .. } => BLOCK_GAS_LIMIT,
            SimulationError::FeeCapTooLow { .. } => Self::INVALID_PARAMS,
            SimulationError::Machine(_) => return Self::server(error.to_string()),
        };
        Self::new(code, error.to_string())
    }
}

fn simulate(node: &Arc<Node>, params: &Params) -> RpcResult {
    let Value::Object(members) = params.required_raw(0)? else {
        return Err(invalid(0, "expected an object with blockStateCalls"));
    };
    let options = Options::parse(node, members).map_err(|error| invalid(0, error))?;
    let wanted = wanted_blocks(members)?;
    let base = existing_block(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
    let placed = placed(&base, wanted)?;

    let started = Instant::now();
    let mut executor = node.executor().scratch();
    let mut parent = (*base).clone();
    let mut answer = Vec::with_capacity(placed.len());
    for next in placed {
        if started.elapsed() > TIME_LIMIT {
            let error = format!("execution aborted (timeout = {}s)", TIME_LIMIT.as_secs());
            return Err(RpcError::new(TIMEOUT, error));
        }
        let simulated = run(node, &executor, &parent, next, &options)?;
        answer.push(view(node, &simulated, options.full)?);
        executor = executor.with_block(&simulated.block);
        parent = simulated.block;
    }
    Ok(Value::Array(answer))
}

fn run(
    node: &Node,
    executor: &Executor,
    parent: &Block,
    next: Placed,
    options: &Options,
) -> RpcResult<SimulatedBlock> {
    let unit = node.config().gas_unit;
    let Wanted {
        accounts,
        overrides,
        calls,
    } = next.wanted;
    let mut state_root = parent.state_root;
    if !accounts.is_empty() {
        state_root = executor.override_state(&state_root, &accounts)?;
    }
    let draft = Draft {
        number: next.number,
        timestamp: next.timestamp,
        base_fee: match overrides.base_fee {
            Some(fee) => unit.take_price(fee),
            None if options.rules.validation => parent.next_base_fee,
            None => 0,
        },
        gas_limit: overrides
            .gas_limit
            .map_or(parent.gas_limit, |gas| unit.take(gas)),
    };
    let calls = calls.into_iter().map(|request| {
        let (fee_cap, premium) = fees(node, &request);
        SimulationCall {
            from: request.from.unwrap_or_default(),
            to: request.to,
            input: request.input,
            value: request.value,
            nonce: request.nonce,
            gas_limit: request.gas.map(|gas| unit.take(gas)),
            fee_cap,
            premium,
        }
    });
    Ok(executor.simulate(parent, draft, state_root, calls.collect(), options.rules)?)
}

fn view(node: &Node, simulated: &SimulatedBlock, full: bool) -> RpcResult {
    let block = &simulated.block;
    let unit = node.config().gas_unit;
    let mut shown = views::block(block, full, node.style())?;
    let calls: Vec<Value> = simulated
        .calls
        .iter()
        .zip(&block.transactions)
        .enumerate()
        .map(|(index, (call, included))| {
            let logs: Vec<_> = block
                .logs()
                .filter(|place| place.transaction_index == index as u64)
                .map(|place| views::log(block, &place))
                .collect();
            let gas_used = quantity(unit.show(included.receipt.gas_used));
            let mut result = json!({
                "returnData": call.output,
                "logs": logs,
                // Nothing is given back on Filecoin, so the most is what is used.
                "gasUsed": gas_used,
                "maxUsedGas": gas_used,
                "status": quantity(u8::from(call.error.is_none())),
            });
            if let Some(error) = &call.error {
                result["error"] = call_error(error);
            }
            result
        })
        .collect();
    shown["calls"] = Value::Array(calls);
    Ok(shown)
}

fn call_error(error: &CallError) -> Value {
    match error {
        CallError::Reverted(data) => {
            let error = RpcError::reverted(data);
            json!({ "code": error.code, "message": error.message, "data": error.data })
        }
        other => json!({ "code": VM_ERROR, "message": format!("vm execution error: {other}") }),
    }
}

impl Options {
    fn parse(node: &Node, members: &Map<String, Value>) -> Result<Self, String> {
        let flag = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(format!("field \"{name}\": expected true or false")),
        };
        Ok(Self {
            rules: Rules {
                validation: flag("validation")?,
                transfers: flag("traceTransfers")?,
                chain_id: node.config().chain_id,
            },
            full: flag("returnFullTransactions")?,
        })
    }
}

fn wanted_blocks(members: &Map<String, Value>) -> RpcResult<Vec<Wanted>> {
    let blocks = match members.get("blockStateCalls") {
        Some(Value::Array(blocks)) if !blocks.is_empty() => blocks,
        None | Some(Value::Null | Value::Array(_)) => return Err(RpcError::params("empty input")),
        Some(_) => return Err(invalid(0, "field \"blockStateCalls\": expected a list")),
    };
    if blocks.len() as u64 > MOST_BLOCKS {
        return Err(too_many_blocks());
    }
    let read = |(index, block): (usize, &Value)| {
        wanted_block(block)
            .map_err(|error| invalid(0, format!("field \"blockStateCalls\"[{index}]: {error}")))
    };
    blocks.iter().enumerate().map(read).collect()
}

fn wanted_block(block: &Value) -> Result<Wanted, String> {
    let Value::Object(members) = block else {
        return Err("expected an object".to_owned());
    };
    let get = |name: &str| members.get(name).filter(|value| !value.is_null());
    let named = |name: &'static str| move |error: String| format!("field \"{name}\": {error}");
    let calls = match get("calls") {
        None => Vec::new(),
        Some(Value::Array(calls)) => calls
            .iter()
            .map(|call| match call {
                Value::Object(members) => CallRequest::parse(members),
                _ => Err("expected a transaction object".to_owned()),
            })
            .collect::<Result<_, _>>()
            .map_err(named("calls"))?,
        Some(_) => return Err("field \"calls\": expected a list".to_owned()),
    };
    Ok(Wanted {
        accounts: get("stateOverrides")
            .map_or(Ok(Vec::new()), account_overrides)
            .map_err(named("stateOverrides"))?,
        overrides: get("blockOverrides")
            .map_or(Ok(BlockOverrides::default()), block_overrides)
            .map_err(named("blockOverrides"))?,
        calls,
    })
}

/// Gives each block its number and time, and fills gaps between numbers with empty blocks.
fn placed(base: &Block, wanted: Vec<Wanted>) -> RpcResult<Vec<Placed>> {
    let (mut number, mut timestamp) = (base.number, base.timestamp);
    let mut placed = Vec::with_capacity(wanted.len());
    for block in wanted {
        let next = block
            .overrides
            .number
            .unwrap_or_else(|| number.saturating_add(1));
        if next <= number {
            return Err(RpcError::new(
                BLOCK_NUMBER,
                format!("block numbers must be in order: {next} <= {number}"),
            ));
        }
        if next - base.number > MOST_BLOCKS {
            return Err(too_many_blocks());
        }
        for filler in number + 1..next {
            timestamp = timestamp.saturating_add(BLOCK_SECONDS);
            placed.push(Placed {
                number: filler,
                timestamp,
                wanted: Wanted::default(),
            });
        }
        let time = block
            .overrides
            .time
            .unwrap_or_else(|| timestamp.saturating_add(BLOCK_SECONDS));
        if time <= timestamp {
            return Err(RpcError::new(
                BLOCK_TIMESTAMP,
                format!("block timestamps must be in order: {time} <= {timestamp}"),
            ));
        }
        (number, timestamp) = (next, time);
        placed.push(Placed {
            number,
            timestamp,
            wanted: block,
        });
    }
    Ok(placed)
}

fn too_many_blocks() -> RpcError {
    RpcError::new(CLIENT_LIMIT, "too many blocks")
}
