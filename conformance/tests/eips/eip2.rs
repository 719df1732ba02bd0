//! Homestead: creations cost more, do not end without their code, and signatures have one form.

use crate::signed::{Legacy, with_high_s};
use crate::world::*;
use evm_interpreter::Fork;
use fevm_conformance::ethereum::Rejection;

#[test]
fn creation_by_transaction_costs_more() {
    let gas = |fork| World::creating(fork, Vec::new()).ran().receipt.gas_used;
    assert_eq!(gas(Fork::Frontier), 21_000);
    assert_eq!(gas(Fork::Homestead), 53_000);
}

#[test]
fn too_little_gas_for_the_code_fails() {
    // 32 bytes of code cost 6,400; what is left for them is 6,399.
    let init = Asm::new()
        .push(32)
        .push(0)
        .op(evm_interpreter::opcode::RETURN)
        .0;
    let world = |fork, limit| {
        let mut world = World::creating(fork, init.clone());
        world.transaction.gas_limit = limit;
        world.ran()
    };
    for (fork, base) in [(Fork::Frontier, 21_000), (Fork::Homestead, 53_000)] {
        let data = init
            .iter()
            .map(|&byte| if byte == 0 { 4 } else { 68 })
            .sum::<u64>();
        // Two pushes and a word of memory.
        let needed = base + data + 3 + 3 + 3 + 6_400;
        let mut enough = world(fork, needed);
        let address = enough.receipt.created.unwrap();
        let id = enough.state.load(address);
        assert_eq!(enough.state.code(id).as_slice(), [0; 32]);

        let mut short = world(fork, needed - 1);
        if fork == Fork::Frontier {
            // A contract without code, and the gas is the sender's.
            assert_eq!(short.receipt.gas_used, needed - 6_400);
            let id = short.state.load(short.receipt.created.unwrap());
            assert!(short.state.exists(id) && short.state.code(id).is_empty());
        } else {
            assert_eq!(
                (short.receipt.created, short.receipt.gas_used),
                (None, needed - 1)
            );
        }
    }
}

#[test]
fn high_s_is_refused() {
    let signed = Legacy::default().signed(None);
    for fork in [Fork::Frontier, Fork::Homestead] {
        assert!(signed.recover(fork, 1).is_ok());
    }
    let high = with_high_s(&signed);
    assert_eq!(
        high.recover(Fork::Frontier, 1).unwrap().sender,
        signed.recover(Fork::Frontier, 1).unwrap().sender,
        "the other root signs as well"
    );
    assert_eq!(
        high.recover(Fork::Homestead, 1).unwrap_err(),
        Rejection::InvalidSignature
    );
}
