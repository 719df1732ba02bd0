//! Logs, and filters that are asked for news.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::Log;
use serde_json::{Map, Value, json};

use super::existing_block;
use crate::Node;
use crate::chain::Block;
use crate::chain::logs::LogQuery;
use crate::node::filters::{FilterKind, News};
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::BlockRef;
use crate::rpc::views::{self, quantity, to_json};
use crate::rpc::{Params, RpcError, RpcResult, decode_hex, invalid};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "eth_getLogs",
        &[required("filter")],
        "The logs of a block or a range of blocks that meet conditions.",
        |node, params| {
            let filter = LogFilter::from_param(params, 0)?;
            to_json(filter.logs(node)?)
        },
    ),
    Method::light(
        "eth_newFilter",
        &[required("filter")],
        "Installs a filter on logs.",
        |node, params| {
            let filter = LogFilter::from_param(params, 0)?;
            let head = node.latest().number;
            let (from, to) = filter.numbers(node)?;
            // A filter from a block on tells of what is there already when it is asked for its logs.
            install(
                node,
                FilterKind::Logs {
                    query: filter.query,
                    from,
                    to: to.filter(|to| *to < u64::MAX),
                },
                head,
            )
        },
    ),
    Method::light(
        "eth_newBlockFilter",
        &[],
        "Installs a filter on new blocks.",
        |node, _| install(node, FilterKind::Blocks, node.latest().number),
    ),
    Method::light(
        "eth_newPendingTransactionFilter",
        &[optional("full")],
        "Installs a filter on waiting transactions.",
        |node, _| install(node, FilterKind::PendingTransactions, node.latest().number),
    ),
    Method::heavy(
        "eth_getFilterChanges",
        &[required("filter id")],
        "What a filter has not told yet.",
        changes,
    ),
    Method::heavy(
        "eth_getFilterLogs",
        &[required("filter id")],
        "All logs that a filter on logs is about.",
        all_logs,
    ),
    Method::light(
        "eth_uninstallFilter",
        &[required("filter id")],
        "Takes a filter out.",
        |node, params| Ok(json!(node.filters().uninstall(filter_id(params)?))),
    ),
    Method::light(
        "eth_subscribe",
        &[required("kind"), optional("options")],
        "Sends newHeads, logs or newPendingTransactions as they come; over a WebSocket only.",
        |_, _| {
            Err(RpcError::new(
                RpcError::METHOD_NOT_FOUND,
                "notifications not supported: subscribe over a WebSocket",
            ))
        },
    ),
    Method::light(
        "eth_unsubscribe",
        &[required("subscription")],
        "Ends a subscription; over a WebSocket only.",
        |_, _| {
            Err(RpcError::new(
                RpcError::METHOD_NOT_FOUND,
                "notifications not supported: subscribe over a WebSocket",
            ))
        },
    ),
];

/// Most logs that Filecoin's nodes answer with.
const LOTUS_MOST_LOGS: usize = 10_000;

/// What a client asks of logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogFilter {
    pub(crate) query: LogQuery,
    blocks: Blocks,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Blocks {
    One(B256),
    Range(BlockRef, BlockRef),
}

impl LogFilter {
    fn from_param(params: &Params, index: usize) -> RpcResult<Self> {
        let Value::Object(members) = params.required_raw(index)? else {
            return Err(invalid(index, "expected a filter object"));
        };
        Self::parse(members).map_err(|error| invalid(index, error))
    }

    pub(crate) fn parse(members: &Map<String, Value>) -> Result<Self, String> {
        let get = |name: &str| members.get(name).filter(|value| !value.is_null());
        let block = |name: &str| {
            get(name)
                .map(BlockRef::parse)
                .transpose()
                .map_err(|error| format!("field \"{name}\": {error}"))
        };
        let blocks = match (get("blockHash"), block("fromBlock")?, block("toBlock")?) {
            (Some(_), None, None) => Blocks::One(hash(get("blockHash"), "blockHash")?),
            (Some(_), _, _) => {
                return Err(
                    "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
                        .to_owned(),
                );
            }
            (None, from, to) => Blocks::Range(
                from.unwrap_or(BlockRef::Latest),
                to.unwrap_or(BlockRef::Latest),
            ),
        };
        let addresses = match get("address") {
            None => Vec::new(),
            Some(Value::Array(list)) => list
                .iter()
                .map(|value| address(Some(value)))
                .collect::<Result<_, _>>()?,
            one => vec![address(one)?],
        };
        let topics = match get("topics") {
            None => Vec::new(),
            Some(Value::Array(list)) if list.len() <= 4 => {
                list.iter().map(topic).collect::<Result<_, _>>()?
            }
            Some(Value::Array(_)) => {
                return Err("field \"topics\": exceed max topics, 4".to_owned());
            }
            Some(_) => return Err("field \"topics\": expected a list".to_owned()),
        };
        // Trailing positions that ask for nothing are no conditions.
        let mut topics: Vec<Vec<B256>> = topics;
        while topics.last().is_some_and(Vec::is_empty) {
            topics.pop();
        }
        Ok(Self {
            query: LogQuery { addresses, topics },
            blocks,
        })
    }

    /// First and last block number; the last is none if it is the head, whichever that is.
    fn numbers(&self, node: &Node) -> RpcResult<(u64, Option<u64>)> {
        let number = |block: BlockRef| match block {
            BlockRef::Number(number) => RpcResult::Ok(number),
            BlockRef::Earliest => Ok(0),
            BlockRef::Latest | BlockRef::Pending => Ok(node.latest().number),
            other => Ok(existing_block(node, other)?.number),
        };
        match self.blocks {
            Blocks::One(hash) => {
                let number = existing_block(node, BlockRef::Hash(hash))?.number;
                Ok((number, Some(number)))
            }
            Blocks::Range(from, to) => {
                let last = match to {
                    BlockRef::Latest | BlockRef::Pending => None,
                    other => Some(number(other)?),
                };
                let first = number(from)?;
                if last.is_some_and(|last| last < first) {
                    return Err(RpcError::server("invalid block range params"));
                }
                let range = last
                    .unwrap_or_else(|| node.latest().number)
                    .saturating_sub(first);
                match node.config().log_range_limit {
                    // The words of Filecoin's nodes.
                    Some(limit) if range > limit => Err(RpcError::new(
                        RpcError::LOTUS,
                        format!(
                            "invalid epoch range: range between to and from blocks is too large (maximum: {limit})"
                        ),
                    )),
                    _ => Ok((first, last)),
                }
            }
        }
    }

    fn logs(&self, node: &Node) -> RpcResult<Vec<Log>> {
        if let Blocks::One(hash) = self.blocks {
            let block = existing_block(node, BlockRef::Hash(hash))
                .map_err(|_| RpcError::server("unknown block"))?;
            return Ok(matching(&block, &self.query).collect());
        }
        let (first, last) = self.numbers(node)?;
        let logs = logs_between(node, &self.query, first, last.unwrap_or(u64::MAX))?;
        if node.config().lotus && logs.len() > LOTUS_MOST_LOGS {
            return Err(RpcError::new(
                RpcError::LOTUS,
                "filter matched too many events, try a more restricted filter",
            ));
        }
        Ok(logs)
    }
}

fn hash(value: Option<&Value>, name: &str) -> Result<B256, String> {
    let text = value
        .and_then(Value::as_str)
        .ok_or_else(|| format!("field \"{name}\": expected a string"))?;
    let bytes = decode_hex(text).map_err(|error| format!("field \"{name}\": {error}"))?;
    B256::try_from(bytes.as_slice())
        .map_err(|_| format!("field \"{name}\": hex has {} bytes, want 32", bytes.len()))
}

fn address(value: Option<&Value>) -> Result<Address, String> {
    let text = value
        .and_then(Value::as_str)
        .ok_or("field \"address\": expected a string")?;
    let bytes = decode_hex(text).map_err(|error| format!("field \"address\": {error}"))?;
    Address::try_from(bytes.as_slice())
        .map_err(|_| format!("field \"address\": hex has {} bytes, want 20", bytes.len()))
}

fn topic(value: &Value) -> Result<Vec<B256>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        // An alternative of null makes the whole position free.
        Value::Array(list) if list.iter().any(Value::is_null) => Ok(Vec::new()),
        Value::Array(list) => list
            .iter()
            .map(|value| hash(Some(value), "topics"))
            .collect(),
        one => Ok(vec![hash(Some(one), "topics")?]),
    }
}

/// The logs of a block that meet the conditions.
pub(crate) fn matching<'a>(
    block: &'a Block,
    query: &'a LogQuery,
) -> impl Iterator<Item = Log> + 'a {
    let candidates = query.may_match(&block.logs_bloom).then(|| block.logs());
    candidates
        .into_iter()
        .flatten()
        .filter(|place| query.matches(place.log))
        .map(|place| views::log(block, &place))
}

fn logs_between(node: &Node, query: &LogQuery, first: u64, last: u64) -> RpcResult<Vec<Log>> {
    let mut logs = Vec::new();
    // The chain is locked for one block at a time, so that new ones need not wait for a long search.
    for number in first..=last.min(node.latest().number) {
        if let Some(block) = node.chain().by_number(number)? {
            logs.extend(matching(&block, query));
        }
    }
    Ok(logs)
}

fn install(node: &Node, kind: FilterKind, head: u64) -> RpcResult {
    let id = node.filters().install(kind, head);
    id.map(quantity)
        .ok_or_else(|| RpcError::server("too many filters: uninstall some"))
}

fn filter_id(params: &Params) -> RpcResult<u64> {
    params.u64(0)
}

fn not_found() -> RpcError {
    RpcError::server("filter not found")
}

fn changes(node: &Arc<Node>, params: &Params) -> RpcResult {
    let head = node.latest().number;
    let news = node
        .filters()
        .take_news(filter_id(params)?, head)
        .ok_or_else(not_found)?;
    match news {
        News::Blocks { first } => {
            let chain = node.chain();
            chain
                .range(first, head)
                .map(|block| Ok(json!(block?.hash)))
                .collect()
        }
        News::Transactions(hashes) => to_json(hashes),
        News::Logs {
            query,
            removed,
            first,
            last,
        } => {
            let taken_back = removed.iter().flat_map(|block| matching(block, &query));
            let mut logs: Vec<Log> = taken_back
                .map(|log| Log {
                    removed: true,
                    ..log
                })
                .collect();
            logs.extend(logs_between(node, &query, first, last)?);
            to_json(logs)
        }
    }
}

fn all_logs(node: &Arc<Node>, params: &Params) -> RpcResult {
    let kind = node.filters().kind(filter_id(params)?).cloned();
    match kind {
        Some(FilterKind::Logs { query, from, to }) => {
            to_json(logs_between(node, &query, from, to.unwrap_or(u64::MAX))?)
        }
        _ => Err(not_found()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: Value) -> Result<LogFilter, String> {
        LogFilter::parse(value.as_object().unwrap())
    }

    #[test]
    fn filters_are_read_in_all_their_shapes() {
        let (a, t) = (
            format!("0x{}", "11".repeat(20)),
            format!("0x{}", "22".repeat(32)),
        );
        let filter =
            parse(json!({"address": a, "topics": [null, [t, t], null], "fromBlock": "0x1"}))
                .unwrap();
        assert_eq!(filter.query.addresses, [Address::repeat_byte(0x11)]);
        assert_eq!(
            filter.query.topics,
            [vec![], vec![B256::repeat_byte(0x22); 2]]
        );
        assert_eq!(
            filter.blocks,
            Blocks::Range(BlockRef::Number(1), BlockRef::Latest)
        );
        assert_eq!(
            parse(json!({"blockHash": t})).unwrap().blocks,
            Blocks::One(B256::repeat_byte(0x22))
        );
    }

    #[test]
    fn faults_are_named() {
        let t = format!("0x{}", "22".repeat(32));
        assert!(
            parse(json!({"blockHash": t, "fromBlock": "0x1"}))
                .unwrap_err()
                .starts_with("cannot specify both")
        );
        assert!(
            parse(json!({"topics": ["0x12"]}))
                .unwrap_err()
                .contains("want 32")
        );
        assert!(
            parse(json!({"topics": [null, null, null, null, null]}))
                .unwrap_err()
                .contains("max topics")
        );
        assert!(
            parse(json!({"address": "0x12"}))
                .unwrap_err()
                .contains("want 20")
        );
        assert!(
            parse(json!({"fromBlock": "soon"}))
                .unwrap_err()
                .contains("\"fromBlock\"")
        );
    }
}
