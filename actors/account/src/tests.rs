use super::*;
use fevm_runtime::testing::TestRuntime;
use fevm_runtime::{MessageContext, Params};
use proptest::prelude::*;

fn f1() -> Vec<u8> {
    [&[1][..], &[7; 20]].concat()
}

fn f3() -> Vec<u8> {
    [&[3][..], &[9; 48]].concat()
}

fn runtime(caller: u64, method: u64, params: Option<Vec<u8>>) -> TestRuntime {
    let mut rt = TestRuntime::new(1000);
    rt.message.method = method;
    rt.message.caller = caller;
    rt.params = Params {
        codec: cid::CBOR,
        data: params,
    };
    rt
}

/// An account that the system has made.
fn account(address: &[u8]) -> TestRuntime {
    let rt = runtime(singletons::SYSTEM, 1, Some(byte_string(address)));
    assert_eq!(invoke(&rt), Ok(None));
    assert_eq!(
        rt.take_calls(),
        ["root", "block_create", "block_link", "set_root"]
    );
    rt
}

fn call(
    rt: &mut TestRuntime,
    method: u64,
    params: Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, u32> {
    let message = MessageContext {
        method,
        caller: 100,
        ..rt.message
    };
    let params = Params {
        codec: cid::CBOR,
        data: params,
    };
    rt.next_message(message, params);
    invoke(rt)
        .map(|block| block.map(|block| block.data))
        .map_err(|abort| abort.code().value())
}

#[test]
fn state_is_a_tuple_of_the_address() {
    let rt = account(&f1());
    let expected = [&[0x81, 0x55][..], &f1()].concat();
    assert_eq!(rt.stored(&rt.state().unwrap()), Some(expected));
}

#[test]
fn constructor_takes_key_addresses_from_the_system() {
    account(&f3());
    let exit = |rt: TestRuntime| invoke(&rt).unwrap_err().code().value();
    assert_eq!(exit(runtime(0, 1, None)), 16);
    assert_eq!(exit(runtime(0, 1, Some(vec![0x80]))), 21);
    assert_eq!(exit(runtime(100, 1, Some(byte_string(&f1())))), 18);
    let f0 = vec![0, 99];
    let short = vec![1, 7];
    let f410 = [&[4, 10][..], &[1; 20]].concat();
    for other in [f0, f410] {
        assert_eq!(exit(runtime(0, 1, Some(byte_string(&other)))), 16);
    }
    for malformed in [short, vec![]] {
        assert_eq!(exit(runtime(0, 1, Some(byte_string(&malformed)))), 21);
    }
}

#[test]
fn pubkey_address_is_the_address() {
    for address in [f1(), f3()] {
        let mut rt = account(&address);
        assert_eq!(call(&mut rt, 2, None), Ok(Some(byte_string(&address))));
        assert_eq!(rt.take_calls(), ["root", "block_open", "block_read"]);
        assert_eq!(call(&mut rt, 2, Some(vec![0x80])), Err(16));
    }
}

#[test]
fn messages_are_authenticated() {
    for (signature_type, address) in [(1, f1()), (2, f3())] {
        let mut rt = account(&address);
        let signature = [&[signature_type][..], &address, b"text"].concat();
        let params = |signature: &[u8], message: &[u8]| {
            let mut writer = Writer::default();
            writer.array(2);
            writer.bytes(signature);
            writer.bytes(message);
            Some(writer.into_bytes())
        };
        let method = frc42::AUTHENTICATE_MESSAGE;
        let good = params(&signature, b"text");
        assert_eq!(call(&mut rt, method, good), Ok(Some(vec![TRUE])));
        assert_eq!(call(&mut rt, method, params(&signature, b"test")), Err(16));
        assert_eq!(call(&mut rt, method, params(&[], b"text")), Err(16));
        assert_eq!(call(&mut rt, method, None), Err(16));
        assert_eq!(call(&mut rt, method, Some(vec![0x81, 0x40])), Err(21));
    }
}

#[test]
fn an_account_without_a_key_authenticates_nothing() {
    let mut rt = runtime(0, 2, None);
    let state = rt.store(cid::DAG_CBOR, &[0x81, 0x42, 0, 99]);
    rt.set_state(state);
    assert_eq!(call(&mut rt, 2, None), Ok(Some(vec![0x42, 0, 99])));
    let params = Some(vec![0x82, 0x40, 0x40]);
    assert_eq!(call(&mut rt, frc42::AUTHENTICATE_MESSAGE, params), Err(20));
}

#[test]
fn corrupted_state_is_exit_16() {
    for state in [&[0x80][..], &[], &[0x81, 0x01], &[0x81, 0x41, 1, 0]] {
        let mut rt = runtime(0, 2, None);
        let root = rt.store(cid::DAG_CBOR, state);
        rt.set_state(root);
        assert_eq!(call(&mut rt, 2, None), Err(16), "{state:02x?}");
    }
}

#[test]
fn other_methods() {
    let mut rt = account(&f1());
    assert_eq!(call(&mut rt, 1 << 24, Some(vec![0xff])), Ok(None));
    assert_eq!(call(&mut rt, frc42::RECEIVE, None), Ok(None));
    assert_eq!(call(&mut rt, 3, None), Err(22));
    assert_eq!(call(&mut rt, 1023, None), Err(22));
}

proptest! {
    #[test]
    fn arbitrary_params_end_in_an_exit_code(
        method in prop_oneof![0..4_u64, Just(frc42::AUTHENTICATE_MESSAGE)],
        caller in 0..2_u64,
        codec in prop_oneof![Just(cid::CBOR), Just(cid::DAG_CBOR), Just(cid::RAW), any::<u64>()],
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..120)),
    ) {
        let mut rt = account(&f1());
        rt.message.method = method;
        rt.message.caller = caller;
        rt.params = Params { codec, data };
        if let Err(abort) = invoke(&rt) {
            let code = abort.code().value();
            prop_assert!([16, 18, 21, 22].contains(&code), "{}", code);
        }
    }
}
