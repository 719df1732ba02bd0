//! Blocks, transactions, receipts and logs as Ethereum clients expect them.

use alloy_consensus::constants::EMPTY_ROOT_HASH;
use alloy_consensus::transaction::Recovered;
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, Transaction as _};
use alloy_primitives::{Address, B64, B256, Bloom, Log, U256};
use alloy_rpc_types_eth::{self as rpc};
use cid::Cid;
use serde::Serialize;
use serde_json::{Value, json};

use super::{RpcError, RpcResult};
use crate::chain::{Block, Included, LogPlace};
use crate::config::GasUnit;
use crate::pool::Transaction;

/// Turns a result into JSON.
///
/// # Errors
/// Never for the types of this crate: their maps have string keys.
pub fn to_json(value: impl Serialize) -> RpcResult {
    serde_json::to_value(value).map_err(|error| RpcError::internal(error.to_string()))
}

/// A number as a hex quantity.
pub fn quantity(number: impl Into<u128>) -> Value {
    Value::String(format!("{:#x}", number.into()))
}

/// How a node shows what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The unit of gas.
    pub unit: GasUnit,
    /// With the quirks of Filecoin's own nodes.
    pub lotus: bool,
}

/// A block, with its transactions in full or by hash.
///
/// # Errors
/// See [`to_json`].
pub fn block(block: &Block, full: bool, style: Style) -> RpcResult {
    let transactions = if full {
        let views =
            (0..block.transactions.len()).filter_map(|index| mined_transaction(block, index));
        rpc::BlockTransactions::Full(views.collect())
    } else {
        let hashes = block
            .transactions
            .iter()
            .map(|included| included.transaction.hash);
        rpc::BlockTransactions::Hashes(hashes.collect())
    };
    to_json(rpc::Block {
        header: header(block, style),
        uncles: Vec::new(),
        transactions,
        withdrawals: None,
    })
}

/// The header of a block.
pub fn header(block: &Block, style: Style) -> rpc::Header {
    let unit = style.unit;
    let base_fee = unit.show_price(block.base_fee);
    let transactions_root = if block.transactions.is_empty() {
        EMPTY_ROOT_HASH
    } else {
        digest(&block.header.messages)
    };
    let inner = Header {
        parent_hash: block.parent_hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: Address::ZERO,
        state_root: digest(&block.state_root),
        transactions_root,
        receipts_root: digest(&block.receipts_root),
        // Filecoin's nodes do not fold the blooms of a block's receipts: any log may be in it.
        logs_bloom: if style.lotus {
            Bloom::repeat_byte(0xff)
        } else {
            block.logs_bloom
        },
        difficulty: U256::ZERO,
        number: block.number,
        gas_limit: unit.show(block.gas_limit),
        gas_used: cumulative_gas(block, block.transactions.len(), unit),
        timestamp: block.timestamp,
        mix_hash: block.prevrandao,
        nonce: B64::ZERO,
        base_fee_per_gas: Some(u64::try_from(base_fee).unwrap_or(u64::MAX)),
        ..Header::default()
    };
    rpc::Header {
        hash: block.hash,
        inner,
        total_difficulty: Some(U256::ZERO),
        size: Some(U256::from(block.size)),
    }
}

/// A transaction of a block; none if the block has not so many.
pub fn mined_transaction(block: &Block, index: usize) -> Option<rpc::Transaction> {
    let Included {
        transaction,
        receipt,
    } = block.transactions.get(index)?;
    Some(rpc::Transaction {
        inner: Recovered::new_unchecked(transaction.envelope.clone(), transaction.sender),
        block_hash: Some(block.hash),
        block_number: Some(block.number),
        transaction_index: Some(index as u64),
        effective_gas_price: Some(receipt.effective_gas_price),
        block_timestamp: Some(block.timestamp),
    })
}

/// A transaction that waits.
pub fn waiting_transaction(transaction: &Transaction) -> rpc::Transaction {
    rpc::Transaction {
        inner: Recovered::new_unchecked(transaction.envelope.clone(), transaction.sender),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: Some(transaction.envelope.max_fee_per_gas()),
        block_timestamp: None,
    }
}

/// Gas of the first `count` transactions of a block. In another unit than the FVM's each is
/// rounded, so that the differences are what the receipts say.
fn cumulative_gas(block: &Block, count: usize, unit: GasUnit) -> u64 {
    let receipts = block.transactions.iter().take(count);
    receipts
        .map(|included| unit.show(included.receipt.gas_used))
        .fold(0, u64::saturating_add)
}

/// The receipt of a transaction; none if the block has not so many.
pub fn receipt(block: &Block, index: usize, style: Style) -> Option<Value> {
    let Included {
        transaction,
        receipt,
    } = block.transactions.get(index)?;
    let logs: Vec<_> = block
        .logs()
        .filter(|place| place.transaction_index == index as u64)
        .collect();
    let cumulative_gas = match style.lotus {
        // Filecoin's nodes do not add up the gas of a block.
        true => 0,
        false => cumulative_gas(block, index + 1, style.unit),
    };
    Some(json!({
        "type": quantity(transaction.envelope.tx_type() as u8),
        "status": quantity(u8::from(receipt.succeeded())),
        "transactionHash": transaction.hash,
        "transactionIndex": quantity(index as u64),
        "blockHash": block.hash,
        "blockNumber": quantity(block.number),
        "from": address(&transaction.sender),
        "to": transaction.to().as_ref().map(address),
        "contractAddress": receipt.contract_address.as_ref().map(address),
        "gasUsed": quantity(style.unit.show(receipt.gas_used)),
        "cumulativeGasUsed": quantity(cumulative_gas),
        "effectiveGasPrice": quantity(receipt.effective_gas_price),
        "logsBloom": receipt.logs_bloom,
        "logs": logs.iter().map(|place| log(block, place)).collect::<Vec<_>>(),
    }))
}

/// A log of a block.
pub fn log(block: &Block, place: &LogPlace<'_>) -> rpc::Log {
    rpc::Log {
        inner: Log::clone(place.log),
        block_hash: Some(block.hash),
        block_number: Some(block.number),
        block_timestamp: Some(block.timestamp),
        transaction_hash: Some(place.transaction_hash),
        transaction_index: Some(place.transaction_index),
        log_index: Some(place.log_index),
        removed: false,
    }
}

/// An address in lower-case hex.
pub fn address(address: &Address) -> Value {
    Value::String(format!("{address:#x}"))
}

/// The digest of a CID as 32 bytes; zero if it has another length.
pub fn digest(cid: &Cid) -> B256 {
    B256::try_from(cid.hash().digest()).unwrap_or_default()
}
