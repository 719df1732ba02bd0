//! What a transaction costs before it runs.

use super::block::GAS_PER_BLOB;
use super::transaction::Transaction;
use evm_interpreter::{Fork, U256};

/// Base cost of a transaction.
const TRANSACTION: u64 = 21_000;
/// Added for a contract creation, from Homestead on (EIP-2).
const CREATION: u64 = 32_000;
/// A zero byte of data.
const ZERO_BYTE: u64 = 4;
/// A word of init code (EIP-3860).
const INIT_CODE_WORD: u64 = 2;
/// An account of the access list (EIP-2930).
const ACCESS_LIST_ADDRESS: u64 = 2_400;
/// A slot of the access list (EIP-2930).
const ACCESS_LIST_SLOT: u64 = 1_900;
/// An authorization for an account that does not exist (EIP-7702).
pub(super) const AUTHORIZATION_NEW_ACCOUNT: u64 = 25_000;
/// Refunded of it for one that does.
pub(super) const AUTHORIZATION_REFUND: i64 = 12_500;
/// Gas of a token of call data at the floor price (EIP-7623).
const FLOOR_TOKEN: u64 = 10;
/// Tokens in a byte that is not zero (EIP-7623).
const TOKENS_PER_BYTE: u64 = 4;

/// Gas that a transaction costs before it runs, and the least that it costs in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intrinsic {
    /// Charged at the start.
    pub gas: u64,
    /// Charged at least (EIP-7623); zero before Prague.
    pub floor: u64,
}

/// Intrinsic gas of a transaction under a fork's rules.
#[must_use]
pub fn intrinsic(transaction: &Transaction, fork: Fork) -> Intrinsic {
    let creates = transaction.to.is_none();
    let length = transaction.data.len() as u64;
    let zeros = transaction.data.iter().filter(|&&byte| byte == 0).count() as u64;
    let others = length - zeros;

    let mut gas = TRANSACTION;
    if creates && fork >= Fork::Homestead {
        gas += CREATION;
    }
    // EIP-2028.
    let other_byte = if fork >= Fork::Istanbul { 16 } else { 68 };
    gas += zeros * ZERO_BYTE + others * other_byte;
    if creates && fork >= Fork::Shanghai {
        gas += length.div_ceil(32) * INIT_CODE_WORD;
    }
    for item in transaction.access_list.iter() {
        gas += ACCESS_LIST_ADDRESS + ACCESS_LIST_SLOT * item.storage_keys.len() as u64;
    }
    gas += AUTHORIZATION_NEW_ACCOUNT * transaction.authorizations.len() as u64;

    let floor = if fork >= Fork::Prague {
        TRANSACTION + FLOOR_TOKEN * (zeros + TOKENS_PER_BYTE * others)
    } else {
        0
    };
    Intrinsic { gas, floor }
}

/// Blob gas of a transaction (EIP-4844).
#[must_use]
pub fn blob_gas(transaction: &Transaction) -> u64 {
    transaction.blob_hashes.len() as u64 * GAS_PER_BLOB
}

/// The balance that the sender must have, wei; `None` if it is beyond a word.
#[must_use]
pub fn needed_balance(transaction: &Transaction) -> Option<U256> {
    let gas = U256::from(transaction.gas_limit).checked_mul(transaction.max_fee)?;
    let blobs = U256::from(blob_gas(transaction)).checked_mul(transaction.max_blob_fee)?;
    gas.checked_add(transaction.value)?.checked_add(blobs)
}

/// Price of `amount` at `price` wei each, of amounts that the sender's balance was found to cover.
pub(super) fn fee(amount: u64, price: U256) -> U256 {
    U256::from(amount).saturating_mul(price)
}
