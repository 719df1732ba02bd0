//! `eth_subscribe`: what is sent without being asked, over a WebSocket.

use serde_json::{Value, json};

use super::filters::{LogFilter, matching};
use crate::Node;
use crate::chain::logs::LogQuery;
use crate::node::ChainEvent;
use crate::rpc::views::{self, to_json};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// What a subscription is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscription {
    /// Headers of new blocks.
    NewHeads,
    /// Logs that meet conditions; those of removed blocks with `removed`.
    Logs(LogQuery),
    /// Waiting transactions, in full or by hash.
    PendingTransactions {
        /// Whether in full.
        full: bool,
    },
}

/// Opens a subscription as the parameters say; gives its id.
///
/// # Errors
/// The kind is unknown or its options are malformed.
pub fn open(node: &Node, params: &Params) -> RpcResult<(String, Subscription)> {
    let subscription = match params.text(0)? {
        "newHeads" => Subscription::NewHeads,
        "logs" => {
            let query = match params.raw(1) {
                None => LogQuery::default(),
                Some(Value::Object(members)) => {
                    LogFilter::parse(members)
                        .map_err(|error| invalid(1, error))?
                        .query
                }
                Some(_) => return Err(invalid(1, "expected a filter object")),
            };
            Subscription::Logs(query)
        }
        "newPendingTransactions" => Subscription::PendingTransactions {
            full: params.raw(1).and_then(Value::as_bool).unwrap_or(false),
        },
        other => {
            return Err(RpcError::new(
                RpcError::METHOD_NOT_FOUND,
                format!(
                    "no {other:?} subscription in eth namespace: there are newHeads, logs and newPendingTransactions"
                ),
            ));
        }
    };
    Ok((node.new_subscription_id(), subscription))
}

impl Subscription {
    /// What the subscriber is told of an event.
    pub fn notifications(&self, node: &Node, event: &ChainEvent) -> Vec<Value> {
        match (self, event) {
            (Self::NewHeads, ChainEvent::NewHead(block)) => {
                to_json(views::header(block, node.style()))
                    .into_iter()
                    .collect()
            }
            (Self::Logs(query), ChainEvent::NewHead(block)) => matching(block, query)
                .filter_map(|log| to_json(log).ok())
                .collect(),
            (Self::Logs(query), ChainEvent::Removed(blocks)) => blocks
                .iter()
                .rev()
                .flat_map(|block| matching(block, query))
                .filter_map(|log| {
                    to_json(alloy_rpc_types_eth::Log {
                        removed: true,
                        ..log
                    })
                    .ok()
                })
                .collect(),
            (Self::PendingTransactions { full: false }, ChainEvent::Pending(transaction)) => {
                vec![json!(transaction.hash)]
            }
            (Self::PendingTransactions { full: true }, ChainEvent::Pending(transaction)) => {
                to_json(views::waiting_transaction(transaction))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}
