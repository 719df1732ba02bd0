//! No creation where there is a nonce or code.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::*;
use fevm_conformance::ethereum::hash::create_address;

#[test]
fn transactions_lose_all_gas() {
    for fork in Fork::ALL {
        let taken = create_address(SENDER, 0);
        for holder in [account(0, 1, Vec::new()), account(0, 0, vec![STOP])] {
            let mut ran = World::creating(fork, Asm::deploying(&[0]).0)
                .with(taken, holder)
                .ran();
            assert_eq!(ran.receipt.created, None, "{fork:?}");
            assert_eq!(ran.receipt.gas_used, 10_000_000);
            let sender = ran.state.load(SENDER);
            assert_eq!(ran.state.nonce(sender), 1, "the nonce is used all the same");
        }
    }
}

#[test]
fn instructions_lose_what_they_pass_on() {
    let code = Asm::new().push(0).push(0).push(0).op(CREATE).return_top();
    let taken = create_address(TARGET, 1);
    let world = |holder| {
        World::calling(Fork::Byzantium, code.clone()).with(taken, account(0, holder, Vec::new()))
    };
    assert_ne!(world(0).word(), 0.into());
    let mut ran = world(1).ran();
    assert_eq!(ran.receipt.output, [0; 32]);
    assert!(ran.receipt.gas_used > 9_700_000);
    let target = ran.state.load(TARGET);
    assert_eq!(ran.state.nonce(target), 2, "the nonce is used all the same");
}
