//! Transactions of every kind.

use evm_interpreter::{Fork, H160, H256, U256};
use std::sync::Arc;

/// The kinds of transactions; as numbers, their EIP-2718 types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TransactionKind {
    /// Without a type byte.
    Legacy = 0,
    /// EIP-2930.
    AccessList = 1,
    /// EIP-1559.
    DynamicFee = 2,
    /// EIP-4844.
    Blob = 3,
    /// EIP-7702.
    SetCode = 4,
}

impl TransactionKind {
    /// The fork that introduced the kind.
    #[must_use]
    pub const fn since(self) -> Fork {
        match self {
            Self::Legacy => Fork::Frontier,
            Self::AccessList => Fork::Berlin,
            Self::DynamicFee => Fork::London,
            Self::Blob => Fork::Cancun,
            Self::SetCode => Fork::Prague,
        }
    }
}

/// An account and slots of it to be warm from the start (EIP-2930).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessListItem {
    /// The account.
    pub address: H160,
    /// Slots, big-endian.
    pub storage_keys: Vec<H256>,
}

/// Permission to delegate an account's code (EIP-7702).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Chain that it is for; zero for any.
    pub chain_id: U256,
    /// Account whose code is to run; zero takes the delegation away.
    pub address: H160,
    /// Nonce that the authority must have.
    pub nonce: u64,
    /// 0 or 1 in valid signatures.
    pub y_parity: u8,
    /// Signature's r.
    pub r: U256,
    /// Signature's s.
    pub s: U256,
}

/// A transaction, its sender known. The lists are shared, so that a clone is cheap.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Kind.
    pub kind: TransactionKind,
    /// Chain that it is for; `None` for legacy transactions without replay protection.
    pub chain_id: Option<u64>,
    /// Who signed.
    pub sender: H160,
    /// Sender's nonce.
    pub nonce: u64,
    /// Gas at most.
    pub gas_limit: u64,
    /// Receiver; `None` creates a contract.
    pub to: Option<H160>,
    /// Wei.
    pub value: U256,
    /// Call data or init code.
    pub data: Arc<[u8]>,
    /// Wei a gas at most (EIP-1559); the gas price of the older kinds.
    pub max_fee: U256,
    /// Wei a gas to the coinbase at most (EIP-1559); the gas price of the older kinds.
    pub max_priority_fee: U256,
    /// Access list (EIP-2930).
    pub access_list: Arc<[AccessListItem]>,
    /// Versioned hashes of the blobs (EIP-4844).
    pub blob_hashes: Arc<[H256]>,
    /// Wei a unit of blob gas at most (EIP-4844).
    pub max_blob_fee: U256,
    /// Authorizations (EIP-7702).
    pub authorizations: Arc<[Authorization]>,
}

impl Transaction {
    /// What the sender pays for a gas, wei.
    #[must_use]
    pub fn effective_price(&self, base_fee: U256) -> U256 {
        self.max_fee
            .min(self.max_priority_fee.saturating_add(base_fee))
    }
}
