//! Small contracts, written by hand.

use alloy_primitives::hex;

/// Init code that deploys `runtime`.
pub(crate) fn init(runtime: &[u8]) -> Vec<u8> {
    ending(runtime, 0xf3)
}

/// Code that reverts with `data`.
pub(crate) fn reverting(data: &[u8]) -> Vec<u8> {
    ending(data, 0xfd)
}

/// PUSH2 length, PUSH2 offset, PUSH1 0, CODECOPY, PUSH2 length, PUSH1 0, end.
fn ending(data: &[u8], end: u8) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    let mut code = vec![0x61, length[0], length[1], 0x61, 0, 15, 0x60, 0, 0x39];
    code.extend([0x61, length[0], length[1], 0x60, 0, end]);
    assert_eq!(code.len(), 15);
    code.extend(data);
    code
}

/// Keeps the first word of the call data in slot 0 and logs it under topic 0xaa.
pub(crate) const STORE_AND_LOG: [u8; 19] = hex!("60003560005560003560005260aa60206000a1");

/// Returns BLOCKHASH of the first word of the call data.
pub(crate) const BLOCKHASH: [u8; 12] = hex!("6000354060005260206000f3");

/// Returns TIMESTAMP and NUMBER.
pub(crate) const TIME_AND_NUMBER: [u8; 13] = hex!("426000524360205260406000f3");

/// Calls itself with the first word less one; at zero it keeps 1 in slot 0. Reverts if the inner
/// call fails.
pub(crate) const NESTED: [u8; 46] = hex!(
    "60003580156027576001900360005260006000602060006000305af115602157005b60006000fd5b600160005500"
);

/// The same, but a failed inner call is passed over in silence.
pub(crate) const NESTED_CAUGHT: [u8; 37] =
    hex!("6000358015601e576001900360005260006000602060006000305af150005b600160005500");

/// Keeps n in slot n, n - 1 in slot n - 1 and so on, from the first word of the call data down to 1.
pub(crate) const MANY_SLOTS: [u8; 21] = hex!("6000355b8015601357808055600190036003565b00");
