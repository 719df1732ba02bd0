//! What the block came to, as JSON: fields, their order and their forms are go-ethereum's.

use super::env::Completed;
use super::number::{hex, hex_bytes};
use crate::chain::block::{transactions_root, withdrawals_root};
use crate::chain::receipt::{self, BlockReceipt};
use crate::chain::requests;
use crate::ethereum::{Log, TransactionKind, logs_hash};
use evm_interpreter::{H160, H256};
use serde::Serialize;

/// What go-ethereum takes for the hash of a block that has none yet.
const BLOCK_HASH: &str = "0x1337000000000000000000000000000000000000000000000000000000000000";

/// The whole result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    state_root: String,
    tx_root: String,
    receipts_root: String,
    logs_hash: String,
    logs_bloom: String,
    receipts: Vec<WrittenReceipt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejected>,
    current_difficulty: Option<String>,
    gas_used: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_base_fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawals_root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_excess_blob_gas: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob_gas_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_hash: Option<String>,
    requests: Option<Vec<String>>,
}

/// A transaction that is not part of the block.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Rejected {
    /// Position among those given.
    pub(super) index: usize,
    /// Why, in go-ethereum's words.
    pub(super) error: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenReceipt {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    root: String,
    status: String,
    cumulative_gas_used: String,
    logs_bloom: String,
    logs: Vec<WrittenLog>,
    transaction_hash: String,
    contract_address: String,
    gas_used: String,
    /// Never known to go-ethereum here.
    effective_gas_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob_gas_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob_gas_price: Option<String>,
    block_hash: &'static str,
    block_number: String,
    transaction_index: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenLog {
    address: String,
    topics: Vec<String>,
    data: String,
    block_number: String,
    transaction_hash: String,
    transaction_index: String,
    block_hash: &'static str,
    block_timestamp: String,
    log_index: String,
    removed: bool,
}

/// What a block came to.
#[derive(Debug)]
pub(super) struct Applied {
    /// State root.
    pub(super) state_root: H256,
    /// The transactions that are part of it.
    pub(super) included: Vec<Vec<u8>>,
    /// Their receipts.
    pub(super) receipts: Vec<BlockReceipt>,
    /// The others.
    pub(super) rejected: Vec<Rejected>,
    /// Gas used.
    pub(super) gas_used: u64,
    /// Blob gas used.
    pub(super) blob_gas_used: u64,
    /// Requests, from Prague on.
    pub(super) requests: Option<Vec<Vec<u8>>>,
}

impl Outcome {
    /// The result of a block under an environment.
    pub(super) fn new(applied: &Applied, env: &Completed) -> Self {
        let receipts = &applied.receipts;
        let all_logs: Vec<Log> = receipts
            .iter()
            .flat_map(|receipt| receipt.logs.iter().cloned())
            .collect();
        let mut log_index = 0;
        let written = receipts
            .iter()
            .enumerate()
            .map(|(index, receipt)| write_receipt(receipt, index, &mut log_index, env))
            .collect();
        let blobs = env.excess_blob_gas.is_some();
        Self {
            state_root: hex(applied.state_root),
            tx_root: hex_bytes(&transactions_root(&applied.included).0),
            receipts_root: hex_bytes(&receipt::root(receipts).0),
            logs_hash: hex(logs_hash(&all_logs)),
            logs_bloom: hex_bytes(receipt::block_bloom(receipts).as_slice()),
            receipts: written,
            rejected: applied.rejected.clone(),
            current_difficulty: env.difficulty.map(hex),
            gas_used: hex(applied.gas_used),
            current_base_fee: env.base_fee.map(hex),
            withdrawals_root: env
                .withdrawals
                .as_ref()
                .map(|list| hex_bytes(&withdrawals_root(list).0)),
            current_excess_blob_gas: env.excess_blob_gas.map(hex),
            blob_gas_used: blobs.then(|| hex(applied.blob_gas_used)),
            requests_hash: applied
                .requests
                .as_ref()
                .map(|requests| hex_bytes(&requests::hash(requests).0)),
            requests: applied
                .requests
                .as_ref()
                .map(|requests| requests.iter().map(|request| hex_bytes(request)).collect()),
        }
    }
}

fn write_receipt(
    receipt: &BlockReceipt,
    index: usize,
    log_index: &mut u64,
    env: &Completed,
) -> WrittenReceipt {
    let logs = receipt
        .logs
        .iter()
        .map(|log| {
            let written = WrittenLog {
                address: hex(log.address),
                topics: log.topics.iter().map(hex).collect(),
                data: hex_bytes(&log.data),
                block_number: hex(env.block.number),
                transaction_hash: hex(receipt.transaction_hash),
                transaction_index: hex(index),
                block_hash: BLOCK_HASH,
                block_timestamp: hex(env.block.timestamp),
                log_index: hex(*log_index),
                removed: false,
            };
            *log_index += 1;
            written
        })
        .collect();
    let is_blob = receipt.kind == TransactionKind::Blob;
    WrittenReceipt {
        kind: (receipt.kind != TransactionKind::Legacy).then(|| hex(receipt.kind as u8)),
        root: receipt.state_root.map_or_else(|| "0x".into(), hex),
        status: hex(u8::from(receipt.success)),
        cumulative_gas_used: hex(receipt.cumulative_gas_used),
        logs_bloom: hex_bytes(receipt.bloom.as_slice()),
        logs,
        transaction_hash: hex(receipt.transaction_hash),
        contract_address: hex(receipt.created.unwrap_or_else(H160::zero)),
        gas_used: hex(receipt.gas_used),
        effective_gas_price: None,
        blob_gas_used: is_blob.then(|| hex(receipt.blob_gas_used)),
        blob_gas_price: is_blob.then(|| hex(env.block.blob_base_fee)),
        block_hash: BLOCK_HASH,
        block_number: hex(env.block.number),
        transaction_index: hex(index),
    }
}
