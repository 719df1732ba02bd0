//! Where Filecoin's EVM differs from Ethereum's and no golden vector shows it.

mod common;

use alloy_primitives::{Address, U256, address, hex};
use common::{ACCOUNTS, Chain, assert_success};
use fevm_machine::{ApplyKind, Outcome};

const CONTRACT: Address = address!("c0de00000000000000000000000000000000c0de");

/// A chain with runtime code at [`CONTRACT`].
fn with_code(code: &[u8]) -> Chain {
    let mut chain = Chain::new();
    let mut state = chain.state();
    state.set_code(CONTRACT, code).unwrap();
    chain.block.state_root = state.flush().unwrap();
    chain
}

fn call(chain: &mut Chain) -> Outcome {
    let call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    chain.apply(&call, ApplyKind::Explicit)
}

#[test]
fn logs_end_at_8_kib() {
    // log0(0, 8192), log1(0, 8160, 0): no more than the limit
    assert_success(&call(&mut with_code(&hex!("6120005fa05f611fe05fa100"))));
    for (case, code) in [
        ("log0(0, 8193)", &hex!("6120015fa000")[..]),
        ("log1(0, 8161, 0)", &hex!("5f611fe15fa100")),
    ] {
        let outcome = call(&mut with_code(code));
        assert_eq!(outcome.exit_code.value(), 24, "{case}");
    }
}

#[test]
fn reserved_addresses_answer_with_nothing() {
    for number in [0x0a, 0x12, 0xff] {
        // staticcall(gas, number, 0, 0, 0, 0); return(success, returndatasize)
        let head = hex!("5f5f5f5f60");
        let tail = hex!("5afa5f523d60205260405ff3");
        let code = [&head[..], &[number], &tail].concat();
        let outcome = call(&mut with_code(&code));
        assert_success(&outcome);
        let mut expected = [0; 64];
        expected[31] = 1;
        assert_eq!(outcome.return_bytes(), expected, "{number:#04x}");
    }
}

#[test]
fn transactions_do_not_reach_precompiles() {
    // The identity, and an addition of points that are on no curve.
    for (number, input) in [(4, &[1, 2, 3][..]), (6, &[0xff; 128])] {
        let mut chain = Chain::new();
        let to = Address::with_last_byte(number);
        let mut call = chain.message(ACCOUNTS[0], Some(to), input.to_vec());
        call.value = U256::from(5);
        let outcome = chain.apply(&call, ApplyKind::Explicit);
        assert_success(&outcome);
        assert!(outcome.return_bytes().is_empty());
        assert_eq!(chain.balance(to), 5);
    }
}

#[test]
fn there_are_no_system_contracts() {
    // Beacon roots, block hashes, withdrawals, consolidations.
    for address in [
        "000f3df6d732807ef1319fb7b8bb8522d0beac02",
        "0000f90827f1c53a10cb7a02335b175320002935",
        "00000961ef480eb55e80d19ad83579a64c007002",
        "0000bbddc7ce488642fb579f8b00f3a590007251",
    ] {
        let chain = Chain::new();
        let to: Address = address.parse().unwrap();
        assert_eq!(chain.state().eth_actor(to).unwrap(), None);
        // mstore(0, 1), call(gas, address, 0, 0, 32, 0, 0); return(success, returndatasize)
        let code = format!("60015f525f5f60205f5f73{address}5af15f523d60205260405ff3");
        let outcome = call(&mut with_code(&hex::decode(code).unwrap()));
        assert_success(&outcome);
        let mut expected = [0; 64];
        expected[31] = 1;
        assert_eq!(outcome.return_bytes(), expected, "{address}");
    }
}

#[test]
fn creations_end_with_the_nonces() {
    // create(0, 0, 0)
    let mut chain = with_code(&hex!("5f5f5ff000"));
    let mut state = chain.state();
    state.set_nonce(CONTRACT, u64::MAX).unwrap();
    chain.block.state_root = state.flush().unwrap();
    assert_eq!(call(&mut chain).exit_code.value(), 24);
}
