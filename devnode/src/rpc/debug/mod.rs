//! `debug_`: looking into blocks and transactions.

pub(crate) mod accesses;
pub(crate) mod call_tracer;
mod gas_profiler;
mod opcodes;
mod prestate;
mod raw;
mod storage_range;
mod struct_log;
mod tracer;

use std::sync::Arc;

use serde_json::{Value, json};

use super::catalogue::{Method, optional, required};
use super::eth::execution::{Scene, call_message};
use super::eth::existing_block;
use super::request::{BlockRef, CallRequest};
use super::{Params, RpcError, RpcResult};
use crate::Node;
use crate::chain::Block;
use accesses::Accesses;
pub use storage_range::Preimages;
use tracer::{Subject, Tracer};

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "debug_traceTransaction",
        &[required("hash"), optional("options")],
        "Runs a transaction again and shows its steps, or what a tracer sees: callTracer, flatCallTracer, prestateTracer, 4byteTracer, muxTracer, or gasProfiler, which tells where the gas went.",
        trace_transaction,
    ),
    Method::heavy(
        "debug_traceCall",
        &[required("call"), optional("block"), optional("options")],
        "Runs a call and shows its steps, or what a tracer sees; with state and block overrides.",
        trace_call,
    ),
    Method::heavy(
        "debug_traceBlockByNumber",
        &[required("block"), optional("options")],
        "Traces every transaction of a block, by number or tag.",
        |node, params| {
            trace_block(
                node,
                params,
                BlockRef::from_param(params, 0, BlockRef::Latest)?,
            )
        },
    ),
    Method::heavy(
        "debug_traceBlockByHash",
        &[required("hash"), optional("options")],
        "Traces every transaction of a block, by hash.",
        |node, params| trace_block(node, params, BlockRef::Hash(params.hash(0)?)),
    ),
    Method::heavy(
        "debug_traceBlock",
        &[required("encoded block"), optional("options")],
        "Traces every transaction of a block of this chain, given as debug_getRawBlock gives it.",
        |node, params| trace_block(node, params, BlockRef::Hash(raw::hash(&params.bytes(0)?)?)),
    ),
    Method::heavy(
        "debug_storageRangeAt",
        &[
            required("block"),
            required("index"),
            required("address"),
            required("start"),
            required("count"),
        ],
        "Lists a contract's storage before a transaction of a block, in the order of the keys' hashes.",
        storage_range::storage_range,
    ),
    Method::light(
        "debug_preimage",
        &[required("hash")],
        "The input of a Keccak-256 hash: of storage keys that were listed and of hashing in traced transactions.",
        storage_range::preimage,
    ),
    Method::heavy(
        "debug_getRawHeader",
        &[required("block")],
        "The Filecoin block header as DAG-CBOR.",
        raw::header,
    ),
    Method::heavy(
        "debug_getRawBlock",
        &[required("block")],
        "The Filecoin block as it is sent between nodes, DAG-CBOR: header, CIDs of the BLS messages, CIDs of the others.",
        raw::block,
    ),
    Method::heavy(
        "debug_getRawReceipts",
        &[required("block")],
        "The Filecoin receipts of a block, DAG-CBOR each.",
        raw::receipts,
    ),
    Method::heavy(
        "debug_codeByHash",
        &[required("code hash"), optional("block")],
        "The runtime code with a Keccak-256 hash, null if no contract has it.",
        raw::code_by_hash,
    ),
    Method::heavy(
        "debug_getModifiedAccountsByNumber",
        &[required("first block"), optional("last block")],
        "The addresses that the transactions of a block, or of a range of blocks, have changed.",
        raw::modified_accounts,
    ),
    Method::heavy(
        "debug_getModifiedAccountsByHash",
        &[required("first block"), optional("last block")],
        "The same for blocks by hash.",
        raw::modified_accounts,
    ),
];

/// The trace of a mined transaction.
fn trace_transaction(node: &Arc<Node>, params: &Params) -> RpcResult {
    let steps = opcodes::options(params, 1)?;
    let (block, index) = node
        .mined(params.hash(0)?)?
        .ok_or_else(|| RpcError::server("transaction not found"))?;
    if let Some(options) = steps {
        return opcodes::transaction(node, &block, index, options);
    }
    if let Some(by) = gas_profiler::options(params, 1)? {
        return gas_profiler::transaction(node, &block, index, by);
    }
    let tracer = Tracer::from_param(params, 1)?;
    let traced = node.executor().replay(&block, index + 1)?;
    let accesses = match tracer.needs_steps() {
        true => {
            let sink = Accesses::default();
            let steps = node.executor().trace_steps(&block, index, sink)?;
            Some(Accesses::of(steps)?)
        }
        false => None,
    };
    tracer.show(&Subject {
        traced: &traced,
        index,
        accesses: accesses.as_ref(),
        block: Some(&block),
        unit: node.config().gas_unit,
    })
}

fn trace_call(node: &Arc<Node>, params: &Params) -> RpcResult {
    let steps = opcodes::options(params, 2)?;
    let request = CallRequest::from_param(params, 0)?;
    let block = BlockRef::from_param(params, 1, BlockRef::Latest)?;
    let options = params.raw(2).unwrap_or(&Value::Null);
    let scene = Scene::with_overrides(
        node,
        block,
        options.get("stateOverrides"),
        options.get("blockOverrides"),
        2,
    )?;
    let message = call_message(node, &request);
    if let Some(options) = steps {
        return opcodes::call(node, &scene.executor, scene.place, &message, options);
    }
    if let Some(by) = gas_profiler::options(params, 2)? {
        return gas_profiler::call(&scene.executor, scene.place, &message, by);
    }
    let tracer = Tracer::from_param(params, 2)?;
    let traced = scene.executor.trace_call(scene.place, &message)?;
    let accesses = match tracer.needs_steps() {
        true => {
            let (executor, sink) = (&scene.executor, Accesses::default());
            let steps = executor.trace_call_steps(scene.place, &message, sink)?;
            Some(Accesses::of(steps)?)
        }
        false => None,
    };
    tracer.show(&Subject {
        traced: &traced,
        index: 0,
        accesses: accesses.as_ref(),
        block: None,
        unit: node.config().gas_unit,
    })
}

fn trace_block(node: &Arc<Node>, params: &Params, wanted: BlockRef) -> RpcResult {
    let steps = opcodes::options(params, 1)?;
    let block: Arc<Block> = existing_block(node, wanted)?;
    if let Some(options) = steps {
        return opcodes::block(node, &block, options);
    }
    if let Some(by) = gas_profiler::options(params, 1)? {
        return gas_profiler::block(node, &block, by);
    }
    let tracer = Tracer::from_param(params, 1)?;
    let traced = node.executor().replay(&block, block.transactions.len())?;
    let accesses = match tracer.needs_steps() {
        true => {
            let executor = node.executor();
            let steps = executor.trace_block_steps(&block, Accesses::default)?;
            let accesses = steps.into_iter().map(Accesses::of);
            accesses.collect::<RpcResult<Vec<_>>>()?
        }
        false => Vec::new(),
    };
    let show = |index| {
        tracer.show(&Subject {
            traced: &traced,
            index,
            accesses: accesses.get(index),
            block: Some(&block),
            unit: node.config().gas_unit,
        })
    };
    by_transaction(&block, (0..block.transactions.len()).map(show))
}

/// What was traced of a block's transactions, in their order, with their hashes.
fn by_transaction(block: &Block, results: impl IntoIterator<Item = RpcResult>) -> RpcResult {
    let transactions = block.transactions.iter().zip(results);
    transactions
        .map(|(included, result)| {
            Ok(json!({ "txHash": included.transaction.hash, "result": result? }))
        })
        .collect()
}
