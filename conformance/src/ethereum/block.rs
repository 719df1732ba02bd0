//! The block that a transaction is part of.

use super::memo::PrecompileMemo;
use evm_interpreter::{Fork, H160, H256, U256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Gas of one blob (EIP-4844).
pub const GAS_PER_BLOB: u64 = 1 << 17;

/// How many blobs a block takes and how fast their price moves (EIP-4844, 7691, 7840, 7892).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobSchedule {
    /// Blobs a block at which the price stays.
    pub target: u64,
    /// Blobs a block at most.
    pub max: u64,
    /// Divisor of the exponent of the price.
    pub update_fraction: u64,
}

impl BlobSchedule {
    /// Mainnet's schedule at the start of a fork; `None` before Cancun.
    #[must_use]
    pub const fn of(fork: Fork) -> Option<Self> {
        if fork.has(Fork::Prague) {
            Some(Self {
                target: 6,
                max: 9,
                update_fraction: 5_007_716,
            })
        } else if fork.has(Fork::Cancun) {
            Some(Self {
                target: 3,
                max: 6,
                update_fraction: 3_338_477,
            })
        } else {
            None
        }
    }

    /// Price of a unit of blob gas, wei; the largest word if it is beyond that.
    #[must_use]
    pub fn price(&self, excess_blob_gas: u64) -> U256 {
        let numerator = U256::from(excess_blob_gas);
        let denominator = U256::from(self.update_fraction.max(1));
        // The sum of the Taylor series of e^x as EIP-4844 has it, all parts scaled by the divisor.
        let mut output = U256::zero();
        let mut term = denominator;
        let mut i = U256::one();
        while !term.is_zero() {
            let (Some(sum), Some(product)) =
                (output.checked_add(term), term.checked_mul(numerator))
            else {
                return U256::MAX;
            };
            output = sum;
            term = product / (denominator * i);
            i += U256::one();
        }
        output / denominator
    }
}

/// Where BLOCKHASH looks.
#[derive(Clone, Debug)]
pub enum BlockHashes {
    /// The hash of block n is the hash of n in decimal digits, as state tests have it.
    OfNumber,
    /// Those given; zero for all others.
    Known(BTreeMap<u64, H256>),
    /// Those given; which others were asked for is kept.
    Required(Arc<RequiredHashes>),
}

/// Hashes of earlier blocks that have to be given if they are asked for.
#[derive(Debug, Default)]
pub struct RequiredHashes {
    /// The hashes by number.
    pub known: BTreeMap<u64, H256>,
    missing: Mutex<Option<u64>>,
}

impl RequiredHashes {
    /// Hashes by number.
    #[must_use]
    pub const fn new(known: BTreeMap<u64, H256>) -> Self {
        Self {
            known,
            missing: Mutex::new(None),
        }
    }

    /// The hash of a block; zero if it is not given, which is kept.
    pub(super) fn get(&self, number: u64) -> H256 {
        self.known.get(&number).copied().unwrap_or_else(|| {
            *self.missing.lock().unwrap_or_else(PoisonError::into_inner) = Some(number);
            H256::zero()
        })
    }

    /// The block whose hash was last asked for in vain, if there is one.
    #[must_use]
    pub fn missing(&self) -> Option<u64> {
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What transactions can know of their block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Rules in force.
    pub fork: Fork,
    /// Chain id (EIP-155, 1344).
    pub chain_id: u64,
    /// Height.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Receiver of fees.
    pub coinbase: H160,
    /// Gas that the block's transactions may use together.
    pub gas_limit: u64,
    /// PREVRANDAO (EIP-4399), or the difficulty before the Merge.
    pub prev_randao: U256,
    /// Wei a gas; zero before London.
    pub base_fee: U256,
    /// Wei a unit of blob gas; zero before Cancun.
    pub blob_base_fee: U256,
    /// Blobs that the block may hold.
    pub max_blobs: u64,
    /// Earlier blocks.
    pub hashes: BlockHashes,
    /// Where outputs of expensive precompiles are kept, if they are.
    pub memo: Option<Arc<PrecompileMemo>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    // EIP-4844's reference function on inputs around the points where the price changes.
    #[test]
    fn blob_price() {
        let cancun = BlobSchedule::of(Fork::Cancun).unwrap();
        for (excess, price) in [
            (0, 1),
            (2_314_057, 1),
            (2_314_058, 2),
            (10 * 1024 * 1024, 23),
        ] {
            assert_eq!(cancun.price(excess), U256::from(price), "{excess}");
        }
        assert_eq!(cancun.price(u64::MAX), U256::MAX);
        assert_eq!(BlobSchedule::of(Fork::Shanghai), None);
    }
}
