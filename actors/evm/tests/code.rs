//! What a contract sees of others: EXTCODESIZE, EXTCODEHASH, EXTCODECOPY and BALANCE over all kinds of
//! actors.

mod common;

use common::*;
use fevm_actor_evm::state::EMPTY_CODE_HASH;
use fevm_runtime::cbor::byte_string;
use fevm_runtime::interface::evm::{GET_BYTECODE, GET_BYTECODE_HASH};
use fevm_runtime::testing::{ExpectedSend, TestRuntime};
use fevm_runtime::{ActorType, Block, ErrorNumber, ExitCode, cid};
use primitive_types::H160;
use sha3::Digest;

/// Size, hash, first word of the code, balance of an address.
fn examine(address: &H160) -> TestRuntime {
    let push = format!("73 {}", hex_of(&address.0));
    contract(&format!(
        "{push} 3b 5f 52 {push} 3f 6020 52 6020 5f 6040 {push} 3c {push} 31 6060 52 6080 5f f3"
    ))
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    size: u8,
    hash: [u8; 32],
    code: [u8; 32],
    balance: u16,
}

fn seen(rt: &TestRuntime) -> Seen {
    let output = output(rt);
    let word = |at: usize| <[u8; 32]>::try_from(&output[at * 32..at * 32 + 32]).unwrap();
    Seen {
        size: output[31],
        hash: word(1),
        code: word(2),
        balance: u16::from_be_bytes([output[126], output[127]]),
    }
}

const NOTHING: Seen = Seen {
    size: 0,
    hash: [0; 32],
    code: [0; 32],
    balance: 0,
};

const ACCOUNT_SEEN: Seen = Seen {
    hash: EMPTY_CODE_HASH,
    balance: 1_000,
    ..NOTHING
};

/// GetBytecode, answered with code, or null.
fn bytecode(rt: &TestRuntime, code: Option<&[u8]>) -> ExpectedSend {
    let data = match code {
        Some(code) => {
            let mut link = hex("d8 2a 58 27 00");
            link.extend_from_slice(rt.store(cid::RAW, code).as_bytes());
            link
        }
        None => vec![0xf6],
    };
    let codec = cid::DAG_CBOR;
    getter(
        GET_BYTECODE,
        Ok((ExitCode::OK, Some(Block { codec, data }))),
    )
}

fn bytecode_hash(hash: &[u8; 32]) -> ExpectedSend {
    let block = Block::cbor(byte_string(hash));
    getter(GET_BYTECODE_HASH, Ok((ExitCode::OK, Some(block))))
}

fn getter(method: u64, reply: Result<(ExitCode, Option<Block>), ErrorNumber>) -> ExpectedSend {
    ExpectedSend {
        read_only: true,
        reply,
        ..ExpectedSend::new(&f0(OTHER), method, None)
    }
}

#[test]
fn of_actors_that_are_no_contracts() {
    let native = Seen {
        size: 1,
        hash: sha3::Keccak256::digest([0xfe]).into(),
        code: core::array::from_fn(|at| if at == 0 { 0xfe } else { 0 }),
        balance: 1_000,
    };
    for actor_type in ActorType::ALL {
        let mut rt = examine(&OTHER_ADDRESS);
        rt.actors.get_mut(&OTHER).unwrap().actor_type = Some(actor_type);
        let expected = match actor_type {
            ActorType::Evm => continue,
            ActorType::Account | ActorType::EthAccount | ActorType::Placeholder => &ACCOUNT_SEEN,
            _ => &native,
        };
        assert_eq!(&seen(&rt), expected, "{actor_type:?}");
        assert!(!rt.take_calls().contains(&"send"));
    }
    // An actor that is not built in.
    let mut rt = examine(&OTHER_ADDRESS);
    rt.actors.get_mut(&OTHER).unwrap().actor_type = None;
    assert_eq!(seen(&rt), native);
    // By its masked ID.
    let mut rt = examine(&fevm_address::masked_id(OTHER));
    rt.actors.get_mut(&OTHER).unwrap().actor_type = Some(ActorType::StorageMiner);
    assert_eq!(seen(&rt), native);
}

#[test]
fn of_nobody_and_of_precompiles() {
    assert_eq!(seen(&examine(&H160([9; 20]))), NOTHING);
    assert_eq!(seen(&examine(&fevm_address::masked_id(5_000))), NOTHING);
    let with_function = [hex("02"), hex("11"), hex("0100"), native(1), native(6)];
    let without = [
        hex("0a"),
        hex("12"),
        hex("ff"),
        native(0),
        native(4),
        native(7),
    ];
    for bytes in with_function {
        let hash = EMPTY_CODE_HASH;
        assert_eq!(
            seen(&examine(&low(&bytes))),
            Seen { hash, ..NOTHING },
            "{bytes:02x?}"
        );
    }
    // Reserved ones without a function are looked up like any other.
    for bytes in without {
        assert_eq!(seen(&examine(&low(&bytes))), NOTHING, "{bytes:02x?}");
    }
}

fn native(number: u8) -> Vec<u8> {
    let mut bytes = vec![0; 20];
    (bytes[0], bytes[19]) = (0xfe, number);
    bytes
}

fn low(bytes: &[u8]) -> H160 {
    let mut address = [0; 20];
    address[20 - bytes.len()..].copy_from_slice(bytes);
    H160(address)
}

#[test]
fn of_contracts() {
    let code = [0x60, 1, 0x50];
    let hash: [u8; 32] = sha3::Keccak256::digest(code).into();
    let rt = examine(&OTHER_ADDRESS);
    // Size and copy share an answer.
    rt.expect_send(bytecode(&rt, Some(&code)));
    rt.expect_send(bytecode_hash(&hash));
    let expected = Seen {
        size: 3,
        hash,
        code: core::array::from_fn(|at| code.get(at).copied().unwrap_or_default()),
        balance: 1_000,
    };
    assert_eq!(seen(&rt), expected);
    // Dead, or without code: asked again each time, since it may be made anew.
    for answer in [None, Some(&[][..])] {
        let rt = examine(&OTHER_ADDRESS);
        rt.expect_send(bytecode(&rt, answer));
        rt.expect_send(bytecode_hash(&EMPTY_CODE_HASH));
        rt.expect_send(bytecode(&rt, answer));
        assert_eq!(seen(&rt), ACCOUNT_SEEN);
    }
}

#[test]
fn copies_begin_where_they_are_told() {
    let copy = |offset: &str, expected: u8| {
        let push = format!("73 {}", hex_of(&OTHER_ADDRESS.0));
        let rt = contract(&format!("6001 {offset} 5f {push} 3c 6001 5f f3"));
        rt.expect_send(bytecode(&rt, Some(&[1, 2, 3])));
        assert_eq!(output(&rt), [expected], "{offset}");
        // Of a native actor.
        let mut rt = contract(&format!("6001 {offset} 5f {push} 3c 6001 5f f3"));
        rt.actors.get_mut(&OTHER).unwrap().actor_type = Some(ActorType::Multisig);
        let native = if offset == "5f" { 0xfe } else { 0 };
        assert_eq!(output(&rt), [native], "{offset}");
    };
    copy("5f", 1);
    copy("6002", 3);
    copy("6003", 0);
    copy("64 0100000000", 0);
    copy("5f 19", 0);
}

/// The failure of a getter is the frame's, by the rules of propagation: the machine's codes become 23
/// or 24, others stay, with their data.
#[test]
fn failures_of_getters_end_the_frame() {
    let push = format!("73 {}", hex_of(&OTHER_ADDRESS.0));
    let data = Some(Block::cbor(vec![0x41, 9]));
    for (reply, code) in [
        (Ok((ExitCode::new(4), None)), 23),
        (Ok((ExitCode::new(7), None)), 24),
        (Ok((ExitCode::new(16), None)), 16),
        (Ok((ExitCode::new(20), data.clone())), 20),
        (Err(ErrorNumber::LimitExceeded), 24),
    ] {
        for (op, method) in [("3b", GET_BYTECODE), ("3f", GET_BYTECODE_HASH)] {
            let rt = contract(&format!("{push} {op} 00"));
            rt.expect_send(getter(method, reply.clone()));
            let abort = run(&rt).unwrap_err();
            assert_eq!(abort.code().value(), code, "{reply:?}");
            let with_data = matches!(&reply, Ok((_, Some(_))));
            assert_eq!(abort.data().is_some(), with_data);
        }
    }
    // Nor does a DELEGATECALL get over it.
    let rt = contract(&format!("5f 5f 5f 5f {push} 5a f4 00"));
    rt.expect_send(getter(GET_BYTECODE, Ok((ExitCode::new(20), None))));
    assert_eq!(exit_code(&rt), 20);
}
