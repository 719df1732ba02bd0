//! Messages to every method of every actor, with parameters that are nearly right, or not at all.

use fvm_shared::ActorID;

use super::cbor::{Value, damage};
use super::program::{self, deployer};
use super::rng::Rng;
use super::world::{ACCOUNT, CONTRACTS, Case, NATIVE_ACCOUNT, OTHER_ACCOUNT, PLACEHOLDER, UNBORN};

const INVOKE_EVM: u64 = 3_844_450_837;
const RECEIVE: u64 = 3_726_118_371;
const AUTHENTICATE: u64 = 2_643_134_072;

/// Every actor but the program's.
const ACTORS: &[ActorID] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    10,
    99,
    100,
    ACCOUNT,
    OTHER_ACCOUNT,
    NATIVE_ACCOUNT,
    PLACEHOLDER,
    UNBORN,
    106,
    107,
    108,
    109,
    110,
    111,
];

/// Receivers, as often as they deserve.
const RECEIVERS: &[ActorID] = &[
    1,
    1,
    10,
    10,
    10,
    0,
    2,
    5,
    ACCOUNT,
    NATIVE_ACCOUNT,
    NATIVE_ACCOUNT,
    PLACEHOLDER,
    UNBORN,
    UNBORN,
    106,
    106,
    106,
    107,
    108,
    109,
    109,
    110,
    111,
];

/// Actors that this suite has only the names of.
const NOT_OURS: &[ActorID] = &[2, 5];

/// A message. With `compared`, one that both suites must answer alike.
pub(crate) fn case(rng: &mut Rng, compared: bool) -> Case {
    let mut to = *rng.pick(RECEIVERS);
    if compared && NOT_OURS.contains(&to) {
        to = 106;
    }
    let (method, template) = method(to, rng);
    // Who may call it, more often than not.
    let from = if rng.chance(75) {
        match (to, method) {
            (UNBORN, 1) => 1,
            (106..=111, 2) => 10,
            (106..=111, 5) | (10 | 1 | 0 | NATIVE_ACCOUNT, 1) => 0,
            (106..=111, 6) => to,
            (10, 2 | 3) => *rng.pick(&[106, 107, 111]),
            (10, 4) => *rng.pick(&[ACCOUNT, OTHER_ACCOUNT, NATIVE_ACCOUNT]),
            (1, 3) => 10,
            _ => *rng.pick(&[ACCOUNT, 106]),
        }
    } else {
        *rng.pick(ACTORS)
    };
    // Contracts cannot send to methods below 1024 of others than their kind and the address manager,
    // so what those say to contracts there is nobody's concern.
    let from = match (from, to) {
        (_, 10 | UNBORN..) => from,
        // Code that nobody has cannot run: the machine gives up on it. Only the address manager may
        // create actors, and it names the code of contracts.
        (10, 1) if method == 3 => ACCOUNT,
        (UNBORN.., _) if compared && (1..1_024).contains(&method) => ACCOUNT,
        _ => from,
    };
    let params = match template {
        _ if rng.chance(5) => Vec::new(),
        _ if rng.chance(5) => {
            let len = rng.length(200);
            rng.bytes(len)
        }
        Some(template) => {
            let mut value = template;
            for _ in 0..rng.below(3) {
                value = value.mutated(rng);
            }
            let mut bytes = if rng.chance(40) {
                value.encode_oddly(rng)
            } else {
                value.encode()
            };
            if rng.chance(15) {
                damage(&mut bytes, rng);
            }
            bytes
        }
        None if rng.chance(70) => Vec::new(),
        None => Value::random(rng, 2).encode_oddly(rng),
    };
    let mut case = Case::new(from, to, method, params);
    case.nonce = if rng.chance(70) {
        case.nonce
    } else {
        rng.number()
    };
    if rng.chance(15) {
        case.value = rng.next() % 1_000;
    }
    case
}

/// A method, and parameters as it wants them; `None` if it wants none.
fn method(to: ActorID, rng: &mut Rng) -> (u64, Option<Value>) {
    let other = match rng.below(4) {
        0 => rng.number(),
        1 => 1_000 + rng.next() % 50,
        2 => rng.next() >> 32,
        _ => rng.next() % 12,
    };
    let any = |rng: &mut Rng| (other, Some(Value::random(rng, 2)));
    match to {
        0 => pick(rng, &[1], any),
        1 => match rng.below(4) {
            0 => (1, Some(Value::Array(vec![Value::Text("name")]))),
            1 => {
                let code = code_cid(rng);
                (2, Some(Value::Array(vec![code, noise(rng)])))
            }
            2 => {
                let params = constructor(rng).encode();
                let len = *rng.pick(&[0, 1, 20, 20, 20, 54, 55]);
                let sub = Value::Bytes(rng.bytes(len));
                let code = code_cid(rng);
                (3, Some(Value::Array(vec![code, Value::Bytes(params), sub])))
            }
            _ => any(rng),
        },
        10 => match rng.below(6) {
            0 => (1, None),
            1 => {
                let code = init_code(rng);
                let nonce = Value::Uint(rng.number());
                (2, Some(Value::Array(vec![code, nonce])))
            }
            2 => {
                let code = init_code(rng);
                (
                    3,
                    Some(Value::Array(vec![code, Value::Bytes(rng.bytes(32))])),
                )
            }
            3 | 4 => (4, Some(init_code(rng))),
            _ => any(rng),
        },
        NATIVE_ACCOUNT => match rng.below(4) {
            0 => {
                let mut address = vec![*rng.pick(&[1, 3])];
                let len = *rng.pick(&[20, 48]);
                address.extend(rng.bytes(len));
                (1, Some(Value::Bytes(address)))
            }
            1 => (2, None),
            2 => {
                let signature = Value::Bytes(rng.bytes(65));
                (
                    AUTHENTICATE,
                    Some(Value::Array(vec![signature, noise(rng)])),
                )
            }
            _ => any(rng),
        },
        ACCOUNT | PLACEHOLDER => any(rng),
        _ => evm_method(to, rng, other),
    }
}

fn evm_method(to: ActorID, rng: &mut Rng, other: u64) -> (u64, Option<Value>) {
    match rng.below(12) {
        _ if to == UNBORN && rng.chance(80) => (1, Some(constructor(rng))),
        0 => (1, Some(constructor(rng))),
        1 => (2, Some(constructor(rng))),
        2 => (3, None),
        3 => (4, None),
        4 => {
            let len = *rng.pick(&[0, 1, 1, 8, 32, 33]);
            (5, Some(Value::Array(vec![Value::Bytes(rng.bytes(len))])))
        }
        5 => {
            let params = Value::Array(vec![
                Value::Link(rng.bytes(38)),
                noise(rng),
                Value::Bytes(rng.bytes(20)),
                Value::Bytes(vec![0, 1]),
            ]);
            (6, Some(params))
        }
        6..=8 => (INVOKE_EVM, Some(noise(rng))),
        9 => (RECEIVE, Some(answer(rng))),
        10 => (1_024 + rng.next() % (1 << 33), Some(answer(rng))),
        _ => (other, Some(Value::random(rng, 2))),
    }
}

fn pick(
    rng: &mut Rng,
    methods: &[u64],
    any: impl Fn(&mut Rng) -> (u64, Option<Value>),
) -> (u64, Option<Value>) {
    if rng.chance(50) {
        (*rng.pick(methods), None)
    } else {
        any(rng)
    }
}

/// What [`ANSWER`](super::world::ANSWER) gives back as the answer of `handle_filecoin_method`: exit
/// code, codec, offset, length, data, seldom all of them right.
fn answer(rng: &mut Rng) -> Value {
    let mut bytes = Vec::new();
    let edge = |rng: &mut Rng, usual: u64| {
        if rng.chance(85) { usual } else { rng.number() }
    };
    let exit = rng.next() % 60;
    let codec = *rng.pick(&[0, 0x51, 0x55, 0x71]);
    let len = rng.next() % 40;
    for number in [
        edge(rng, exit),
        edge(rng, codec),
        edge(rng, 0x60),
        edge(rng, len),
    ] {
        bytes.extend([if rng.chance(2) { 1 } else { 0 }; 24]);
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(rng.bytes(len as usize));
    if rng.chance(20) {
        bytes.truncate(rng.below(bytes.len() + 1));
    }
    Value::Bytes(bytes)
}

fn noise(rng: &mut Rng) -> Value {
    let len = rng.length(300);
    Value::Bytes(rng.bytes(len))
}

fn init_code(rng: &mut Rng) -> Value {
    Value::Bytes(match rng.below(4) {
        0 => Vec::new(),
        1 => {
            let len = rng.length(60);
            rng.bytes(len)
        }
        2 => deployer(&program::random(rng, &CONTRACTS, true)),
        _ => program::random(rng, &CONTRACTS, true),
    })
}

fn constructor(rng: &mut Rng) -> Value {
    let creator = Value::Bytes(rng.bytes(20));
    Value::Array(vec![creator, init_code(rng)])
}

/// CIDs of all kinds, none of them an actor's code.
fn code_cid(rng: &mut Rng) -> Value {
    let mut cid = vec![1, 0x55, 0xa0, 0xe4, 0x02, 0x20];
    cid.extend(rng.bytes(32));
    if rng.chance(30) {
        damage(&mut cid, rng);
    }
    if rng.chance(90) {
        Value::Link(cid)
    } else {
        Value::bytes(cid)
    }
}
