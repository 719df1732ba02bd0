//! Blocks and what is in them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::block_at;
use crate::Node;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::{BlockRef, flag};
use crate::rpc::views::{self, quantity, to_json};
use crate::rpc::{Params, RpcError, RpcResult};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "eth_getBlockByNumber",
        &[required("block"), optional("full transactions")],
        "A block by number or tag, null if there is none.",
        |node, params| block(node, by_number(params)?, flag(params, 1)?),
    ),
    Method::heavy(
        "eth_getBlockByHash",
        &[required("hash"), optional("full transactions")],
        "A block by hash, null if there is none.",
        |node, params| block(node, by_hash(params)?, flag(params, 1)?),
    ),
    Method::heavy(
        "eth_getHeaderByNumber",
        &[required("block")],
        "A block's header by number or tag.",
        |node, params| header(node, by_number(params)?),
    ),
    Method::heavy(
        "eth_getHeaderByHash",
        &[required("hash")],
        "A block's header by hash.",
        |node, params| header(node, by_hash(params)?),
    ),
    Method::heavy(
        "eth_getBlockTransactionCountByNumber",
        &[required("block")],
        "How many transactions a block has, by number or tag.",
        |node, params| count(node, by_number(params)?),
    ),
    Method::heavy(
        "eth_getBlockTransactionCountByHash",
        &[required("hash")],
        "How many transactions a block has, by hash.",
        |node, params| count(node, by_hash(params)?),
    ),
    Method::heavy(
        "eth_getBlockReceipts",
        &[required("block")],
        "The receipts of a block's transactions.",
        |node, params| {
            let Some(block) = block_at(node, by_number(params)?)? else {
                return Ok(Value::Null);
            };
            Ok((0..block.transactions.len())
                .filter_map(|index| views::receipt(&block, index, node.style()))
                .collect())
        },
    ),
    Method::heavy(
        "eth_getUncleCountByBlockNumber",
        &[required("block")],
        "Zero: there are no uncles.",
        |node, params| no_uncles(node, by_number(params)?, json!("0x0")),
    ),
    Method::heavy(
        "eth_getUncleCountByBlockHash",
        &[required("hash")],
        "Zero: there are no uncles.",
        |node, params| no_uncles(node, by_hash(params)?, json!("0x0")),
    ),
    Method::heavy(
        "eth_getUncleByBlockNumberAndIndex",
        &[required("block"), required("index")],
        "Null: there are no uncles.",
        |node, params| no_uncles(node, by_number(params)?, Value::Null),
    ),
    Method::heavy(
        "eth_getUncleByBlockHashAndIndex",
        &[required("hash"), required("index")],
        "Null: there are no uncles.",
        |node, params| no_uncles(node, by_hash(params)?, Value::Null),
    ),
];

pub(super) fn by_number(params: &Params) -> RpcResult<BlockRef> {
    BlockRef::from_param(params, 0, BlockRef::Latest)
}

pub(super) fn by_hash(params: &Params) -> RpcResult<BlockRef> {
    params.hash(0).map(BlockRef::Hash)
}

fn block(node: &Arc<Node>, wanted: BlockRef, full: bool) -> RpcResult {
    match block_at(node, wanted)? {
        Some(block) => views::block(&block, full, node.style()),
        None => Ok(Value::Null),
    }
}

fn header(node: &Arc<Node>, wanted: BlockRef) -> RpcResult {
    match block_at(node, wanted)? {
        Some(block) => to_json(views::header(&block, node.style())),
        None => Ok(Value::Null),
    }
}

fn count(node: &Arc<Node>, wanted: BlockRef) -> RpcResult {
    Ok(block_at(node, wanted)?.map_or(Value::Null, |block| {
        quantity(block.transactions.len() as u64)
    }))
}

fn no_uncles(node: &Arc<Node>, wanted: BlockRef, answer: Value) -> RpcResult<Value> {
    let exists: Result<_, RpcError> = block_at(node, wanted);
    Ok(exists?.map_or(Value::Null, |_| answer))
}
