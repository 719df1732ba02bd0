//! `web3_` and `rpc_`: the software.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use serde_json::{Value, json};

use super::Catalogue;
use super::catalogue::{Method, required};

/// How the node names itself. Hardhat's network-helpers work only with nodes whose name begins
/// with one that they know.
pub fn client_version() -> String {
    format!(
        "anvil/fevm/v{}/{}-{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "web3_clientVersion",
        &[],
        "Name and version of the node.",
        |_, _| Ok(json!(client_version())),
    ),
    Method::light(
        "web3_sha3",
        &[required("data")],
        "Keccak-256 of the data.",
        |_, params| Ok(json!(keccak256(params.bytes(0)?))),
    ),
    Method::light(
        "rpc.discover",
        &[],
        "This list of methods as an OpenRPC document.",
        |_, _| Ok(openrpc()),
    )
    .also(&["rpc_discover"]),
    Method::light(
        "rpc_modules",
        &[],
        "The namespaces that the node answers.",
        |_, _| {
            let names = Catalogue::get()
                .methods()
                .iter()
                .flat_map(|method| std::iter::once(&method.name).chain(method.aliases));
            let modules = names.filter_map(|name| name.split(['_', '.']).next());
            Ok(json!(
                modules
                    .map(|name| (name, "1.0"))
                    .collect::<BTreeMap<_, _>>()
            ))
        },
    ),
];

/// The catalogue as an OpenRPC document.
fn openrpc() -> Value {
    let describe = |method: &&Method| {
        let params: Vec<Value> = method
            .params
            .iter()
            .map(|param| json!({ "name": param.name, "required": param.required, "schema": {} }))
            .collect();
        std::iter::once(&method.name)
            .chain(method.aliases)
            .map(|name| {
                json!({
                    "name": name,
                    "summary": method.doc,
                    "paramStructure": "by-position",
                    "params": params,
                    "result": { "name": "result", "schema": {} },
                })
            })
            .collect::<Vec<_>>()
    };
    json!({
        "openrpc": "1.2.6",
        "info": { "title": "fevm node", "version": env!("CARGO_PKG_VERSION") },
        "methods": Catalogue::get().methods().iter().flat_map(describe).collect::<Vec<_>>(),
    })
}
