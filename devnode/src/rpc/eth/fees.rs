//! What gas costs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::existing_block;
use crate::Node;
use crate::chain::Block;
use crate::config::GasUnit;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::BlockRef;
use crate::rpc::views::quantity;
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// The premium that is suggested, in attoFIL per gas: Filecoin nodes' own floor.
pub const SUGGESTED_PREMIUM: u128 = 100_000;

/// Most blocks that a fee history covers.
const MOST_BLOCKS: u64 = 1_024;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "eth_gasPrice",
        &[],
        "A gas price for the next block: base fee and suggested premium, in attoFIL.",
        |node, _| {
            let price = node.draft().base_fee.saturating_add(SUGGESTED_PREMIUM);
            Ok(quantity(node.config().gas_unit.show_price(price)))
        },
    ),
    Method::light(
        "eth_maxPriorityFeePerGas",
        &[],
        "The suggested premium over the base fee, in attoFIL per gas.",
        |node, _| {
            Ok(quantity(
                node.config().gas_unit.show_price(SUGGESTED_PREMIUM),
            ))
        },
    ),
    Method::light(
        "eth_baseFee",
        &[],
        "The base fee of the next block, in attoFIL per gas.",
        |node, _| {
            Ok(quantity(
                node.config().gas_unit.show_price(node.draft().base_fee),
            ))
        },
    ),
    Method::light(
        "eth_blobBaseFee",
        &[],
        "Refused: there are no blobs.",
        |_, _| {
            Err(RpcError::not_on_filecoin(
                "eth_blobBaseFee",
                "it has no blobs (EIP-4844)",
            ))
        },
    ),
    Method::heavy(
        "eth_feeHistory",
        &[
            required("block count"),
            required("newest block"),
            optional("reward percentiles"),
        ],
        "Base fees, use and premiums of the last blocks.",
        fee_history,
    ),
];

fn fee_history(node: &Arc<Node>, params: &Params) -> RpcResult {
    let percentiles = percentiles(params)?;
    let newest = existing_block(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
    let count = params.u64(0)?.min(MOST_BLOCKS).min(newest.number + 1);
    if count == 0 {
        return Ok(json!({ "oldestBlock": "0x0", "baseFeePerGas": null, "gasUsedRatio": null }));
    }
    let oldest = newest.number + 1 - count;
    let mut blocks: Vec<Arc<Block>> = {
        let chain = node.chain();
        chain
            .range(oldest, newest.number)
            .collect::<Result<_, _>>()?
    };
    if blocks.last().is_none_or(|last| last.number < newest.number) {
        // The pending block is not part of the chain.
        blocks.push(Arc::clone(&newest));
    }
    let unit = node.config().gas_unit;
    let mut base_fees: Vec<Value> = blocks
        .iter()
        .map(|block| quantity(unit.show_price(block.base_fee)))
        .collect();
    base_fees.push(quantity(unit.show_price(newest.next_base_fee)));
    let ratios: Vec<f64> = blocks
        .iter()
        .map(|block| block.gas_used as f64 / block.gas_limit.max(1) as f64)
        .collect();
    let mut history = json!({
        "oldestBlock": quantity(oldest),
        "baseFeePerGas": base_fees,
        "gasUsedRatio": ratios,
    });
    if let Some(percentiles) = percentiles {
        let rewards: Vec<Value> = blocks
            .iter()
            .map(|block| rewards(block, &percentiles, unit))
            .collect();
        history["reward"] = Value::Array(rewards);
    }
    Ok(history)
}

fn percentiles(params: &Params) -> RpcResult<Option<Vec<f64>>> {
    const MOST: usize = 100;
    let Some(percentiles) = params.optional::<Vec<f64>>(2)? else {
        return Ok(None);
    };
    if percentiles.len() > MOST {
        return Err(invalid(2, format!("over the query limit {MOST}")));
    }
    for (index, percentile) in percentiles.iter().enumerate() {
        if !(0.0..=100.0).contains(percentile) {
            return Err(RpcError::server(format!(
                "invalid reward percentile: {percentile}"
            )));
        }
        if let Some(previous) = index
            .checked_sub(1)
            .and_then(|previous| percentiles.get(previous))
            && previous > percentile
        {
            return Err(RpcError::server(format!(
                "invalid reward percentile: #{}:{previous} >= #{index}:{percentile}",
                index - 1
            )));
        }
    }
    Ok(Some(percentiles).filter(|percentiles| !percentiles.is_empty()))
}

/// The premium below which that part of the block's gas was offered, for each percentile. An
/// empty block shows the suggested premium, so that wallets which average offer what is taken.
fn rewards(block: &Block, percentiles: &[f64], unit: GasUnit) -> Value {
    let mut offers: Vec<(u128, u64)> = block
        .transactions
        .iter()
        .map(|included| {
            (
                included.transaction.effective_premium(block.base_fee),
                included.receipt.gas_used,
            )
        })
        .collect();
    offers.sort_unstable();
    let at = |percentile: &f64| {
        let threshold = (block.gas_used as f64 * percentile / 100.0) as u64;
        let mut gas = 0_u64;
        let found = offers.iter().find(|(_, used)| {
            gas = gas.saturating_add(*used);
            gas >= threshold
        });
        let premium = found
            .or(offers.last())
            .map_or(SUGGESTED_PREMIUM, |(premium, _)| *premium);
        quantity(unit.show_price(premium))
    };
    percentiles.iter().map(at).collect()
}
