//! What follows from a block's usage for the prices of the next: base fee and excess blob gas.

use super::network::Rules;
use crate::ethereum::BlobSchedule;
use crate::ethereum::block::GAS_PER_BLOB;
use evm_interpreter::{Fork, U256};

/// Base fee of the first block with one, wei (EIP-1559).
pub const INITIAL_BASE_FEE: u64 = 1_000_000_000;
/// The gas limit divided by this is the target (EIP-1559).
pub const ELASTICITY: u64 = 2;
/// By what part the base fee changes at most (EIP-1559).
const CHANGE_DENOMINATOR: u64 = 8;
/// Execution gas that a blob is held to be worth (EIP-7918).
const BLOB_BASE_COST: u64 = 1 << 13;

/// The base fee after a block with these values (EIP-1559), wei.
#[must_use]
pub fn next_base_fee(base_fee: U256, gas_used: u64, gas_limit: u64) -> U256 {
    let target = gas_limit / ELASTICITY;
    if gas_used == target || target == 0 {
        return base_fee;
    }
    let part = |delta: u64| {
        base_fee.saturating_mul(delta.into()) / U256::from(target) / U256::from(CHANGE_DENOMINATOR)
    };
    if gas_used > target {
        base_fee.saturating_add(part(gas_used - target).max(U256::one()))
    } else {
        base_fee.saturating_sub(part(target - gas_used))
    }
}

/// What a parent says of its blobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParentBlobs {
    /// Excess blob gas; zero before Cancun.
    pub excess: u64,
    /// Blob gas used; zero before Cancun.
    pub used: u64,
    /// Base fee, wei.
    pub base_fee: U256,
}

/// The excess blob gas of a block under `rules` (EIP-4844, 7918).
#[must_use]
pub fn next_excess_blob_gas(parent: ParentBlobs, rules: &Rules, schedule: &BlobSchedule) -> u64 {
    let sum = parent.excess.saturating_add(parent.used);
    let target = schedule.target.saturating_mul(GAS_PER_BLOB);
    if sum < target {
        return 0;
    }
    if rules.fork >= Fork::Osaka {
        let reserve = parent.base_fee.saturating_mul(BLOB_BASE_COST.into());
        let price = schedule
            .price(parent.excess)
            .saturating_mul(GAS_PER_BLOB.into());
        if reserve > price {
            let room = u128::from(schedule.max.saturating_sub(schedule.target));
            let scaled = u128::from(parent.used) * room / u128::from(schedule.max.max(1));
            // Not more than the blob gas used, as the room is not more than the most.
            return parent
                .excess
                .saturating_add(u64::try_from(scaled).unwrap_or(parent.used));
        }
    }
    sum - target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_fee() {
        for (base_fee, used, expected) in [
            (1_000, 15_000_000, 1_000),
            (1_000, 30_000_000, 1_125),
            (1_000, 0, 875),
            (7, 15_000_001, 8),
            (7, 0, 7),
            (0, 0, 0),
            (0, 30_000_000, 1),
        ] {
            let next = next_base_fee(U256::from(base_fee), used, 30_000_000);
            assert_eq!(next, U256::from(expected), "{base_fee} {used}");
        }
    }

    #[test]
    fn excess_blob_gas() {
        let next = |name: &str, excess: u64, blobs: u64, base_fee: u64| {
            let rules = Rules::by_name(name).unwrap();
            let used = blobs * GAS_PER_BLOB;
            let excess = excess * GAS_PER_BLOB;
            let parent = ParentBlobs {
                excess,
                used,
                base_fee: base_fee.into(),
            };
            next_excess_blob_gas(parent, &rules, &rules.blobs.unwrap())
        };
        assert_eq!(next("Cancun", 0, 2, 7), 0);
        assert_eq!(next("Cancun", 0, 6, 7), 3 * GAS_PER_BLOB);
        assert_eq!(next("Cancun", 5, 0, 7), 2 * GAS_PER_BLOB);
        assert_eq!(next("Prague", 0, 9, 1_000_000_000), 3 * GAS_PER_BLOB);
        // EIP-7918: blobs cost less than the reserve price, so the excess cannot fall.
        assert_eq!(next("Osaka", 6, 0, 1_000_000_000), 6 * GAS_PER_BLOB);
        assert_eq!(next("Osaka", 6, 9, 1_000_000_000), 9 * GAS_PER_BLOB);
        // At the reserve price exactly the old rule holds: 8192 * 16 = 131072 * 1.
        assert_eq!(next("Osaka", 6, 0, 16), 0);
        assert_eq!(next("Osaka", 6, 0, 17), 6 * GAS_PER_BLOB);
    }
}
