//! Withdrawals.

use crate::builder::{Chain, parts};
use alloy_primitives::Address;
use evm_interpreter::{H160, U256};
use fevm_conformance::chain::Withdrawal;
use fevm_conformance::chain::build::Parts;

fn withdrawal(to: u8, amount: u64) -> Withdrawal {
    Withdrawal {
        address: Address::repeat_byte(to),
        amount,
        ..Withdrawal::default()
    }
}

fn with(withdrawals: Vec<Withdrawal>) -> Parts {
    Parts {
        withdrawals,
        ..parts(Vec::new())
    }
}

#[test]
fn are_paid_in_gwei_without_fee() {
    let mut chain = Chain::new("Shanghai");
    chain.add(with(vec![
        withdrawal(1, 3),
        withdrawal(2, u64::MAX),
        withdrawal(1, 4),
    ]));
    assert_eq!(
        chain.balance(H160::repeat_byte(1)),
        U256::from(7_000_000_000u64)
    );
    let most = U256::from(u64::MAX) * U256::from(1_000_000_000u64);
    assert_eq!(chain.balance(H160::repeat_byte(2)), most);
}

#[test]
fn of_nothing_make_no_account() {
    let mut chain = Chain::new("Shanghai");
    chain.add(with(vec![withdrawal(1, 0)]));
    assert!(
        chain
            .tree
            .state()
            .unwrap()
            .account(&H160::repeat_byte(1))
            .is_none()
    );
}

#[test]
fn belong_to_shanghai() {
    let mut chain = Chain::new("Paris");
    let mut block = chain.build(parts(Vec::new()));
    assert_eq!(block.withdrawals, None);
    block.withdrawals = Some(vec![withdrawal(1, 1)]);
    chain.refuses(&block, "BlockException.INCORRECT_BLOCK_FORMAT");
    let mut chain = Chain::new("Shanghai");
    let mut block = chain.build(with(vec![withdrawal(1, 1)]));
    block.withdrawals = None;
    chain.refuses(&block, "BlockException.INCORRECT_BLOCK_FORMAT");
    block.withdrawals = Some(vec![withdrawal(1, 2)]);
    chain.refuses(&block, "BlockException.INVALID_WITHDRAWALS_ROOT");
}
