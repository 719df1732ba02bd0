//! Blocks in Filecoin's encoding, and what debuggers look up in states.

use std::collections::BTreeSet;
use std::sync::Arc;

use alloy_primitives::{Address, B256, hex};
use cid::Cid;
use fevm_machine::StateTree;
use fvm_ipld_encoding::{CborStore, from_slice, to_vec};
use fvm_shared::receipt::Receipt;
use serde_json::{Value, json};

use crate::Node;
use crate::chain::Block;
use crate::chain::block::{BlockHeader, hash_of, tipset_cid};
use crate::executor::touched;
use crate::rpc::eth::{existing_block, state_at};
use crate::rpc::request::BlockRef;
use crate::rpc::views::address;
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// Most blocks that are searched for changed accounts.
const MOST_BLOCKS: u64 = 1_000;

pub(super) fn header(node: &Arc<Node>, params: &Params) -> RpcResult {
    let block = wanted(node, params)?;
    let (_, bytes) = block.header.encode().map_err(broken)?;
    Ok(json!(hex::encode_prefixed(bytes)))
}

pub(super) fn block(node: &Arc<Node>, params: &Params) -> RpcResult {
    let block = wanted(node, params)?;
    let store = node.executor().store();
    let lists: Option<(Cid, Cid)> = store.get_cbor(&block.header.messages).map_err(broken)?;
    let (bls, others) = lists.ok_or_else(|| missing("message list", &block))?;
    let list = |root: &Cid| -> RpcResult<Vec<Cid>> {
        let amt = fvm_ipld_amt::Amtv0::<Cid, _>::load(root, store).map_err(broken)?;
        let mut cids = Vec::new();
        amt.for_each(|_, cid| {
            cids.push(*cid);
            Ok(())
        })
        .map_err(broken)?;
        Ok(cids)
    };
    let bytes = to_vec(&(&block.header, list(&bls)?, list(&others)?)).map_err(broken)?;
    Ok(json!(hex::encode_prefixed(bytes)))
}

/// The hash of a block in the encoding of [`block`].
pub(super) fn hash(encoded: &[u8]) -> RpcResult<B256> {
    let malformed = |error| {
        invalid(
            0,
            format!("no Filecoin block as debug_getRawBlock gives it: {error}"),
        )
    };
    let (header, _, _): (BlockHeader, Vec<Cid>, Vec<Cid>) =
        from_slice(encoded).map_err(malformed)?;
    let (cid, _) = header.encode().map_err(malformed)?;
    Ok(hash_of(&tipset_cid(&[cid]).map_err(malformed)?))
}

pub(super) fn receipts(node: &Arc<Node>, params: &Params) -> RpcResult {
    let block = wanted(node, params)?;
    let store = node.executor().store();
    let amt =
        fvm_ipld_amt::Amtv0::<Receipt, _>::load(&block.receipts_root, store).map_err(broken)?;
    let mut receipts = Vec::new();
    amt.for_each(|_, receipt| {
        receipts.push(json!(hex::encode_prefixed(to_vec(receipt)?)));
        Ok(())
    })
    .map_err(broken)?;
    Ok(Value::Array(receipts))
}

pub(super) fn code_by_hash(node: &Arc<Node>, params: &Params) -> RpcResult {
    let hash: B256 = params.hash(0)?;
    let state = state_at(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
    let mut found = None;
    state.for_each(|_, actor| {
        if found.is_none()
            && let Some(evm) = state.evm_state(actor)?
            && evm.bytecode_hash == hash.0
        {
            found = Some(evm.code(state.store())?);
        }
        Ok(())
    })?;
    Ok(found.map_or(Value::Null, |code| json!(hex::encode_prefixed(code))))
}

pub(super) fn modified_accounts(node: &Arc<Node>, params: &Params) -> RpcResult {
    let first = wanted(node, params)?.number;
    let last = match params.raw(1) {
        None => first,
        Some(_) => existing_block(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?.number,
    };
    // With two blocks the changes are those after the first, up to the second.
    let first = if params.raw(1).is_some() {
        first + 1
    } else {
        first
    };
    if last < first {
        return Err(RpcError::server(format!(
            "start block height ({}) must be less than end block height ({last})",
            first - 1
        )));
    }
    if last - first >= MOST_BLOCKS {
        return Err(invalid(
            1,
            format!("range of more than {MOST_BLOCKS} blocks"),
        ));
    }
    let mut modified = BTreeSet::new();
    for number in first..=last {
        let block = node.chain().by_number(number)?;
        if let Some(block) = block.filter(|block| !block.transactions.is_empty()) {
            modified.extend(modified_in(node, &block)?);
        }
    }
    Ok(modified.iter().map(address).collect())
}

fn modified_in(node: &Node, block: &Block) -> RpcResult<BTreeSet<Address>> {
    let traced = node.executor().replay(block, block.transactions.len())?;
    let mut met = BTreeSet::new();
    for outcome in &traced.outcomes {
        if let Some(root) = outcome.call_tree() {
            met.extend(touched(&root, &traced.state)?);
        }
    }
    let before = node.executor().state(&block.header.parent_state_root)?;
    let entry = |state: &StateTree, address: Address| state.eth_actor(address);
    let mut modified = BTreeSet::new();
    for address in met {
        if entry(&before, address)? != entry(&traced.state, address)? {
            modified.insert(address);
        }
    }
    Ok(modified)
}

fn wanted(node: &Node, params: &Params) -> RpcResult<Arc<Block>> {
    existing_block(node, BlockRef::from_param(params, 0, BlockRef::Latest)?)
}

fn missing(what: &str, block: &Block) -> RpcError {
    RpcError::internal(format!("the {what} of block {} is missing", block.number))
}

fn broken(error: impl std::fmt::Display) -> RpcError {
    RpcError::internal(error.to_string())
}
