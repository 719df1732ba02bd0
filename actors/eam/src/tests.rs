use super::*;
use fevm_runtime::cbor::{Writer, byte_string};
use fevm_runtime::testing::{Actor, ExpectedSend, TestRuntime};
use fevm_runtime::{ExitCode, MessageContext, Params, cid};
use proptest::prelude::*;

const CONTRACT: ActorId = 1001;
const ETH_ACCOUNT: ActorId = 1002;
const ACCOUNT: ActorId = 1003;
const EXISTING: ActorId = 1004;

fn h160(byte: u8) -> H160 {
    H160([byte; 20])
}

fn runtime() -> TestRuntime {
    let mut rt = TestRuntime::new(singletons::EAM);
    let mut add = |id, actor_type, delegated: Option<H160>| {
        let actor = Actor {
            actor_type: Some(actor_type),
            delegated: delegated.map(|address| Address::f410(&address).as_bytes().to_vec()),
            ..Actor::default()
        };
        rt.actors.insert(id, actor);
    };
    add(CONTRACT, ActorType::Evm, Some(h160(0xc0)));
    add(ETH_ACCOUNT, ActorType::EthAccount, Some(h160(0xea)));
    add(ACCOUNT, ActorType::Account, None);
    rt
}

fn call(
    rt: &mut TestRuntime,
    caller: ActorId,
    method: u64,
    params: &[u8],
) -> Result<Vec<u8>, Abort> {
    let message = MessageContext {
        caller,
        origin: caller,
        nonce: 3,
        method,
        value: 9,
        ..rt.message
    };
    let params = Params {
        codec: cid::CBOR,
        data: Some(params.to_vec()),
    };
    rt.message = message;
    rt.params = params;
    rt.take_calls();
    let result = invoke(rt);
    rt.verify();
    result.map(|block| block.unwrap().data)
}

fn exit(rt: &mut TestRuntime, caller: ActorId, method: u64, params: &[u8]) -> u32 {
    call(rt, caller, method, params).unwrap_err().code().value()
}

fn constructor_params(creator: H160) -> Vec<u8> {
    let init_code = Cow::Borrowed(&[0xfe][..]);
    ConstructorParams { creator, init_code }.encode()
}

/// The send to init that makes a contract, which gets ID 1010.
fn exec4(creator: H160, address: H160) -> ExpectedSend {
    let params = Exec4Params {
        code_cid: Cow::Owned(TestRuntime::code(ActorType::Evm).as_bytes().to_vec()),
        constructor_params: Cow::Owned(constructor_params(creator)),
        subaddress: Cow::Owned(address.0.to_vec()),
    };
    let returned = ExecReturn {
        id_address: Cow::Borrowed(&[0, 0xf2, 0x07]),
        robust_address: Cow::Borrowed(&[2; 21]),
    };
    ExpectedSend {
        value: 9,
        reply: Ok((ExitCode::OK, Some(Block::cbor(returned.encode())))),
        ..ExpectedSend::new(&[0, 1], init::EXEC4, Some(Block::cbor(params.encode())))
    }
}

fn returned(id: ActorId, robust: Option<[u8; 21]>, address: H160) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(3);
    writer.u64(id);
    match robust {
        Some(robust) => writer.bytes(&robust),
        None => writer.null(),
    }
    writer.bytes(&address.0);
    writer.into_bytes()
}

fn create_params(nonce: u64) -> Vec<u8> {
    let init_code = Cow::Borrowed(&[0xfe][..]);
    CreateParams { init_code, nonce }.encode()
}

#[test]
fn create_by_a_contract() {
    let mut rt = runtime();
    let address = address::create(&rt, &h160(0xc0), 7);
    rt.expect_send(exec4(h160(0xc0), address));
    let result = call(&mut rt, CONTRACT, eam::CREATE, &create_params(7));
    assert_eq!(result, Ok(returned(1010, Some([2; 21]), address)));
    let expected = "get_code_cid_for_type get_actor_code_cid lookup_delegated_address hash \
         resolve_address block_create send block_read";
    assert_eq!(rt.take_calls().join(" "), expected);
}

#[test]
fn create2_by_a_contract() {
    let mut rt = runtime();
    let salt = [0x5a; 32];
    let address = address::create2(&rt, &h160(0xc0), &salt, &[0xfe]);
    rt.expect_send(exec4(h160(0xc0), address));
    let init_code = Cow::Borrowed(&[0xfe][..]);
    let params = Create2Params { init_code, salt }.encode();
    let result = call(&mut rt, CONTRACT, eam::CREATE2, &params);
    assert_eq!(result, Ok(returned(1010, Some([2; 21]), address)));
}

#[test]
fn create_by_an_ethereum_account_uses_the_messages_nonce() {
    let mut rt = runtime();
    let address = address::create(&rt, &h160(0xea), 3);
    rt.expect_send(exec4(h160(0xea), address));
    let result = call(
        &mut rt,
        ETH_ACCOUNT,
        eam::CREATE_EXTERNAL,
        &byte_string(&[0xfe]),
    );
    assert_eq!(result, Ok(returned(1010, Some([2; 21]), address)));
}

fn key_address(reply: Result<(ExitCode, Option<Block>), ErrorNumber>) -> ExpectedSend {
    ExpectedSend {
        read_only: true,
        reply,
        ..ExpectedSend::new(
            Address::id(ACCOUNT).as_bytes(),
            account::PUBKEY_ADDRESS,
            None,
        )
    }
}

#[test]
fn create_by_a_native_account_uses_the_hash_of_its_key() {
    let mut rt = runtime();
    let key = [&[1][..], &[0x77; 20]].concat();
    let address = address::create(&rt, &address::hash(&rt, &key), 3);
    rt.expect_send(key_address(Ok((
        ExitCode::OK,
        Some(Block::cbor(byte_string(&key))),
    ))));
    rt.expect_send(exec4(masked_id(ACCOUNT), address));
    let result = call(
        &mut rt,
        ACCOUNT,
        eam::CREATE_EXTERNAL,
        &byte_string(&[0xfe]),
    );
    assert_eq!(result, Ok(returned(1010, Some([2; 21]), address)));
}

#[test]
fn accounts_that_do_not_tell_their_key_create_nothing() {
    for (reply, code) in [
        (Err(ErrorNumber::LimitExceeded), 24),
        (Ok((ExitCode::ILLEGAL_STATE, None)), 20),
        (Ok((ExitCode::SYS_OUT_OF_GAS, None)), 24),
        (Ok((ExitCode::OK, None)), 24),
        (Ok((ExitCode::OK, Some(Block::cbor(vec![0x80])))), 21),
    ] {
        let mut rt = runtime();
        rt.expect_send(key_address(reply));
        assert_eq!(
            exit(&mut rt, ACCOUNT, eam::CREATE_EXTERNAL, &byte_string(&[])),
            code
        );
    }
}

#[test]
fn callers_are_checked_after_params() {
    let mut rt = runtime();
    for method in [eam::CREATE, eam::CREATE2] {
        assert_eq!(exit(&mut rt, ETH_ACCOUNT, method, &[0x80]), 21);
    }
    assert_eq!(
        exit(&mut rt, ETH_ACCOUNT, eam::CREATE, &create_params(1)),
        18
    );
    assert_eq!(exit(&mut rt, CONTRACT, eam::CREATE_EXTERNAL, &[0x80]), 21);
    assert_eq!(exit(&mut rt, CONTRACT, eam::CREATE_EXTERNAL, &[0x40]), 18);
    assert_eq!(exit(&mut rt, CONTRACT, 5, &[0x40]), 22);
    assert_eq!(exit(&mut rt, CONTRACT, 1024, &[0x40]), 22);

    rt.message.origin = ETH_ACCOUNT;
    rt.message.caller = ACCOUNT;
    rt.message.method = eam::CREATE_EXTERNAL;
    assert_eq!(invoke(&rt).unwrap_err().code().value(), 18);
    rt.params = Params::default();
    assert_eq!(invoke(&rt).unwrap_err().code().value(), 16);
}

#[test]
fn creators_have_an_address_of_20_bytes() {
    for delegated in [
        None,
        Some(vec![4, 10, 1]),
        Some([&[4, 11][..], &[1; 20]].concat()),
    ] {
        let mut rt = runtime();
        for (caller, method, params) in [
            (CONTRACT, eam::CREATE, create_params(1)),
            (ETH_ACCOUNT, eam::CREATE_EXTERNAL, byte_string(&[0xfe])),
        ] {
            rt.actors.get_mut(&caller).unwrap().delegated = delegated.clone();
            assert_eq!(exit(&mut rt, caller, method, &params), 18);
        }
    }
}

#[test]
fn what_stands_at_the_address_decides() {
    let address = address::create(&runtime(), &h160(0xc0), 7);
    let with = |actor_type| {
        let mut rt = runtime();
        let actor = Actor {
            actor_type,
            delegated: Some(Address::f410(&address).as_bytes().to_vec()),
            ..Actor::default()
        };
        rt.actors.insert(EXISTING, actor);
        rt
    };
    let resurrect = |reply| ExpectedSend {
        value: 9,
        reply,
        ..ExpectedSend::new(
            Address::id(EXISTING).as_bytes(),
            evm::RESURRECT,
            Some(Block::cbor(constructor_params(h160(0xc0)))),
        )
    };

    let mut rt = with(Some(ActorType::Evm));
    rt.expect_send(resurrect(Ok((ExitCode::OK, None))));
    let result = call(&mut rt, CONTRACT, eam::CREATE, &create_params(7));
    assert_eq!(result, Ok(returned(EXISTING, None, address)));

    let mut rt = with(Some(ActorType::Evm));
    rt.expect_send(resurrect(Ok((ExitCode::FORBIDDEN, None))));
    assert_eq!(exit(&mut rt, CONTRACT, eam::CREATE, &create_params(7)), 18);

    let mut rt = with(Some(ActorType::Placeholder));
    rt.expect_send(exec4(h160(0xc0), address));
    let result = call(&mut rt, CONTRACT, eam::CREATE, &create_params(7));
    assert_eq!(result, Ok(returned(1010, Some([2; 21]), address)));

    for other in [Some(ActorType::EthAccount), Some(ActorType::Account), None] {
        assert_eq!(
            exit(&mut with(other), CONTRACT, eam::CREATE, &create_params(7)),
            18
        );
    }
}

#[test]
fn reserved_addresses_are_refused() {
    let rt = runtime();
    let mut precompile = H160::zero();
    precompile.0[19] = 0x20;
    let mut native = precompile;
    native.0[0] = 0xfe;
    for address in [H160::zero(), precompile, native, masked_id(5)] {
        let code = TestRuntime::code(ActorType::Evm);
        let result = create_contract(&rt, code, h160(1), &address, Cow::Borrowed(&[]));
        assert_eq!(result.unwrap_err().code(), ExitCode::FORBIDDEN);
    }
    assert!(rt.take_calls().is_empty());
}

#[test]
fn failures_of_init_are_passed_on_with_their_data() {
    let mut rt = runtime();
    let address = address::create(&rt, &h160(0xc0), 7);
    let data = Some(Block::cbor(vec![0x41, 1]));
    rt.expect_send(ExpectedSend {
        reply: Ok((ExitCode::EVM_CONTRACT_REVERTED, data.clone())),
        ..exec4(h160(0xc0), address)
    });
    let abort = call(&mut rt, CONTRACT, eam::CREATE, &create_params(7)).unwrap_err();
    assert_eq!(abort.code(), ExitCode::EVM_CONTRACT_REVERTED);
    assert_eq!(abort.data(), data.as_ref());
}

#[test]
fn constructor_is_for_the_system_at_f010() {
    let exit = |caller, receiver, data| {
        let mut rt = TestRuntime::new(receiver);
        rt.message.method = CONSTRUCTOR;
        rt.message.caller = caller;
        rt.params = Params {
            codec: cid::CBOR,
            data,
        };
        invoke(&rt).map_err(|abort| abort.code().value()).err()
    };
    assert_eq!(exit(0, 10, None), None);
    assert_eq!(exit(100, 10, None), Some(18));
    assert_eq!(exit(0, 11, None), Some(18));
    assert_eq!(exit(0, 10, Some(vec![0x80])), Some(16));
}

proptest! {
    /// By a caller that may nothing, so that nothing is sent: parameters come before the caller.
    #[test]
    fn arbitrary_params_end_in_an_exit_code(
        method in 0..8_u64,
        codec in prop_oneof![Just(cid::CBOR), Just(cid::DAG_CBOR), Just(cid::RAW), any::<u64>()],
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..120)),
    ) {
        let mut rt = runtime();
        rt.message.caller = 9999;
        rt.message.method = method;
        rt.params = Params { codec, data };
        let code = invoke(&rt).unwrap_err().code().value();
        prop_assert!([16, 18, 21, 22].contains(&code), "{}", code);
    }
}
