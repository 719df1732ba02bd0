use std::sync::Arc;

use alloy_consensus::{TxEip1559, TypedTransaction};
use alloy_primitives::{Address, TxKind};

use super::*;

fn transaction(sender: u8, nonce: u64, fee_cap: u128, premium: u128) -> Arc<Transaction> {
    let inner = TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: 1_000_000,
        max_fee_per_gas: fee_cap,
        max_priority_fee_per_gas: premium,
        to: TxKind::Call(Address::ZERO),
        ..Default::default()
    };
    Arc::new(Transaction::impersonated(
        Address::repeat_byte(sender),
        TypedTransaction::Eip1559(inner),
    ))
}

fn order(pool: &Pool, base_fee: u128) -> Vec<(u8, u64)> {
    pool.ready(base_fee, |_| 0)
        .iter()
        .map(|transaction| (transaction.sender[0], transaction.nonce()))
        .collect()
}

#[test]
fn gaps_wait_and_then_run_in_order() {
    let mut pool = Pool::default();
    for nonce in [2, 1] {
        pool.insert(transaction(1, nonce, 1_000, 10)).unwrap();
    }
    assert_eq!(order(&pool, 100), []);
    assert_eq!(pool.next_nonce(Address::repeat_byte(1), 0), 0);
    pool.insert(transaction(1, 0, 1_000, 10)).unwrap();
    assert_eq!(order(&pool, 100), [(1, 0), (1, 1), (1, 2)]);
    assert_eq!(pool.next_nonce(Address::repeat_byte(1), 0), 3);
}

#[test]
fn premium_goes_first_then_arrival() {
    let mut pool = Pool::default();
    pool.insert(transaction(1, 0, 1_000, 10)).unwrap();
    pool.insert(transaction(2, 0, 1_000, 20)).unwrap();
    pool.insert(transaction(3, 0, 1_000, 20)).unwrap();
    pool.insert(transaction(1, 1, 1_000, 500)).unwrap();
    assert_eq!(order(&pool, 100), [(2, 0), (3, 0), (1, 0), (1, 1)]);
}

#[test]
fn a_cap_below_the_base_fee_waits() {
    let mut pool = Pool::default();
    pool.insert(transaction(1, 0, 150, 10)).unwrap();
    pool.insert(transaction(1, 1, 1_000, 10)).unwrap();
    assert_eq!(order(&pool, 151), []);
    assert_eq!(order(&pool, 150).len(), 2);
}

#[test]
fn replacement_needs_a_tenth_more_of_both_fees() {
    let mut pool = Pool::default();
    let old = transaction(1, 0, 1_000, 100);
    pool.insert(Arc::clone(&old)).unwrap();
    assert_eq!(pool.insert(Arc::clone(&old)), Err(PoolError::AlreadyKnown));
    let refused = Err(PoolError::Underpriced {
        fee_cap: 1_100,
        premium: 110,
    });
    assert_eq!(pool.insert(transaction(1, 0, 1_099, 110)), refused);
    assert_eq!(pool.insert(transaction(1, 0, 1_100, 109)), refused);
    assert_eq!(
        pool.insert(transaction(1, 0, 1_100, 110)),
        Ok(Some(Arc::clone(&old)))
    );
    assert_eq!(pool.len(), 1);
    assert!(pool.get(old.hash).is_none());
}

#[test]
fn a_sender_cannot_fill_the_pool() {
    let mut pool = Pool::default();
    for nonce in 0..PER_SENDER as u64 {
        pool.insert(transaction(1, nonce, 1_000, 10)).unwrap();
    }
    assert_eq!(
        pool.insert(transaction(1, PER_SENDER as u64, 1_000, 10)),
        Err(PoolError::SenderFull)
    );
    pool.drop_below(Address::repeat_byte(1), 999);
    assert_eq!(pool.len(), 1);
}
