//! Constructor, Resurrect, death.

mod common;

use common::*;
use fevm_actor_evm::state::{EMPTY_CODE, EMPTY_CODE_HASH, Lifespan};
use fevm_kamt::EMPTY_ROOT;
use fevm_runtime::interface::evm::{CONSTRUCTOR, ConstructorParams, INVOKE_CONTRACT, RESURRECT};
use fevm_runtime::testing::{ExpectedSend, TestRuntime};
use fevm_runtime::{Params, singletons};
use std::borrow::Cow;

/// Init code that returns the 2 bytes of code 0x6001.
const RETURNS_CODE: &str = "61 6001 5f 52 6002 601e f3";

fn constructor(init_code: &str) -> TestRuntime {
    let mut rt = world();
    rt.message.method = CONSTRUCTOR;
    rt.message.caller = singletons::INIT;
    let params = ConstructorParams {
        creator: ACCOUNT_ADDRESS,
        init_code: Cow::Owned(hex(init_code)),
    };
    rt.params = cbor(params.encode());
    rt
}

#[test]
fn constructor_writes_code_and_state_once() {
    let rt = constructor(RETURNS_CODE);
    assert_eq!(run(&rt), Ok(None));
    let state = get_state(&rt);
    assert_eq!(rt.stored(&state.bytecode), Some(vec![0x60, 0x01]));
    assert_eq!(state, state_with(&rt, &[0x60, 0x01]));
    assert_eq!(
        rt.take_calls(),
        [
            "root",
            "lookup_delegated_address",
            "hash",
            "block_create",
            "block_link",
            "block_create",
            "block_link",
            "block_create",
            "block_link",
            "set_root",
        ]
    );
}

#[test]
fn constructor_without_code() {
    for init_code in ["", "00", "33 ff"] {
        let rt = constructor(init_code);
        if init_code == "33 ff" {
            rt.expect_send(ExpectedSend {
                value: 1_000,
                ..ExpectedSend::new(&f410(&ACCOUNT_ADDRESS), 0, None)
            });
        }
        assert_eq!(run(&rt), Ok(None));
        let state = get_state(&rt);
        assert_eq!(state.bytecode, EMPTY_CODE);
        assert_eq!(state.bytecode_hash, EMPTY_CODE_HASH);
        assert_eq!((state.storage, state.nonce), (EMPTY_ROOT, 1));
        let tombstone = (init_code == "33 ff").then_some(NOW);
        assert_eq!(state.tombstone, tombstone);
    }
}

#[test]
fn constructor_refuses() {
    // Parameters come before the caller.
    let mut rt = constructor(RETURNS_CODE);
    rt.message.caller = ACCOUNT;
    assert_eq!(exit_code(&rt), 18);
    rt.params = cbor(vec![0x82]);
    assert_eq!(exit_code(&rt), 21);
    rt.params = Params::default();
    assert_eq!(exit_code(&rt), 16);

    let rt = constructor(RETURNS_CODE);
    put_state(&rt, &state_with(&rt, &[]));
    assert_eq!(exit_code(&rt), 20, "there is a contract already");

    let mut rt = constructor(RETURNS_CODE);
    rt.actors.get_mut(&CONTRACT).unwrap().delegated = None;
    assert_eq!(exit_code(&rt), 18, "no f410 address");

    let cases = [
        ("60 ef 5f 53 6001 5f f3", 16, "EIP-3541"),
        ("61 6001 5f f3", 16, "EIP-170: 24,577 bytes of code"),
        ("5f 5f fd", 33, "revert"),
        ("fe", 34, "invalid"),
        ("0c", 35, "undefined"),
        ("50", 36, "underflow"),
        ("5f 56", 39, "bad jump"),
        ("6001 5f 5f 3e", 38, "return data out of bounds"),
    ];
    for (init_code, code, why) in cases {
        assert_eq!(exit_code(&constructor(init_code)), code, "{why}");
    }
    let data = run(&constructor("6001 5f 53 6001 5f fd")).unwrap_err();
    assert_eq!(data.data().unwrap().data, [0x41, 0x01]);
}

#[test]
fn nothing_is_made_in_read_only_mode() {
    for init_code in ["", RETURNS_CODE] {
        let mut rt = constructor(init_code);
        rt.message.read_only = true;
        assert_eq!(exit_code(&rt), 18, "a new contract cannot be stored");
        assert_eq!(rt.state(), Some(fevm_runtime::cid::EMPTY_ARRAY));
    }
}

#[test]
fn only_the_dead_are_resurrected() {
    let dead = Lifespan {
        origin: ACCOUNT,
        nonce: 6,
    };
    for (tombstone, code) in [(None, Some(18)), (Some(NOW), Some(18)), (Some(dead), None)] {
        let mut rt = constructor(RETURNS_CODE);
        let old = state_with(&rt, &[0xfe]);
        put_state(
            &rt,
            &fevm_actor_evm::state::State {
                tombstone,
                nonce: 9,
                ..old
            },
        );
        rt.message.method = RESURRECT;
        assert_eq!(exit_code(&rt), 18, "the caller is not the EAM");
        rt.message.caller = singletons::EAM;
        match code {
            Some(code) => assert_eq!(exit_code(&rt), code),
            None => {
                assert_eq!(run(&rt), Ok(None));
                assert_eq!(get_state(&rt), state_with(&rt, &[0x60, 0x01]));
            }
        }
    }
}

#[test]
fn the_dead_answer_with_nothing() {
    let mut rt = world();
    let state = state_with(&rt, &hex("fe"));
    let tombstone = Some(Lifespan {
        origin: ACCOUNT,
        nonce: 6,
    });
    put_state(&rt, &fevm_actor_evm::state::State { tombstone, ..state });
    assert!(output(&rt).is_empty());
    assert_eq!(rt.take_calls(), ["root", "block_open", "block_read"]);
    rt.message.method = 2_000;
    assert_eq!(run(&rt), Ok(None));
    // In the message of its end it is alive.
    rt.message.method = INVOKE_CONTRACT;
    rt.message.nonce = 6;
    assert_eq!(exit_code(&rt), 34);
}

#[test]
fn selfdestruct_moves_the_balance_first() {
    let rt = contract("33 ff");
    rt.expect_send(ExpectedSend {
        value: 1_000,
        ..ExpectedSend::new(&f410(&ACCOUNT_ADDRESS), 0, None)
    });
    assert!(output(&rt).is_empty());
    assert_eq!(get_state(&rt).tombstone, Some(NOW));

    let rt = contract("33 ff");
    rt.expect_send(ExpectedSend {
        value: 1_000,
        reply: Err(fevm_runtime::ErrorNumber::LimitExceeded),
        ..ExpectedSend::new(&f410(&ACCOUNT_ADDRESS), 0, None)
    });
    assert_eq!(exit_code(&rt), 40);

    let mut rt = contract("33 ff");
    rt.message.read_only = true;
    assert_eq!(exit_code(&rt), 25);
    assert_eq!(
        rt.take_calls()
            .iter()
            .filter(|call| **call == "send")
            .count(),
        0
    );
}
