//! `eth_createAccessList`: what a call touches beyond its sender and its receiver.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256};
use fevm_machine::message::Created;
use serde_json::json;

use super::capabilities::is_precompile;
use super::execution::{Scene, call_message, check_value};
use crate::Node;
use crate::executor::ethereum_words;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::debug::accesses::Accesses;
use crate::rpc::request::{BlockRef, CallRequest};
use crate::rpc::views::quantity;
use crate::rpc::{Params, RpcResult};

/// The methods of this module.
pub const METHODS: &[Method] = &[Method::heavy(
    "eth_createAccessList",
    &[
        required("call"),
        optional("block"),
        optional("state overrides"),
    ],
    "The addresses and slots that a call touches. For knowledge alone: on Filecoin a list changes no gas, and transactions with one are refused.",
    create,
)];

fn create(node: &Arc<Node>, params: &Params) -> RpcResult {
    let request = CallRequest::from_param(params, 0)?;
    let block = BlockRef::from_param(params, 1, BlockRef::Latest)?;
    let scene = Scene::with_overrides(node, block, params.raw(2), None, 2)?;
    check_value(node, &scene, &request)?;
    let message = call_message(node, &request);
    let sink = Accesses::default();
    let traced = scene
        .executor
        .trace_call_steps(scene.place, &message, sink)?;
    let outcome = traced.outcome.clone();
    let accesses = Accesses::of(traced)?;

    let created = || Created::decode(&outcome.return_data).map(|created| created.eth_address);
    let receiver = request.to.or_else(created);
    let is_listed = |address: &&Address| {
        **address != message.from && Some(**address) != receiver && !is_precompile(**address)
    };
    let mut list: BTreeMap<Address, Vec<B256>> = accesses
        .named
        .iter()
        .filter(is_listed)
        .map(|address| (*address, Vec::new()))
        .collect();
    for (contract, slots) in accesses.slots {
        list.insert(contract, slots.into_iter().collect());
    }
    let list: Vec<_> = list
        .into_iter()
        .map(|(address, slots)| json!({ "address": address, "storageKeys": slots }))
        .collect();
    let mut answer = json!({
        "accessList": list,
        "gasUsed": quantity(node.config().gas_unit.show(outcome.gas.used)),
    });
    if !outcome.is_success() {
        answer["error"] = json!(ethereum_words(outcome.exit_code));
    }
    Ok(answer)
}
