//! What can be undone.

use super::account::{AccountId, Code};
use evm_interpreter::U256;

/// One change of the state, with what it takes to undo it.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Balance {
        account: AccountId,
        old: U256,
    },
    Nonce {
        account: AccountId,
        old: u64,
    },
    Code {
        account: AccountId,
        old: Code,
    },
    Storage {
        account: AccountId,
        key: U256,
        old: U256,
    },
    Transient {
        account: AccountId,
        key: U256,
        old: U256,
    },
    WarmAccount {
        account: AccountId,
    },
    WarmSlot {
        account: AccountId,
        key: U256,
    },
    Exists {
        account: AccountId,
    },
    Touched {
        account: AccountId,
    },
    Created {
        account: AccountId,
    },
    Destructed {
        account: AccountId,
    },
}

/// A point in a transaction to which the state can be taken back.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint {
    pub(super) changes: usize,
    pub(super) logs: usize,
}
