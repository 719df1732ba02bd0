//! The block's environment.

use super::error::{Error, Kind};
use super::number::Number;
use crate::chain::Withdrawal;
use crate::chain::convert::alloy_address;
use crate::chain::difficulty::{self, Parent};
use crate::chain::fees::{INITIAL_BASE_FEE, ParentBlobs, next_base_fee, next_excess_blob_gas};
use crate::chain::network::{Network, Rules};
use crate::chain::ommers::Ommer;
use crate::ethereum::{Block, BlockHashes, RequiredHashes};
use crate::fixture::{Ordered, Quantity};
use alloy_consensus::EMPTY_OMMER_ROOT_HASH;
use evm_interpreter::{Fork, H160, H256, U256};
use serde::Deserialize;
use std::sync::Arc;

/// The environment as it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Env {
    current_coinbase: Quantity<H160>,
    current_gas_limit: Number<u64>,
    /// Height.
    pub current_number: Number<u64>,
    current_timestamp: Number<u64>,
    current_difficulty: Option<Number<U256>>,
    current_random: Option<Number<U256>>,
    current_base_fee: Option<Number<U256>>,
    current_excess_blob_gas: Option<Number<u64>>,
    /// Root of the parent beacon block.
    pub parent_beacon_block_root: Option<Quantity<H256>>,
    withdrawals: Option<Vec<GivenWithdrawal>>,
    /// Hashes of earlier blocks.
    pub block_hashes: Option<Ordered<Quantity<u64>, Quantity<H256>>>,
    ommers: Option<Vec<GivenOmmer>>,
    parent_difficulty: Option<Number<U256>>,
    parent_timestamp: Option<Number<u64>>,
    parent_base_fee: Option<Number<U256>>,
    parent_gas_used: Option<Number<u64>>,
    parent_gas_limit: Option<Number<u64>>,
    parent_uncle_hash: Option<Quantity<H256>>,
    parent_excess_blob_gas: Option<Number<u64>>,
    parent_blob_gas_used: Option<Number<u64>>,
}

/// A withdrawal as it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GivenWithdrawal {
    index: Number<u64>,
    validator_index: Number<u64>,
    address: Quantity<H160>,
    amount: Number<u64>,
}

impl From<&GivenWithdrawal> for Withdrawal {
    fn from(given: &GivenWithdrawal) -> Self {
        Self {
            index: given.index.0,
            validator_index: given.validator_index.0,
            address: alloy_address(given.address.0),
            amount: given.amount.0,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
struct GivenOmmer {
    delta: Number<u64>,
    address: Quantity<H160>,
}

/// The environment, completed by what follows from it.
#[derive(Clone, Debug)]
pub struct Completed {
    /// What transactions see.
    pub block: Block,
    /// Difficulty, under proof of work.
    pub difficulty: Option<U256>,
    /// Base fee, wei, from London on.
    pub base_fee: Option<U256>,
    /// Excess blob gas, where it is known.
    pub excess_blob_gas: Option<u64>,
    /// Root of the parent beacon block, from Cancun on.
    pub beacon_root: Option<H256>,
    /// Withdrawals.
    pub withdrawals: Option<Vec<Withdrawal>>,
    /// Ommers.
    pub ommers: Vec<Ommer>,
    /// The hashes that BLOCKHASH gives.
    pub hashes: Arc<RequiredHashes>,
    /// Whether there are hashes at all.
    pub has_hashes: bool,
    /// Whether the DAO's ether moves.
    pub drains_dao: bool,
}

fn config(message: impl Into<String>) -> Error {
    Error::new(Kind::Config, message)
}

impl Env {
    /// Completes the environment under the rules that it is under in a network.
    ///
    /// # Errors
    /// What is missing, or contradicts the fork.
    pub fn complete(&self, network: &Network, chain_id: u64) -> Result<Completed, Error> {
        let (number, timestamp) = (self.current_number.0, self.current_timestamp.0);
        // Where the total difficulty decides: proof of stake has randomness.
        let total = if self.current_random.is_some() {
            U256::MAX
        } else {
            U256::zero()
        };
        let rules = network.rules(number, timestamp, total);
        let parent_rules = network.rules(number.saturating_sub(1), timestamp, total);
        let base_fee = self.base_fee(&rules, &parent_rules)?;
        if rules.fork >= Fork::Shanghai && self.withdrawals.is_none() {
            return Err(config(
                "Shanghai config but missing 'withdrawals' in env section",
            ));
        }
        let difficulty = self.difficulty(&rules)?;
        let beacon_root = self.parent_beacon_block_root.map(|root| root.0);
        if rules.fork >= Fork::Cancun && beacon_root.is_none() {
            return Err(config(
                "post-cancun env requires parentBeaconBlockRoot to be set",
            ));
        }
        if rules.blobs.is_none() && self.current_excess_blob_gas.is_some() {
            let text = "currentExcessBlobGas is set in env, but the fork has no blobs";
            return Err(Error::new(Kind::Evm, text));
        }
        let excess_blob_gas = self.excess_blob_gas(&rules);
        let given = self.block_hashes.iter().flat_map(|hashes| &hashes.0);
        let hashes = Arc::new(RequiredHashes::new(
            given.map(|(number, hash)| (number.0, hash.0)).collect(),
        ));
        let random = self.current_random.filter(|_| rules.fork >= Fork::London);
        Ok(Completed {
            block: Block {
                fork: rules.fork,
                chain_id,
                number,
                timestamp,
                coinbase: self.current_coinbase.0,
                gas_limit: self.current_gas_limit.0,
                prev_randao: random
                    .map_or_else(|| difficulty.unwrap_or_default(), |random| random.0),
                // One that is given too early is shown, but nobody pays it.
                base_fee: base_fee
                    .filter(|_| rules.fork >= Fork::London)
                    .unwrap_or_default(),
                blob_base_fee: match (rules.blobs, excess_blob_gas) {
                    (Some(schedule), Some(excess)) => schedule.price(excess),
                    _ => U256::zero(),
                },
                max_blobs: rules.blobs.map_or(0, |schedule| schedule.max),
                hashes: BlockHashes::Required(Arc::clone(&hashes)),
                memo: None,
            },
            difficulty,
            base_fee,
            excess_blob_gas,
            beacon_root: beacon_root.filter(|_| rules.fork >= Fork::Cancun),
            withdrawals: self
                .withdrawals
                .as_ref()
                .map(|list| list.iter().map(Withdrawal::from).collect()),
            ommers: self
                .ommers
                .iter()
                .flatten()
                .map(|ommer| Ommer {
                    delta: ommer.delta.0,
                    address: ommer.address.0,
                })
                .collect(),
            hashes,
            has_hashes: self.block_hashes.is_some(),
            drains_dao: network.drains_dao(number),
        })
    }

    fn base_fee(&self, rules: &Rules, parent_rules: &Rules) -> Result<Option<U256>, Error> {
        if let Some(given) = self.current_base_fee {
            return Ok(Some(given.0));
        }
        if rules.fork < Fork::London {
            return Ok(None);
        }
        match self.parent_base_fee {
            Some(_) if self.current_number.0 > 0 && parent_rules.fork < Fork::London => {
                Ok(Some(INITIAL_BASE_FEE.into()))
            }
            Some(parent) if self.current_number.0 > 0 => {
                let used = self.parent_gas_used.map_or(0, |used| used.0);
                let limit = self.parent_gas_limit.map_or(0, |limit| limit.0);
                Ok(Some(next_base_fee(parent.0, used, limit)))
            }
            _ => Err(config(
                "EIP-1559 config but missing 'parentBaseFee' in env section",
            )),
        }
    }

    fn difficulty(&self, rules: &Rules) -> Result<Option<U256>, Error> {
        let given = self.current_difficulty.map(|given| given.0);
        if rules.merged() {
            if self.current_random.is_none() {
                return Err(config(
                    "post-merge requires currentRandom to be defined in env",
                ));
            }
            if given.is_some_and(|given| !given.is_zero()) {
                return Err(config(
                    "post-merge difficulty must be zero (or omitted) in env",
                ));
            }
            return Ok(None);
        }
        if given.is_some() {
            return Ok(given);
        }
        let Some(parent) = self.parent_difficulty else {
            return Err(config(
                "currentDifficulty was not provided, and cannot be calculated due to missing \
                 parentDifficulty",
            ));
        };
        let Some(parent_number) = self.current_number.0.checked_sub(1) else {
            return Err(config(
                "currentDifficulty needs to be provided for block number 0",
            ));
        };
        let (now, before) = (
            self.current_timestamp.0,
            self.parent_timestamp.map_or(0, |time| time.0),
        );
        if now <= before {
            return Err(config(format!(
                "currentDifficulty cannot be calculated -- currentTime ({now}) needs to be after \
                 parent time ({before})"
            )));
        }
        let ommers = self.parent_uncle_hash.map_or(H256::zero(), |hash| hash.0);
        let parent = Parent {
            number: parent_number,
            timestamp: before,
            difficulty: parent.0,
            has_ommers: !ommers.is_zero() && ommers.0 != EMPTY_OMMER_ROOT_HASH.0,
        };
        Ok(Some(difficulty::next(&parent, now, rules)))
    }

    /// The excess blob gas that is given, or follows from the parent's.
    fn excess_blob_gas(&self, rules: &Rules) -> Option<u64> {
        let schedule = rules.blobs?;
        if let Some(given) = self.current_excess_blob_gas {
            return Some(given.0);
        }
        let parent = ParentBlobs {
            excess: self.parent_excess_blob_gas?.0,
            used: self.parent_blob_gas_used?.0,
            base_fee: self.parent_base_fee.map_or(U256::zero(), |fee| fee.0),
        };
        Some(next_excess_blob_gas(parent, rules, &schedule))
    }
}
