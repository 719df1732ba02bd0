//! Excess blob gas and its price, with each fork's parameters (EIP-4844, 7691, 7840, 7892, 7918).

use crate::builder::{ASK, Chain, accounts, parts};
use evm_interpreter::U256;
use fevm_conformance::chain::BlockRejection;
use fevm_conformance::chain::build::Parts;
use fevm_conformance::ethereum::Rejection;

const GAS_PER_BLOB: u64 = 1 << 17;

/// The excess after a block of `most` blobs, in blobs and the part that is left.
fn excess_after(network: &str, most: usize, base_fee: u64) -> (u64, u64) {
    let mut chain = Chain::with(network, accounts(), base_fee);
    let mut transactions = Vec::new();
    let mut left = most;
    while left > 0 {
        // A transaction has six at most (EIP-7594).
        transactions.push(chain.blobs(left.min(6)));
        left -= left.min(6);
    }
    let used = chain.add(parts(transactions)).header.blob_gas_used;
    assert_eq!(used, Some(most as u64 * GAS_PER_BLOB), "{network}");
    let excess = chain.add(parts(Vec::new())).header.excess_blob_gas.unwrap();
    (excess / GAS_PER_BLOB, excess % GAS_PER_BLOB)
}

#[test]
fn target_and_most_by_fork() {
    // With a base fee of 7 wei a blob is not worth more than it costs, so the old rule holds.
    for (network, target, most) in [
        ("Cancun", 3, 6),
        ("Prague", 6, 9),
        ("Osaka", 6, 9),
        ("BPO1", 10, 15),
        ("BPO2", 14, 21),
        ("BPO3", 21, 32),
        ("BPO4", 14, 21),
    ] {
        assert_eq!(
            excess_after(network, most, 7),
            ((most as u64) - target, 0),
            "{network}"
        );
        assert_eq!(
            excess_after(network, target as usize, 7),
            (0, 0),
            "{network}"
        );
    }
}

#[test]
fn one_more_than_the_most() {
    for (network, most) in [("Cancun", 6), ("Prague", 9), ("BPO1", 15)] {
        let mut chain = Chain::new(network);
        let mut transactions = Vec::new();
        let mut left = most + 1;
        while left > 0 {
            transactions.push(chain.blobs(left.min(5)));
            left -= left.min(5);
        }
        let rejection = chain
            .tree
            .build(chain.last().hash, parts(transactions))
            .unwrap_err();
        assert!(
            matches!(
                &rejection,
                BlockRejection::Transaction {
                    rejection: Rejection::TooManyBlobs { .. },
                    ..
                }
            ),
            "{network}: {rejection}"
        );
        assert!(
            rejection.answers("TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED")
        );
        assert!(rejection.answers("BlockException.BLOB_GAS_USED_ABOVE_LIMIT"));
    }
}

/// EIP-7918: where execution is dear, the excess falls no more, and grows by a part.
#[test]
fn reserve_price() {
    assert_eq!(excess_after("Prague", 9, 1_000_000_000), (3, 0));
    assert_eq!(excess_after("Osaka", 9, 1_000_000_000), (3, 0));
    assert_eq!(excess_after("Osaka", 6, 1_000_000_000), (2, 0));
    assert_eq!(excess_after("Prague", 6, 1_000_000_000), (0, 0));
    // 14 * 7 / 21 blobs.
    assert_eq!(
        excess_after("BPO2", 14, 1_000_000_000),
        (4, GAS_PER_BLOB * 2 / 3)
    );
}

/// The parameters of a block are those of its own time, not its parent's (EIP-7892).
#[test]
fn change_in_between() {
    let mut chain = Chain::with("OsakaToBPO1AtTime15k", accounts(), 7);
    let late = |transactions, seconds| Parts {
        seconds,
        ..parts(transactions)
    };
    let transactions = vec![chain.blobs(6), chain.blobs(3)];
    chain.add(late(transactions, 14_000));
    // Nine are above the old target of six, but not above the new one of ten.
    let excess = chain.add(late(Vec::new(), 1_000)).header.excess_blob_gas;
    assert_eq!(excess, Some(0));
    let transactions = vec![chain.blobs(6), chain.blobs(6), chain.blobs(3)];
    assert_eq!(
        chain.add(late(transactions, 12)).header.blob_gas_used,
        Some(15 * GAS_PER_BLOB)
    );
    let excess = chain.add(late(Vec::new(), 12)).header.excess_blob_gas;
    assert_eq!(excess, Some(5 * GAS_PER_BLOB));
    assert_eq!(chain.slot(ASK, 0.into()), U256::zero());
}
