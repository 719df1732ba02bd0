//! The state that generated blocks start from: accounts with keys, contracts that do a little of
//! everything, the system contracts.

use crate::random::{Random, hex, quantity};
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H256};
use fevm_conformance::ethereum::authorization::address_of;
use serde_json::{Map, Value, json};

const SYSTEM: &str = include_str!("../../../conformance/tests/data/system-contracts.json");

/// Mainnet's deposit contract; here it logs its call data as a deposit event.
pub(crate) const DEPOSIT: &str = "0x00000000219ab540356cbb839cbe05303d7705fa";
pub(crate) const WITHDRAWALS: &str = "0x00000961ef480eb55e80d19ad83579a64c007002";
pub(crate) const CONSOLIDATIONS: &str = "0x0000bbddc7ce488642fb579f8b00f3a590007251";
const DEPOSIT_TOPIC: &str = "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5";

/// Accounts with keys.
pub(crate) const ACCOUNTS: u8 = 5;

pub(crate) const fn key(account: u8) -> H256 {
    H256::repeat_byte(account + 1)
}

pub(crate) fn address(account: u8) -> String {
    hex(&address_of(&key(account)).unwrap().0)
}

pub(crate) fn contract(number: u8) -> String {
    format!("0x{}{number:02x}", "c0".repeat(19))
}

/// The contracts' code, by number.
pub(crate) fn codes(fork: Fork) -> Vec<Vec<u8>> {
    let mut codes = vec![
        // Stores the second word of its input at the first.
        vec![
            PUSH1,
            32,
            CALLDATALOAD,
            PUSH1,
            0,
            CALLDATALOAD,
            SSTORE,
            STOP,
        ],
        // Logs its input with two topics.
        vec![
            CALLDATASIZE,
            PUSH1,
            0,
            PUSH1,
            0,
            CALLDATACOPY,
            CALLER,
            NUMBER,
            CALLDATASIZE,
            PUSH1,
            0,
            LOG2,
            STOP,
        ],
        // Reverts with its input.
        vec![
            CALLDATASIZE,
            PUSH1,
            0,
            PUSH1,
            0,
            CALLDATACOPY,
            CALLDATASIZE,
            PUSH1,
            0,
            REVERT,
        ],
        // Gives everything to the address in its input.
        vec![PUSH1, 0, CALLDATALOAD, SELFDESTRUCT],
        // Calls the address in its input with its value, then logs what came of it.
        vec![
            PUSH1,
            0,
            PUSH1,
            0,
            PUSH1,
            0,
            PUSH1,
            0,
            CALLVALUE,
            PUSH1,
            0,
            CALLDATALOAD,
            GAS,
            CALL,
            PUSH1,
            0,
            MSTORE,
            PUSH1,
            32,
            PUSH1,
            0,
            LOG0,
            STOP,
        ],
        // Creates a contract whose code is its input.
        vec![
            CALLDATASIZE,
            PUSH1,
            0,
            PUSH1,
            0,
            CALLDATACOPY,
            CALLDATASIZE,
            PUSH1,
            0,
            CALLVALUE,
            CREATE,
            PUSH1,
            0,
            SSTORE,
            STOP,
        ],
        // Stores the hash of the block before.
        vec![PUSH1, 1, NUMBER, SUB, BLOCKHASH, PUSH1, 0, SSTORE, STOP],
        // Runs until the gas is gone.
        vec![JUMPDEST, PUSH1, 0, JUMP],
        // Stores what it knows of the block.
        vec![
            COINBASE, PUSH1, 1, SSTORE, TIMESTAMP, PUSH1, 2, SSTORE, PREVRANDAO, PUSH1, 3, SSTORE,
            GASLIMIT, PUSH1, 4, SSTORE, GASPRICE, PUSH1, 5, SSTORE, STOP,
        ],
        // Takes the value that is in storage away.
        vec![PUSH1, 0, PUSH1, 7, SSTORE, PUSH1, 0, PUSH1, 8, SSTORE, STOP],
    ];
    if fork >= Fork::London {
        codes.push(vec![
            BASEFEE,
            PUSH1,
            1,
            SSTORE,
            SELFBALANCE,
            PUSH1,
            2,
            SSTORE,
            STOP,
        ]);
    }
    if fork >= Fork::Cancun {
        codes.push(vec![
            BLOBBASEFEE,
            PUSH1,
            1,
            SSTORE,
            PUSH1,
            0,
            BLOBHASH,
            PUSH1,
            2,
            SSTORE,
            TIMESTAMP,
            PUSH1,
            5,
            TSTORE,
            PUSH1,
            5,
            TLOAD,
            PUSH1,
            3,
            SSTORE,
            STOP,
        ]);
    }
    codes
}

/// The accounts as t8n takes them.
pub(crate) fn alloc(fork: Fork, random: &mut Random) -> Value {
    let mut alloc = Map::new();
    for account in 0..ACCOUNTS {
        let nonce = random.below(3);
        let balance = if account == 4 {
            "0xffff".into()
        } else {
            "0xde0b6b3a7640000000".to_owned()
        };
        alloc.insert(
            address(account),
            json!({"balance": balance, "nonce": quantity(nonce)}),
        );
    }
    for (number, code) in codes(fork).iter().enumerate() {
        let storage = json!({"0x07": "0x01", "0x08": random.hash()});
        alloc.insert(
            contract(number as u8),
            json!({"balance": quantity(random.below(1000)), "nonce": "0x1", "code": hex(code),
                "storage": storage}),
        );
    }
    // An empty account: older forks keep it.
    alloc.insert(format!("0x{}", "e0".repeat(20)), json!({"balance": "0x0"}));
    if fork >= Fork::Cancun {
        let system: Map<String, Value> = serde_json::from_str(SYSTEM).unwrap();
        for (address, code) in system {
            alloc.insert(
                address,
                json!({"balance": "0x0", "nonce": "0x1", "code": code}),
            );
        }
        let mut code = vec![CALLDATASIZE, PUSH1, 0, PUSH1, 0, CALLDATACOPY, PUSH1 + 31];
        code.extend(alloy_primitives::hex::decode(DEPOSIT_TOPIC).unwrap());
        code.extend([CALLDATASIZE, PUSH1, 0, LOG1, STOP]);
        alloc.insert(
            DEPOSIT.into(),
            json!({"balance": "0x0", "nonce": "0x1", "code": hex(&code)}),
        );
    }
    Value::Object(alloc)
}

/// The data of a deposit event with random contents.
pub(crate) fn deposit_event(random: &mut Random) -> Vec<u8> {
    let mut data = vec![0; 576];
    for (head, (at, length)) in
        (0..)
            .step_by(32)
            .zip([(160u16, 48u8), (256, 32), (320, 8), (384, 96), (512, 8)])
    {
        data[head + 30..head + 32].copy_from_slice(&at.to_be_bytes());
        let at = usize::from(at);
        data[at + 31] = length;
        let length = usize::from(length);
        data[at + 32..at + 32 + length].copy_from_slice(&random.bytes(length));
    }
    data
}
