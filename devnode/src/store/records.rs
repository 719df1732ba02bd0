//! Blocks, transactions and snapshots as bytes: RLP of the fields that cannot be computed from others.

use std::sync::Arc;

use alloy_consensus::TxEnvelope;
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bloom, Bytes, Log, logs_bloom};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use cid::Cid;
use fvm_ipld_encoding::{from_slice, to_vec};

use super::{Identity, StoreError};
use crate::chain::block::{BlockHeader, hash_of, tipset_cid};
use crate::chain::{Block, Included, Receipt, randomness};
use crate::config::GasUnit;
use crate::node::clock::Clock;
use crate::pool::Transaction;

#[derive(RlpEncodable, RlpDecodable)]
struct BlockRecord {
    header: Bytes,
    gas_limit: u64,
    state_root: Bytes,
    receipts_root: Bytes,
    next_base_fee: u128,
    transactions: Vec<IncludedRecord>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct IncludedRecord {
    transaction: TransactionRecord,
    exit_code: u32,
    gas_used: u64,
    effective_gas_price: u128,
    contract_address: Bytes,
    logs: Vec<Log>,
    output: Bytes,
    failure: Bytes,
}

#[derive(RlpEncodable, RlpDecodable)]
struct TransactionRecord {
    raw: Bytes,
    /// Kept so that nobody needs to recover it from the signature.
    sender: Address,
    impersonated: bool,
    /// What the raw bytes do not tell, where there is something.
    message: Vec<MessageRecord>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct MessageRecord {
    hash: B256,
    /// DAG-CBOR.
    message: Bytes,
    /// Type and bytes of the signature of a native message; empty for another.
    signature: Bytes,
}

#[derive(RlpEncodable, RlpDecodable)]
#[rlp(trailing)]
struct IdentityRecord {
    chain_id: u64,
    network_version: u32,
    manifest: Bytes,
    /// In FVM gas; none is the FVM's own.
    gas_unit: Option<u64>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct ClockRecord {
    /// Two's complement.
    offset: u64,
    next: Vec<u64>,
    interval: Vec<u64>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct SnapshotBody {
    number: u64,
    state_root: Bytes,
    next_base_fee: u128,
    chosen_base_fee: Vec<u128>,
    clock: ClockRecord,
    pool: Vec<TransactionRecord>,
}

/// A snapshot as the store keeps it.
#[derive(Debug, Clone)]
pub struct SnapshotRecord {
    /// Its number.
    pub id: u64,
    /// The head's number.
    pub number: u64,
    /// The head's state, which may have been changed without a block.
    pub state_root: Cid,
    /// Base fee of the block after the head, in attoFIL per gas.
    pub next_base_fee: u128,
    /// Base fee that the user wished for the next block.
    pub chosen_base_fee: Option<u128>,
    /// The clock.
    pub clock: Clock,
    /// What waited.
    pub pool: Vec<Arc<Transaction>>,
}

pub(super) fn encode_block(block: &Block) -> Result<Vec<u8>, StoreError> {
    let (_, header) = block
        .header
        .encode()
        .map_err(|error| StoreError::Record(error.to_string()))?;
    let record = BlockRecord {
        header: header.into(),
        gas_limit: block.gas_limit,
        state_root: block.state_root.to_bytes().into(),
        receipts_root: block.receipts_root.to_bytes().into(),
        next_base_fee: block.next_base_fee,
        transactions: block
            .transactions
            .iter()
            .map(included_record)
            .collect::<Result<_, _>>()?,
    };
    Ok(alloy_rlp::encode(record))
}

fn included_record(
    Included {
        transaction,
        receipt,
    }: &Included,
) -> Result<IncludedRecord, StoreError> {
    Ok(IncludedRecord {
        transaction: transaction_record(transaction)?,
        exit_code: receipt.exit_code,
        gas_used: receipt.gas_used,
        effective_gas_price: receipt.effective_gas_price,
        contract_address: receipt
            .contract_address
            .map(|address| address.to_vec().into())
            .unwrap_or_default(),
        logs: receipt.logs.clone(),
        output: receipt.output.clone(),
        failure: receipt
            .failure
            .clone()
            .unwrap_or_default()
            .into_bytes()
            .into(),
    })
}

pub(super) fn decode_block(bytes: &[u8]) -> Result<Block, StoreError> {
    let record: BlockRecord = decode(bytes, "block")?;
    let header: BlockHeader =
        from_slice(&record.header).map_err(|error| damaged("block header", error))?;
    let (cid, _) = header
        .encode()
        .map_err(|error| damaged("block header", error))?;
    let tipset = tipset_cid(&[cid]).map_err(|error| damaged("tipset", error))?;
    let parent = match header.parents.first() {
        Some(parent) => hash_of(&tipset_cid(&[*parent]).map_err(|error| damaged("tipset", error))?),
        None => Default::default(),
    };
    let mut transactions = Vec::with_capacity(record.transactions.len());
    let (mut gas_used, mut log_count, mut bloom) = (0_u64, 0_u64, Bloom::ZERO);
    let mut size = record.header.len();
    for one in record.transactions {
        size += one.transaction.raw.len();
        gas_used = gas_used.saturating_add(one.gas_used);
        let receipt = Receipt {
            exit_code: one.exit_code,
            gas_used: one.gas_used,
            cumulative_gas_used: gas_used,
            effective_gas_price: one.effective_gas_price,
            contract_address: Address::try_from(one.contract_address.as_ref()).ok(),
            first_log_index: log_count,
            logs_bloom: logs_bloom(&one.logs),
            logs: one.logs,
            output: one.output,
            failure: (!one.failure.is_empty())
                .then(|| String::from_utf8_lossy(&one.failure).into_owned()),
        };
        log_count += receipt.logs.len() as u64;
        bloom |= receipt.logs_bloom;
        transactions.push(Included {
            transaction: Arc::new(transaction(one.transaction)?),
            receipt,
        });
    }
    Ok(Block {
        cid,
        tipset,
        hash: hash_of(&tipset),
        parent_hash: parent,
        number: u64::try_from(header.height).map_err(|error| damaged("block header", error))?,
        timestamp: header.timestamp,
        base_fee: fevm_machine::amount::to_u128(&header.parent_base_fee).unwrap_or_default(),
        gas_limit: record.gas_limit,
        gas_used,
        state_root: cid_of(&record.state_root)?,
        receipts_root: cid_of(&record.receipts_root)?,
        prevrandao: randomness::prevrandao(header.height),
        size,
        logs_bloom: bloom,
        transactions,
        next_base_fee: record.next_base_fee,
        header,
    })
}

fn transaction_record(transaction: &Transaction) -> Result<TransactionRecord, StoreError> {
    let mut message = Vec::new();
    if !transaction.is_plain() {
        let bytes = to_vec(&transaction.message).map_err(|error| damaged("message", error))?;
        let signature = transaction.filecoin_signature.clone();
        message.push(MessageRecord {
            hash: transaction.hash,
            message: bytes.into(),
            signature: signature.unwrap_or_default().into(),
        });
    }
    Ok(TransactionRecord {
        raw: transaction.raw(),
        sender: transaction.sender,
        impersonated: transaction.impersonated,
        message,
    })
}

fn transaction(record: TransactionRecord) -> Result<Transaction, StoreError> {
    let envelope = TxEnvelope::decode_2718(&mut record.raw.as_ref())
        .map_err(|error| damaged("transaction", error))?;
    let transaction = Transaction::from_parts(envelope, record.sender, record.impersonated);
    let Some(exact) = record.message.into_iter().next() else {
        return Ok(transaction);
    };
    let message = from_slice(&exact.message).map_err(|error| damaged("message", error))?;
    let signature = (!exact.signature.is_empty()).then(|| exact.signature.to_vec());
    Ok(transaction.with_message(message, exact.hash, signature))
}

pub(super) fn encode_transaction(transaction: &Transaction) -> Result<Vec<u8>, StoreError> {
    Ok(alloy_rlp::encode(transaction_record(transaction)?))
}

pub(super) fn decode_transaction(bytes: &[u8]) -> Result<Transaction, StoreError> {
    transaction(decode(bytes, "transaction")?)
}

pub(super) fn encode_identity(identity: &Identity) -> Vec<u8> {
    alloy_rlp::encode(IdentityRecord {
        chain_id: identity.chain_id,
        network_version: identity.network_version,
        manifest: identity.manifest.to_bytes().into(),
        gas_unit: encode_gas_unit(identity.gas_unit),
    })
}

pub(super) fn encode_gas_unit(unit: GasUnit) -> Option<u64> {
    (!unit.is_fvm()).then(|| unit.fvm_gas())
}

pub(super) fn decode_gas_unit(unit: Option<u64>) -> Result<GasUnit, StoreError> {
    let unit = unit.map_or(Some(GasUnit::FVM), GasUnit::new);
    unit.ok_or_else(|| damaged("mark", "a unit of no gas"))
}

pub(super) fn decode_identity(bytes: &[u8]) -> Result<Identity, StoreError> {
    let record: IdentityRecord = decode(bytes, "mark")?;
    Ok(Identity {
        chain_id: record.chain_id,
        network_version: record.network_version,
        manifest: cid_of(&record.manifest)?,
        gas_unit: decode_gas_unit(record.gas_unit)?,
    })
}

fn clock_record(clock: &Clock) -> ClockRecord {
    let (offset, next, interval) = clock.parts();
    ClockRecord {
        offset: offset.cast_unsigned(),
        next: next.into_iter().collect(),
        interval: interval.into_iter().collect(),
    }
}

fn clock(record: &ClockRecord) -> Clock {
    Clock::from_parts(
        record.offset.cast_signed(),
        record.next.first().copied(),
        record.interval.first().copied(),
    )
}

pub(super) fn encode_clock(clock: &Clock) -> Vec<u8> {
    alloy_rlp::encode(clock_record(clock))
}

pub(super) fn decode_clock(bytes: &[u8]) -> Result<Clock, StoreError> {
    Ok(clock(&decode(bytes, "clock")?))
}

pub(super) fn encode_snapshot(snapshot: &SnapshotRecord) -> Result<Vec<u8>, StoreError> {
    Ok(alloy_rlp::encode(SnapshotBody {
        number: snapshot.number,
        state_root: snapshot.state_root.to_bytes().into(),
        next_base_fee: snapshot.next_base_fee,
        chosen_base_fee: snapshot.chosen_base_fee.into_iter().collect(),
        clock: clock_record(&snapshot.clock),
        pool: snapshot
            .pool
            .iter()
            .map(|waiting| transaction_record(waiting))
            .collect::<Result<_, _>>()?,
    }))
}

pub(super) fn decode_snapshot(id: u64, bytes: &[u8]) -> Result<SnapshotRecord, StoreError> {
    let body: SnapshotBody = decode(bytes, "snapshot")?;
    let pool = body
        .pool
        .into_iter()
        .map(|record| transaction(record).map(Arc::new));
    Ok(SnapshotRecord {
        id,
        number: body.number,
        state_root: cid_of(&body.state_root)?,
        next_base_fee: body.next_base_fee,
        chosen_base_fee: body.chosen_base_fee.first().copied(),
        clock: clock(&body.clock),
        pool: pool.collect::<Result<_, _>>()?,
    })
}

pub(super) fn decode<T: Decodable + Encodable>(
    mut bytes: &[u8],
    what: &'static str,
) -> Result<T, StoreError> {
    let record = T::decode(&mut bytes).map_err(|error| damaged(what, error))?;
    if bytes.is_empty() {
        Ok(record)
    } else {
        Err(damaged(what, "bytes after its end"))
    }
}

pub(super) fn cid_of(bytes: &[u8]) -> Result<Cid, StoreError> {
    Cid::try_from(bytes).map_err(|error| damaged("CID", error))
}

fn damaged(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Record(format!("{what}: {error}"))
}
