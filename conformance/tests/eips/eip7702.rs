//! Set-code transactions.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::authorization::{address_of, sign_authorization};
use fevm_conformance::ethereum::{Authorization, Code, Rejection, TransactionKind};

const DELEGATE: H160 = H160([0xdd; 20]);
const KEY: H256 = H256([0x42; 32]);

fn authority() -> H160 {
    address_of(&KEY).unwrap()
}

fn authorization(chain_id: u64, nonce: u64, address: H160) -> Authorization {
    sign_authorization(&KEY, chain_id.into(), address, nonce).unwrap()
}

fn code_after(world: World) -> Code {
    let mut ran = world.ran();
    let id = ran.state.load(authority());
    ran.state.code(id).clone()
}

fn with(authorizations: Vec<Authorization>) -> World {
    World::calling(Fork::Prague, Asm::new()).authorizing(authorizations)
}

#[test]
fn begins_with_prague() {
    let mut world = with(vec![authorization(1, 0, DELEGATE)]);
    world.block.fork = Fork::Cancun;
    assert_eq!(
        world.rejection(),
        Rejection::TypeNotSupported(TransactionKind::SetCode)
    );
    let code = code_after(with(vec![authorization(1, 0, DELEGATE)]));
    assert_eq!(code.delegate(), Some(DELEGATE));
    assert_eq!(code.as_slice().len(), 23);
}

#[test]
fn refused() {
    assert_eq!(with(vec![]).rejection(), Rejection::EmptyAuthorizationList);
    let mut creation = with(vec![authorization(1, 0, DELEGATE)]);
    creation.transaction.to = None;
    assert_eq!(creation.rejection(), Rejection::SetCodeCreation);
}

#[test]
fn which_authorizations_count() {
    let any_chain = authorization(0, 0, DELEGATE);
    assert_eq!(code_after(with(vec![any_chain])).delegate(), Some(DELEGATE));
    let mut high_s = authorization(1, 0, DELEGATE);
    let order = U256::from_dec_str(
        "115792089237316195423570985008687907852837564279074904382605163141518161494337",
    )
    .unwrap();
    high_s.s = order - high_s.s;
    high_s.y_parity ^= 1;
    let mut parity = authorization(1, 0, DELEGATE);
    parity.y_parity = 27;
    for void in [
        authorization(2, 0, DELEGATE),
        authorization(1, 1, DELEGATE),
        authorization(1, u64::MAX, DELEGATE),
        high_s,
        parity,
    ] {
        assert!(code_after(with(vec![void])).is_empty());
    }
    // Not for accounts that have code of their own.
    let contract =
        with(vec![authorization(1, 0, DELEGATE)]).with(authority(), account(0, 0, vec![STOP]));
    assert_eq!(code_after(contract).delegate(), None);
}

#[test]
fn the_last_one_counts_and_zero_takes_away() {
    let second = H160([0xde; 20]);
    let two = vec![authorization(1, 0, DELEGATE), authorization(1, 1, second)];
    assert_eq!(code_after(with(two)).delegate(), Some(second));
    let undone = vec![
        authorization(1, 0, DELEGATE),
        authorization(1, 1, H160::zero()),
    ];
    assert!(code_after(with(undone)).is_empty());
}

#[test]
fn cost() {
    let gas = |world: World| world.ran().receipt.gas_used;
    let new = gas(with(vec![authorization(1, 0, DELEGATE)]));
    assert_eq!(new, CALL_COST + 25_000);
    let known =
        with(vec![authorization(1, 0, DELEGATE)]).with(authority(), account(1, 0, Vec::new()));
    // The refund of 12,500 is capped at a fifth.
    assert_eq!(gas(known), 46_000 - 46_000 / 5);
}

#[test]
fn calls_run_the_delegates_code_on_the_authority() {
    let mut world = with(vec![authorization(1, 0, DELEGATE)]).with(
        DELEGATE,
        account(0, 1, Asm::new().op(ADDRESS).return_top().0),
    );
    world.transaction.to = Some(authority());
    assert_eq!(world.word(), U256::from_big_endian(&authority().0));
}

#[test]
fn delegation_is_followed_once_and_outlives_a_revert() {
    // To itself: the designator is no code that could run.
    let mut world = with(vec![authorization(1, 0, authority())]);
    world.transaction.to = Some(authority());
    assert!(!world.ran().receipt.success);
    let revert = Asm::new().push(0).push(0).op(REVERT);
    let world = with(vec![authorization(1, 0, DELEGATE)]).with(TARGET, account(0, 1, revert.0));
    assert_eq!(code_after(world).delegate(), Some(DELEGATE));
}

#[test]
fn others_see_the_designator() {
    let code = Asm::new().address(authority()).op(EXTCODESIZE).return_top();
    let world = World::calling(Fork::Prague, code).authorizing(vec![authorization(1, 0, DELEGATE)]);
    assert_eq!(world.word(), 23.into());
}
