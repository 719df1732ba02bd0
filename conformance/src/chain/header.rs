//! Whether a header may follow its parent.

use super::Header;
use super::convert::word;
use super::difficulty::{self, Parent};
use super::fees::{ELASTICITY, INITIAL_BASE_FEE, ParentBlobs, next_base_fee, next_excess_blob_gas};
use super::network::{Network, Rules};
use super::rejection::{BlockRejection, Reason};
use crate::ethereum::block::GAS_PER_BLOB;
use alloy_consensus::EMPTY_OMMER_ROOT_HASH;
use alloy_primitives::B64;
use evm_interpreter::{Fork, U256};

/// Extra data at most, bytes.
const MAX_EXTRA_DATA: usize = 32;
/// Gas limit at least.
const MIN_GAS_LIMIT: u64 = 5_000;
/// Gas limit at most (EIP-1985).
const MAX_GAS_LIMIT: u64 = i64::MAX as u64;
/// The parent's gas limit divided by this is what it may not change by.
const GAS_LIMIT_DIVISOR: u64 = 1_024;

type Checked = Result<(), BlockRejection>;

/// Checks all that header and parent say about the header's validity. `parent_rules` are those that
/// the parent is under.
///
/// # Errors
/// What is wrong.
pub fn check(
    header: &Header,
    rules: &Rules,
    parent: &Header,
    parent_rules: &Rules,
    network: &Network,
) -> Checked {
    let extra = header.extra_data.len();
    if extra > MAX_EXTRA_DATA {
        let text = format!("extraData: {extra} bytes, at most {MAX_EXTRA_DATA}");
        return Err(BlockRejection::new(Reason::ExtraData, text));
    }
    check_proof(header, rules, parent_rules)?;
    if parent.number.checked_add(1) != Some(header.number) {
        let text = format!("number: {} on {}", header.number, parent.number);
        return Err(BlockRejection::new(Reason::Number, text));
    }
    if header.timestamp <= parent.timestamp {
        let text = format!(
            "timestamp: {}, the parent's {}",
            header.timestamp, parent.timestamp
        );
        return Err(BlockRejection::new(Reason::Timestamp, text));
    }
    if !rules.merged() {
        let want = difficulty::next(&Parent::from(parent), header.timestamp, rules);
        if word(header.difficulty) != want {
            let have = header.difficulty;
            return Err(BlockRejection::mismatch(
                Reason::Difficulty,
                "difficulty",
                have,
                want,
            ));
        }
    }
    check_fields(header, rules)?;
    check_gas(header, rules, parent, parent_rules)?;
    if let Some(schedule) = rules.blobs {
        let used = header.blob_gas_used.unwrap_or_default();
        let most = schedule.max.saturating_mul(GAS_PER_BLOB);
        if used > most {
            let text = format!("blobGasUsed: {used}, at most {most}");
            return Err(BlockRejection::new(Reason::BlobGasAboveLimit, text));
        }
        if !used.is_multiple_of(GAS_PER_BLOB) {
            let text = format!("blobGasUsed: {used} is no multiple of {GAS_PER_BLOB}");
            return Err(BlockRejection::new(Reason::BlobGasUsed, text));
        }
        let have = header.excess_blob_gas.unwrap_or_default();
        let want = next_excess_blob_gas(parent_blobs(parent), rules, &schedule);
        if have != want {
            return Err(BlockRejection::mismatch(
                Reason::ExcessBlobGas,
                "excessBlobGas",
                have,
                want,
            ));
        }
    }
    if network.names_dao(header.number) && *header.extra_data != *super::dao::EXTRA_DATA {
        let text = "extraData does not name the DAO fork";
        return Err(BlockRejection::new(Reason::DaoExtraData, text));
    }
    Ok(())
}

/// What a parent says of its blobs.
#[must_use]
pub fn parent_blobs(parent: &Header) -> ParentBlobs {
    ParentBlobs {
        excess: parent.excess_blob_gas.unwrap_or_default(),
        used: parent.blob_gas_used.unwrap_or_default(),
        base_fee: parent.base_fee_per_gas.unwrap_or_default().into(),
    }
}

/// Proof of stake has neither difficulty nor nonce nor ommers, and nothing follows it but itself
/// (EIP-3675).
fn check_proof(header: &Header, rules: &Rules, parent_rules: &Rules) -> Checked {
    if !rules.merged() {
        if header.difficulty.is_zero() {
            let text = "proof of stake before the total difficulty is reached";
            return Err(BlockRejection::new(Reason::WrongProof, text));
        }
        return Ok(());
    }
    if !header.difficulty.is_zero() {
        let reason = if parent_rules.merged() {
            Reason::NotProofOfStake
        } else {
            Reason::WrongProof
        };
        let text = format!("difficulty: {} under proof of stake", header.difficulty);
        return Err(BlockRejection::new(reason, text));
    }
    if header.nonce != B64::ZERO {
        let text = format!("nonce: {} under proof of stake", header.nonce);
        return Err(BlockRejection::new(Reason::NotProofOfStake, text));
    }
    if header.ommers_hash != EMPTY_OMMER_ROOT_HASH {
        let text = format!("sha3Uncles: {} under proof of stake", header.ommers_hash);
        return Err(BlockRejection::new(Reason::NotProofOfStake, text));
    }
    Ok(())
}

/// The fields that came with forks are there from them on, and not before.
fn check_fields(header: &Header, rules: &Rules) -> Checked {
    for (name, present, since) in [
        (
            "baseFeePerGas",
            header.base_fee_per_gas.is_some(),
            Fork::London,
        ),
        (
            "withdrawalsRoot",
            header.withdrawals_root.is_some(),
            Fork::Shanghai,
        ),
        ("blobGasUsed", header.blob_gas_used.is_some(), Fork::Cancun),
        (
            "excessBlobGas",
            header.excess_blob_gas.is_some(),
            Fork::Cancun,
        ),
        (
            "parentBeaconBlockRoot",
            header.parent_beacon_block_root.is_some(),
            Fork::Cancun,
        ),
        ("requestsHash", header.requests_hash.is_some(), Fork::Prague),
    ] {
        let due = rules.fork >= since;
        if present != due {
            let text = if due {
                "is missing"
            } else {
                "does not belong to the fork"
            };
            return Err(BlockRejection::new(
                Reason::Format,
                format!("{name} {text}"),
            ));
        }
    }
    if header.block_access_list_hash.is_some() || header.slot_number.is_some() {
        let text = "the header has fields of a later fork";
        return Err(BlockRejection::new(Reason::Format, text));
    }
    Ok(())
}

fn check_gas(header: &Header, rules: &Rules, parent: &Header, parent_rules: &Rules) -> Checked {
    let limit = header.gas_limit;
    if limit > MAX_GAS_LIMIT {
        let text = format!("gasLimit: {limit}, at most {MAX_GAS_LIMIT}");
        return Err(BlockRejection::new(Reason::GasLimitTooBig, text));
    }
    if header.gas_used > limit {
        let text = format!("gasUsed: {}, gasLimit {limit}", header.gas_used);
        return Err(BlockRejection::new(Reason::GasUsedAboveLimit, text));
    }
    let london = rules.fork >= Fork::London;
    let first = london && parent_rules.fork < Fork::London;
    let before = if first {
        parent.gas_limit.saturating_mul(ELASTICITY)
    } else {
        parent.gas_limit
    };
    if limit.abs_diff(before) >= before / GAS_LIMIT_DIVISOR || limit < MIN_GAS_LIMIT {
        let bound = (before / GAS_LIMIT_DIVISOR).saturating_sub(1);
        let text = format!(
            "gasLimit: have {limit}, want {before} +/- {bound} and at least {MIN_GAS_LIMIT}"
        );
        return Err(BlockRejection::new(Reason::GasLimit, text));
    }
    if london {
        let have = header.base_fee_per_gas.unwrap_or_default();
        let want = if first {
            U256::from(INITIAL_BASE_FEE)
        } else {
            let base_fee = parent.base_fee_per_gas.unwrap_or_default();
            next_base_fee(base_fee.into(), parent.gas_used, parent.gas_limit)
        };
        if U256::from(have) != want {
            return Err(BlockRejection::mismatch(
                Reason::BaseFee,
                "baseFeePerGas",
                have,
                want,
            ));
        }
    }
    Ok(())
}
