//! A scene as a state test, for other tools.

use crate::outcome::{Outcome, ours};
use crate::scene::{SENDER_KEY, Scene};
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::{
    Account, Code, Prestate, Transaction, TransactionKind, logs_hash,
};
use serde_json::{Map, Value, json};

/// A file with one test.
pub(crate) fn file(scene: &Scene, name: &str) -> String {
    serde_json::to_string_pretty(&json!({ name: test(scene) })).unwrap()
}

/// A test with our outcome as the expected one.
pub(crate) fn test(scene: &Scene) -> Value {
    let (outcome, reason) = ours(scene);
    let logs = outcome
        .done
        .as_ref()
        .map(|done| done.logs.as_slice())
        .unwrap_or_default();
    let mut case = json!({
        "hash": hash(root(&outcome, scene)),
        "logs": hash(logs_hash(logs)),
        "indexes": { "data": 0, "gas": 0, "value": 0 },
    });
    if outcome.done.is_none() {
        case["expectException"] = reason.into();
    }
    json!({
        "env": env(scene),
        "pre": scene.accounts.iter().map(account).collect::<Map<_, _>>(),
        "transaction": transaction(&scene.transaction),
        "post": { scene.fork_name: [case] },
    })
}

/// Root of the state after the scene.
fn root(outcome: &Outcome, scene: &Scene) -> H256 {
    let codes = |hash: H256| {
        let known = scene
            .accounts
            .iter()
            .find(|(_, account)| account.code.hash == hash);
        // Only the hash of a code counts for the root.
        known.map_or(Code { hash, bytes: None }, |(_, account)| {
            account.code.clone()
        })
    };
    let accounts = outcome.state.iter().map(|(address, account)| {
        let storage = account
            .storage
            .iter()
            .map(|(key, value)| (*key, *value))
            .collect();
        let (balance, nonce) = (account.balance, account.nonce);
        (
            *address,
            Account {
                balance,
                nonce,
                code: codes(account.code_hash),
                storage,
            },
        )
    });
    Prestate::new(accounts).root()
}

fn number(number: impl Into<U256>) -> String {
    format!("{:#x}", number.into())
}

/// Storage in go-ethereum's files has an even number of digits.
fn word(word: U256) -> String {
    bytes(&word.to_big_endian())
}

fn hash(hash: H256) -> String {
    format!("{hash:#x}")
}

fn bytes(bytes: &[u8]) -> String {
    alloy_primitives::hex::encode_prefixed(bytes)
}

fn address(address: H160) -> String {
    bytes(&address.0)
}

fn env(scene: &Scene) -> Value {
    let block = &scene.block;
    let mut env = json!({
        "currentCoinbase": address(block.coinbase),
        "currentGasLimit": number(block.gas_limit),
        "currentNumber": number(block.number),
        "currentTimestamp": number(block.timestamp),
        "currentDifficulty": "0x0",
    });
    if block.fork >= Fork::London {
        env["currentBaseFee"] = number(block.base_fee).into();
    }
    if block.fork >= Fork::Paris {
        env["currentRandom"] = bytes(&block.prev_randao.to_big_endian()).into();
    } else {
        env["currentDifficulty"] = number(block.prev_randao).into();
    }
    if block.fork >= Fork::Cancun {
        env["currentExcessBlobGas"] = number(scene.excess_blob_gas).into();
    }
    env
}

fn account((at, account): &(H160, Account)) -> (String, Value) {
    let storage: Map<_, _> = account
        .storage
        .iter()
        .map(|(key, value)| (word(*key), word(*value).into()))
        .collect();
    (
        address(*at),
        json!({
            "balance": number(account.balance),
            "nonce": number(account.nonce),
            "code": bytes(account.code.as_slice()),
            "storage": storage,
        }),
    )
}

fn transaction(from: &Transaction) -> Value {
    let mut this = json!({
        "data": [bytes(&from.data)],
        "gasLimit": [number(from.gas_limit)],
        "value": [number(from.value)],
        "nonce": number(from.nonce),
        "to": from.to.map(address).unwrap_or_default(),
        "sender": address(from.sender),
        "secretKey": hash(SENDER_KEY),
    });
    if from.kind >= TransactionKind::DynamicFee {
        this["maxFeePerGas"] = number(from.max_fee).into();
        this["maxPriorityFeePerGas"] = number(from.max_priority_fee).into();
    } else {
        this["gasPrice"] = number(from.max_fee).into();
    }
    if from.kind >= TransactionKind::AccessList {
        let items = from.access_list.iter().map(|item| {
            let keys: Vec<_> = item.storage_keys.iter().map(|key| hash(*key)).collect();
            json!({ "address": address(item.address), "storageKeys": keys })
        });
        this["accessLists"] = json!([items.collect::<Vec<_>>()]);
    }
    if from.kind == TransactionKind::Blob {
        this["maxFeePerBlobGas"] = number(from.max_blob_fee).into();
        this["blobVersionedHashes"] = from
            .blob_hashes
            .iter()
            .map(|versioned| hash(*versioned))
            .collect();
    }
    if from.kind == TransactionKind::SetCode {
        let items = from.authorizations.iter().map(|given| {
            json!({
                "chainId": number(given.chain_id),
                "address": address(given.address),
                "nonce": number(given.nonce),
                "v": number(given.y_parity),
                "r": number(given.r),
                "s": number(given.s),
            })
        });
        this["authorizationList"] = items.collect();
    }
    this
}
