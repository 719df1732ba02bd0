//! Base fee and priority fee.

use crate::world::*;
use evm_interpreter::opcode::GASPRICE;
use evm_interpreter::{Fork, U256};
use fevm_conformance::ethereum::{Rejection, TransactionKind};

fn world(fork: Fork, max_fee: u64, priority: u64) -> World {
    let mut world = World::calling(fork, Asm::new().op(GASPRICE).return_top());
    world.transaction.kind = TransactionKind::DynamicFee;
    world.transaction.max_fee = max_fee.into();
    world.transaction.max_priority_fee = priority.into();
    world
}

#[test]
fn begins_with_london() {
    assert_eq!(
        world(Fork::Berlin, 10, 1).rejection(),
        Rejection::TypeNotSupported(TransactionKind::DynamicFee)
    );
    assert!(world(Fork::London, 10, 1).ran().receipt.success);
}

#[test]
fn who_pays_what_to_whom() {
    // The base fee is 7. Fee, priority fee, price, tip.
    for (max_fee, priority, price, tip) in
        [(10, 1, 8, 1), (10, 5, 10, 3), (7, 0, 7, 0), (7, 7, 7, 0)]
    {
        let world = world(Fork::London, max_fee, priority);
        let before = world.accounts[0].1.balance;
        let mut ran = world.ran();
        assert_eq!(U256::from_big_endian(&ran.receipt.output), price.into());
        let gas = U256::from(ran.receipt.gas_used);
        let sender = ran.state.load(SENDER);
        assert_eq!(before - ran.state.balance(sender), gas * price);
        let coinbase = ran.state.load(COINBASE);
        assert_eq!(
            ran.state.balance(coinbase),
            gas * tip,
            "the base fee is burnt"
        );
    }
}

#[test]
fn legacy_transactions_pay_their_price() {
    let code = Asm::new().op(GASPRICE).return_top();
    let mut ran = World::calling(Fork::London, code).ran();
    assert_eq!(U256::from_big_endian(&ran.receipt.output), 10.into());
    let coinbase = ran.state.load(COINBASE);
    assert_eq!(
        ran.state.balance(coinbase),
        U256::from(ran.receipt.gas_used) * 3
    );
}

#[test]
fn refused() {
    assert_eq!(
        world(Fork::London, 10, 11).rejection(),
        Rejection::PriorityAboveMaxFee
    );
    assert_eq!(
        world(Fork::London, 6, 0).rejection(),
        Rejection::MaxFeeBelowBaseFee {
            max_fee: 6.into(),
            base_fee: 7.into()
        }
    );
    // The balance must cover the largest fee, not the price.
    let mut poor = world(Fork::London, 100, 0);
    poor.accounts[0].1.balance = (10_000_000u64 * 100 - 1).into();
    assert!(matches!(
        poor.rejection(),
        Rejection::InsufficientFunds { .. }
    ));
    let mut just = world(Fork::London, 100, 0);
    just.accounts[0].1.balance = (10_000_000u64 * 100).into();
    assert!(just.ran().receipt.success);
}
