//! `eth_`: what every Ethereum client speaks.

pub mod access_list;
pub mod blocks;
pub(crate) mod capabilities;
pub mod execution;
pub mod fees;
pub mod filters;
pub mod info;
pub mod sending;
pub(crate) mod simulate;
pub mod state;
pub mod subscriptions;
pub mod transactions;

use std::sync::Arc;

use fevm_machine::{MachineError, StateTree};

use super::request::{BlockRef, unknown_block};
use super::{RpcError, RpcResult};
use crate::Node;
use crate::chain::Block;
use crate::store::StoreError;

impl From<StoreError> for RpcError {
    fn from(error: StoreError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<MachineError> for RpcError {
    fn from(error: MachineError) -> Self {
        match error {
            MachineError::MissingBlock(cid) => Self::server(format!(
                "state not available: block {cid} of it is not kept; with --prune the node keeps the states of the last blocks only"
            )),
            MachineError::InvalidMessage(_)
            | MachineError::InvalidInput(_)
            | MachineError::Steps(_) => Self::server(error.to_string()),
            other => Self::internal(other.to_string()),
        }
    }
}

/// Epochs behind the newest that Filecoin's nodes call safe, and final.
const LOTUS_SAFE: u64 = 30;
const LOTUS_FINAL: u64 = 900;

/// The block that a request means; none if there is no such one.
///
/// # Errors
/// The number is that of a null round, or the pending block cannot be made. With `--lotus` also
/// for a number above the newest, and for `earliest`.
pub fn block_at(node: &Node, block: BlockRef) -> RpcResult<Option<Arc<Block>>> {
    let lotus = node.config().lotus;
    let behind = |distance: u64| {
        let number = node.latest().number;
        let distance = if lotus { distance } else { 0 };
        node.chain().at_or_below(number.saturating_sub(distance))
    };
    Ok(match block {
        BlockRef::Latest => Some(node.latest()),
        BlockRef::Safe => behind(LOTUS_SAFE)?,
        BlockRef::Finalized => behind(LOTUS_FINAL)?,
        BlockRef::Earliest if lotus => {
            return Err(RpcError::new(
                RpcError::LOTUS,
                "block param \"earliest\" is not supported",
            ));
        }
        BlockRef::Earliest => Some(Arc::clone(node.chain().genesis())),
        BlockRef::Pending if lotus => Some(node.head()),
        BlockRef::Pending => Some(node.pending_block()?),
        BlockRef::Number(number) => block_numbered(node, number)?,
        BlockRef::Hash(hash) => node.chain().by_hash(hash)?,
    })
}

fn block_numbered(node: &Node, number: u64) -> RpcResult<Option<Arc<Block>>> {
    if node.config().lotus && number > node.latest().number {
        return Err(RpcError::new(
            RpcError::LOTUS,
            "requested a future epoch (beyond 'latest')",
        ));
    }
    let chain = node.chain();
    match chain.by_number(number)? {
        None if chain.is_null_round(number)? => Err(RpcError::null_round(number)),
        found => Ok(found),
    }
}

/// The block that a request means, which must be there.
///
/// # Errors
/// There is no such block.
pub fn existing_block(node: &Node, block: BlockRef) -> RpcResult<Arc<Block>> {
    block_at(node, block)?.ok_or_else(|| unknown_block(block))
}

/// The state after the block that a request means.
///
/// # Errors
/// There is no such block.
pub fn state_at(node: &Node, block: BlockRef) -> RpcResult<StateTree> {
    Ok(node
        .executor()
        .state(&existing_block(node, block)?.state_root)?)
}
