//! Which rules hold from which block on, by the names that test files have for networks.

use super::Header;
use super::convert::word;
use crate::ethereum::BlobSchedule;
use crate::fixture::{fork_by_name, quantity::FromText};
use evm_interpreter::{Fork, U256};

/// By how many blocks the difficulty bomb is late.
const NO_DELAY: u64 = 0;

/// The rules of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Rules of transactions and the interpreter.
    pub fork: Fork,
    /// Blobs, from Cancun on.
    pub blobs: Option<BlobSchedule>,
    /// By how many blocks the difficulty bomb is late.
    pub bomb_delay: u64,
}

impl Rules {
    /// The rules that a test file calls so: a fork, a delay of the bomb, or a change of the blob
    /// parameters (EIP-7892).
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let (fork, blobs) = match name {
            // The parameters of mainnet, and for the last two those that tests use.
            "BPO1" => (Fork::Osaka, blobs(10, 15, 8_346_193)),
            "BPO2" => (Fork::Osaka, blobs(14, 21, 11_684_671)),
            "BPO3" => (Fork::Osaka, blobs(21, 32, 20_609_697)),
            "BPO4" => (Fork::Osaka, blobs(14, 21, 13_739_630)),
            // The refund of the DAO is no change of rules.
            "Dao" => (Fork::Homestead, None),
            _ => {
                let fork = fork_by_name(name)?;
                (fork, BlobSchedule::of(fork))
            }
        };
        let bomb_delay = match name {
            "MuirGlacier" => 9_000_000,
            "ArrowGlacier" => 10_700_000,
            "GrayGlacier" => 11_400_000,
            _ => bomb_delay(fork),
        };
        Some(Self {
            fork,
            blobs,
            bomb_delay,
        })
    }

    /// Whether blocks follow proof of stake.
    #[must_use]
    pub fn merged(&self) -> bool {
        self.fork >= Fork::Paris
    }
}

const fn blobs(target: u64, max: u64, update_fraction: u64) -> Option<BlobSchedule> {
    Some(BlobSchedule {
        target,
        max,
        update_fraction,
    })
}

/// The delay that a fork has brought (EIP-649, 1234, 2384, 3554).
const fn bomb_delay(fork: Fork) -> u64 {
    if fork.has(Fork::Paris) {
        11_400_000
    } else if fork.has(Fork::London) {
        9_700_000
    } else if fork.has(Fork::Berlin) {
        9_000_000
    } else if fork.has(Fork::Constantinople) {
        5_000_000
    } else if fork.has(Fork::Byzantium) {
        3_000_000
    } else {
        NO_DELAY
    }
}

/// From where on the later rules of a network hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// From a height on.
    Number(u64),
    /// From a time on, seconds.
    Time(u64),
    /// From the block on whose parent has this total difficulty (EIP-3675).
    TotalDifficulty(U256),
}

/// A network: the rules of its first blocks, and those of the later ones if they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: Rules,
    later: Option<(Switch, Rules)>,
    /// Height of the DAO fork.
    dao: Option<u64>,
}

impl Network {
    /// The network that a test file calls so: the name of rules, or `<rules>To<rules>At<where>`,
    /// the place a height (`5`), a time (`Time15k`) or a total difficulty in hexadecimal
    /// (`DiffC0000`). `schedules` has the file's own blob parameters by the name of the rules.
    #[must_use]
    pub fn by_name(name: &str, schedules: &[(String, BlobSchedule)]) -> Option<Self> {
        let rules = |name: &str| {
            let mut rules = Rules::by_name(name)?;
            if let Some((_, given)) = schedules.iter().find(|(known, _)| known == name)
                && rules.blobs.is_some()
            {
                rules.blobs = Some(*given);
            }
            Some(rules)
        };
        let Some((names, place)) = name.split_once("At") else {
            return Some(Self {
                first: rules(name)?,
                later: None,
                dao: None,
            });
        };
        let (first, later) = names.split_once("To")?;
        let switch = Switch::by_name(place)?;
        let dao = match switch {
            Switch::Number(number) if later == "Dao" => Some(number),
            _ => None,
        };
        Some(Self {
            first: rules(first)?,
            later: Some((switch, rules(later)?)),
            dao,
        })
    }

    /// The rules of a block. `parent_difficulty` is the total difficulty of its parent.
    #[must_use]
    pub fn rules(&self, number: u64, timestamp: u64, parent_difficulty: U256) -> Rules {
        match self.later {
            Some((switch, later)) => {
                let reached = match switch {
                    Switch::Number(from) => number >= from,
                    Switch::Time(from) => timestamp >= from,
                    Switch::TotalDifficulty(total) => number > 0 && parent_difficulty >= total,
                };
                if reached { later } else { self.first }
            }
            None => self.first,
        }
    }

    /// The rules of the first block.
    #[must_use]
    pub fn genesis_rules(&self, genesis: &Header) -> Rules {
        self.rules(0, genesis.timestamp, word(genesis.difficulty))
    }

    /// Whether the block at this height is where the DAO's ether moves.
    #[must_use]
    pub fn drains_dao(&self, number: u64) -> bool {
        self.dao == Some(number)
    }

    /// Whether a block at this height has to name the DAO fork in its extra data.
    #[must_use]
    pub fn names_dao(&self, number: u64) -> bool {
        self.dao.is_some_and(|from| {
            (from..from.saturating_add(super::dao::EXTRA_DATA_BLOCKS)).contains(&number)
        })
    }
}

impl Switch {
    fn by_name(place: &str) -> Option<Self> {
        if let Some(time) = place.strip_prefix("Time") {
            let seconds = match time.strip_suffix('k') {
                Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1000)?,
                None => time.parse().ok()?,
            };
            return Some(Self::Time(seconds));
        }
        if let Some(total) = place.strip_prefix("Diff") {
            return U256::from_text(&format!("0x{total}"))
                .ok()
                .map(Self::TotalDifficulty);
        }
        place.parse().ok().map(Self::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fork(network: &str, number: u64, timestamp: u64, total: u64) -> Fork {
        Network::by_name(network, &[])
            .unwrap()
            .rules(number, timestamp, total.into())
            .fork
    }

    #[test]
    fn transitions() {
        assert_eq!(fork("FrontierToHomesteadAt5", 4, 0, 0), Fork::Frontier);
        assert_eq!(fork("FrontierToHomesteadAt5", 5, 0, 0), Fork::Homestead);
        assert_eq!(
            fork("ByzantiumToConstantinopleFixAt5", 5, 0, 0),
            Fork::Petersburg
        );
        assert_eq!(
            fork("ShanghaiToCancunAtTime15k", 99, 14_999, 0),
            Fork::Shanghai
        );
        assert_eq!(
            fork("ShanghaiToCancunAtTime15k", 1, 15_000, 0),
            Fork::Cancun
        );
        assert_eq!(
            fork("ArrowGlacierToParisAtDiffC0000", 9, 9, 0xbffff),
            Fork::London
        );
        assert_eq!(
            fork("ArrowGlacierToParisAtDiffC0000", 9, 9, 0xc0000),
            Fork::Paris
        );
        let bpo = Network::by_name("OsakaToBPO1AtTime15k", &[]).unwrap();
        assert_eq!(bpo.rules(1, 14_999, U256::zero()).blobs.unwrap().max, 9);
        assert_eq!(bpo.rules(1, 15_000, U256::zero()).blobs.unwrap().max, 15);
        let dao = Network::by_name("HomesteadToDaoAt5", &[]).unwrap();
        assert!(dao.drains_dao(5) && !dao.drains_dao(6));
        assert!(!dao.names_dao(4) && dao.names_dao(5) && dao.names_dao(14) && !dao.names_dao(15));
    }

    #[test]
    fn own_blob_parameters() {
        let given = BlobSchedule {
            target: 1,
            max: 2,
            update_fraction: 3,
        };
        let network = Network::by_name("BPO1", &[("BPO1".into(), given)]).unwrap();
        assert_eq!(network.rules(0, 0, U256::zero()).blobs, Some(given));
        let shanghai = Network::by_name("Shanghai", &[("Shanghai".into(), given)]).unwrap();
        assert_eq!(shanghai.rules(0, 0, U256::zero()).blobs, None);
    }

    #[test]
    fn what_is_no_network() {
        for name in [
            "",
            "Amsterdam",
            "FrontierToHomesteadAt",
            "ToAt5",
            "LondonAt5",
            "ParisToShanghaiAtTimek",
            "ParisToShanghaiAtTime99999999999999999999k",
            "ArrowGlacierToParisAtDiffG",
        ] {
            assert_eq!(Network::by_name(name, &[]), None, "{name}");
        }
    }
}
