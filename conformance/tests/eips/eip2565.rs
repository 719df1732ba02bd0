//! Cheaper MODEXP.

use crate::world::low;
use evm_interpreter::{Fork, U256};
use precompiles::{Native, Registry};

fn gas(lengths: [u64; 3], head: &[u8], fork: Fork) -> u64 {
    let mut input: Vec<u8> = lengths
        .iter()
        .flat_map(|length| U256::from(*length).to_big_endian())
        .collect();
    input.resize(96 + lengths[0] as usize, 0);
    input.extend_from_slice(head);
    (Registry::<Native>::get(&low(5), fork).unwrap().gas)(&input, fork)
}

#[test]
fn words_squared_by_a_third() {
    for (lengths, head, istanbul, berlin) in [
        // The least price.
        ([1, 1, 1], &[2][..], 0, 200),
        // 1,024 bytes are 128 words; an exponent of 2 counts once.
        (
            [1024, 1, 1024],
            &[2],
            (262_144 + 98_304 - 3_072) / 20,
            128 * 128 / 3,
        ),
        // The longer of base and modulus decides; 17 bits of exponent count 16 times.
        (
            [256, 3, 8],
            &[1, 0, 1],
            (16_384 + 96 * 256 - 3_072) * 16 / 20,
            32 * 32 * 16 / 3,
        ),
        // Words are rounded up.
        (
            [257, 3, 8],
            &[1, 0, 1],
            (16_512 + 96 * 257 - 3_072) * 16 / 20,
            33 * 33 * 16 / 3,
        ),
        // Of long exponents each byte beyond 32 counts 8, the head its bits less one.
        (
            [64, 40, 64],
            &[0x80],
            4_096 * (64 + 255) / 20,
            64 * (64 + 255) / 3,
        ),
    ] {
        assert_eq!(gas(lengths, head, Fork::Istanbul), istanbul, "{lengths:?}");
        assert_eq!(gas(lengths, head, Fork::Berlin), berlin, "{lengths:?}");
    }
}
