//! Accounts with code send no transactions.

use crate::world::*;
use evm_interpreter::opcode::STOP;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::{Account, Code, Rejection};

fn sender(code: Code) -> Account {
    Account {
        balance: U256::from(10).pow(20.into()),
        nonce: 0,
        code,
        storage: Vec::new(),
    }
}

#[test]
fn contracts_are_refused_by_every_fork() {
    for fork in Fork::ALL {
        let world = World::calling(fork, Asm::new()).with(SENDER, sender(Code::new(vec![STOP])));
        assert_eq!(world.rejection(), Rejection::SenderNotEoa(SENDER));
    }
}

#[test]
fn delegations_are_no_code() {
    let code = Code::delegation(H160([0xdd; 20]));
    let world = World::calling(Fork::Prague, Asm::new()).with(SENDER, sender(code));
    assert!(world.ran().receipt.success);
}
