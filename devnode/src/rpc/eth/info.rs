//! What the chain is.

use serde_json::{Value, json};

use crate::rpc::RpcError;
use crate::rpc::catalogue::{Method, optional};
use crate::rpc::views::{address, quantity};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light("eth_chainId", &[], "The EIP-155 chain id.", |node, _| {
        Ok(quantity(node.config().chain_id))
    }),
    Method::light(
        "eth_blockNumber",
        &[],
        "The number of the newest block.",
        |node, _| Ok(quantity(node.latest().number)),
    ),
    Method::light(
        "eth_syncing",
        &[],
        "False: the node is always at the head of its chain.",
        |_, _| Ok(json!(false)),
    ),
    Method::light(
        "eth_accounts",
        &[],
        "The accounts whose keys the node holds.",
        |node, _| {
            let settings = node.settings();
            let own = node.accounts().addresses();
            let impersonated = settings
                .impersonated
                .iter()
                .copied()
                .filter(|address| !node.accounts().contains(*address));
            Ok(Value::Array(
                own.chain(impersonated)
                    .map(|account| address(&account))
                    .collect(),
            ))
        },
    )
    .also(&["eth_requestAccounts"]),
    Method::light(
        "eth_coinbase",
        &[],
        "The zero address: COINBASE is 0 on Filecoin.",
        |_, _| Ok(address(&alloy_primitives::Address::ZERO)),
    ),
    Method::light(
        "eth_protocolVersion",
        &[],
        "The version of the Ethereum protocol that the answers follow.",
        |_, _| Ok(json!("0x41")),
    ),
    Method::light(
        "eth_mining",
        &[],
        "Whether the node makes blocks by itself.",
        |node, _| {
            Ok(json!(
                node.settings().mining != crate::config::Mining::Manual
            ))
        },
    ),
    Method::light(
        "eth_getWork",
        &[],
        "Refused: Filecoin has no proof of work.",
        |_, _| {
            Err(RpcError::not_on_filecoin(
                "eth_getWork",
                "it has no proof of work",
            ))
        },
    ),
    Method::light(
        "eth_hashrate",
        &[],
        "Zero: Filecoin has no proof of work.",
        |_, _| Ok(json!("0x0")),
    ),
    Method::light(
        "eth_getProof",
        &[optional("address"), optional("keys"), optional("block")],
        "Refused: Filecoin keeps state in a HAMT and storage in a KAMT, for which there are no Merkle-Patricia proofs.",
        |_, _| {
            Err(RpcError::not_on_filecoin(
                "eth_getProof",
                "its state is a HAMT and its storage a KAMT, for which there are no Merkle-Patricia proofs",
            ))
        },
    ),
];
