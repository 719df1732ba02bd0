//! `net_`: the network, of which this node is the only member.

use serde_json::json;

use super::catalogue::Method;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "net_version",
        &[],
        "The chain id as decimal text.",
        |node, _| Ok(json!(node.config().chain_id.to_string())),
    ),
    Method::light("net_listening", &[], "True.", |_, _| Ok(json!(true))),
    Method::light(
        "net_peerCount",
        &[],
        "Zero: a local chain has no peers.",
        |_, _| Ok(json!("0x0")),
    ),
];
