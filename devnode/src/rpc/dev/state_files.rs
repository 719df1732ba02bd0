//! The whole chain as bytes, and back.

use alloy_primitives::hex;
use serde_json::{Value, json};

use crate::rpc::RpcError;
use crate::rpc::catalogue::{Method, optional, required};
use crate::store::state_file::StateFileError;

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy(
        "anvil_dumpState",
        &[optional("preserve historical states")],
        "The chain as the bytes of a state file: all blocks, the states of block 0 and of the head.",
        |node, _| Ok(Value::String(hex::encode_prefixed(node.dump_state()?))),
    )
    .also(&["hardhat_dumpState"]),
    Method::heavy(
        "anvil_loadState",
        &[required("state file")],
        "Goes on with the chain of a state file of this node or another in place of the present one.",
        |node, params| {
            node.load_state(&params.bytes(0)?)?;
            Ok(json!(true))
        },
    )
    .also(&["hardhat_loadState"]),
];

impl From<StateFileError> for RpcError {
    fn from(error: StateFileError) -> Self {
        match error {
            StateFileError::Store(error) => error.into(),
            other => Self::server(other.to_string()),
        }
    }
}
