//! Why a transaction is rejected, in go-ethereum's words, which tools look for.

use crate::ethereum::{Rejection, Transaction};
use alloy_primitives::Address;
use evm_interpreter::H160;

/// Gas limit of a transaction at most (EIP-7825).
const MAX_TRANSACTION_GAS: u64 = 1 << 24;
/// Init code of a transaction at most, bytes (EIP-3860).
const MAX_INIT_CODE: usize = 2 * 24_576;

/// Of a transaction whose sender is not known yet.
pub(super) fn of_unsigned(rejection: &Rejection) -> String {
    match rejection {
        Rejection::TypeNotSupported(_) => "transaction type not supported".into(),
        Rejection::InvalidSignature => "invalid transaction v, r, s values".into(),
        Rejection::WrongChain { transaction, chain } => {
            format!("invalid chain id for signer: have {transaction} want {chain}")
        }
        Rejection::BlobCreation => no_receiver("BlobTx"),
        Rejection::SetCodeCreation => no_receiver("SetCodeTx"),
        Rejection::MalformedEncoding(what) => format!("rlp: {what}"),
        other => other.to_string(),
    }
}

/// Of a transaction whose sender has `code` bytes of code.
pub(super) fn of(rejection: &Rejection, transaction: &Transaction, code: usize) -> String {
    let address = checksummed(transaction.sender);
    match rejection {
        Rejection::NonceTooHigh {
            transaction,
            account,
        } => {
            format!("nonce too high: address {address}, tx: {transaction} state: {account}")
        }
        Rejection::NonceTooLow {
            transaction,
            account,
        } => {
            format!("nonce too low: address {address}, tx: {transaction} state: {account}")
        }
        Rejection::NonceIsMax => {
            format!(
                "nonce has max value: address {address}, nonce: {}",
                transaction.nonce
            )
        }
        Rejection::GasLimitAboveMaximum(limit) => {
            format!("transaction gas limit too high (cap: {MAX_TRANSACTION_GAS}, tx: {limit})")
        }
        Rejection::SenderNotEoa(_) => {
            format!("sender not an eoa: address {address}, len(code): {code}")
        }
        Rejection::PriorityAboveMaxFee => format!(
            "max priority fee per gas higher than max fee per gas: address {address}, \
             maxPriorityFeePerGas: {}, maxFeePerGas: {}",
            transaction.max_priority_fee, transaction.max_fee
        ),
        Rejection::MaxFeeBelowBaseFee { max_fee, base_fee } => format!(
            "max fee per gas less than block base fee: address {address}, maxFeePerGas: \
             {max_fee}, baseFee: {base_fee}"
        ),
        Rejection::BlobCreation => "blob transaction of type create".into(),
        Rejection::ZeroBlobs => "blob transaction missing blob hashes".into(),
        Rejection::TooManyBlobs { .. } => "blob transaction has too many blobs".into(),
        Rejection::BlobHashVersion { index } => format!("blob {index} has invalid hash version"),
        Rejection::MaxBlobFeeBelowBaseFee { max_fee, base_fee } => format!(
            "max fee per blob gas less than block blob gas fee: address {address} blobGasFeeCap: \
             {max_fee}, blobBaseFee: {base_fee}"
        ),
        Rejection::SetCodeCreation => {
            format!("EIP-7702 transaction cannot be used to create contract (sender {address})")
        }
        Rejection::EmptyAuthorizationList => {
            format!("EIP-7702 transaction with empty auth list (sender {address})")
        }
        Rejection::InitCodeTooLarge(size) => {
            format!("max initcode size exceeded: code size {size} limit {MAX_INIT_CODE}")
        }
        Rejection::GasAllowanceExceeded { .. } => "gas limit reached".into(),
        Rejection::InsufficientFunds {
            balance,
            needed: Some(needed),
        } => format!(
            "insufficient funds for gas * price + value: address {address} have {balance} want \
             {needed}"
        ),
        Rejection::InsufficientFunds { needed: None, .. } => format!(
            "insufficient funds for gas * price + value: address {address} required balance \
             exceeds 256 bits"
        ),
        Rejection::IntrinsicGas { limit, needed } => {
            format!("intrinsic gas too low: have {limit}, want {needed}")
        }
        Rejection::FloorGas { limit, needed } => {
            format!("insufficient gas for floor data gas cost: have {limit}, want {needed}")
        }
        other => of_unsigned(other),
    }
}

/// Of a kind that cannot be written without a receiver.
fn no_receiver(kind: &str) -> String {
    format!(
        "rlp: input string too short for common.Address, decoding into \
         (types.Transaction)(types.{kind}).To"
    )
}

fn checksummed(address: H160) -> String {
    Address::new(address.0).to_checksum(None)
}
