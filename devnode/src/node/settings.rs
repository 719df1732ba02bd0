//! What users change while the node runs.

use std::collections::HashSet;

use alloy_primitives::Address;

use super::clock::Clock;
use crate::NodeConfig;
use crate::config::Mining;

/// The changeable part of a node. A snapshot keeps its clock.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When blocks are made.
    pub mining: Mining,
    /// Which time blocks get.
    pub clock: Clock,
    /// Gas limit of the blocks to come.
    pub block_gas_limit: u64,
    /// Base fee of the next block alone, in attoFIL per gas.
    pub next_base_fee: Option<u128>,
    /// Epochs without a block before the next one.
    pub null_rounds: u64,
    /// Least fee cap that the pool takes, in attoFIL per gas.
    pub min_gas_price: u128,
    /// Addresses that may send without a key.
    pub impersonated: HashSet<Address>,
    /// Whether every address may send without a key.
    pub impersonate_all: bool,
    /// Whether transactions are told about in the log.
    pub logging: bool,
}

impl Settings {
    pub(super) fn new(config: &NodeConfig) -> Self {
        Self {
            mining: config.mining,
            clock: Clock::default(),
            block_gas_limit: config.block_gas_limit,
            next_base_fee: None,
            null_rounds: 0,
            min_gas_price: 0,
            impersonated: HashSet::new(),
            impersonate_all: false,
            logging: true,
        }
    }

    /// Whether an address may send without a key.
    pub fn is_impersonated(&self, address: Address) -> bool {
        self.impersonate_all || self.impersonated.contains(&address)
    }
}
