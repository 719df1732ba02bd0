//! Empty accounts go, and do not come.

use crate::world::*;
use evm_interpreter::opcode::{BALANCE, CALL, INVALID, STOP};
use evm_interpreter::{Fork, H160};

const OTHER: H160 = H160([0xdd; 20]);

#[test]
fn touched_empty_accounts_are_deleted() {
    for (fork, stays) in [
        (Fork::TangerineWhistle, true),
        (Fork::SpuriousDragon, false),
    ] {
        let mut ran = World::calling(fork, Asm::new().call(CALL, OTHER, 0))
            .with(OTHER, account(0, 0, Vec::new()))
            .ran();
        let id = ran.state.load(OTHER);
        assert_eq!(ran.state.exists(id), stays, "{fork:?}");
    }
    // Untouched ones stay.
    let mut ran = World::calling(Fork::SpuriousDragon, Asm::new().address(OTHER).op(BALANCE))
        .with(OTHER, account(0, 0, Vec::new()))
        .ran();
    let id = ran.state.load(OTHER);
    assert!(ran.state.exists(id));
}

#[test]
fn calls_create_no_empty_accounts() {
    for (fork, comes) in [
        (Fork::TangerineWhistle, true),
        (Fork::SpuriousDragon, false),
    ] {
        let mut ran = World::calling(fork, Asm::new().call(CALL, OTHER, 0)).ran();
        let id = ran.state.load(OTHER);
        assert_eq!(ran.state.exists(id), comes, "{fork:?}");
    }
}

#[test]
fn a_new_account_costs_only_if_it_gets_something() {
    let code = |value| Asm::new().call(CALL, OTHER, value);
    let gas = |fork, value, known: bool| {
        let world = World::calling(fork, Asm::new()).with(TARGET, account(10, 1, code(value).0));
        let world = if known {
            world.with(OTHER, account(1, 0, Vec::new()))
        } else {
            world
        };
        world.ran().receipt.gas_used - CALL_COST
    };
    // Six pushes, GAS, the call.
    let base = 6 * 3 + 2 + 700;
    assert_eq!(gas(Fork::TangerineWhistle, 0, false), base + 25_000);
    assert_eq!(gas(Fork::SpuriousDragon, 0, false), base);
    // Value costs 9,000, of which the callee's stipend of 2,300 comes back.
    assert_eq!(gas(Fork::SpuriousDragon, 1, true), base + 9_000 - 2_300);
    assert_eq!(
        gas(Fork::SpuriousDragon, 1, false),
        base + 9_000 - 2_300 + 25_000
    );
}

#[test]
fn contracts_begin_with_nonce_one() {
    for (fork, nonce) in [(Fork::TangerineWhistle, 0), (Fork::SpuriousDragon, 1)] {
        let mut ran = World::creating(fork, Asm::deploying(&[STOP]).0).ran();
        let id = ran.state.load(ran.receipt.created.unwrap());
        assert_eq!(ran.state.nonce(id), nonce, "{fork:?}");
    }
}

#[test]
fn the_coinbase_is_touched_by_no_fee() {
    for (fork, there) in [
        (Fork::TangerineWhistle, true),
        (Fork::SpuriousDragon, false),
    ] {
        let mut world = World::calling(fork, Asm::new());
        world.transaction.max_fee = 0.into();
        world.transaction.max_priority_fee = 0.into();
        let mut ran = world.ran();
        let id = ran.state.load(COINBASE);
        assert_eq!(ran.state.exists(id), there, "{fork:?}");
    }
}

#[test]
fn a_reverted_touch_is_none_except_that_of_ripemd() {
    // Calls the account, then fails; the outer call goes on.
    let callee = H160([0xde; 20]);
    for (number, stays) in [(2, true), (3, false)] {
        let touch = Asm::new().call(CALL, low(number), 0).op(INVALID);
        let asm = Asm::new()
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .address(callee);
        let code = asm.push(100_000).op(CALL);
        let mut ran = World::calling(Fork::SpuriousDragon, code)
            .with(callee, account(0, 1, touch.0))
            .with(low(number), account(0, 0, Vec::new()))
            .ran();
        let id = ran.state.load(low(number));
        assert_eq!(ran.state.exists(id), stays, "precompile {number}");
    }
}
