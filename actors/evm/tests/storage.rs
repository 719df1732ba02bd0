//! Storage, transient storage, and what a message writes.

mod common;

use common::*;
use fevm_actor_evm::state::{Lifespan, State};
use fevm_runtime::interface::evm::{GET_STORAGE_AT, INVOKE_CONTRACT};
use fevm_runtime::testing::TestRuntime;
use fevm_runtime::{Params, cid, singletons};
use proptest::prelude::*;

/// Two writes a block: it is made, and linked.
fn writes(rt: &TestRuntime) -> usize {
    rt.take_calls()
        .iter()
        .filter(|call| **call == "block_link")
        .count()
}

fn slot(rt: &mut TestRuntime, key: u8) -> Vec<u8> {
    rt.message.caller = singletons::SYSTEM;
    rt.message.method = GET_STORAGE_AT;
    rt.params = cbor(vec![0x81, 0x41, key]);
    let value = run(rt).unwrap().unwrap();
    rt.message.caller = ACCOUNT;
    rt.message.method = INVOKE_CONTRACT;
    rt.params = Params::default();
    rt.take_calls();
    value.data
}

#[test]
fn a_call_that_stores_nothing_writes_nothing() {
    let rt = contract("6001 54 5f 52 6020 5f f3");
    assert_eq!(output(&rt), [0; 32]);
    assert_eq!(
        rt.take_calls(),
        [
            "root",
            "block_open",
            "block_read",
            "lookup_delegated_address",
            "block_open",
            "block_read"
        ]
    );
}

#[test]
fn each_changed_block_is_written_once() {
    let mut rt = contract("6002 6001 55 6003 6001 55 6004 6002 55");
    output(&rt);
    assert_eq!(writes(&rt), 3, "root and node of storage, and state");
    assert_eq!(slot(&mut rt, 1), [0x41, 3]);
    assert_eq!(slot(&mut rt, 2), [0x41, 4]);
    assert_eq!(slot(&mut rt, 3), [0x40]);
    // The same again changes nothing.
    output(&rt);
    assert_eq!(writes(&rt), 0, "slot 1 becomes 2 and 3 again");
}

#[test]
fn a_change_taken_back_leaves_no_trace() {
    let rt = contract("6001 5f 55 5f 5f 55");
    let root = rt.state();
    output(&rt);
    assert_eq!(writes(&rt), 0);
    assert_eq!(rt.state(), root);
}

#[test]
fn a_revert_writes_nothing() {
    let rt = contract("6001 5f 55 5f 5f fd");
    let root = rt.state();
    assert_eq!(exit_code(&rt), 33);
    assert_eq!(writes(&rt), 0);
    assert_eq!(rt.state(), root);
}

#[test]
fn nothing_is_stored_in_read_only_mode() {
    for code in [
        "6001 5f 55",
        "6001 5f 5d",
        "5f 5f a0",
        "5f 5f 5f f0",
        "5f 5f 5f 5f f5",
    ] {
        let mut rt = contract(code);
        rt.message.read_only = true;
        assert_eq!(exit_code(&rt), 25, "{code}");
    }
}

#[test]
fn transient_storage_lives_for_a_message() {
    // Returns slot 1 and sets it to 5.
    let mut rt = contract("6001 5c 5f 52 6005 6001 5d 6020 5f f3");
    assert_eq!(output(&rt)[31], 0);
    let (_, lifespan) = get_state(&rt).transient.unwrap();
    assert_eq!(lifespan, NOW);
    assert_eq!(output(&rt)[31], 5, "another frame of the same message");
    rt.message.nonce = 8;
    assert_eq!(output(&rt)[31], 0);
    assert_eq!(get_state(&rt).transient.unwrap().1.nonce, 8);
}

#[test]
fn stale_transient_storage_stands_until_a_flush() {
    let old = Lifespan {
        origin: ACCOUNT,
        nonce: 6,
    };
    let prepared = |code: &str| {
        let rt = world();
        let state = state_with(&rt, &hex(code));
        // A tree with the pair (1, 5).
        let tree = hex("82 41 01 81 a1 61 76 81 82 41 01 41 05");
        let root = rt.store(cid::DAG_CBOR, &tree);
        put_state(
            &rt,
            &State {
                transient: Some((root, old)),
                ..state
            },
        );
        rt
    };
    let rt = prepared("6001 5c 5f 52 6020 5f f3");
    assert_eq!(output(&rt)[31], 0);
    assert!(get_state(&rt).transient.is_some(), "nothing was flushed");
    let rt = prepared("6001 5f 55");
    output(&rt);
    assert_eq!(get_state(&rt).transient, None);
    // A change that is taken back is still a flush.
    let rt = prepared("6001 5f 55 5f 5f 55");
    output(&rt);
    assert_eq!(get_state(&rt).transient, None);
}

#[test]
fn storage_is_read_by_the_system_only() {
    let mut rt = contract("00");
    rt.message.method = GET_STORAGE_AT;
    rt.params = cbor(vec![0x81, 0x40]);
    assert_eq!(exit_code(&rt), 18);
    rt.params = cbor(vec![0x80]);
    assert_eq!(exit_code(&rt), 21, "parameters come before the caller");
    rt.params = Params::default();
    assert_eq!(exit_code(&rt), 16);
}

proptest! {
    #[test]
    fn corrupted_state_never_panics(mut data in proptest::collection::vec(any::<u8>(), 0..60), valid: bool) {
        let rt = contract("6001 5f 55 5f 54");
        if valid {
            // A valid state whose storage is garbage.
            let state = state_with(&rt, &hex("6001 54"));
            let storage = rt.store(cid::DAG_CBOR, &data);
            data = State { storage, ..state }.encode();
        }
        let root = rt.store(cid::DAG_CBOR, &data);
        rt.set_state(root);
        if let Err(abort) = run(&rt) {
            prop_assert!([20, 21, 23].contains(&abort.code().value()), "{abort}");
        }
    }

    #[test]
    fn arbitrary_code_ends_in_an_exit_code(code in proptest::collection::vec(any::<u8>(), 0..40)) {
        // Sends would be unexpected, and some precompiles need the machine: leave them out.
        prop_assume!(!code.iter().any(|op| matches!(op, 0xf0..=0xff | 0x3b | 0x3c | 0x3f | 0x31)));
        let rt = world();
        let mut rt = rt;
        rt.randomness.insert(0, [9; 32]);
        let state = state_with(&rt, &code);
        put_state(&rt, &state);
        if let Err(abort) = run(&rt) {
            prop_assert!((33..=40).contains(&abort.code().value()) || abort.code().value() == 24, "{abort}");
        }
    }

    #[test]
    fn arbitrary_parameters_never_panic(method in 0..8_u64, codec in prop_oneof![Just(0x51_u64), Just(0x55), Just(0x71)], data in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut rt = contract("00");
        rt.message.method = if method == 7 { INVOKE_CONTRACT } else { method };
        rt.params = Params { codec, data: Some(data) };
        if let Err(abort) = run(&rt) {
            prop_assert!((16..=26).contains(&abort.code().value()), "{abort}");
        }
    }
}
