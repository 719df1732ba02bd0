//! Pairings of bn254.

use crate::world::*;
use evm_interpreter::{Fork, U256};

#[test]
fn begins_with_byzantium() {
    assert_eq!(
        sent_to_precompile(8, &[], Fork::SpuriousDragon),
        (true, vec![])
    );
    assert_eq!(precompile(8, &[], Fork::Byzantium).1.len(), 32);
}

#[test]
fn pairings() {
    let one = U256::one().to_big_endian().to_vec();
    assert_eq!(precompile(8, &[], Fork::Byzantium), (true, one.clone()));
    // Points at infinity on both sides.
    assert_eq!(precompile(8, &[0; 192], Fork::Byzantium), (true, one));
    for length in [1, 191, 193] {
        assert_eq!(
            precompile(8, &vec![0; length], Fork::Byzantium),
            (false, vec![])
        );
    }
}

#[test]
fn what_is_no_point_fails() {
    for at in [0, 64] {
        let mut input = vec![0; 192];
        input[at + 31] = 1;
        assert_eq!(precompile(8, &input, Fork::Byzantium), (false, vec![]));
    }
}
