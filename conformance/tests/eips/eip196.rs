//! Sum and product of points of bn254.

use crate::world::*;
use evm_interpreter::{Fork, U256};

/// The field's prime.
const PRIME: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

fn words(words: &[U256]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_big_endian()).collect()
}

fn prime() -> U256 {
    U256::from_str_radix(PRIME, 16).unwrap()
}

#[test]
fn begin_with_byzantium() {
    for (number, length) in [(6, 64), (7, 64)] {
        assert_eq!(
            sent_to_precompile(number, &[], Fork::SpuriousDragon),
            (true, vec![])
        );
        let (success, output) = precompile(number, &[], Fork::Byzantium);
        assert!(success);
        assert_eq!(output.len(), length);
    }
}

#[test]
fn sums_and_products() {
    let (one, two) = (U256::one(), U256::from(2));
    let double = precompile(6, &words(&[one, two, one, two]), Fork::Byzantium);
    assert!(double.0);
    assert_eq!(
        precompile(7, &words(&[one, two, two]), Fork::Byzantium),
        double
    );
    // With its negative: infinity, which is two zeros.
    let negative = words(&[one, two, one, prime() - 2]);
    assert_eq!(
        precompile(6, &negative, Fork::Byzantium),
        (true, vec![0; 64])
    );
    // Short inputs are zeros behind, long ones are cut.
    let point = words(&[one, two]);
    assert_eq!(
        precompile(6, &point, Fork::Byzantium),
        (true, point.clone())
    );
    let long = words(&[one, two, one, two, U256::MAX]);
    assert_eq!(precompile(6, &long, Fork::Byzantium), double);
    assert_eq!(
        precompile(7, &words(&[one, two, 0.into()]), Fork::Byzantium),
        (true, vec![0; 64])
    );
}

#[test]
fn what_is_no_point_fails() {
    for point in [
        [1.into(), 1.into()],
        [prime(), 0.into()],
        [1.into(), prime() + 2],
    ] {
        assert_eq!(
            precompile(6, &words(&point), Fork::Byzantium),
            (false, vec![])
        );
        assert_eq!(
            precompile(7, &words(&point), Fork::Byzantium),
            (false, vec![])
        );
    }
}
