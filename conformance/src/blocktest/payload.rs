//! Blocks of the consensus layer: what makes a call of `engine_newPayload` one, and the block that
//! it means.

use crate::chain::block::{ommers_hash, transactions_root, withdrawals_root};
use crate::chain::convert::{alloy_address, alloy_word, b256};
use crate::chain::{BlockRejection, Header, Reason, SealedBlock, Withdrawal, requests};
use crate::ethereum::envelope::Envelope;
use crate::fixture::payload::{NewPayload, Params, Payload};
use alloy_primitives::{B64, Bloom};
use core::fmt;
use evm_interpreter::{Fork, H256};

/// Parameters are missing, too many, or not of the form.
const INVALID_PARAMS: i64 = -32_602;
/// The method's version is not for the payload's fork.
const UNSUPPORTED_FORK: i64 = -38_005;

/// A call that is answered with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// Code of the JSON-RPC error.
    pub code: i64,
    /// What is wrong.
    pub text: &'static str,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.code)
    }
}

/// Why a payload is not taken.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// By the method.
    Call(CallError),
    /// As a block.
    Block(BlockRejection),
}

/// Checks the call and puts the block together.
pub(super) fn block(call: &NewPayload, fork: Fork) -> Result<SealedBlock, Refusal> {
    check_call(call, fork).map_err(Refusal::Call)?;
    seal(&call.params, fork).map_err(Refusal::Block)
}

/// What the versions of the method take (Engine API: Paris, Shanghai, Cancun, Prague, Osaka).
fn check_call(call: &NewPayload, fork: Fork) -> Result<(), CallError> {
    let invalid = |text| {
        Err(CallError {
            code: INVALID_PARAMS,
            text,
        })
    };
    let unsupported = || {
        Err(CallError {
            code: UNSUPPORTED_FORK,
            text: "this version of the method is not for the payload's fork",
        })
    };
    let params = &call.params;
    let payload = &params.payload;
    let blobs = [&payload.blob_gas_used, &payload.excess_blob_gas];
    if call.version < 3 {
        if blobs.iter().any(|field| field.is_some())
            || params.versioned_hashes.is_some()
            || params.beacon_root.is_some()
        {
            return invalid("fields of Cancun");
        }
        if payload.withdrawals.is_some() != (call.version == 2 && fork >= Fork::Shanghai) {
            return invalid("withdrawals");
        }
        let fits = fork
            < if call.version == 1 {
                Fork::Shanghai
            } else {
                Fork::Cancun
            };
        return if fits { Ok(()) } else { unsupported() };
    }
    if payload.withdrawals.is_none() {
        return invalid("no withdrawals");
    }
    if blobs.iter().any(|field| field.is_none())
        || params.versioned_hashes.is_none()
        || params.beacon_root.is_none()
    {
        return invalid("fields of Cancun are missing");
    }
    match (call.version, &params.requests) {
        (3, None) if fork == Fork::Cancun => Ok(()),
        (3, None) => unsupported(),
        (3, Some(_)) => invalid("requests"),
        (_, None) => invalid("no requests"),
        // Each type once, in order, with something in it (EIP-7685).
        (_, Some(requests)) => {
            let ordered = requests.is_sorted_by(|a, b| a.first() < b.first());
            if !ordered || requests.iter().any(|request| request.len() < 2) {
                invalid("requests")
            } else if fork < Fork::Prague {
                unsupported()
            } else {
                Ok(())
            }
        }
    }
}

/// The block with the hash that the payload says.
fn seal(params: &Params, fork: Fork) -> Result<SealedBlock, BlockRejection> {
    let payload = &params.payload;
    let malformed = |text: String| BlockRejection::new(Reason::Encoding, text);
    let mut transactions = Vec::new();
    for (transaction, index) in payload.transactions.iter().zip(0..) {
        let bytes = transaction.0.clone();
        transactions.push(bytes.map_err(|text| malformed(format!("transaction {index}: {text}")))?);
    }
    if let Some(given) = &params.versioned_hashes {
        check_blobs(&transactions, given, fork)?;
    }
    let withdrawals: Option<Vec<_>> = payload.withdrawals.as_ref().map(|list| {
        list.iter()
            .map(|given| Withdrawal {
                index: given.index.0,
                validator_index: given.validator_index.0,
                address: alloy_address(given.address.0),
                amount: given.amount.0,
            })
            .collect()
    });
    let mut header = header(payload)?;
    header.transactions_root = transactions_root(&transactions);
    header.withdrawals_root = withdrawals.as_deref().map(withdrawals_root);
    header.parent_beacon_block_root = params.beacon_root.map(b256);
    header.requests_hash = params.requests.as_deref().map(requests::hash);
    let block = SealedBlock::new(header, transactions, Vec::new(), withdrawals);
    if block.hash != payload.block_hash.0 {
        let (have, want) = (payload.block_hash.0, block.hash);
        return Err(BlockRejection::mismatch(
            Reason::BlockHash,
            "blockHash",
            format_args!("{have:#x}"),
            format_args!("{want:#x}"),
        ));
    }
    Ok(block)
}

/// What the payload itself has of the header.
fn header(payload: &Payload) -> Result<Header, BlockRejection> {
    let base_fee = u64::try_from(payload.base_fee_per_gas.0).map_err(|_| {
        let text = format!(
            "baseFeePerGas: {} is beyond 64 bits",
            payload.base_fee_per_gas.0
        );
        BlockRejection::new(Reason::Encoding, text)
    })?;
    Ok(Header {
        parent_hash: b256(payload.parent_hash.0),
        ommers_hash: ommers_hash(&[]),
        beneficiary: alloy_address(payload.fee_recipient.0),
        state_root: b256(payload.state_root.0),
        receipts_root: b256(payload.receipts_root.0),
        logs_bloom: Bloom::new(payload.logs_bloom.0),
        difficulty: alloy_word(evm_interpreter::U256::zero()),
        number: payload.block_number.0,
        gas_limit: payload.gas_limit.0,
        gas_used: payload.gas_used.0,
        timestamp: payload.timestamp.0,
        extra_data: payload.extra_data.0.clone().into(),
        mix_hash: b256(payload.prev_randao.0),
        nonce: B64::ZERO,
        base_fee_per_gas: Some(base_fee),
        blob_gas_used: payload.blob_gas_used.map(|gas| gas.0),
        excess_blob_gas: payload.excess_blob_gas.map(|gas| gas.0),
        ..Header::default()
    })
}

/// The blobs of the transactions must be those that were given, in order (EIP-4844).
fn check_blobs(transactions: &[Vec<u8>], given: &[H256], fork: Fork) -> Result<(), BlockRejection> {
    let mut have = Vec::new();
    for (transaction, index) in transactions.iter().zip(0..) {
        let envelope = Envelope::decode(transaction, fork)
            .map_err(|rejection| BlockRejection::Transaction { index, rejection })?;
        have.extend_from_slice(envelope.blob_hashes());
    }
    if have == given {
        return Ok(());
    }
    Err(BlockRejection::new(
        Reason::VersionedHashes,
        format!("versioned hashes: have {have:x?}, want {given:x?}"),
    ))
}
