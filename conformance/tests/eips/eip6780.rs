//! SELFDESTRUCT only in the transaction that created the contract.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};

const HEIR: H160 = H160([0xee; 20]);

fn balances(fork: Fork, heir: H160) -> (bool, U256, U256) {
    let code = Asm::new().address(heir).op(SELFDESTRUCT);
    let mut ran = World::calling(fork, code.clone())
        .with(TARGET, account(5, 1, code.0))
        .ran();
    assert!(ran.receipt.success);
    let (contract, heir) = (ran.state.load(TARGET), ran.state.load(heir));
    (
        ran.state.exists(contract),
        ran.state.balance(contract),
        ran.state.balance(heir),
    )
}

#[test]
fn old_contracts_stay_from_cancun_on() {
    assert_eq!(balances(Fork::Shanghai, HEIR), (false, 0.into(), 5.into()));
    assert_eq!(balances(Fork::Cancun, HEIR), (true, 0.into(), 5.into()));
}

#[test]
fn to_itself() {
    assert_eq!(
        balances(Fork::Shanghai, TARGET),
        (false, 0.into(), 0.into())
    );
    assert_eq!(balances(Fork::Cancun, TARGET), (true, 5.into(), 5.into()));
}

#[test]
fn new_contracts_go() {
    for (heir, kept) in [(Some(HEIR), 5), (None, 0)] {
        let init = match heir {
            Some(heir) => Asm::new().address(heir),
            None => Asm::new().op(ADDRESS),
        };
        let mut world = World::creating(Fork::Cancun, init.op(SELFDESTRUCT).0);
        world.transaction.value = 5.into();
        let mut ran = world.ran();
        let created = ran.receipt.created.unwrap();
        let (created, heir) = (ran.state.load(created), ran.state.load(HEIR));
        assert!(!ran.state.exists(created));
        assert_eq!(ran.state.balance(heir), kept.into());
    }
}
