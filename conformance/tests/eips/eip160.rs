//! A dearer EXP.

use crate::world::*;
use evm_interpreter::opcode::EXP;
use evm_interpreter::{Fork, U256};

#[test]
fn a_byte_of_the_exponent() {
    let gas = |fork, exponent: U256| gas_of(fork, apply(EXP, &[3.into(), exponent])) - 2 * 3;
    for (exponent, bytes) in [
        (0.into(), 0),
        (1.into(), 1),
        (255.into(), 1),
        (256.into(), 2),
        (U256::MAX, 32),
    ] {
        assert_eq!(gas(Fork::TangerineWhistle, exponent), 10 + 10 * bytes);
        assert_eq!(gas(Fork::SpuriousDragon, exponent), 10 + 50 * bytes);
    }
}

#[test]
fn powers() {
    for (base, exponent, power) in [
        (U256::zero(), U256::zero(), U256::one()),
        (U256::zero(), U256::MAX, U256::zero()),
        (2.into(), 255.into(), U256::one() << 255),
        (2.into(), 256.into(), U256::zero()),
        (U256::MAX, U256::MAX, U256::MAX),
        (3.into(), 4.into(), 81.into()),
    ] {
        let code = apply(EXP, &[base, exponent]).return_top();
        assert_eq!(World::calling(Fork::Frontier, code).word(), power);
    }
}
