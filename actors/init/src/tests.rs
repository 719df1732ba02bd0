use super::*;
use fevm_runtime::cbor::Writer;
use fevm_runtime::testing::{Actor, ExpectedSend, TestRuntime};
use fevm_runtime::{MessageContext, Params, cid};
use proptest::prelude::*;

/// First state after genesis: network "golden", IDs from 100.
fn genesis() -> TestRuntime {
    let mut rt = TestRuntime::new(singletons::INIT);
    rt.message.method = CONSTRUCTOR;
    rt.message.caller = singletons::SYSTEM;
    rt.params = cbor(b"\x81\x66golden");
    assert_eq!(invoke(&rt), Ok(None));
    rt
}

fn cbor(params: &[u8]) -> Params {
    Params {
        codec: cid::CBOR,
        data: Some(params.to_vec()),
    }
}

fn call(rt: &mut TestRuntime, caller: u64, method: u64, params: Params) -> Result<Vec<u8>, u32> {
    let message = MessageContext {
        caller,
        method,
        value: 5,
        ..rt.message
    };
    rt.message = message;
    rt.params = params;
    rt.take_calls();
    invoke(rt)
        .map(|block| block.unwrap().data)
        .map_err(|abort| abort.code().value())
}

fn exec4(code: &[u8], subaddress: &[u8]) -> Params {
    let params = Exec4Params {
        code_cid: Cow::Borrowed(code),
        constructor_params: Cow::Borrowed(&[0x82, 1, 2]),
        subaddress: Cow::Borrowed(subaddress),
    };
    cbor(&params.encode())
}

fn evm() -> CidBytes {
    TestRuntime::code(ActorType::Evm)
}

fn constructor(to: &[u8]) -> ExpectedSend {
    ExpectedSend {
        value: 5,
        ..ExpectedSend::new(to, CONSTRUCTOR, Some(Block::cbor(vec![0x82, 1, 2])))
    }
}

fn f410(byte: u8) -> Vec<u8> {
    [&[4, 10][..], &[byte; 20]].concat()
}

fn returned(id: &[u8], robust: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(2);
    writer.bytes(id);
    writer.bytes(robust);
    writer.into_bytes()
}

#[test]
fn constructor_writes_the_first_state() {
    let rt = genesis();
    assert_eq!(
        rt.take_calls(),
        [
            "root",
            "block_create",
            "block_link",
            "block_create",
            "block_link",
            "set_root"
        ]
    );
    let state = rt.stored(&rt.state().unwrap()).unwrap();
    assert_eq!(state[0], 0x83);
    assert_eq!(state[state.len() - 9..], *b"\x18\x64\x66golden");
    let mut again = rt;
    again.params = cbor(b"\x81\x44name");
    assert_eq!(invoke(&again).unwrap_err().code().value(), 20);
    let exit = |caller, params| {
        let mut rt = TestRuntime::new(singletons::INIT);
        rt.message.method = CONSTRUCTOR;
        rt.message.caller = caller;
        rt.params = params;
        invoke(&rt).unwrap_err().code().value()
    };
    assert_eq!(exit(0, Params::default()), 16);
    assert_eq!(exit(0, cbor(&[0x81, 0x81, 1])), 21);
    assert_eq!(exit(0, cbor(b"\x81\x61\xff")), 21);
    // A byte string is taken for a text string, as by mainnet's decoder.
    assert_eq!(exit(9, cbor(b"\x81\x44name")), 18);
    assert_eq!(exit(9, cbor(b"\x81\x60")), 18);
}

/// The address map of a small network, whose state Filecoin's init actor (builtin-actors v18.0.0)
/// wrote as bafy2bzaceaw6vfu2ob5joi7jhwinlqagnks6kouxgrsahbfgzhgbimrgrhqza.
#[test]
fn state_of_a_known_network() {
    let keys = [
        "040a1fb15460f9abb5d4efebe1c67286369259e1cd08",
        "040a3a9d4d70da5d08e32161c9487ed9a6ea31a482bb",
        "040a854a761714ea6d753e1d10bbad7165b7c694917e",
        "040a0000000000000000000000000000000000000000",
        "01a1e614ea0458c7e59e9252d70452ecf74a9ec7d9",
        "01ef9620e298575cfdd517e2f5decaabf336f5061c",
        "03e0b23737d8059cc838a589ec90436f9cc7f181821245bc0464025f69f472520646066972fecd7e41769da478542bffbc",
        "040a74449136b788ea437336f46dd73a7d8f35613639",
        "040ae850346a429e43b78e9f3fc2e25a93262a4244de",
    ];
    let rt = genesis();
    let mut state = State::load(&rt).unwrap();
    for key in keys {
        let bytes: Vec<u8> = (0..key.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap())
            .collect();
        state.assign(&rt, &bytes, None).unwrap();
    }
    state.save(&rt).unwrap();
    let expected = "bafy2bzaceaw6vfu2ob5joi7jhwinlqagnks6kouxgrsahbfgzhgbimrgrhqza";
    let expected: ::cid::Cid = expected.parse().unwrap();
    assert_eq!(rt.state().unwrap().as_bytes()[..], expected.to_bytes());
}

#[test]
fn exec4_creates_an_actor() {
    let mut rt = genesis();
    rt.expect_send(constructor(&[0, 100]));
    let result = call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[7; 20]));
    let robust = [&[2][..], &[1; 20]].concat();
    assert_eq!(result, Ok(returned(&[0, 100], &robust)));
    assert_eq!(rt.created(), [(100, evm(), Some(f410(7)))]);
    rt.verify();
    let mut state = State::load(&rt).unwrap();
    assert_eq!(
        state.assign(&rt, b"\x02other", Some(&f410(7))).unwrap(),
        (100, true)
    );
    assert_eq!(state.assign(&rt, b"\x02third", None).unwrap(), (101, false));
    assert_eq!(
        state.assign(&rt, &robust, None).unwrap_err().code().value(),
        18
    );
}

#[test]
fn exec4_makes_few_host_calls() {
    let mut rt = genesis();
    rt.expect_send(constructor(&[0, 100]));
    call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[7; 20])).unwrap();
    let expected = "next_actor_address root block_open block_read block_open block_read hash hash \
         block_create block_link block_create block_link set_root create_actor block_create send";
    assert_eq!(rt.take_calls().join(" "), expected);
}

#[test]
fn exec4_over_a_placeholder_keeps_its_id() {
    for (actor_type, code) in [
        (Some(ActorType::Placeholder), None),
        (Some(ActorType::EthAccount), Some(18)),
        (None, Some(18)),
    ] {
        let mut rt = genesis();
        let mut state = State::load(&rt).unwrap();
        state.assign(&rt, &f410(9), None).unwrap();
        state.save(&rt).unwrap();
        let actor = Actor {
            actor_type,
            delegated: Some(f410(9)),
            ..Actor::default()
        };
        rt.actors.insert(100, actor);
        if code.is_none() {
            rt.expect_send(constructor(&[0, 100]));
        }
        let result = call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[9; 20]));
        assert_eq!(result.err(), code);
        rt.verify();
    }
    // One that was there once but is no more.
    let mut rt = genesis();
    let mut state = State::load(&rt).unwrap();
    state.assign(&rt, &f410(9), None).unwrap();
    state.save(&rt).unwrap();
    assert_eq!(
        call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[9; 20])),
        Err(18)
    );
}

#[test]
fn exec4_refuses() {
    let mut rt = genesis();
    assert_eq!(
        call(&mut rt, 100, 3, exec4(evm().as_bytes(), &[7; 20])),
        Err(18)
    );
    assert_eq!(
        call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[7; 55])),
        Err(16)
    );
    assert_eq!(call(&mut rt, 10, 3, exec4(&[2; 101], &[7; 20])), Err(21));
    assert_eq!(call(&mut rt, 10, 3, Params::default()), Err(16));
    assert_eq!(call(&mut rt, 100, 3, cbor(&[0x80])), Err(21));
    assert_eq!(call(&mut rt, 100, 4, cbor(&[0x80])), Err(22));
}

#[test]
fn failures_of_the_constructor_are_passed_on() {
    let mut rt = genesis();
    let data = Some(Block::cbor(vec![0x41, 1]));
    rt.expect_send(ExpectedSend {
        reply: Ok((ExitCode::EVM_CONTRACT_REVERTED, data.clone())),
        ..constructor(&[0, 100])
    });
    let message = MessageContext {
        caller: 10,
        method: 3,
        value: 5,
        ..rt.message
    };
    rt.message = message;
    rt.params = exec4(evm().as_bytes(), &[7; 20]);
    let abort = invoke(&rt).unwrap_err();
    assert_eq!(abort.code(), ExitCode::EVM_CONTRACT_REVERTED);
    assert_eq!(abort.data(), data.as_ref());
}

#[test]
fn exec_is_for_multisigs_payment_channels_and_miners_of_the_power_actor() {
    let params = |actor_type| {
        let mut params = exec4(TestRuntime::code(actor_type).as_bytes(), &[])
            .data
            .unwrap();
        params[0] = 0x82;
        params.pop();
        cbor(&params)
    };
    for (actor_type, caller, allowed) in [
        (ActorType::Multisig, ActorType::Account, true),
        (ActorType::PaymentChannel, ActorType::EthAccount, true),
        (ActorType::StorageMiner, ActorType::StoragePower, true),
        (ActorType::StorageMiner, ActorType::Account, false),
        (ActorType::Evm, ActorType::Account, false),
        (ActorType::Account, ActorType::StoragePower, false),
    ] {
        let mut rt = genesis();
        let actor = Actor {
            actor_type: Some(caller),
            ..Actor::default()
        };
        rt.actors.insert(99, actor);
        if allowed {
            rt.expect_send(constructor(&[0, 100]));
        }
        let result = call(&mut rt, 99, 2, params(actor_type));
        assert_eq!(result.is_ok(), allowed, "{actor_type:?} by {caller:?}");
        assert!(allowed || result == Err(18));
        rt.verify();
        let created = [(100, TestRuntime::code(actor_type), None)];
        assert_eq!(rt.created(), &created[..usize::from(allowed)]);
    }
}

#[test]
fn corrupted_state_is_exit_16() {
    for state in [&[0x80][..], &[], &[0x83, 1, 2, 3]] {
        let mut rt = genesis();
        let root = rt.store(cid::DAG_CBOR, state);
        rt.set_state(root);
        assert_eq!(
            call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[7; 20])),
            Err(16)
        );
    }
}

proptest! {
    /// By a caller that may nothing, so that nothing is sent: parameters come before the caller.
    #[test]
    fn arbitrary_params_end_in_an_exit_code(
        method in 0..8_u64,
        codec in prop_oneof![Just(cid::CBOR), Just(cid::DAG_CBOR), Just(cid::RAW), any::<u64>()],
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..120)),
    ) {
        let mut rt = genesis();
        rt.message.caller = 9999;
        rt.message.method = method;
        rt.params = Params { codec, data };
        let code = invoke(&rt).unwrap_err().code().value();
        prop_assert!([16, 18, 21, 22].contains(&code), "{}", code);
    }

    #[test]
    fn arbitrary_state_ends_in_an_exit_code(
        state in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut rt = genesis();
        let root = rt.store(cid::DAG_CBOR, &[&[0x83, 0xd8, 0x2a][..], &state].concat());
        rt.set_state(root);
        let code = call(&mut rt, 10, 3, exec4(evm().as_bytes(), &[7; 20])).unwrap_err();
        prop_assert_eq!(code, 16);
    }
}
