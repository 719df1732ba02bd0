//! Between the interpreter's words, addresses and hashes and those of the block types.

use alloy_primitives::{Address, B256};
use evm_interpreter::{H160, H256, U256};

/// A hash of a block type.
#[must_use]
pub const fn hash(hash: B256) -> H256 {
    H256(hash.0)
}

/// A hash for a block type.
#[must_use]
pub const fn b256(hash: H256) -> B256 {
    B256::new(hash.0)
}

/// An address of a block type.
#[must_use]
pub const fn address(address: Address) -> H160 {
    H160(address.0.0)
}

/// An address for a block type.
#[must_use]
pub const fn alloy_address(address: H160) -> Address {
    Address::new(address.0)
}

/// A word of a block type.
#[must_use]
pub const fn word(word: alloy_primitives::U256) -> U256 {
    U256(word.into_limbs())
}

/// A word for a block type.
#[must_use]
pub const fn alloy_word(word: U256) -> alloy_primitives::U256 {
    alloy_primitives::U256::from_limbs(word.0)
}
