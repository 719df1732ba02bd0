//! Transactions of every kind, most of them valid.

use crate::random::{Random, hex, quantity};
use crate::world::{self, ACCOUNTS, CONSOLIDATIONS, DEPOSIT, WITHDRAWALS};
use evm_interpreter::{Fork, U256};
use fevm_conformance::ethereum::authorization::sign_authorization;
use serde_json::{Value, json};

/// Nonces as a block's transactions use them up.
pub(crate) struct Nonces(pub(crate) Vec<u64>);

impl Nonces {
    pub(crate) fn of(alloc: &Value) -> Self {
        let nonce = |account| {
            let text = alloc[world::address(account)]["nonce"].as_str().unwrap();
            u64::from_str_radix(&text[2..], 16).unwrap()
        };
        Self((0..ACCOUNTS).map(nonce).collect())
    }
}

/// A transaction of a random kind, receiver, fee and content.
pub(crate) fn transaction(
    fork: Fork,
    base_fee: u64,
    nonces: &mut Nonces,
    random: &mut Random,
) -> Value {
    let account = random.below(u64::from(ACCOUNTS)) as u8;
    let (to, input, value) = content(fork, random);
    let kinds = [
        Fork::Frontier,
        Fork::Berlin,
        Fork::London,
        Fork::Cancun,
        Fork::Prague,
    ];
    let mut kind = random.below(kinds.iter().filter(|since| fork >= **since).count() as u64);
    if kind >= 3 && to.is_none() {
        kind = 2;
    }
    let mut nonce = nonces.0[usize::from(account)];
    let mut valid = account != 4;
    if random.once_in(12) {
        nonce = nonce.wrapping_add(random.below(5)).wrapping_sub(2);
        valid = valid && nonce == nonces.0[usize::from(account)];
    }
    let gas = match random.below(10) {
        0 => 20_000 + random.below(2_000),
        1 => 17_000_000,
        _ => 60_000 + random.below(400_000),
    };
    let mut transaction = json!({
        "type": quantity(kind),
        "nonce": quantity(nonce),
        "gas": quantity(gas),
        "value": quantity(value),
        "input": hex(&input),
        "v": "0x0", "r": "0x0", "s": "0x0",
        "secretKey": hex(&world::key(account).0),
    });
    if let Some(to) = &to {
        transaction["to"] = json!(to);
    }
    let fee = if random.once_in(10) {
        base_fee / 2
    } else {
        base_fee + random.below(100)
    };
    let tip = if random.once_in(10) {
        fee + 1
    } else {
        random.below(fee + 1)
    };
    if kind >= 2 {
        transaction["maxFeePerGas"] = json!(quantity(fee));
        transaction["maxPriorityFeePerGas"] = json!(quantity(tip));
    } else {
        transaction["gasPrice"] = json!(quantity(fee));
    }
    if kind >= 1 {
        transaction["chainId"] = json!("0x1");
        transaction["accessList"] = access_list(random);
    } else {
        // Protected transactions are younger than the first forks, which must refuse them.
        let protected = if fork >= Fork::SpuriousDragon {
            !random.once_in(3)
        } else {
            random.once_in(9)
        };
        transaction["protected"] = json!(protected);
    }
    if kind == 3 {
        blobs(&mut transaction, random);
    }
    if kind == 4 {
        transaction["authorizationList"] = authorizations(&nonces.0, random);
    }
    if valid {
        nonces.0[usize::from(account)] += 1;
    }
    transaction
}

type Content = (Option<String>, Vec<u8>, u64);

fn content(fork: Fork, random: &mut Random) -> Content {
    let someone = |random: &mut Random| match random.below(3) {
        0 => world::address(random.below(u64::from(ACCOUNTS)) as u8),
        1 => hex(&random.bytes(20)),
        _ => format!("0x{}", "e0".repeat(20)),
    };
    let value = if random.once_in(3) {
        0
    } else {
        random.below(1_000_000)
    };
    match random.below(if fork >= Fork::Prague { 13 } else { 9 }) {
        0 | 1 => (Some(someone(random)), Vec::new(), value),
        2 => {
            let length = random.below(60) as usize;
            (None, random.bytes(length), value)
        }
        3 => {
            // Init code that returns random code.
            let length = 1 + random.below(30) as u8;
            let mut code = vec![
                0x60, length, 0x60, 12, 0x60, 0, 0x39, 0x60, length, 0x60, 0, 0xf3,
            ];
            code.extend(random.bytes(usize::from(length)));
            (None, code, value)
        }
        4..=8 => {
            let codes = world::codes(fork).len() as u64;
            let mut input = if random.once_in(2) {
                let text = someone(random);
                let mut word = vec![0; 12];
                word.extend(alloy_primitives::hex::decode(text).unwrap());
                word
            } else {
                let mut word = vec![0; 31];
                word.push(random.below(4) as u8);
                word
            };
            let mut second = vec![0; 31];
            second.push(random.below(3) as u8);
            input.extend(second);
            (
                Some(world::contract(random.below(codes) as u8)),
                input,
                value,
            )
        }
        9 | 10 => (
            Some(WITHDRAWALS.into()),
            random.bytes(56),
            1 + random.below(3),
        ),
        11 => (
            Some(CONSOLIDATIONS.into()),
            random.bytes(96),
            1 + random.below(3),
        ),
        _ => (Some(DEPOSIT.into()), world::deposit_event(random), 0),
    }
}

fn access_list(random: &mut Random) -> Value {
    let items = random.below(3);
    (0..items)
        .map(|_| {
            let keys: Vec<_> = (0..random.below(3)).map(|_| random.hash()).collect();
            json!({"address": world::contract(random.below(9) as u8), "storageKeys": keys})
        })
        .collect()
}

fn blobs(transaction: &mut Value, random: &mut Random) {
    let most = if random.once_in(6) { 11 } else { 4 };
    let count = 1 + random.below(most);
    let hashes: Vec<_> = (0..count)
        .map(|_| {
            let mut hash = random.bytes(32);
            hash[0] = u8::from(!random.once_in(30));
            hex(&hash)
        })
        .collect();
    transaction["blobVersionedHashes"] = json!(hashes);
    let fee = if random.once_in(5) { 1 } else { 10_000_000 };
    transaction["maxFeePerBlobGas"] = json!(quantity(fee));
}

fn authorizations(nonces: &[u64], random: &mut Random) -> Value {
    let count = random.below(4);
    (0..count)
        .map(|_| {
            let account = random.below(u64::from(ACCOUNTS)) as u8;
            let nonce = nonces[usize::from(account)] + random.below(3);
            let target = world::contract(random.below(9) as u8);
            let target = alloy_primitives::hex::decode(target).unwrap();
            let signed = sign_authorization(
                &world::key(account),
                U256::from(random.below(3)),
                evm_interpreter::H160::from_slice(&target),
                nonce,
            )
            .unwrap();
            json!({
                "chainId": format!("{:#x}", signed.chain_id),
                "address": hex(&signed.address.0),
                "nonce": quantity(signed.nonce),
                "yParity": quantity(signed.y_parity.into()),
                "v": quantity(signed.y_parity.into()),
                "r": format!("{:#x}", signed.r),
                "s": format!("{:#x}", signed.s),
            })
        })
        .collect()
}
