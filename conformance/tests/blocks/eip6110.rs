//! Deposits from the logs of the deposit contract.

use crate::builder::{Chain, LOGGER, parts};
use fevm_conformance::chain::requests::{self, DEPOSIT_CONTRACT};

/// The data of a deposit event; the items are filled with their numbers.
fn event() -> Vec<u8> {
    let mut data = vec![0; 576];
    for (head, (at, length)) in
        (0..)
            .step_by(32)
            .zip([(160u16, 48u8), (256, 32), (320, 8), (384, 96), (512, 8)])
    {
        data[head + 30..head + 32].copy_from_slice(&at.to_be_bytes());
        let (at, length) = (usize::from(at), usize::from(length));
        data[at + 31] = length as u8;
        data[at + 32..at + 32 + length].fill(head as u8 / 32);
    }
    data
}

fn deposit() -> Vec<u8> {
    [
        vec![0; 48],
        vec![1; 32],
        vec![2; 8],
        vec![3; 96],
        vec![4; 8],
    ]
    .concat()
}

#[test]
fn are_requests_of_type_0() {
    let mut chain = Chain::new("Prague");
    let transactions = vec![
        chain.call(DEPOSIT_CONTRACT, &event(), 0),
        // The same from elsewhere is none.
        chain.call(LOGGER, &event(), 0),
        chain.call(DEPOSIT_CONTRACT, &event(), 0),
    ];
    let hash = chain.add(parts(transactions)).header.requests_hash;
    let request = [vec![0], deposit(), deposit()].concat();
    assert_eq!(hash, Some(requests::hash(&[request])));
}

#[test]
fn must_have_their_layout() {
    for at in [30, 31, 191, 287, 351, 415, 543] {
        let mut chain = Chain::new("Prague");
        let mut wrong = event();
        wrong[at] ^= 1;
        let transactions = vec![chain.call(DEPOSIT_CONTRACT, &wrong, 0)];
        let head = chain.last().hash;
        let rejection = chain.tree.build(head, parts(transactions)).unwrap_err();
        assert_eq!(
            rejection.name(),
            "BlockException.INVALID_DEPOSIT_EVENT_LAYOUT",
            "{at}"
        );
    }
    let mut chain = Chain::new("Prague");
    let transactions = vec![chain.call(DEPOSIT_CONTRACT, &event()[1..], 0)];
    let head = chain.last().hash;
    assert!(chain.tree.build(head, parts(transactions)).is_err());
}

#[test]
fn begin_with_prague() {
    let mut chain = Chain::new("Cancun");
    let transactions = vec![chain.call(DEPOSIT_CONTRACT, &[1], 0)];
    assert_eq!(chain.add(parts(transactions)).header.requests_hash, None);
}
