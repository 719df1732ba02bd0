//! `debug_`: looking into blocks.

use serde_json::Value;

use super::catalogue::{Method, required};
use super::eth::block_at;
use super::request::BlockRef;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy("debug_getRawHeader", &[required("block")], "The Filecoin block header as DAG-CBOR.", |node, params| {
        let block = block_at(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)?;
        let bytes = block.and_then(|block| block.header.encode().ok());
        Ok(bytes.map_or(Value::Null, |(_, bytes)| Value::String(alloy_primitives::hex::encode_prefixed(bytes))))
    }),
];
