//! The difficulty of proof of work.

use super::Header;
use super::convert::word;
use super::network::Rules;
use alloy_consensus::EMPTY_OMMER_ROOT_HASH;
use evm_interpreter::{Fork, U256};

/// Smallest difficulty, the bomb aside.
const MINIMUM: u64 = 131_072;
/// The parent's difficulty divided by this is a step.
const BOUND_DIVISOR: u64 = 2_048;
/// Steps down at most (EIP-2).
const MOST_STEPS_DOWN: u64 = 99;
/// Blocks until the bomb doubles.
const BOMB_PERIOD: u64 = 100_000;

/// The part of a parent's header that the next difficulty depends on.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    /// Height.
    pub number: u64,
    /// Seconds.
    pub timestamp: u64,
    /// Difficulty.
    pub difficulty: U256,
    /// Whether it has ommers.
    pub has_ommers: bool,
}

impl From<&Header> for Parent {
    fn from(header: &Header) -> Self {
        Self {
            number: header.number,
            timestamp: header.timestamp,
            difficulty: word(header.difficulty),
            has_ommers: header.ommers_hash != EMPTY_OMMER_ROOT_HASH,
        }
    }
}

/// The difficulty of the block after `parent` at `timestamp`, which is later than the parent's
/// (Yellow Paper, EIP-2, 100 and those that delay the bomb).
#[must_use]
pub fn next(parent: &Parent, timestamp: u64, rules: &Rules) -> U256 {
    let step = parent.difficulty / U256::from(BOUND_DIVISOR);
    let elapsed = timestamp.saturating_sub(parent.timestamp);
    // Steps up, if any; otherwise steps down.
    let (up, down) = if rules.fork < Fork::Homestead {
        if elapsed < 13 { (1, 0) } else { (0, 1) }
    } else {
        let (up, periods) = if rules.fork < Fork::Byzantium {
            (1, elapsed / 10)
        } else {
            (1 + u64::from(parent.has_ommers), elapsed / 9)
        };
        (
            up.saturating_sub(periods),
            periods.saturating_sub(up).min(MOST_STEPS_DOWN),
        )
    };
    let raised = parent
        .difficulty
        .saturating_add(step.saturating_mul(up.into()));
    let adjusted = raised.saturating_sub(step.saturating_mul(down.into()));
    let difficulty = adjusted
        .max(MINIMUM.into())
        .saturating_add(bomb(parent.number, rules));
    difficulty.max(MINIMUM.into())
}

fn bomb(parent: u64, rules: &Rules) -> U256 {
    // The delays are counted from the parent's height.
    let counted = match rules.bomb_delay {
        0 => parent.saturating_add(1),
        delay => parent.saturating_sub(delay - 1),
    };
    match counted / BOMB_PERIOD {
        0 | 1 => U256::zero(),
        periods if periods - 2 < 256 => U256::one() << (periods - 2),
        _ => U256::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, number: u64, difficulty: u64, elapsed: u64, has_ommers: bool) -> U256 {
        let difficulty = difficulty.into();
        let parent = Parent {
            number,
            timestamp: 1000,
            difficulty,
            has_ommers,
        };
        next(&parent, 1000 + elapsed, &Rules::by_name(name).unwrap())
    }

    #[test]
    fn steps() {
        let base = 2_048_000;
        assert_eq!(at("Frontier", 1, base, 12, false), U256::from(base + 1000));
        assert_eq!(at("Frontier", 1, base, 13, false), U256::from(base - 1000));
        assert_eq!(at("Homestead", 1, base, 9, false), U256::from(base + 1000));
        assert_eq!(at("Homestead", 1, base, 10, true), U256::from(base));
        assert_eq!(
            at("Homestead", 1, base, 5000, false),
            U256::from(base - 99_000)
        );
        assert_eq!(at("Byzantium", 1, base, 8, true), U256::from(base + 2000));
        assert_eq!(at("Byzantium", 1, base, 9, false), U256::from(base));
        assert_eq!(at("Byzantium", 1, 131_072, 100, false), U256::from(131_072));
    }

    #[test]
    fn the_bomb_and_its_delays() {
        let base = 2_048_000;
        let bomb = |name, number| at(name, number, base, 9, false) - at(name, 1, base, 9, false);
        assert_eq!(bomb("Homestead", 199_998), U256::zero());
        assert_eq!(bomb("Homestead", 199_999), U256::one());
        assert_eq!(bomb("Homestead", 499_999), U256::from(8));
        for (name, delay) in [
            ("Byzantium", 3_000_000),
            ("Constantinople", 5_000_000),
            ("Istanbul", 5_000_000),
            ("Berlin", 9_000_000),
            ("London", 9_700_000),
            ("ArrowGlacier", 10_700_000),
            ("GrayGlacier", 11_400_000),
        ] {
            assert_eq!(bomb(name, delay + 199_998), U256::zero(), "{name}");
            assert_eq!(bomb(name, delay + 199_999), U256::one(), "{name}");
        }
    }
}
