//! `StateReadState`: an actor's state, decoded.

use fevm_machine::StateTree;
use fvm_ipld_blockstore::Blockstore;
use fvm_ipld_encoding::from_slice;
use fvm_shared::address::Address;
use fvm_shared::state::ActorState;
use serde_json::{Map, Value, json};

use super::{actor_at, link, text};
use crate::Node;
use crate::rpc::{Params, RpcError, RpcResult};

/// Slots of a contract that are listed.
const MOST_SLOTS: usize = 10_000;

pub(super) fn read_state(node: &std::sync::Arc<Node>, params: &Params) -> RpcResult {
    let (_, actor, state) = actor_at(node, params)?;
    let decoded = decode(&state, &actor)?;
    Ok(json!({
        "Balance": actor.balance.atto().to_string(),
        "Code": link(&actor.code),
        "State": decoded,
    }))
}

pub(super) fn account_key(node: &std::sync::Arc<Node>, params: &Params) -> RpcResult {
    let (id, actor, state) = actor_at(node, params)?;
    if let Some(delegated) = &actor.delegated_address {
        return Ok(json!(text(delegated)));
    }
    match state.name_of(&actor.code) {
        Some("account") => Ok(json!(text(&account_address(&state, &actor)?))),
        other => Err(RpcError::new(
            RpcError::LOTUS,
            format!("f0{id} is no account but {}", other.unwrap_or("unknown")),
        )),
    }
}

fn decode(state: &StateTree, actor: &ActorState) -> RpcResult {
    let name = state.name_of(&actor.code).unwrap_or("unknown");
    match name {
        "evm" => evm(state, actor),
        "account" => Ok(json!({ "Address": text(&account_address(state, actor)?) })),
        // Their state is the empty list.
        "ethaccount" | "placeholder" | "eam" => Ok(json!({})),
        _ => Err(RpcError::new(
            RpcError::LOTUS,
            format!(
                "the state of {name} actors is not decoded here: read it with Filecoin.ChainReadObj, {}",
                actor.state
            ),
        )),
    }
}

/// The members that Filecoin's own nodes show, and the storage slot by slot.
fn evm(state: &StateTree, actor: &ActorState) -> RpcResult {
    let Some(evm) = state.evm_state(actor)? else {
        return Err(RpcError::internal("an EVM actor without an EVM state"));
    };
    let slots = evm.storage(state.store())?.slots()?;
    let listed: Map<String, Value> = slots
        .iter()
        .take(MOST_SLOTS)
        .map(|(key, value)| (format!("{key:#066x}"), json!(format!("{value:#066x}"))))
        .collect();
    let lifespan = |origin: u64, nonce: u64| json!({ "Origin": origin, "Nonce": nonce });
    Ok(json!({
        "Bytecode": link(&evm.bytecode),
        "BytecodeHash": evm.bytecode_hash,
        "ContractState": link(&evm.contract_state),
        "TransientData": evm.transient_data.map(|data| json!({
            "TransientDataState": link(&data.state),
            "TransientDataLifespan": lifespan(data.lifespan.origin, data.lifespan.nonce),
        })),
        "Nonce": evm.nonce,
        "Tombstone": evm.tombstone.map(|life| lifespan(life.origin, life.nonce)),
        "Storage": listed,
        "StorageIsWhole": slots.len() <= MOST_SLOTS,
    }))
}

fn account_address(state: &StateTree, actor: &ActorState) -> RpcResult<Address> {
    let broken = |error: String| RpcError::internal(format!("account {}: {error}", actor.state));
    let bytes = state
        .store()
        .get(&actor.state)
        .map_err(|error| broken(error.to_string()))?
        .ok_or_else(|| broken("its state is missing".to_owned()))?;
    let (address,): (Address,) = from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
    Ok(address)
}
