//! A contract in the strict stand-in for the machine.
#![allow(dead_code)] // Each test file uses a part.

use fevm_actor_evm::dispatch;
use fevm_actor_evm::state::{Lifespan, State};
use fevm_kamt::EMPTY_ROOT;
use fevm_runtime::cbor::byte_string;
use fevm_runtime::interface::evm;
use fevm_runtime::testing::{Actor, TestRuntime};
use fevm_runtime::{Abort, ActorType, Block, Params, cid};
use primitive_types::H160;
use sha3::Digest;

/// The contract.
pub(crate) const CONTRACT: u64 = 1001;
/// Its Ethereum address.
pub(crate) const CONTRACT_ADDRESS: H160 = H160([0xc0; 20]);
/// An Ethereum account, origin of all messages.
pub(crate) const ACCOUNT: u64 = 100;
/// Its Ethereum address.
pub(crate) const ACCOUNT_ADDRESS: H160 = H160([0xaa; 20]);
/// Another contract.
pub(crate) const OTHER: u64 = 1002;
/// Its Ethereum address.
pub(crate) const OTHER_ADDRESS: H160 = H160([0xb0; 20]);

/// A binary f410 address.
pub(crate) fn f410(address: &H160) -> Vec<u8> {
    fevm_address::Address::f410(address).as_bytes().to_vec()
}

/// A binary f0 address.
pub(crate) fn f0(id: u64) -> Vec<u8> {
    fevm_address::Address::id(id).as_bytes().to_vec()
}

fn actor(actor_type: ActorType, address: &H160) -> Actor {
    Actor {
        actor_type: Some(actor_type),
        balance: 1_000,
        delegated: Some(f410(address)),
    }
}

/// A world with an account and two contracts; the first is the receiver and has no state.
pub(crate) fn world() -> TestRuntime {
    let mut rt = TestRuntime::new(CONTRACT);
    rt.actors
        .insert(ACCOUNT, actor(ActorType::EthAccount, &ACCOUNT_ADDRESS));
    rt.actors
        .insert(CONTRACT, actor(ActorType::Evm, &CONTRACT_ADDRESS));
    rt.actors
        .insert(OTHER, actor(ActorType::Evm, &OTHER_ADDRESS));
    rt.message.method = evm::INVOKE_CONTRACT;
    rt.message.nonce = 7;
    rt.set_state(cid::EMPTY_ARRAY);
    rt
}

/// State of a contract with this code and nothing else.
pub(crate) fn state_with(rt: &TestRuntime, code: &[u8]) -> State {
    rt.store(cid::DAG_CBOR, &[0x82, 0x40, 0x80]);
    State {
        bytecode: rt.store(cid::RAW, code),
        bytecode_hash: sha3::Keccak256::digest(code).into(),
        storage: EMPTY_ROOT,
        transient: None,
        nonce: 1,
        tombstone: None,
    }
}

/// Gives the contract a state.
pub(crate) fn put_state(rt: &TestRuntime, state: &State) {
    let root = rt.store(cid::DAG_CBOR, &state.encode());
    rt.set_state(root);
}

/// The contract's present state.
pub(crate) fn get_state(rt: &TestRuntime) -> State {
    let root = rt.state().expect("a state root");
    State::decode(&rt.stored(&root).expect("a state block")).expect("a state")
}

/// A world whose contract has this code, in hex.
pub(crate) fn contract(code: &str) -> TestRuntime {
    let rt = world();
    let state = state_with(&rt, &hex(code));
    put_state(&rt, &state);
    rt
}

/// This message's lifespan in `world()`.
pub(crate) const NOW: Lifespan = Lifespan {
    origin: ACCOUNT,
    nonce: 7,
};

/// Bytes of hex digits; spaces are skipped.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("a hex digit") as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// A parameter block of CBOR.
pub(crate) const fn cbor(data: Vec<u8>) -> Params {
    Params {
        codec: cid::CBOR,
        data: Some(data),
    }
}

/// Runs the method; gives the returned block.
pub(crate) fn run(rt: &TestRuntime) -> Result<Option<Block>, Abort> {
    let result = dispatch(rt);
    rt.verify();
    result
}

/// Runs the method, which must fail; gives the exit code.
pub(crate) fn exit_code(rt: &TestRuntime) -> u32 {
    run(rt).expect_err("a failure").code().value()
}

/// Calls the contract, which must succeed; gives its output.
pub(crate) fn output(rt: &TestRuntime) -> Vec<u8> {
    let block = run(rt).expect("success").expect("a return block");
    assert_eq!(block.codec, cid::CBOR);
    let output =
        fevm_runtime::params::decode_all(&block.data, |r| r.bytes().map(|b| b.into_owned()));
    let output = output.expect("a byte string");
    assert_eq!(byte_string(&output), block.data);
    output
}
