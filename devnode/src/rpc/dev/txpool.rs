//! `txpool_`: what waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_primitives::Address;
use serde_json::{Value, json};

use crate::Node;
use crate::pool::Transaction;
use crate::rpc::RpcResult;
use crate::rpc::catalogue::{Method, required};
use crate::rpc::views::{self, quantity, to_json};

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy(
        "txpool_status",
        &[],
        "How many transactions can run, and how many wait for others.",
        |node, _| {
            let (pending, queued) = split(node)?;
            Ok(
                json!({ "pending": quantity(pending.len() as u64), "queued": quantity(queued.len() as u64) }),
            )
        },
    ),
    Method::heavy(
        "txpool_content",
        &[],
        "The waiting transactions in full, by sender and nonce.",
        |node, _| {
            let (pending, queued) = split(node)?;
            Ok(
                json!({ "pending": by_sender(&pending, content)?, "queued": by_sender(&queued, content)? }),
            )
        },
    ),
    Method::heavy(
        "txpool_inspect",
        &[],
        "The waiting transactions in words, by sender and nonce.",
        |node, _| {
            let (pending, queued) = split(node)?;
            Ok(
                json!({ "pending": by_sender(&pending, inspect)?, "queued": by_sender(&queued, inspect)? }),
            )
        },
    ),
    Method::heavy(
        "txpool_contentFrom",
        &[required("sender")],
        "A sender's waiting transactions, by nonce.",
        |node, params| {
            let sender = params.address(0)?;
            let (pending, queued) = split(node)?;
            let of_sender = |list: &[Arc<Transaction>]| {
                let own = list
                    .iter()
                    .filter(|transaction| transaction.sender == sender);
                own.map(|transaction| Ok((transaction.nonce().to_string(), content(transaction)?)))
                    .collect::<RpcResult<serde_json::Map<_, _>>>()
            };
            Ok(json!({ "pending": of_sender(&pending)?, "queued": of_sender(&queued)? }))
        },
    ),
];

type Waiting = Vec<Arc<Transaction>>;

/// Those that can run now, and those that wait for a nonce or for a lower base fee.
fn split(node: &Node) -> RpcResult<(Waiting, Waiting)> {
    let pending = node.runnable()?;
    let all: Waiting = node.pool().iter().cloned().collect();
    let queued = all
        .into_iter()
        .filter(|one| !pending.iter().any(|other| other.hash == one.hash))
        .collect();
    Ok((pending, queued))
}

fn by_sender(list: &[Arc<Transaction>], show: fn(&Transaction) -> RpcResult) -> RpcResult {
    let mut senders: BTreeMap<Address, serde_json::Map<String, Value>> = BTreeMap::new();
    for transaction in list {
        senders
            .entry(transaction.sender)
            .or_default()
            .insert(transaction.nonce().to_string(), show(transaction)?);
    }
    to_json(
        senders
            .into_iter()
            .map(|(sender, list)| (sender.to_string(), list))
            .collect::<BTreeMap<_, _>>(),
    )
}

fn content(transaction: &Transaction) -> RpcResult {
    to_json(views::waiting_transaction(transaction))
}

fn inspect(transaction: &Transaction) -> RpcResult {
    let to = transaction
        .to()
        .map_or_else(|| "contract creation".to_owned(), |to| to.to_string());
    Ok(json!(format!(
        "{to}: {} wei + {} gas × {} wei",
        transaction.envelope.value(),
        transaction.envelope.gas_limit(),
        transaction.envelope.max_fee_per_gas()
    )))
}
