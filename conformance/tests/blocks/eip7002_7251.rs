//! Requests to withdraw and to consolidate, by system contracts that the block calls in the end;
//! and the hash of all requests (EIP-7685).

use crate::builder::{Chain, accounts, parts};
use alloy_primitives::hex;
use evm_interpreter::{H160, opcode};
use fevm_conformance::chain::requests::{self, CONSOLIDATION_QUEUE, WITHDRAWAL_QUEUE};
use fevm_conformance::ethereum::authorization::address_of;
use fevm_conformance::ethereum::{Account, Code};

/// The account that signs the builder's transactions.
fn source() -> H160 {
    address_of(&evm_interpreter::H256::repeat_byte(0x45)).unwrap()
}

fn withdrawal(key: u8) -> Vec<u8> {
    [vec![key; 48], vec![0, 0, 0, 0, 0, 0, 0, 5]].concat()
}

#[test]
fn of_both_kinds() {
    let mut chain = Chain::new("Prague");
    let consolidation = [vec![3; 48], vec![4; 48]].concat();
    let transactions = vec![
        chain.call(CONSOLIDATION_QUEUE, &consolidation, 1),
        chain.call(WITHDRAWAL_QUEUE, &withdrawal(1), 1),
        chain.call(WITHDRAWAL_QUEUE, &withdrawal(2), 1),
        // Without the fee it is none.
        chain.call(WITHDRAWAL_QUEUE, &withdrawal(9), 0),
    ];
    let hash = chain.add(parts(transactions)).header.requests_hash;
    // The amount turns over: the request has it little-endian.
    let amount = hex!("0500000000000000");
    let one = |key: u8| [&source().0[..], &[key; 48], &amount].concat();
    let withdrawals = [vec![1], one(1), one(2)].concat();
    let consolidations = [vec![2], source().0.to_vec(), consolidation].concat();
    assert_eq!(hash, Some(requests::hash(&[withdrawals, consolidations])));
    // They are gone from the queue.
    assert_eq!(
        chain.add(parts(Vec::new())).header.requests_hash,
        Some(requests::hash(&[]))
    );
}

#[test]
fn withdrawals_come_out_sixteen_at_a_time() {
    let mut chain = Chain::new("Prague");
    let transactions: Vec<_> = (0..20)
        .map(|key| chain.call(WITHDRAWAL_QUEUE, &withdrawal(key), 100))
        .collect();
    chain.add(parts(transactions));
    let empty = Some(requests::hash(&[]));
    assert_ne!(chain.last().header.requests_hash, empty);
    assert_ne!(chain.add(parts(Vec::new())).header.requests_hash, empty);
    assert_eq!(chain.add(parts(Vec::new())).header.requests_hash, empty);
}

fn with(contract: H160, code: Vec<u8>) -> Chain {
    let mut accounts = accounts();
    accounts.retain(|(address, _)| *address != contract);
    if !code.is_empty() {
        let account = Account {
            balance: 0.into(),
            nonce: 1,
            code: Code::new(code),
            storage: Vec::new(),
        };
        accounts.push((contract, account));
    }
    Chain::with("Prague", accounts, 1_000)
}

#[test]
fn the_contracts_must_be_there_and_work() {
    for contract in [WITHDRAWAL_QUEUE, CONSOLIDATION_QUEUE] {
        let chain = with(contract, Vec::new());
        let rejection = chain
            .tree
            .build(chain.last().hash, parts(Vec::new()))
            .unwrap_err();
        assert_eq!(rejection.name(), "BlockException.SYSTEM_CONTRACT_EMPTY");
        let chain = with(contract, vec![opcode::INVALID]);
        let rejection = chain
            .tree
            .build(chain.last().hash, parts(Vec::new()))
            .unwrap_err();
        assert_eq!(
            rejection.name(),
            "BlockException.SYSTEM_CONTRACT_CALL_FAILED"
        );
    }
}

#[test]
fn what_the_contract_returns_is_the_request() {
    // Returns the caller, whose address ends in fe.
    let code = vec![
        opcode::CALLER,
        opcode::PUSH1,
        0,
        opcode::MSTORE,
        opcode::PUSH1,
        1,
        opcode::PUSH1,
        31,
        opcode::RETURN,
    ];
    let mut chain = with(CONSOLIDATION_QUEUE, code);
    let hash = chain.add(parts(Vec::new())).header.requests_hash;
    assert_eq!(hash, Some(requests::hash(&[vec![2, 0xfe]])));
}
