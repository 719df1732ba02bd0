//! Dearer look-ups, and all but one 64th.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160};

const OTHER: H160 = H160([0xdd; 20]);

#[test]
fn prices() {
    let account_of = |op: u8| Asm::new().address(OTHER).op(op);
    for (code, before, after) in [
        (account_of(BALANCE), 20, 400),
        (account_of(EXTCODESIZE), 20, 700),
        (Asm::new().push(1).op(SLOAD), 50, 200),
    ] {
        assert_eq!(gas_of(Fork::Homestead, code.clone()), 3 + before);
        assert_eq!(gas_of(Fork::TangerineWhistle, code), 3 + after);
    }
    let copy = Asm::new()
        .push(0)
        .push(0)
        .push(0)
        .address(OTHER)
        .op(EXTCODECOPY);
    assert_eq!(gas_of(Fork::Homestead, copy.clone()), 12 + 20);
    assert_eq!(gas_of(Fork::TangerineWhistle, copy), 12 + 700);
}

#[test]
fn selfdestruct() {
    let code = Asm::new().address(OTHER).op(SELFDESTRUCT);
    let gas = |fork, known: bool, balance| {
        let world =
            World::calling(fork, code.clone()).with(TARGET, account(balance, 1, code.0.clone()));
        let world = if known {
            world.with(OTHER, account(1, 0, Vec::new()))
        } else {
            world
        };
        let receipt = world.ran().receipt;
        receipt.gas_used + receipt.refunded - CALL_COST
    };
    assert_eq!(gas(Fork::Homestead, false, 1), 3);
    assert_eq!(gas(Fork::TangerineWhistle, true, 1), 3 + 5_000);
    assert_eq!(gas(Fork::TangerineWhistle, false, 1), 3 + 5_000 + 25_000);
    assert_eq!(gas(Fork::TangerineWhistle, false, 0), 3 + 5_000 + 25_000);
    // EIP-161: nobody comes into being by nothing.
    assert_eq!(gas(Fork::SpuriousDragon, false, 0), 3 + 5_000);
}

#[test]
fn asking_for_more_than_there_is() {
    // Asks for all gas there could be; the callee says what it got.
    let callee = Asm::new().op(GAS).return_top();
    let code = Asm::new()
        .push(32)
        .push(0)
        .push(0)
        .push(0)
        .push(0)
        .address(OTHER)
        .push(u64::MAX)
        .op(CALL)
        .op(POP)
        .push(0)
        .op(MLOAD)
        .return_top();
    let world =
        |fork| World::calling(fork, code.clone()).with(OTHER, account(0, 1, callee.0.clone()));
    let ran = world(Fork::Homestead).ran();
    assert!(!ran.receipt.success);
    assert_eq!(ran.receipt.gas_used, 10_000_000);
    // Seven pushes, the call, a word of memory; then GAS itself in the callee.
    let left = 10_000_000 - CALL_COST - 7 * 3 - 700 - 3;
    let given = left - left / 64;
    assert_eq!(world(Fork::TangerineWhistle).word(), (given - 2).into());
}

#[test]
fn creations_get_all_but_one_64th() {
    // The creation burns what it gets.
    let code = Asm::new()
        .push(INVALID)
        .push(0)
        .op(MSTORE8)
        .push(1)
        .push(0)
        .push(0)
        .op(CREATE);
    let used = |fork| World::calling(fork, code.clone()).ran().receipt.gas_used;
    assert_eq!(used(Fork::Homestead), 10_000_000);
    let left = 10_000_000 - CALL_COST - 2 * 3 - 3 - 3 - 3 * 3 - 32_000;
    assert_eq!(used(Fork::TangerineWhistle), 10_000_000 - left / 64);
}
