//! Accounts as a transaction works on them, and as the state held them before.

use super::hash::{EMPTY_CODE_HASH, keccak};
use super::state::HashMap;
use evm_interpreter::{Bytecode, H160, H256, U256};
use std::sync::Arc;

/// Position of an account in the working set of a [`State`](super::State).
pub type AccountId = u32;

/// Prefix of a delegation designator (EIP-7702).
const DELEGATION_PREFIX: [u8; 3] = [0xef, 0x01, 0x00];

/// Code with its hash.
#[derive(Clone, Debug)]
pub struct Code {
    /// Keccak-256 of the code.
    pub hash: H256,
    /// The code; `None` where there is none.
    pub bytes: Option<Arc<Bytecode>>,
}

impl Code {
    /// No code.
    pub const EMPTY: Self = Self {
        hash: EMPTY_CODE_HASH,
        bytes: None,
    };

    /// Code that may run many times: analysed at once.
    #[must_use]
    pub fn new(code: Vec<u8>) -> Self {
        if code.is_empty() {
            return Self::EMPTY;
        }
        Self {
            hash: keccak(&code),
            bytes: Some(Arc::new(Bytecode::analysed(code))),
        }
    }

    /// The designator that delegates to `target` (EIP-7702).
    #[must_use]
    pub fn delegation(target: H160) -> Self {
        Self::new([&DELEGATION_PREFIX[..], &target.0].concat())
    }

    /// The bytes of the code.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.as_ref().map_or(&[], |code| code.code())
    }

    /// Whether there is no code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_none()
    }

    /// The account that this code delegates to, if it is a designator (EIP-7702).
    #[must_use]
    pub fn delegate(&self) -> Option<H160> {
        let target = self.as_slice().strip_prefix(&DELEGATION_PREFIX)?;
        (target.len() == 20).then(|| H160::from_slice(target))
    }
}

/// A storage slot that the transaction has looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Value at the start of the transaction.
    pub(super) original: U256,
    pub(super) current: U256,
    pub(super) warm: bool,
}

/// An account that was looked at, with what the transactions so far have made of it.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) address: H160,
    pub(super) balance: U256,
    pub(super) nonce: u64,
    pub(super) code: Code,
    /// Position in the base state.
    pub(super) base: Option<u32>,
    /// Part of the state trie. Before EIP-161 empty accounts are, too.
    pub(super) exists: bool,
    /// Was deleted after an earlier transaction: storage of the base state no longer counts.
    pub(super) wiped: bool,
    /// May differ from the base state.
    pub(super) dirty: bool,
    pub(super) storage: HashMap<U256, Slot>,
    // Of the current transaction.
    pub(super) warm: bool,
    pub(super) touched: bool,
    pub(super) created: bool,
    pub(super) destructed: bool,
}

impl Account {
    /// No balance, nonce or code (EIP-161).
    pub(super) const fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code.is_empty()
    }
}
