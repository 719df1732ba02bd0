//! Filecoin's precompiles and the reserved addresses, as a contract meets them.

mod common;

use common::*;
use fevm_runtime::cbor::byte_string;
use fevm_runtime::testing::{ExpectedSend, TestRuntime};
use fevm_runtime::{Block, ErrorNumber, ExitCode, cid};
use primitive_types::U256;

/// Gas of the stand-in, but for a 64th.
const MOST_GAS: u64 = 10_000_000_000 / 64 * 63;

const CALL: &str = "f1";
const DELEGATECALL: &str = "f4";
const STATICCALL: &str = "fa";

const INVOKE_EVM: u64 = 3_844_450_837;

/// An address of 0xfe and this number.
fn native(number: u8) -> String {
    format!("fe{}{number:02x}", "00".repeat(18))
}

/// An address with this number alone.
fn low(number: u16) -> String {
    format!("{}{number:04x}", "00".repeat(18))
}

/// A contract that calls the address by `op` with its call data; it returns success, length of the
/// output, the output.
fn caller(op: &str, address: &str, value: u8, input: &[u8]) -> TestRuntime {
    let value = if op == CALL {
        format!("60{value:02x}")
    } else {
        String::new()
    };
    let mut rt = contract(&format!(
        "36 5f 5f 37 5f 5f 36 5f {value} 73 {address} 5a {op} 5f 52 3d 6020 52 3d 5f 6040 3e 3d 6040 01 5f f3"
    ));
    rt.params = cbor(byte_string(input));
    rt
}

/// Output of a call that succeeds; `None` if it fails, which leaves no output.
fn answer(rt: &TestRuntime) -> Option<Vec<u8>> {
    let output = output(rt);
    assert_eq!(usize::from(output[63]), output.len() - 64);
    match output[31] {
        1 => Some(output[64..].to_vec()),
        _ => {
            assert_eq!(output.len(), 64, "a call that failed has no output");
            None
        }
    }
}

fn word(number: impl Into<U256>) -> Vec<u8> {
    number.into().to_big_endian().to_vec()
}

#[test]
fn resolve_address_gives_ids() {
    let of = |address: &[u8]| answer(&caller(STATICCALL, &native(1), 0, address));
    assert_eq!(of(&f410(&OTHER_ADDRESS)), Some(word(OTHER)));
    assert_eq!(of(&f0(OTHER)), Some(word(OTHER)));
    let stranger = f410(&primitive_types::H160([9; 20]));
    assert_eq!(of(&stranger), Some(vec![]), "unknown");
    for malformed in [&[][..], &[1, 2, 3], &[9; 21], &stranger[..1]] {
        assert_eq!(of(malformed), None, "{malformed:02x?}");
    }
}

#[test]
fn lookup_delegated_address_gives_f4_addresses() {
    let of = |rt: &TestRuntime| answer(rt);
    let ask = |id: U256| caller(CALL, &native(2), 0, &word(id));
    assert_eq!(of(&ask(OTHER.into())), Some(f410(&OTHER_ADDRESS)));
    assert_eq!(of(&ask(5_000.into())), Some(vec![]), "nobody");
    let mut rt = ask(OTHER.into());
    rt.actors.get_mut(&OTHER).unwrap().delegated = None;
    assert_eq!(of(&rt), Some(vec![]), "an actor without one");
    assert_eq!(of(&ask(u64::MAX.into())), Some(vec![]));
    assert_eq!(of(&ask(U256::from(u64::MAX) + 1)), None);
    // Short input is padded with zeros on the right.
    assert_eq!(of(&caller(CALL, &native(2), 0, &[])), Some(vec![]));
}

#[test]
fn get_randomness_is_the_beacons() {
    let of = |epoch: U256| {
        let mut rt = caller(STATICCALL, &native(6), 0, &word(epoch));
        rt.randomness.insert(77, [3; 32]);
        answer(&rt)
    };
    assert_eq!(of(77.into()), Some(vec![3; 32]));
    assert_eq!(of(78.into()), None, "the machine refuses");
    assert_eq!(of(U256::MAX), None, "negative");
    assert_eq!(of(U256::from(1) << 63), None, "beyond 63 bits");
}

/// Parameters of `call_actor`.
#[derive(Clone)]
struct Ask {
    method: u64,
    value: U256,
    flags: u64,
    codec: u64,
    params: &'static [u8],
    to: Vec<u8>,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            method: INVOKE_EVM,
            value: U256::zero(),
            flags: 0,
            codec: cid::CBOR,
            params: &[0x41, 7],
            to: f0(OTHER),
        }
    }
}

impl Ask {
    fn head(&self) -> Vec<u8> {
        let words = [
            word(self.method),
            word(self.value),
            word(self.flags),
            word(self.codec),
        ];
        [words.concat(), word(0xc0)].concat()
    }

    fn padded(bytes: &[u8]) -> Vec<u8> {
        let mut padded = [word(bytes.len()), bytes.to_vec()].concat();
        padded.resize(padded.len().next_multiple_of(32), 0);
        padded
    }

    fn by_address(&self) -> Vec<u8> {
        let params = Self::padded(self.params);
        let offset = word(0xc0 + params.len());
        [self.head(), offset, params, Self::padded(&self.to)].concat()
    }

    fn by_id(&self, id: U256) -> Vec<u8> {
        [self.head(), word(id), Self::padded(self.params)].concat()
    }

    fn send(&self, params: Option<&[u8]>) -> ExpectedSend {
        ExpectedSend {
            gas_limit: Some(MOST_GAS),
            value: self.value.low_u128(),
            read_only: self.flags == 1,
            ..ExpectedSend::new(
                &self.to,
                self.method,
                params.map(|data| Block::cbor(data.to_vec())),
            )
        }
    }
}

/// Exit code, codec and data.
fn returned(exit: U256, codec: u64, data: &[u8]) -> Option<Vec<u8>> {
    let head = [word(exit), word(codec), word(0x60), word(data.len())].concat();
    let mut output = [head, data.to_vec()].concat();
    output.resize(output.len().next_multiple_of(32), 0);
    Some(output)
}

#[test]
fn call_actor_sends_and_tells_what_came_of_it() {
    let ask = Ask {
        value: 9.into(),
        ..Ask::default()
    };
    for (reply, expected) in [
        (Ok((ExitCode::OK, None)), returned(0.into(), 0, &[])),
        (
            Ok((ExitCode::OK, Some(Block::cbor(vec![0x82, 1, 2])))),
            returned(0.into(), 0x51, &[0x82, 1, 2]),
        ),
        (
            Ok((ExitCode::new(33), Some(Block::cbor(vec![0x41, 1])))),
            returned(33.into(), 0x51, &[0x41, 1]),
        ),
        (Ok((ExitCode::new(7), None)), returned(7.into(), 0, &[])),
        (
            Err(ErrorNumber::NotFound),
            returned(U256::zero().overflowing_sub(6.into()).0, 0, &[]),
        ),
        (
            Err(ErrorNumber::InsufficientFunds),
            returned(U256::zero().overflowing_sub(5.into()).0, 0, &[]),
        ),
    ] {
        for (number, input) in [(3, ask.by_address()), (5, ask.by_id(OTHER.into()))] {
            let rt = caller(DELEGATECALL, &native(number), 0, &input);
            rt.expect_send(ExpectedSend {
                reply: reply.clone(),
                ..ask.send(Some(&[0x41, 7]))
            });
            assert_eq!(answer(&rt), expected, "{number}: {reply:?}");
        }
    }
}

#[test]
fn call_actor_takes_what_may_be_sent() {
    let sent = |ask: &Ask, params: Option<&[u8]>| {
        let rt = caller(DELEGATECALL, &native(3), 0, &ask.by_address());
        rt.expect_send(ask.send(params));
        assert_eq!(answer(&rt), returned(0.into(), 0, &[]));
    };
    sent(
        &Ask {
            method: 0,
            ..Ask::default()
        },
        Some(&[0x41, 7]),
    );
    sent(
        &Ask {
            method: 1_024,
            ..Ask::default()
        },
        Some(&[0x41, 7]),
    );
    sent(
        &Ask {
            method: u64::MAX,
            ..Ask::default()
        },
        Some(&[0x41, 7]),
    );
    sent(
        &Ask {
            flags: 1,
            ..Ask::default()
        },
        Some(&[0x41, 7]),
    );
    sent(
        &Ask {
            codec: 0,
            params: &[],
            ..Ask::default()
        },
        None,
    );
    sent(
        &Ask {
            params: &[],
            ..Ask::default()
        },
        Some(&[]),
    );
    sent(
        &Ask {
            to: f410(&OTHER_ADDRESS),
            ..Ask::default()
        },
        Some(&[0x41, 7]),
    );
    // More than all money: no send, but the precompile answers.
    let ask = Ask {
        value: U256::MAX,
        ..Ask::default()
    };
    let rt = caller(DELEGATECALL, &native(3), 0, &ask.by_address());
    let insufficient = U256::zero().overflowing_sub(5.into()).0;
    assert_eq!(answer(&rt), returned(insufficient, 0, &[]));
}

#[test]
fn call_actor_refuses() {
    let refused = |input: &[u8], why: &str| {
        let rt = caller(DELEGATECALL, &native(3), 0, input);
        assert_eq!(answer(&rt), None, "{why}");
    };
    for method in [1, 2, 1_023] {
        refused(
            &Ask {
                method,
                ..Ask::default()
            }
            .by_address(),
            "a reserved method",
        );
    }
    refused(
        &Ask {
            flags: 2,
            ..Ask::default()
        }
        .by_address(),
        "a flag that there is not",
    );
    for codec in [1, 0x55, 0x71] {
        refused(
            &Ask {
                codec,
                ..Ask::default()
            }
            .by_address(),
            "another codec",
        );
    }
    refused(
        &Ask {
            codec: 0,
            ..Ask::default()
        }
        .by_address(),
        "parameters without a codec",
    );
    for to in [&[][..], &[9], &[1; 5]] {
        refused(
            &Ask {
                to: to.to_vec(),
                ..Ask::default()
            }
            .by_address(),
            "no address",
        );
    }
    // Numbers wider than their types: method, flags, codec, offset of the parameters, their length.
    for (at, width) in [(0, 64), (2, 64), (3, 64), (4, 32), (6, 32)] {
        let mut input = Ask::default().by_address();
        input[32 * at + 31 - width / 8] = 1;
        refused(&input, "a number too wide");
    }
    let too_wide = Ask::default().by_id(U256::from(1) << 64);
    assert_eq!(
        answer(&caller(DELEGATECALL, &native(5), 0, &too_wide)),
        None
    );
    // Only the contract's own code speaks for it.
    for op in [CALL, STATICCALL] {
        for (number, input) in [
            (3, Ask::default().by_address()),
            (5, Ask::default().by_id(OTHER.into())),
        ] {
            assert_eq!(
                answer(&caller(op, &native(number), 0, &input)),
                None,
                "{op}"
            );
        }
    }
}

#[test]
fn state_is_written_before_call_actor_sends() {
    // SSTORE first.
    let input = Ask::default().by_id(OTHER.into());
    let mut rt = contract(&format!(
        "6001 5f 55 36 5f 5f 37 5f 5f 36 5f 73 {} 5a f4 5f 52 6020 5f f3",
        native(5)
    ));
    rt.params = cbor(byte_string(&input));
    rt.expect_send(Ask::default().send(Some(&[0x41, 7])));
    assert_eq!(output(&rt)[31], 1);
    let calls = rt.take_calls();
    let send = calls.iter().position(|call| *call == "send").unwrap();
    assert!(calls[..send].contains(&"set_root"), "{calls:?}");
}

#[test]
fn reserved_addresses_succeed_with_nothing() {
    let numbers = [0x0a, 0x12, 0x80, 0xff].map(low);
    let natives = [4, 7, 0x80, 0xff].map(native);
    for address in numbers.into_iter().chain(natives) {
        for op in [CALL, DELEGATECALL, STATICCALL] {
            let rt = caller(op, &address, 0, &[1; 40]);
            assert_eq!(answer(&rt), Some(vec![]), "{op} {address}");
            assert!(!rt.take_calls().contains(&"send"));
        }
    }
    // Their neighbours are addresses like any other.
    for address in [
        low(0),
        low(0x101),
        native(0),
        format!("fe{}0100", "00".repeat(17)),
    ] {
        let rt = caller(CALL, &address, 0, &[]);
        rt.expect_send(ExpectedSend {
            gas_limit: Some(MOST_GAS),
            ..ExpectedSend::new(
                &f410(&primitive_types::H160::from_slice(&hex(&address))),
                INVOKE_EVM,
                None,
            )
        });
        assert_eq!(answer(&rt), Some(vec![]), "{address}");
    }
}

#[test]
fn value_follows_a_precompile_that_succeeds() {
    let identity = primitive_types::H160::from_slice(&hex(&low(4)));
    let transfer = |reply| ExpectedSend {
        value: 5,
        reply,
        ..ExpectedSend::new(&f410(&identity), 0, None)
    };
    let rt = caller(CALL, &low(4), 5, &[1, 2, 3]);
    rt.expect_send(transfer(Ok((ExitCode::OK, None))));
    assert_eq!(answer(&rt), Some(vec![1, 2, 3]));
    let rt = caller(CALL, &low(4), 5, &[1, 2, 3]);
    rt.expect_send(transfer(Err(ErrorNumber::InsufficientFunds)));
    assert_eq!(answer(&rt), None);
    // BLAKE2F does not take 3 bytes: nothing is sent.
    assert_eq!(answer(&caller(CALL, &low(9), 5, &[1, 2, 3])), None);
    // A reserved address takes value too.
    let reserved = primitive_types::H160::from_slice(&hex(&low(0x0a)));
    let rt = caller(CALL, &low(0x0a), 5, &[]);
    rt.expect_send(ExpectedSend {
        value: 5,
        ..ExpectedSend::new(&f410(&reserved), 0, None)
    });
    assert_eq!(answer(&rt), Some(vec![]));
}

#[test]
fn inputs_of_wrong_lengths_fail_or_give_nothing() {
    for (number, len, expected) in [
        (1, 10, Some(0)),
        (2, 0, Some(32)),
        (4, 7, Some(7)),
        (8, 0, Some(32)),
        (8, 191, None),
        (9, 212, None),
        (0x0b, 255, None),
        (0x0f, 0, None),
        (0x100, 159, Some(0)),
        (0x100, 161, Some(0)),
    ] {
        let rt = caller(STATICCALL, &low(number), 0, &vec![0; len]);
        let len = answer(&rt).map(|output| output.len());
        assert_eq!(len, expected, "{number:#x}");
    }
    // Lengths beyond 32 bits are refused by MODEXP; no base and no modulus give nothing.
    let modexp = |lengths: [u64; 3]| {
        let input = lengths.map(word).concat();
        answer(&caller(STATICCALL, &low(5), 0, &input))
    };
    assert_eq!(modexp([0, 0, 0]), Some(vec![]));
    assert_eq!(modexp([1 << 32, 0, 0]), None);
    assert_eq!(modexp([0, 0, 1 << 32]), None);
}
