//! The beacon root in the state.

use crate::builder::{ASK, Chain, parts, word, words};
use evm_interpreter::{H256, U256};
use fevm_conformance::chain::transition::BEACON_ROOTS;

/// Length of the contract's ring buffers.
const RING: u64 = 8_191;

#[test]
fn is_stored_by_timestamp() {
    let mut chain = Chain::new("Cancun");
    let timestamp = chain.add(parts(Vec::new())).header.timestamp;
    let root = U256::from_big_endian(&H256::repeat_byte(0x88).0);
    let slot = U256::from(timestamp % RING);
    assert_eq!(chain.slot(BEACON_ROOTS, slot), U256::from(timestamp));
    assert_eq!(chain.slot(BEACON_ROOTS, slot + RING), root);
}

#[test]
fn can_be_asked_for_in_the_same_block() {
    let mut chain = Chain::new("Cancun");
    // The first block comes 12 seconds after a genesis at 0.
    let ask = chain.call(ASK, &words(word(BEACON_ROOTS), 12), 0);
    chain.add(parts(vec![ask]));
    assert_eq!(chain.slot(ASK, 0.into()), U256::one());
    assert_eq!(
        chain.slot(ASK, 1.into()),
        U256::from_big_endian(&[0x88; 32])
    );
    let ask = chain.call(ASK, &words(word(BEACON_ROOTS), 13), 0);
    chain.add(parts(vec![ask]));
    assert_eq!(
        chain.slot(ASK, 0.into()),
        U256::zero(),
        "no block has that time"
    );
}

#[test]
fn belongs_to_cancun_and_needs_no_contract() {
    let mut chain = Chain::new("Shanghai");
    chain.add(parts(Vec::new()));
    assert_eq!(chain.slot(BEACON_ROOTS, 12.into()), U256::zero());
    let accounts = crate::builder::accounts();
    let without = accounts
        .into_iter()
        .filter(|(address, _)| *address != BEACON_ROOTS)
        .collect();
    let mut chain = Chain::with("Cancun", without, 1_000);
    chain.add(parts(Vec::new()));
    assert!(chain.tree.state().unwrap().account(&BEACON_ROOTS).is_none());
}
