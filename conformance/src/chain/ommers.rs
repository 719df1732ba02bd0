//! Uncles, and the rewards of proof of work.

use super::Header;
use super::convert::{address, hash};
use super::rejection::{BlockRejection, Reason};
use crate::ethereum::State;
use alloy_consensus::constants::EMPTY_OMMER_ROOT_HASH;
use evm_interpreter::{Fork, H160, H256, U256};

/// Ommers of a block at most.
const MAX_OMMERS: usize = 2;
/// Generations back that an ommer's parent may be.
pub const GENERATIONS: usize = 7;
/// Wei in an ether.
const ETHER: u64 = 1_000_000_000_000_000_000;

/// A block's forebear, with the hashes of its ommers.
#[derive(Clone, Debug)]
pub struct Ancestor<'a> {
    /// Its hash.
    pub hash: H256,
    /// Its header.
    pub header: &'a Header,
    /// Its ommers' hashes.
    pub ommers: Vec<H256>,
}

/// Checks the ommers of a block. `ancestors` are its last seven, the parent first; `check` tells
/// whether an ommer's header may follow its parent.
///
/// # Errors
/// What is wrong.
pub fn check(
    block: H256,
    ommers: &[Header],
    ancestors: &[Ancestor<'_>],
    check: impl Fn(&Header, &Ancestor<'_>) -> Result<(), BlockRejection>,
) -> Result<(), BlockRejection> {
    if ommers.len() > MAX_OMMERS {
        let text = format!("{} ommers, at most {MAX_OMMERS}", ommers.len());
        return Err(BlockRejection::new(Reason::TooManyOmmers, text));
    }
    let mut used: Vec<H256> = ancestors
        .iter()
        .flat_map(|ancestor| ancestor.ommers.iter().copied())
        .collect();
    used.push(block);
    for ommer in ommers {
        let ommer_hash = hash(ommer.hash_slow());
        if used.contains(&ommer_hash) {
            let text = format!("ommer {ommer_hash:#x} is there already");
            return Err(BlockRejection::new(Reason::OmmerTwice, text));
        }
        used.push(ommer_hash);
        if ancestors.iter().any(|ancestor| ancestor.hash == ommer_hash) {
            let text = format!("ommer {ommer_hash:#x} is an ancestor");
            return Err(BlockRejection::new(Reason::OmmerIsAncestor, text));
        }
        let parent = hash(ommer.parent_hash);
        let Some(parent) = ancestors
            .iter()
            .skip(1)
            .find(|ancestor| ancestor.hash == parent)
        else {
            let text = format!("ommer {ommer_hash:#x} has {parent:#x} for parent");
            return Err(BlockRejection::new(Reason::OmmerParent, text));
        };
        check(ommer, parent)?;
    }
    Ok(())
}

/// Whether a header says that its block has ommers.
#[must_use]
pub fn has_ommers(header: &Header) -> bool {
    header.ommers_hash != EMPTY_OMMER_ROOT_HASH
}

/// Reward of a block, wei (EIP-649, 1234); none under proof of stake.
#[must_use]
pub fn block_reward(fork: Fork) -> Option<U256> {
    let ether: u64 = if fork >= Fork::Paris {
        return None;
    } else if fork >= Fork::Constantinople {
        2
    } else if fork >= Fork::Byzantium {
        3
    } else {
        5
    };
    Some(U256::from(ether) * U256::from(ETHER))
}

/// An ommer as the rewards see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ommer {
    /// How many blocks it is behind the block.
    pub delta: u64,
    /// Who is rewarded for it.
    pub address: H160,
}

/// The ommers of a block as the rewards see them.
#[must_use]
pub fn rewarded(number: u64, ommers: &[Header]) -> Vec<Ommer> {
    let ommer = |ommer: &Header| Ommer {
        delta: number.saturating_sub(ommer.number),
        address: address(ommer.beneficiary),
    };
    ommers.iter().map(ommer).collect()
}

/// Pays a block's rewards: whole to the coinbase, and a 32nd for each ommer; an eighth less to an
/// ommer for each block that it is behind.
pub fn pay(reward: U256, coinbase: H160, ommers: &[Ommer], state: &mut State) {
    let mut whole = reward;
    for ommer in ommers {
        whole = whole.saturating_add(reward / 32);
        let part = reward.saturating_mul(8u64.saturating_sub(ommer.delta).into()) / 8;
        let id = state.load(ommer.address);
        state.credit(id, part);
    }
    let id = state.load(coinbase);
    state.credit(id, whole);
}
