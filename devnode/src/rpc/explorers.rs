//! `ots_`, `erigon_`, `personal_`: what explorers and older tools ask.

use serde_json::{Value, json};

use super::catalogue::{Method, optional, required};
use super::eth::state::word;
use super::eth::{block_at, state_at};
use super::request::BlockRef;
use super::views::{self, address, quantity, to_json};
use super::{RpcError, RpcResult};
use crate::node::Node;

/// The version of Otterscan's interface that the answers follow.
const OTTERSCAN_LEVEL: u64 = 8;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "ots_getApiLevel",
        &[],
        "The version of Otterscan's interface; of its methods those listed here are there.",
        |_, _| Ok(json!(OTTERSCAN_LEVEL)),
    ),
    Method::heavy(
        "ots_hasCode",
        &[required("address"), optional("block")],
        "Whether there is a contract at an address.",
        |node, params| {
            let state = state_at(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
            Ok(json!(!state.eth_code(params.address(0)?)?.is_empty()))
        },
    ),
    Method::heavy(
        "ots_getTransactionError",
        &[required("hash")],
        "What a transaction reverted with; empty if it did not.",
        |node, params| {
            let Some((block, index)) = node.mined(params.hash(0)?)? else {
                return Ok(Value::Null);
            };
            let receipt = block
                .transactions
                .get(index)
                .map(|included| &included.receipt);
            Ok(match receipt {
                Some(receipt) if !receipt.succeeded() => json!(receipt.output),
                _ => json!("0x"),
            })
        },
    ),
    Method::heavy(
        "ots_getBlockDetails",
        &[required("block")],
        "A block without transactions, with their number, its reward and its fees.",
        |node, params| {
            let block = block_at(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
            block.map_or(Ok(Value::Null), |block| details(node, &block))
        },
    ),
    Method::heavy(
        "erigon_getHeaderByNumber",
        &[required("block")],
        "A block's header by number or tag.",
        |node, params| {
            let block = block_at(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
            match block {
                Some(block) => to_json(views::header(&block, node.style())),
                None => Ok(Value::Null),
            }
        },
    ),
    Method::light(
        "personal_listAccounts",
        &[],
        "The accounts whose keys the node holds.",
        |node, _| {
            let accounts = node.accounts().addresses();
            Ok(accounts.map(|account| address(&account)).collect())
        },
    ),
    Method::light(
        "personal_unlockAccount",
        &[
            required("address"),
            optional("password"),
            optional("seconds"),
        ],
        "True: the accounts of the node are never locked.",
        |node, params| {
            let account = params.address(0)?;
            match node.accounts().contains(account) {
                true => Ok(json!(true)),
                false => Err(RpcError::server(format!(
                    "unknown account {account}: the node does not hold its key"
                ))),
            }
        },
    ),
];

fn details(node: &Node, block: &crate::chain::Block) -> RpcResult {
    let mut shown = views::block(block, false, node.style())?;
    if let Some(members) = shown.as_object_mut() {
        members.remove("transactions");
        members.insert(
            "transactionCount".to_owned(),
            quantity(block.transactions.len() as u64),
        );
        members.insert("logsBloom".to_owned(), Value::Null);
    }
    let unit = node.config().gas_unit;
    let fees = block.transactions.iter().map(|included| {
        alloy_primitives::U256::from(unit.show(included.receipt.gas_used))
            * alloy_primitives::U256::from(included.receipt.effective_gas_price)
    });
    Ok(json!({
        "block": shown,
        // The reward of a block is paid by the network's own actors, which a local chain does not run.
        "issuance": { "blockReward": "0x0", "uncleReward": "0x0", "issuance": "0x0" },
        "totalFees": word(fees.fold(Default::default(), |sum, fee| sum + fee)),
    }))
}
