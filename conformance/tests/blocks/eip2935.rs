//! Hashes of earlier blocks in the state.

use crate::builder::{ASK, Chain, parts, word, words};
use evm_interpreter::U256;
use fevm_conformance::chain::transition::HISTORY;

#[test]
fn the_parent_is_stored() {
    let mut chain = Chain::new("Prague");
    let genesis = chain.last().hash;
    let first = chain.add(parts(Vec::new())).hash;
    chain.add(parts(Vec::new()));
    assert_eq!(
        chain.slot(HISTORY, 0.into()),
        U256::from_big_endian(&genesis.0)
    );
    assert_eq!(
        chain.slot(HISTORY, 1.into()),
        U256::from_big_endian(&first.0)
    );
    let ask = chain.call(ASK, &words(word(HISTORY), 1), 0);
    chain.add(parts(vec![ask]));
    assert_eq!(chain.slot(ASK, 0.into()), U256::one());
    assert_eq!(chain.slot(ASK, 1.into()), U256::from_big_endian(&first.0));
    let ask = chain.call(ASK, &words(word(HISTORY), 4), 0);
    chain.add(parts(vec![ask]));
    assert_eq!(
        chain.slot(ASK, 0.into()),
        U256::zero(),
        "the block itself has no hash yet"
    );
}

#[test]
fn begins_with_prague() {
    let mut chain = Chain::new("Cancun");
    chain.add(parts(Vec::new()));
    assert_eq!(chain.slot(HISTORY, 0.into()), U256::zero());
}
