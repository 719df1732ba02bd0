//! Transactions and their receipts.

use std::sync::Arc;

use alloy_primitives::B256;
use serde_json::{Value, json};

use super::block_at;
use super::blocks::{by_hash, by_number};
use crate::Node;
use crate::pool::Transaction;
use crate::rpc::catalogue::{Method, required};
use crate::rpc::request::BlockRef;
use crate::rpc::views::{self, to_json};
use crate::rpc::{Params, RpcResult};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "eth_getTransactionByHash",
        &[required("hash")],
        "A transaction, mined or waiting; null if unknown.",
        |node, params| {
            let hash = params.hash(0)?;
            let mined = node
                .mined(hash)?
                .and_then(|(block, index)| views::mined_transaction(&block, index));
            match mined.or_else(|| {
                node.waiting(hash)
                    .map(|transaction| views::waiting_transaction(&transaction))
            }) {
                Some(view) => to_json(view),
                None => Ok(Value::Null),
            }
        },
    ),
    Method::light(
        "eth_getTransactionReceipt",
        &[required("hash")],
        "The receipt of a mined transaction; null if there is none.",
        |node, params| {
            let hash = params.hash(0)?;
            let receipt = node
                .mined(hash)?
                .and_then(|(block, index)| views::receipt(&block, index, node.style()));
            Ok(receipt.unwrap_or(Value::Null))
        },
    ),
    Method::heavy(
        "eth_getTransactionByBlockNumberAndIndex",
        &[required("block"), required("index")],
        "A transaction by its place in a block, by number or tag.",
        |node, params| in_block(node, by_number(params)?, params),
    ),
    Method::heavy(
        "eth_getTransactionByBlockHashAndIndex",
        &[required("hash"), required("index")],
        "A transaction by its place in a block, by hash.",
        |node, params| in_block(node, by_hash(params)?, params),
    ),
    Method::light(
        "eth_getRawTransactionByHash",
        &[required("hash")],
        "The signed bytes of a transaction.",
        |node, params| {
            let found = find(node, params.hash(0)?)?;
            Ok(found.map_or(Value::Null, |transaction| json!(transaction.raw())))
        },
    )
    .also(&["debug_getRawTransaction"]),
    Method::heavy(
        "eth_getRawTransactionByBlockNumberAndIndex",
        &[required("block"), required("index")],
        "The signed bytes of a transaction by its place in a block, by number or tag.",
        |node, params| raw_in_block(node, by_number(params)?, params),
    ),
    Method::heavy(
        "eth_getRawTransactionByBlockHashAndIndex",
        &[required("hash"), required("index")],
        "The signed bytes of a transaction by its place in a block, by hash.",
        |node, params| raw_in_block(node, by_hash(params)?, params),
    ),
    Method::heavy(
        "eth_getTransactionBySenderAndNonce",
        &[required("sender"), required("nonce")],
        "A transaction, mined or waiting, by its sender and nonce.",
        by_sender_and_nonce,
    ),
    Method::light(
        "eth_pendingTransactions",
        &[],
        "The waiting transactions.",
        |node, _| {
            to_json(
                node.pool()
                    .iter()
                    .map(|transaction| views::waiting_transaction(transaction))
                    .collect::<Vec<_>>(),
            )
        },
    ),
];

/// A transaction, mined or waiting.
pub(crate) fn find(node: &Node, hash: B256) -> RpcResult<Option<Arc<Transaction>>> {
    let mined = node
        .mined(hash)?
        .and_then(|(block, index)| Some(Arc::clone(&block.transactions.get(index)?.transaction)));
    Ok(mined.or_else(|| node.waiting(hash)))
}

fn in_block(node: &Arc<Node>, wanted: BlockRef, params: &Params) -> RpcResult {
    let index = index(params)?;
    match block_at(node, wanted)?.and_then(|block| views::mined_transaction(&block, index)) {
        Some(view) => to_json(view),
        None => Ok(Value::Null),
    }
}

fn raw_in_block(node: &Arc<Node>, wanted: BlockRef, params: &Params) -> RpcResult {
    let index = index(params)?;
    let block = block_at(node, wanted)?;
    let included = block
        .as_ref()
        .and_then(|block| block.transactions.get(index));
    Ok(included.map_or(Value::Null, |included| json!(included.transaction.raw())))
}

/// The second parameter: a transaction's position in its block, from 0.
fn index(params: &Params) -> RpcResult<usize> {
    Ok(usize::try_from(params.u64(1)?).unwrap_or(usize::MAX))
}

fn by_sender_and_nonce(node: &Arc<Node>, params: &Params) -> RpcResult {
    let (sender, nonce) = (params.address(0)?, params.u64(1)?);
    let wanted =
        |transaction: &Transaction| transaction.sender == sender && transaction.nonce() == nonce;
    let chain = node.chain();
    for block in chain.range(0, u64::MAX).rev() {
        let block = block?;
        if let Some(index) = block
            .transactions
            .iter()
            .position(|included| wanted(&included.transaction))
        {
            return views::mined_transaction(&block, index).map_or(Ok(Value::Null), to_json);
        }
    }
    drop(chain);
    let waiting = node
        .pool()
        .of_sender(sender)
        .find(|transaction| transaction.nonce() == nonce)
        .cloned();
    waiting.map_or(Ok(Value::Null), |transaction| {
        to_json(views::waiting_transaction(&transaction))
    })
}
