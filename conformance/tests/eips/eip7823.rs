//! Upper bounds for MODEXP.

use crate::world::*;
use evm_interpreter::Fork;

fn lengths(lengths: [u16; 3]) -> Vec<u8> {
    let mut input = vec![0; 96];
    for (at, length) in lengths.into_iter().enumerate() {
        input[32 * at + 30..32 * at + 32].copy_from_slice(&length.to_be_bytes());
    }
    input
}

#[test]
fn begins_with_osaka() {
    for over in [[1025, 0, 0], [0, 1025, 0], [0, 0, 1025]] {
        let input = lengths(over);
        assert!(precompile(5, &input, Fork::Prague).0, "{over:?}");
        let (success, output) = precompile(5, &input, Fork::Osaka);
        assert!(!success && output.is_empty(), "{over:?}");
    }
}

#[test]
fn the_bound_itself_is_allowed() {
    let (success, output) = precompile(5, &lengths([1024, 0, 1024]), Fork::Osaka);
    assert!(success);
    assert_eq!(output, vec![0; 1024]);
    assert_eq!(
        precompile(5, &lengths([0, 1024, 0]), Fork::Osaka),
        (true, vec![])
    );
}
