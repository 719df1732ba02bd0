//! Methods and callers: who may call, what comes in, what goes out.

mod common;

use common::*;
use fevm_actor_evm::state::EMPTY_CODE_HASH;
use fevm_runtime::cbor::byte_string;
use fevm_runtime::interface::evm::{GET_BYTECODE, GET_BYTECODE_HASH};
use fevm_runtime::{Block, Params, cid};

/// Returns its call data.
const ECHO: &str = "36 5f 5f 37 36 5f f3";

#[test]
fn call_data_in_every_form() {
    let forms = [
        (Params::default(), vec![]),
        (cbor(vec![0x42, 1, 2]), vec![1, 2]),
        (cbor(vec![0x40]), vec![]),
        (
            Params {
                codec: cid::RAW,
                data: Some(vec![0x42, 1, 2]),
            },
            vec![0x42, 1, 2],
        ),
    ];
    for (params, data) in forms {
        let mut rt = contract(ECHO);
        rt.params = params;
        assert_eq!(output(&rt), data);
    }
    let mut rt = contract(ECHO);
    for wrong in [
        vec![0x42, 1],
        vec![0x42, 1, 2, 3],
        vec![0x62, 0x61, 0x62],
        vec![],
    ] {
        rt.params = cbor(wrong);
        assert_eq!(exit_code(&rt), 21);
    }
}

#[test]
fn callers_have_ethereum_addresses() {
    // CALLER, ORIGIN, ADDRESS.
    let code = "33 5f 52 32 6020 52 30 6040 52 6060 5f f3";
    let address = |output: &[u8], at: usize| output[at * 32 + 12..at * 32 + 32].to_vec();
    let mut rt = contract(code);
    let answer = output(&rt);
    assert_eq!(address(&answer, 0), ACCOUNT_ADDRESS.0);
    assert_eq!(address(&answer, 1), ACCOUNT_ADDRESS.0);
    assert_eq!(address(&answer, 2), CONTRACT_ADDRESS.0);
    // An actor without one is known by its masked ID.
    rt.actors.get_mut(&ACCOUNT).unwrap().delegated = None;
    let answer = output(&rt);
    assert_eq!(address(&answer, 0), fevm_address::masked_id(ACCOUNT).0);
    // A delegated address of another length ends the call, whatever the code does.
    let mut rt = contract("00");
    rt.actors.get_mut(&ACCOUNT).unwrap().delegated = Some([&[4, 10][..], &[1; 21]].concat());
    assert_eq!(exit_code(&rt), 24);
}

#[test]
fn a_contract_that_calls_is_looked_up_only_if_asked_for() {
    let mut rt = contract("00");
    rt.message.caller = OTHER;
    output(&rt);
    assert!(!rt.take_calls().contains(&"lookup_delegated_address"));
    let mut rt = contract("33 33 5f 52 6020 5f f3");
    rt.message.caller = OTHER;
    assert_eq!(output(&rt)[12..], OTHER_ADDRESS.0);
    let looked_up = |call: &&&str| **call == "lookup_delegated_address";
    assert_eq!(rt.take_calls().iter().filter(looked_up).count(), 1);
}

#[test]
fn getters() {
    let mut rt = contract("6001");
    rt.message.method = GET_BYTECODE;
    let mut link = hex("d8 2a 58 27 00");
    link.extend_from_slice(get_state(&rt).bytecode.as_bytes());
    let block = Block {
        codec: cid::DAG_CBOR,
        data: link,
    };
    assert_eq!(run(&rt), Ok(Some(block)));
    rt.message.method = GET_BYTECODE_HASH;
    let hash = Block::cbor(byte_string(&get_state(&rt).bytecode_hash));
    assert_eq!(run(&rt), Ok(Some(hash)));
    rt.params = cbor(vec![0x80]);
    assert_eq!(exit_code(&rt), 16);
    rt.message.method = GET_BYTECODE;
    assert_eq!(exit_code(&rt), 16);
    // Dead.
    rt.params = Params::default();
    let mut state = get_state(&rt);
    state.tombstone = Some(fevm_actor_evm::state::Lifespan {
        origin: 1,
        nonce: 1,
    });
    put_state(&rt, &state);
    assert_eq!(run(&rt).unwrap().unwrap().data, [0xf6]);
    rt.message.method = GET_BYTECODE_HASH;
    assert_eq!(
        run(&rt),
        Ok(Some(Block::cbor(byte_string(&EMPTY_CODE_HASH))))
    );
}

#[test]
fn native_methods_go_to_the_contract() {
    let mut rt = contract(&format!("{} 50", "5f 5f f3"));
    for method in [0, 7, 1023] {
        rt.message.method = method;
        assert_eq!(exit_code(&rt), 22);
    }
    rt.message.method = 1024;
    assert_eq!(run(&rt), Ok(None));

    // Answers with what comes: the tuple of the call data behind the selector, as (method as exit
    // code, codec, data).
    let mut rt = contract("6004 36 03 6004 5f 37 6004 36 03 5f f3");
    rt.message.method = 5_000_000;
    rt.params = cbor(vec![0x41, 7]);
    let abort = run(&rt).unwrap_err();
    assert_eq!(abort.code().value(), 5_000_000);
    assert_eq!(abort.data(), Some(&Block::cbor(vec![0x41, 7])));
    rt.params = Params::default();
    let abort = run(&rt).unwrap_err();
    assert_eq!(abort.data(), None);
    rt.params.codec = cid::DAG_CBOR;
    rt.params.data = Some(vec![0x80]);
    assert_eq!(exit_code(&rt), 21, "an answer may be CBOR only");
    rt.message.method = 1 << 32;
    assert_eq!(exit_code(&rt), 21, "an exit code has 32 bits");
}

#[test]
fn environment_is_asked_for_once() {
    // TIMESTAMP, NUMBER, CHAINID, BASEFEE, GASPRICE, COINBASE, GASLIMIT, PREVRANDAO twice.
    let mut rt = contract(
        "42 5f 52 43 6020 52 46 6040 52 48 6060 52 3a 6080 52 41 60a0 52 45 60c0 52 44 44 18 60e0 52
         610100 5f f3",
    );
    rt.network.epoch = 77;
    rt.network.timestamp = 1_700_000_000;
    rt.network.chain_id = 314;
    rt.network.base_fee = 100;
    rt.message.gas_premium = 11;
    rt.randomness.insert(77, [3; 32]);
    let answer = output(&rt);
    let word = |at: usize| primitive_types::U256::from_big_endian(&answer[at * 32..at * 32 + 32]);
    let expected: [u64; 8] = [1_700_000_000, 77, 314, 100, 111, 0, 10_000_000_000, 0];
    for (at, value) in expected.into_iter().enumerate() {
        assert_eq!(word(at), value.into(), "word {at}");
    }
    let asked = rt.take_calls();
    assert_eq!(
        asked
            .iter()
            .filter(|call| **call == "get_beacon_randomness")
            .count(),
        1
    );
}

#[test]
fn block_hashes_of_the_last_256_epochs() {
    for (number, known) in [
        (0, false),
        (743, false),
        (744, true),
        (999, true),
        (1000, false),
    ] {
        let mut rt = contract(&format!("61 {number:04x} 40 5f 52 6020 5f f3"));
        rt.network.epoch = 1000;
        let hash = output(&rt);
        assert_eq!(hash.iter().any(|byte| *byte != 0), known, "{number}");
    }
}

#[test]
fn logs_have_topics_and_data() {
    let rt = contract("602a 5f 53 6002 6001 6001 5f a2 5f 5f a0");
    output(&rt);
    let topic = |n: u8| {
        let mut word = vec![0; 31];
        word.push(n);
        word
    };
    let entry = |key: &str, value: Vec<u8>| (key.to_owned(), value);
    assert_eq!(
        rt.events(),
        [
            vec![
                entry("t1", topic(1)),
                entry("t2", topic(2)),
                entry("d", vec![0x2a])
            ],
            vec![],
        ]
    );
    // More than the machine takes.
    let rt = contract("61 2001 5f a0");
    assert_eq!(exit_code(&rt), 24);
}
