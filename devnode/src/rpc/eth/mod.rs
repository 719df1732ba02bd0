//! `eth_`: what every Ethereum client speaks.

pub mod blocks;
pub mod execution;
pub mod fees;
pub mod filters;
pub mod info;
pub mod sending;
pub mod state;
pub mod subscriptions;
pub mod transactions;

use std::sync::Arc;

use fevm_machine::{MachineError, StateTree};

use super::request::{BlockRef, unknown_block};
use super::{RpcError, RpcResult};
use crate::Node;
use crate::chain::Block;

impl From<MachineError> for RpcError {
    fn from(error: MachineError) -> Self {
        match error {
            MachineError::InvalidMessage(_) | MachineError::InvalidInput(_) => {
                Self::server(error.to_string())
            }
            other => Self::internal(other.to_string()),
        }
    }
}

/// The block that a request means; none if there is no such one.
///
/// # Errors
/// The pending block cannot be made.
pub fn block_at(node: &Node, block: BlockRef) -> RpcResult<Option<Arc<Block>>> {
    Ok(match block {
        BlockRef::Latest => Some(node.head()),
        BlockRef::Pending => Some(node.pending_block()?),
        BlockRef::Number(number) => node.chain().by_number(number).cloned(),
        BlockRef::Hash(hash) => node.chain().by_hash(hash).cloned(),
    })
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
