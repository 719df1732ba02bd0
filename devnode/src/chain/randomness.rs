//! Randomness of a chain without a beacon: hashes of the epoch, the same on every run.

use alloy_primitives::B256;
use multihash_codetable::{Code, MultihashDigest};

/// Domain tag of PREVRANDAO's draw, as Filecoin's EVM actor makes it.
const EVM_PREVRANDAO_TAG: i64 = 10;

/// The beacon's entry for an epoch.
pub fn beacon_entry(epoch: i64) -> [u8; 32] {
    blake2b(&[b"fevm beacon", &epoch.to_be_bytes()])
}

/// The digest of the beacon's entry, from which actors draw.
pub fn beacon_digest(epoch: i64) -> [u8; 32] {
    blake2b(&[&beacon_entry(epoch)])
}

/// The digest of the ticket of an epoch.
pub fn ticket_digest(epoch: i64) -> [u8; 32] {
    blake2b(&[b"fevm ticket", &epoch.to_be_bytes()])
}

/// What PREVRANDAO gives in an epoch.
pub fn prevrandao(epoch: i64) -> B256 {
    let tag = EVM_PREVRANDAO_TAG.to_be_bytes();
    blake2b(&[
        &tag,
        &beacon_digest(epoch),
        &epoch.to_be_bytes(),
        b"prevrandao",
    ])
    .into()
}

fn blake2b(parts: &[&[u8]]) -> [u8; 32] {
    let digest = Code::Blake2b256.digest(&parts.concat());
    // The hash function has 32 bytes by its definition.
    digest.digest().try_into().unwrap_or_default()
}
