//! Price of MODEXP.

use crate::world::*;
use evm_interpreter::Fork;
use evm_interpreter::opcode::JUMPDEST;

/// Gas of one call of MODEXP on numbers of so many bytes, all bytes 0xff.
fn gas(fork: Fork, base: usize, exponent: usize, modulus: usize) -> u64 {
    let mut input = Vec::new();
    for length in [base, exponent, modulus] {
        input.extend([0; 30]);
        input.extend((length as u16).to_be_bytes());
    }
    input.extend(vec![0xff; base + exponent + modulus]);
    let registry = precompiles::Registry::<precompiles::Native>::get(&low(5), fork);
    (registry.unwrap().gas)(&input, fork)
}

#[test]
fn least_price() {
    assert_eq!(gas(Fork::Prague, 1, 1, 1), 200);
    assert_eq!(gas(Fork::Osaka, 1, 1, 1), 500);
}

#[test]
fn products() {
    // Complexity of up to 32 bytes is 16; an exponent of 32 bytes counts 255.
    assert_eq!(gas(Fork::Osaka, 32, 32, 32), 16 * 255);
    // Above: twice the square of the words.
    assert_eq!(gas(Fork::Osaka, 64, 32, 64), 2 * 8 * 8 * 255);
    // Each byte of the exponent beyond 32 counts 16.
    assert_eq!(gas(Fork::Osaka, 64, 33, 64), 2 * 8 * 8 * (16 + 255));
    assert_eq!(gas(Fork::Prague, 64, 33, 64), 8 * 8 * (8 + 255) / 3);
}

#[test]
fn a_transaction_pays_it() {
    let mut input = vec![0; 96];
    input[31] = 1;
    input[63] = 1;
    input[95] = 1;
    input.extend([2, 3, 5]);
    let used = |fork| {
        // Work enough that the price counts, not the floor for call data.
        let mut code = Asm(vec![JUMPDEST; 3000]);
        code.0.extend(precompile_call(5).0);
        let world = World::calling(fork, code).input(&input);
        world.ran().receipt.gas_used
    };
    assert_eq!(used(Fork::Osaka) - used(Fork::Prague), 300);
    assert_eq!(precompile(5, &input, Fork::Osaka), (true, vec![3]));
}
