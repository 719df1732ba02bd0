//! What development tools ask about the node itself.

use serde_json::{Value, json};

use crate::config::Mining;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::flag;
use crate::rpc::views::quantity;
use crate::rpc::web3::client_version;
use crate::rpc::{RpcError, invalid};

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::light(
        "hardhat_metadata",
        &[],
        "Name, chain id and head of the node.",
        |node, _| {
            let head = node.head();
            Ok(json!({
                "clientVersion": client_version(),
                "chainId": node.config().chain_id,
                "instanceId": node.instance_id(),
                "latestBlockNumber": head.number,
                "latestBlockHash": head.hash,
                "snapshots": {},
            }))
        },
    )
    .also(&["anvil_metadata"]),
    Method::light(
        "anvil_nodeInfo",
        &[],
        "Head, fees and how blocks are made.",
        |node, _| {
            let (head, draft) = (node.head(), node.draft());
            let settings = node.settings();
            let unit = node.config().gas_unit;
            Ok(json!({
                "currentBlockNumber": quantity(head.number),
                "currentBlockTimestamp": head.timestamp,
                "currentBlockHash": head.hash,
                "hardFork": "paris",
                "transactionOrder": "fees",
                "environment": {
                    "baseFee": quantity(unit.show_price(draft.base_fee)),
                    "chainId": node.config().chain_id,
                    "gasLimit": quantity(unit.show(draft.gas_limit)),
                    "gasPrice": quantity(unit.show_price(draft.base_fee)),
                },
                "forkConfig": { "forkUrl": null, "forkBlockNumber": null, "forkRetryBackoff": null },
                "automine": settings.mining == Mining::Automatic,
            }))
        },
    ),
    Method::light(
        "hardhat_setLoggingEnabled",
        &[required("enabled")],
        "Switches the log of blocks and transactions.",
        |node, params| {
            node.settings().logging = flag(params, 0)?;
            Ok(json!(true))
        },
    )
    .also(&["anvil_setLoggingEnabled"]),
    Method::heavy(
        "hardhat_addCompilationResult",
        &[
            required("compiler version"),
            required("compiler input"),
            required("compiler output"),
        ],
        "Takes up the names of contracts, functions and errors for the log.",
        |node, params| {
            let output = params.required_raw(2)?;
            if !output.is_object() {
                return Err(invalid(2, "expected the compiler's output as an object"));
            }
            node.add_compiler_output(output);
            Ok(json!(true))
        },
    ),
    Method::light(
        "anvil_setChainId",
        &[required("chain id")],
        "Refused: the chain id is fixed when the node starts.",
        |_, _| {
            Err(RpcError::server(
                "the chain id is fixed when the node starts: use --chain-id",
            ))
        },
    ),
    Method::light(
        "anvil_setRpcUrl",
        &[optional("url")],
        "Refused: the node does not fork other networks.",
        |_, _| Err(RpcError::server("this node does not fork other networks")),
    ),
    Method::light(
        "hardhat_dropTransaction",
        &[required("hash")],
        "Takes a waiting transaction out; false if it does not wait.",
        |node, params| {
            let hash = params.hash(0)?;
            if node.chain().transaction(hash)?.is_some() {
                return Err(RpcError::server(format!(
                    "transaction {hash} is in a block already"
                )));
            }
            Ok(json!(node.pool().remove(hash).is_some()))
        },
    )
    .also(&["anvil_dropTransaction"]),
    Method::light(
        "anvil_dropAllTransactions",
        &[],
        "Takes all waiting transactions out.",
        |node, _| {
            node.pool().clear();
            Ok(Value::Null)
        },
    ),
    Method::light(
        "anvil_removePoolTransactions",
        &[required("sender")],
        "Takes a sender's waiting transactions out.",
        |node, params| {
            node.pool().drop_below(params.address(0)?, u64::MAX);
            Ok(Value::Null)
        },
    ),
];
