//! What a contract sends, and what it makes of the answer.

mod common;

use common::*;
use fevm_runtime::cbor::byte_string;
use fevm_runtime::interface::eam;
use fevm_runtime::interface::evm::{
    GET_BYTECODE, GET_BYTECODE_HASH, INVOKE_CONTRACT, INVOKE_CONTRACT_DELEGATE,
};
use fevm_runtime::testing::{ExpectedSend, TestRuntime};
use fevm_runtime::{Block, ErrorNumber, ExitCode, cid};
use std::borrow::Cow;

/// Gas of the stand-in, but for a 64th.
const MOST_GAS: u64 = 10_000_000_000 / 64 * 63;

/// Address of the other contract as a PUSH20.
const PUSH_OTHER: &str = "73 b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";

/// Calls the other by `op` with all gas, no value and no data; returns the result and the return
/// data's size.
fn caller(op: &str) -> TestRuntime {
    let value = if op == "f1" { "5f" } else { "" };
    contract(&format!(
        "5f 5f 5f 5f {value} {PUSH_OTHER} 5a {op} 5f 52 3d 6020 52 6040 5f f3"
    ))
}

fn invoke() -> ExpectedSend {
    ExpectedSend {
        gas_limit: Some(MOST_GAS),
        ..ExpectedSend::new(&f410(&OTHER_ADDRESS), INVOKE_CONTRACT, None)
    }
}

/// Result and return data size of a call answered so.
fn answered(op: &str, send: ExpectedSend) -> (u8, u8) {
    let rt = caller(op);
    rt.expect_send(send);
    let output = output(&rt);
    (output[31], output[63])
}

#[test]
fn answers_of_calls() {
    let reply = |code: u32, data: &[u8]| ExpectedSend {
        reply: Ok((ExitCode::new(code), Some(Block::cbor(byte_string(data))))),
        ..invoke()
    };
    assert_eq!(answered("f1", invoke()), (1, 0));
    assert_eq!(answered("f1", reply(0, &[1, 2, 3])), (1, 3));
    assert_eq!(answered("f1", reply(33, &[1, 2])), (0, 2));
    assert_eq!(answered("f1", reply(22, &[])), (0, 0));
    let failed = |error| ExpectedSend {
        reply: Err(error),
        ..invoke()
    };
    assert_eq!(answered("f1", failed(ErrorNumber::NotFound)), (1, 0));
    assert_eq!(answered("f1", failed(ErrorNumber::ReadOnly)), (0, 0));
    assert_eq!(
        answered("f1", failed(ErrorNumber::InsufficientFunds)),
        (0, 0)
    );
    assert_eq!(answered("f1", failed(ErrorNumber::LimitExceeded)), (0, 0));
    let static_call = ExpectedSend {
        read_only: true,
        reply: Err(ErrorNumber::ReadOnly),
        ..invoke()
    };
    assert_eq!(answered("fa", static_call), (1, 0));
}

#[test]
fn gas_of_calls_is_rewritten_for_transfers() {
    // Gas operand, value operand, limit of the send.
    for (gas, value, limit) in [
        ("5f", "5f", 0),
        ("5f", "6001", 10_000_000),
        ("61 08fc", "5f", 10_000_000),
        ("61 08fc", "6001", 2_300),
        ("61 ffff", "5f", 65_535),
    ] {
        let rt = contract(&format!("5f 5f 5f 5f {value} {PUSH_OTHER} {gas} f1"));
        rt.expect_send(ExpectedSend {
            gas_limit: Some(limit),
            value: u128::from(value != "5f"),
            ..invoke()
        });
        assert!(output(&rt).is_empty());
    }
}

#[test]
fn state_is_written_before_a_call_and_looked_at_after_it_only_if_needed() {
    // SSTORE, CALL.
    let rt = contract(&format!("6001 5f 55 5f 5f 5f 5f 5f {PUSH_OTHER} 5a f1"));
    rt.expect_send(invoke());
    output(&rt);
    let calls = rt.take_calls();
    let send = calls.iter().position(|call| *call == "send").unwrap();
    assert_eq!(calls[send - 1], "set_root");
    assert_eq!(calls.len(), send + 1, "{calls:?}");

    // CALL, SLOAD: the callee has come back and set slot 0 to 5.
    let rt = contract(&format!(
        "5f 5f 5f 5f 5f {PUSH_OTHER} 5a f1 5f 54 5f 52 6020 5f f3"
    ));
    let tree = rt.store(cid::DAG_CBOR, &hex("82 41 01 81 a1 61 76 81 82 40 41 05"));
    let state = get_state(&rt);
    let state = fevm_actor_evm::state::State {
        storage: tree,
        nonce: 3,
        ..state
    };
    let root = rt.store(cid::DAG_CBOR, &state.encode());
    rt.expect_send(ExpectedSend {
        new_root: Some(root),
        ..invoke()
    });
    assert_eq!(output(&rt)[31], 5);
    assert_eq!(rt.state(), Some(root), "nothing to write");
}

/// A trie that keeps the CID of its last flush when it is given another root writes the old one back
/// over what the callee has stored: builtin-actors had this for a while (fvm_ipld_kamt below 0.4.4).
#[test]
fn a_root_set_by_a_callee_outlives_reads_and_flushes_without_change() {
    // SSTORE 1, CALL, SLOAD 0, CALL, SLOAD 0, then a write that is taken back.
    let rt = contract(&format!(
        "6001 6001 55  5f 5f 5f 5f 5f {PUSH_OTHER} 5a f1  5f 54 5f 52 \
         5f 5f 5f 5f 5f {PUSH_OTHER} 5a f1  5f 54 6020 52 \
         6006 5f 55 6005 5f 55  6040 5f f3"
    ));
    let tree = rt.store(cid::DAG_CBOR, &hex("82 41 01 81 a1 61 76 81 82 40 41 05"));
    let state = fevm_actor_evm::state::State {
        storage: tree,
        ..get_state(&rt)
    };
    let root = rt.store(cid::DAG_CBOR, &state.encode());
    rt.expect_send(ExpectedSend {
        new_root: Some(root),
        ..invoke()
    });
    rt.expect_send(invoke());
    let output = output(&rt);
    assert_eq!((output[31], output[63]), (5, 5));
    assert_eq!(rt.state(), Some(root));
    assert_eq!(get_state(&rt).storage, tree);
    let sets = rt.take_calls().iter().filter(|c| **c == "set_root").count();
    assert_eq!(sets, 1, "before the first call, and never again");
}

#[test]
fn data_goes_as_a_raw_block() {
    let rt = contract(&format!("602a 5f 53 5f 5f 6001 5f 5f {PUSH_OTHER} 5a f1"));
    rt.expect_send(ExpectedSend {
        params: Some(Block {
            codec: cid::RAW,
            data: vec![0x2a],
        }),
        ..invoke()
    });
    output(&rt);
}

#[test]
fn value_is_refused_in_read_only_mode_and_beyond_all_money() {
    let mut rt = contract(&format!("5f 5f 5f 5f 6001 {PUSH_OTHER} 5a f1"));
    rt.message.read_only = true;
    assert_eq!(exit_code(&rt), 25);
    let code = format!("5f 5f 5f 5f 5f 19 {PUSH_OTHER} 5a f1 5f 52 6020 5f f3");
    assert_eq!(
        output(&contract(&code))[31],
        0,
        "no send is made of 2^256 - 1 attoFIL"
    );
}

fn bytecode_of_other(rt: &TestRuntime, code: &[u8]) -> ExpectedSend {
    let mut link = hex("d8 2a 58 27 00");
    link.extend_from_slice(rt.store(cid::RAW, code).as_bytes());
    ExpectedSend {
        read_only: true,
        reply: Ok((
            ExitCode::OK,
            Some(Block {
                codec: cid::DAG_CBOR,
                data: link,
            }),
        )),
        ..ExpectedSend::new(&f0(OTHER), GET_BYTECODE, None)
    }
}

#[test]
fn delegatecall_runs_the_others_code_here() {
    let mut rt = caller("f4");
    rt.message.value = 300;
    rt.expect_send(bytecode_of_other(&rt, &[0xfe]));
    let mut params = hex("84 d8 2a 58 27 00");
    params.extend_from_slice(rt.store(cid::RAW, &[0xfe]).as_bytes());
    params.extend_from_slice(&hex("40 54"));
    params.extend_from_slice(&ACCOUNT_ADDRESS.0);
    params.extend_from_slice(&hex("43 00 012c"));
    rt.expect_send(ExpectedSend {
        gas_limit: Some(MOST_GAS),
        params: Some(Block {
            codec: cid::DAG_CBOR,
            data: params,
        }),
        reply: Ok((ExitCode::new(33), Some(Block::cbor(byte_string(&[1, 2]))))),
        ..ExpectedSend::new(&f0(CONTRACT), INVOKE_CONTRACT_DELEGATE, None)
    });
    let output = output(&rt);
    assert_eq!((output[31], output[63]), (0, 2));
}

#[test]
fn delegatecall_to_what_has_no_code() {
    // Dead contract.
    let rt = caller("f4");
    let mut dead = bytecode_of_other(&rt, &[]);
    dead.reply = Ok((
        ExitCode::OK,
        Some(Block {
            codec: cid::DAG_CBOR,
            data: vec![0xf6],
        }),
    ));
    rt.expect_send(dead);
    assert_eq!(output(&rt)[31], 1);
    // Contract without code, and nobody at all.
    let rt = caller("f4");
    rt.expect_send(bytecode_of_other(&rt, &[]));
    assert_eq!(output(&rt)[31], 1);
    let mut rt = caller("f4");
    rt.actors.remove(&OTHER);
    assert_eq!(output(&rt)[31], 1);
    // An account, and a native actor.
    use fevm_runtime::ActorType;
    for (actor_type, success) in [(ActorType::Placeholder, 1), (ActorType::Multisig, 0)] {
        let mut rt = caller("f4");
        rt.actors.get_mut(&OTHER).unwrap().actor_type = Some(actor_type);
        assert_eq!(output(&rt)[31], success);
    }
}

#[test]
fn delegate_frames_are_for_the_contract_itself() {
    let mut rt = contract("00");
    rt.message.method = INVOKE_CONTRACT_DELEGATE;
    rt.params = cbor(vec![0x84]);
    assert_eq!(exit_code(&rt), 16, "CBOR");
    rt.params.codec = cid::DAG_CBOR;
    assert_eq!(exit_code(&rt), 21);
    let mut params = hex("84 d8 2a 58 27 00");
    params.extend_from_slice(
        rt.store(cid::RAW, &hex("34 5f 52 33 6020 52 6040 5f f3"))
            .as_bytes(),
    );
    params.extend_from_slice(&hex("40 54"));
    params.extend_from_slice(&[0xee; 20]);
    params.extend_from_slice(&hex("43 00 012c"));
    rt.params.data = Some(params);
    assert_eq!(exit_code(&rt), 18, "called by somebody else");
}

#[test]
fn code_of_others_is_asked_for_once() {
    let code = format!("{PUSH_OTHER} 3b {PUSH_OTHER} 3b 01 5f 52 6020 5f f3");
    let rt = contract(&code);
    rt.expect_send(bytecode_of_other(&rt, &[1, 2, 3]));
    assert_eq!(output(&rt)[31], 6);

    let code = format!("{PUSH_OTHER} 3f 5f 52 {PUSH_OTHER} 3f 6020 52 6040 5f f3");
    let rt = contract(&code);
    rt.expect_send(ExpectedSend {
        read_only: true,
        reply: Ok((ExitCode::OK, Some(Block::cbor(byte_string(&[7; 32]))))),
        ..ExpectedSend::new(&f0(OTHER), GET_BYTECODE_HASH, None)
    });
    assert_eq!(output(&rt), [7; 64]);

    // Its own code it knows.
    let rt = contract("30 3b 5f 52 30 3f 6020 52 6040 5f f3");
    let answer = output(&rt);
    assert_eq!(answer[31], 13);
    assert_eq!(answer[32..], get_state(&rt).bytecode_hash);
}

#[test]
fn creation_goes_through_the_address_manager() {
    let create = |salt: bool| {
        let op = if salt {
            "6009 5f 5f 5f f5"
        } else {
            "5f 5f 5f f0"
        };
        contract(&format!("{op} 5f 52 3d 6020 52 6040 5f f3"))
    };
    let returned = eam::CreateReturn {
        actor_id: 1003,
        robust_address: None,
        eth_address: primitive_types::H160([5; 20]),
    };
    let mut salt = [0; 32];
    salt[31] = 9;
    let code = Cow::Borrowed(&[][..]);
    let plain = eam::CreateParams {
        init_code: code.clone(),
        nonce: 1,
    }
    .encode();
    let salted = eam::Create2Params {
        init_code: code,
        salt,
    }
    .encode();
    for (is_salted, method, params) in [(false, eam::CREATE, plain), (true, eam::CREATE2, salted)] {
        let rt = create(is_salted);
        let send = ExpectedSend {
            gas_limit: Some(MOST_GAS),
            reply: Ok((ExitCode::OK, Some(Block::cbor(returned.encode())))),
            ..ExpectedSend::new(&f0(10), method, Some(Block::cbor(params.clone())))
        };
        rt.expect_send(send.clone());
        let answer = output(&rt);
        assert_eq!((&answer[12..32], answer[63]), (&[5; 20][..], 0));
        assert_eq!(get_state(&rt).nonce, 2);
        // A failure spends the nonce too, and its data are the return data.
        let rt = create(is_salted);
        rt.expect_send(ExpectedSend {
            reply: Ok((ExitCode::new(33), Some(Block::cbor(byte_string(&[1, 2]))))),
            ..send
        });
        let answer = output(&rt);
        assert_eq!((answer[31], answer[63]), (0, 2));
        assert_eq!(get_state(&rt).nonce, 2);
    }
    // More than the balance: no send, no nonce.
    let rt = contract("5f 5f 61 03e9 f0 5f 52 6020 5f f3");
    assert_eq!(output(&rt), [0; 32]);
    assert_eq!(get_state(&rt).nonce, 1);
}

#[test]
fn the_own_balance_is_asked_for_once_between_sends() {
    let asked = |rt: &TestRuntime| {
        let calls = rt.take_calls();
        calls.iter().filter(|call| call.contains("balance")).count()
    };
    // SELFBALANCE, BALANCE of ADDRESS, and BALANCE of the masked ID.
    let code = "47 30 31 01 73 ff000000000000000000000000000000000003e9 31 01";
    let rt = contract(&format!("{code} 5f 52 6020 5f f3"));
    assert_eq!(output(&rt)[30..], 3_000u16.to_be_bytes());
    assert_eq!(asked(&rt), 1);
    // A call may move value.
    let call = format!("5f 5f 5f 5f 5f {PUSH_OTHER} 5a f1 50");
    let rt = contract(&format!("47 {call} 47 01 5f 52 6020 5f f3"));
    rt.expect_send(invoke());
    assert_eq!(output(&rt)[30..], 2_000u16.to_be_bytes());
    assert_eq!(asked(&rt), 2);
}

#[test]
fn hashes_of_tipsets_are_asked_for_once() {
    let mut rt = contract("6009 40 6009 40 14 5f 52 6020 5f f3");
    rt.network.epoch = 10;
    assert_eq!(output(&rt)[31], 1);
    let calls = rt.take_calls();
    assert_eq!(
        calls.iter().filter(|call| **call == "tipset_cid").count(),
        1
    );
}
