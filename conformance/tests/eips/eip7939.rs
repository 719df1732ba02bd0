//! CLZ.

use crate::world::*;
use evm_interpreter::opcode::CLZ;
use evm_interpreter::{Fork, U256};
use proptest::prelude::*;

fn clz(word: U256) -> U256 {
    World::calling(Fork::Osaka, apply(CLZ, &[word]).return_top()).word()
}

#[test]
fn begins_with_osaka() {
    begins(Fork::Osaka, &apply(CLZ, &[1.into()]));
}

#[test]
fn edges() {
    assert_eq!(clz(U256::zero()), 256.into());
    assert_eq!(clz(U256::MAX), 0.into());
    for bit in 0..256usize {
        assert_eq!(clz(U256::one() << bit), (255 - bit).into());
    }
}

#[test]
fn costs_five_gas() {
    let ran = World::calling(Fork::Osaka, apply(CLZ, &[1.into()])).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 3 + 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn counts_zeros(limbs: [u64; 4], shift in 0usize..256) {
        let word = U256(limbs) >> shift;
        prop_assert_eq!(clz(word), word.leading_zeros().into());
    }
}
