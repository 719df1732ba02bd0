//! `web3_` and `rpc_`: the software.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use serde_json::json;

use super::Catalogue;
use super::catalogue::{Method, required};

/// How the node names itself. Hardhat's network-helpers work only with nodes whose name begins
/// with one that they know.
pub fn client_version() -> String {
    format!("anvil/fevm/v{}/{}-{}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH, std::env::consts::OS)
}

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light("web3_clientVersion", &[], "Name and version of the node.", |_, _| Ok(json!(client_version()))),
    Method::light("web3_sha3", &[required("data")], "Keccak-256 of the data.", |_, params| {
        Ok(json!(keccak256(params.bytes(0)?)))
    }),
    Method::light("rpc_modules", &[], "The namespaces that the node answers.", |_, _| {
        let names = Catalogue::get().methods().iter().flat_map(|method| std::iter::once(&method.name).chain(method.aliases));
        let modules = names.filter_map(|name| name.split(['_', '.']).next());
        Ok(json!(modules.map(|name| (name, "1.0")).collect::<BTreeMap<_, _>>()))
    }),
];
