//! Whether a transaction can be part of a block: the rules in the order of go-ethereum.

use super::block::Block;
use super::fees::{Intrinsic, blob_gas, intrinsic, needed_balance};
use super::rejection::Rejection;
use super::state::State;
use super::transaction::{Transaction, TransactionKind};
use evm_interpreter::Fork;

/// Gas limit of a transaction at most (EIP-7825).
const MAX_TRANSACTION_GAS: u64 = 1 << 24;
/// Init code of a transaction at most, bytes (EIP-3860).
const MAX_INIT_CODE: usize = 2 * 24_576;
/// Blobs of a transaction at most (EIP-7594).
const MAX_TRANSACTION_BLOBS: usize = 6;
/// Version of the versioned hashes that KZG commitments have (EIP-4844).
const KZG_VERSION: u8 = 1;

/// Checks everything that makes a transaction invalid.
///
/// `gas_left` is the gas that earlier transactions have left in the block.
pub(super) fn validate(
    transaction: &Transaction,
    block: &Block,
    state: &mut State,
    gas_left: u64,
) -> Result<Intrinsic, Rejection> {
    let fork = block.fork;
    if fork < transaction.kind.since() {
        return Err(Rejection::TypeNotSupported(transaction.kind));
    }
    if let Some(chain) = transaction.chain_id
        && chain != block.chain_id
    {
        return Err(Rejection::WrongChain {
            transaction: chain,
            chain: block.chain_id,
        });
    }
    let blobs = transaction.blob_hashes.len();
    if blobs as u64 > block.max_blobs && fork >= Fork::Cancun {
        return Err(Rejection::TooManyBlobs {
            blobs,
            limit: block.max_blobs,
        });
    }
    check_sender(transaction, fork, state)?;
    check_fees(transaction, block)?;
    check_blobs(transaction, block)?;
    if transaction.kind == TransactionKind::SetCode {
        if transaction.to.is_none() {
            return Err(Rejection::SetCodeCreation);
        }
        if transaction.authorizations.is_empty() {
            return Err(Rejection::EmptyAuthorizationList);
        }
    }
    let size = transaction.data.len();
    if transaction.to.is_none() && fork >= Fork::Shanghai && size > MAX_INIT_CODE {
        return Err(Rejection::InitCodeTooLarge(size));
    }
    if transaction.gas_limit > gas_left {
        return Err(Rejection::GasAllowanceExceeded {
            limit: transaction.gas_limit,
            left: gas_left,
        });
    }
    let sender = state.load(transaction.sender);
    let balance = state.balance(sender);
    let needed = needed_balance(transaction);
    if needed.is_none_or(|needed| needed > balance) {
        return Err(Rejection::InsufficientFunds { balance, needed });
    }
    let cost = intrinsic(transaction, fork);
    let limit = transaction.gas_limit;
    if limit < cost.gas {
        return Err(Rejection::IntrinsicGas {
            limit,
            needed: cost.gas,
        });
    }
    if limit < cost.floor {
        return Err(Rejection::FloorGas {
            limit,
            needed: cost.floor,
        });
    }
    Ok(cost)
}

fn check_sender(transaction: &Transaction, fork: Fork, state: &mut State) -> Result<(), Rejection> {
    let sender = state.load(transaction.sender);
    let account = state.nonce(sender);
    let nonce = transaction.nonce;
    if nonce > account {
        return Err(Rejection::NonceTooHigh {
            transaction: nonce,
            account,
        });
    }
    if nonce < account {
        return Err(Rejection::NonceTooLow {
            transaction: nonce,
            account,
        });
    }
    if nonce == u64::MAX {
        return Err(Rejection::NonceIsMax);
    }
    if fork >= Fork::Osaka && transaction.gas_limit > MAX_TRANSACTION_GAS {
        return Err(Rejection::GasLimitAboveMaximum(transaction.gas_limit));
    }
    let code = state.code(sender);
    if !code.is_empty() && code.delegate().is_none() {
        return Err(Rejection::SenderNotEoa(transaction.sender));
    }
    Ok(())
}

fn check_fees(transaction: &Transaction, block: &Block) -> Result<(), Rejection> {
    if block.fork < Fork::London {
        return Ok(());
    }
    if transaction.max_fee < transaction.max_priority_fee {
        return Err(Rejection::PriorityAboveMaxFee);
    }
    if transaction.max_fee < block.base_fee {
        return Err(Rejection::MaxFeeBelowBaseFee {
            max_fee: transaction.max_fee,
            base_fee: block.base_fee,
        });
    }
    Ok(())
}

fn check_blobs(transaction: &Transaction, block: &Block) -> Result<(), Rejection> {
    if transaction.kind != TransactionKind::Blob {
        return Ok(());
    }
    if transaction.to.is_none() {
        return Err(Rejection::BlobCreation);
    }
    let blobs = transaction.blob_hashes.len();
    if blobs == 0 {
        return Err(Rejection::ZeroBlobs);
    }
    if block.fork >= Fork::Osaka && blobs > MAX_TRANSACTION_BLOBS {
        let limit = MAX_TRANSACTION_BLOBS as u64;
        return Err(Rejection::TooManyBlobs { blobs, limit });
    }
    if let Some(index) = transaction
        .blob_hashes
        .iter()
        .position(|hash| hash.0[0] != KZG_VERSION)
    {
        return Err(Rejection::BlobHashVersion { index });
    }
    if blob_gas(transaction) > 0 && transaction.max_blob_fee < block.blob_base_fee {
        return Err(Rejection::MaxBlobFeeBelowBaseFee {
            max_fee: transaction.max_blob_fee,
            base_fee: block.blob_base_fee,
        });
    }
    Ok(())
}
