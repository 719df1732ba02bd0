//! What Filecoin has no words for.

use crate::ethereum::prestate::Resting;
use crate::ethereum::{Block, Prestate, Rejection, Transaction, TransactionKind};
use core::fmt;
use evm_interpreter::{H160, U256};

/// FVM gas of a message: a block's.
pub const MESSAGE_GAS: u64 = 10_000_000_000;

/// Why a case cannot be set up on Filecoin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inexpressible {
    /// A balance, or all together, above 2^128 - 1.
    Balance,
    /// An account at a masked-ID address.
    MaskedId,
    /// Code or storage at an address that precompiles are kept at.
    ContractAtPrecompile,
    /// A contract that sends the transaction.
    SenderWithCode,
    /// A sender with storage, which accounts of Filecoin do not have.
    SenderWithStorage,
    /// Height of the block.
    BlockNumber,
    /// Base fee of the block.
    BaseFee,
    /// Fees that a sender cannot be funded for.
    Fees,
    /// A blob transaction.
    Blobs,
    /// A set-code transaction.
    SetCode,
    /// Call data above a block's size.
    Data,
    /// Ethereum refuses the transaction for what messages do not have.
    Refused(&'static str),
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Balance => "balances above 2^128 - 1",
            Self::MaskedId => "accounts at masked-ID addresses",
            Self::ContractAtPrecompile => "code or storage at precompile addresses",
            Self::SenderWithCode => "a sender with code",
            Self::SenderWithStorage => "a sender with storage",
            Self::BlockNumber => "a block number above 2^63 - 1",
            Self::BaseFee => "a base fee above 2^128 - 1",
            Self::Fees => "fees above what a sender can hold",
            Self::Blobs => "a blob transaction",
            Self::SetCode => "a set-code transaction",
            Self::Data => "data above 1 MiB",
            Self::Refused(name) => {
                return write!(f, "a transaction that Ethereum refuses ({name})");
            }
        })
    }
}

/// The largest amount of Filecoin.
pub(super) const MAX_AMOUNT: U256 = U256([u64::MAX, u64::MAX, 0, 0]);

/// Why a state cannot be one of Filecoin.
#[must_use]
pub fn of_state(state: &Prestate) -> Option<Inexpressible> {
    let mut supply = U256::zero();
    for account in state.accounts() {
        supply = supply.checked_add(account.balance).unwrap_or(U256::MAX);
        if let Some(reason) = of_account(&account) {
            return Some(reason);
        }
    }
    (supply > MAX_AMOUNT).then_some(Inexpressible::Balance)
}

fn of_account(account: &Resting<'_>) -> Option<Inexpressible> {
    if is_masked_id(&account.address) {
        Some(Inexpressible::MaskedId)
    } else if account.balance > MAX_AMOUNT {
        Some(Inexpressible::Balance)
    } else {
        let reserved = crate::ethereum::is_reserved(&account.address);
        (reserved && is_contract(account)).then_some(Inexpressible::ContractAtPrecompile)
    }
}

/// Whether an account has what only contracts have on Filecoin. Storage without code is that of a
/// contract whose constructor has left no code.
pub(super) const fn is_contract(account: &Resting<'_>) -> bool {
    !account.code.is_empty() || !account.storage.is_empty()
}

const fn is_masked_id(address: &H160) -> bool {
    matches!(address.0, [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ..])
}

/// Why a transaction cannot be a message in a block of Filecoin.
#[must_use]
pub fn of_transaction(
    transaction: &Transaction,
    block: &Block,
    state: &Prestate,
) -> Option<Inexpressible> {
    let sender = state
        .accounts()
        .find(|account| account.address == transaction.sender);
    match sender {
        Some(sender) if !sender.code.is_empty() => return Some(Inexpressible::SenderWithCode),
        Some(sender) if is_contract(&sender) => return Some(Inexpressible::SenderWithStorage),
        _ => {}
    }
    if i64::try_from(block.number).is_err() {
        return Some(Inexpressible::BlockNumber);
    }
    if block.base_fee > MAX_AMOUNT {
        return Some(Inexpressible::BaseFee);
    }
    if transaction.data.len() > (1 << 20) - 16 {
        return Some(Inexpressible::Data);
    }
    match transaction.kind {
        TransactionKind::Blob => Some(Inexpressible::Blobs),
        TransactionKind::SetCode => Some(Inexpressible::SetCode),
        _ => None,
    }
}

/// Why a refusal of Ethereum has no counterpart; `None` if it has.
#[must_use]
pub const fn of_refusal(reason: &Rejection) -> Option<Inexpressible> {
    match reason {
        Rejection::NonceTooHigh { .. }
        | Rejection::NonceTooLow { .. }
        | Rejection::InsufficientFunds { .. }
        | Rejection::InitCodeTooLarge(_) => None,
        Rejection::SenderNotEoa(_) => Some(Inexpressible::SenderWithCode),
        other => Some(Inexpressible::Refused(other.name())),
    }
}
