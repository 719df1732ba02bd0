//! Nonces end at 2^64 - 2.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::*;
use fevm_conformance::ethereum::Rejection;

fn sending(nonce: u64) -> World {
    let mut world = World::calling(Fork::Frontier, Asm::new());
    world.accounts[0].1.nonce = nonce;
    world.transaction.nonce = nonce;
    world
}

#[test]
fn transactions() {
    assert!(sending(u64::MAX - 1).run().is_ok());
    assert_eq!(sending(u64::MAX).rejection(), Rejection::NonceIsMax);
}

#[test]
fn creations_by_an_account_at_the_end_fail() {
    for fork in [Fork::Frontier, Fork::Byzantium, Fork::Osaka] {
        let code = Asm::new().push(0).push(0).push(0).op(CREATE).return_top();
        for (nonce, created) in [(u64::MAX - 1, true), (u64::MAX, false)] {
            let world =
                World::calling(fork, Asm::new()).with(TARGET, account(0, nonce, code.0.clone()));
            let mut ran = world.ran();
            assert!(ran.receipt.success);
            assert_eq!(
                ran.receipt.output.iter().any(|byte| *byte != 0),
                created,
                "{fork:?}"
            );
            let target = ran.state.load(TARGET);
            assert_eq!(ran.state.nonce(target), u64::MAX);
            // What was passed on comes back.
            assert!(ran.receipt.gas_used < CALL_COST + 40_000);
        }
    }
}
