//! `debug_storageRangeAt` and `debug_preimage`: what debuggers list a contract's storage with.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::{Address, B256, Bytes, keccak256};
use fevm_machine::StateTree;
use serde_json::{Value, json};

use crate::Node;
use crate::rpc::eth::existing_block;
use crate::rpc::request::BlockRef;
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// Preimages kept at most.
const KEPT: usize = 1 << 16;

/// Hashes whose input is known: keys of storage that were listed, and what KECCAK256 was given in traced
/// transactions.
#[derive(Debug, Default)]
pub struct Preimages(Mutex<HashMap<B256, Bytes>>);

impl Preimages {
    /// Adds some; what does not fit any more is left out.
    pub fn add(&self, preimages: impl IntoIterator<Item = (B256, Bytes)>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, preimage) in preimages {
            if known.len() < KEPT {
                known.insert(hash, preimage);
            }
        }
    }

    /// The input of a hash.
    pub fn get(&self, hash: &B256) -> Option<Bytes> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).cloned()
    }
}

/// Slots of a contract in the order of their keys' hashes, as before a transaction of a block.
pub(super) fn storage_range(node: &Arc<Node>, params: &Params) -> RpcResult {
    let wanted = BlockRef::from_param(params, 0, BlockRef::Latest)?;
    let index =
        usize::try_from(params.u64(1)?).map_err(|_| invalid(1, "number does not fit 64 bits"))?;
    let address = params.address(2)?;
    let start = start_key(params)?;
    let most = usize::try_from(params.u64(4)?).unwrap_or(usize::MAX);
    let block = existing_block(node, wanted)?;
    let count = block.transactions.len();
    if index > count {
        return Err(RpcError::server(format!(
            "transaction index {index} out of range: the block has {count} transactions"
        )));
    }
    let state = node.executor().state_before(&block, index)?;
    let slots = hashed_slots(&state, address)?;
    node.preimages().add(
        slots
            .iter()
            .map(|(hash, (key, _))| (*hash, Bytes::copy_from_slice(key.as_slice()))),
    );
    let mut range = slots.range(start..);
    let storage: serde_json::Map<_, _> = range
        .by_ref()
        .take(most)
        .map(|(hash, (key, value))| (hash.to_string(), json!({ "key": key, "value": value })))
        .collect();
    let next = range.next().map(|(hash, _)| *hash);
    Ok(json!({ "storage": storage, "nextKey": next }))
}

/// A key that may be shorter than 32 bytes, as go-ethereum takes it: its bytes come first.
fn start_key(params: &Params) -> Result<B256, RpcError> {
    let bytes = params.bytes(3)?;
    if bytes.len() > 32 {
        return Err(invalid(3, "a key has at most 32 bytes"));
    }
    Ok(B256::right_padding_from(&bytes))
}

fn hashed_slots(
    state: &StateTree,
    address: Address,
) -> Result<BTreeMap<B256, (B256, B256)>, RpcError> {
    let Some(evm) = state.evm_at(address)? else {
        return Ok(BTreeMap::new());
    };
    let slots = evm.storage(state.store())?.slots()?;
    let hashed = slots.into_iter().map(|(key, value)| {
        let (key, value) = (B256::from(key), B256::from(value));
        (keccak256(key), (key, value))
    });
    Ok(hashed.collect())
}

/// The input of a hash that the node has seen.
pub(super) fn preimage(node: &Arc<Node>, params: &Params) -> RpcResult {
    let hash = params.hash(0)?;
    match node.preimages().get(&hash) {
        Some(preimage) => Ok(Value::String(preimage.to_string())),
        None => Err(RpcError::server("unknown preimage")),
    }
}
