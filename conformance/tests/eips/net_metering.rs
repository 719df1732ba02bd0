//! The examples that EIP-1283, 2200 and 3529 share: which values are written to slot 0 one after the
//! other, and the value before.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::SSTORE;
use fevm_conformance::ethereum::AccessListItem;

/// Values written, the value before, gas, refund.
pub(crate) type Example = (&'static [u64], u64, u64, u64);

/// Runs the examples with slot and target warm.
pub(crate) fn check(fork: Fork, examples: &[Example]) {
    for (writes, original, gas, refund) in examples {
        let code = writes
            .iter()
            .fold(Asm::new(), |asm, value| asm.push(*value).push(0).op(SSTORE));
        let mut target = account(0, 1, code.0);
        target.storage = vec![(0.into(), (*original).into())];
        // Data that cost more than the refund can be part of.
        let data = [1; 8_000];
        let mut world = World::calling(fork, Asm::new())
            .with(TARGET, target)
            .input(&data);
        let mut base = CALL_COST + 8_000 * if fork >= Fork::Istanbul { 16 } else { 68 };
        if fork >= Fork::Berlin {
            let item = AccessListItem {
                address: TARGET,
                storage_keys: vec![Default::default()],
            };
            world.transaction.kind = fevm_conformance::ethereum::TransactionKind::AccessList;
            world.transaction.access_list = [item].into();
            base += 2_400 + 1_900;
        }
        let receipt = world.ran().receipt;
        let used = receipt.gas_used + receipt.refunded - base;
        let place = format!("{fork:?}: {writes:?} on {original}");
        assert_eq!((used, receipt.refunded), (*gas, *refund), "{place}");
    }
}
