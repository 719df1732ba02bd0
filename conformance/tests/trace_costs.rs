//! Prices that go-ethereum's traces show of instructions that fail: differences that fuzzing found.

use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::{
    Account, Block, BlockHashes, Code, Prestate, State, Transaction, TransactionKind, execute,
};
use fevm_conformance::trace::steps::{Step, read};
use fevm_conformance::trace::{JsonTracer, TraceOptions};
use std::sync::Arc;

/// The last step of code that runs with so much gas.
fn last_step(fork: Fork, gas: u64, code: &[u8]) -> Step {
    let (sender, target) = (H160([0xaa; 20]), H160([0xcc; 20]));
    let account = |code: Code| Account {
        balance: U256::from(10).pow(20.into()),
        nonce: 0,
        code,
        storage: Vec::new(),
    };
    let accounts = [
        (sender, account(Code::EMPTY)),
        (target, account(Code::new(code.to_vec()))),
    ];
    let mut state = State::new(Arc::new(Prestate::new(accounts)));
    let block = Block {
        fork,
        chain_id: 1,
        number: 1,
        timestamp: 1,
        coinbase: H160([0xba; 20]),
        gas_limit: 10_000_000,
        prev_randao: U256::zero(),
        base_fee: U256::zero(),
        blob_base_fee: U256::one(),
        max_blobs: 0,
        hashes: BlockHashes::OfNumber,
        memo: None,
    };
    let transaction = Transaction {
        kind: TransactionKind::Legacy,
        chain_id: None,
        sender,
        nonce: 0,
        gas_limit: 21_000 + gas,
        to: Some(target),
        value: U256::zero(),
        data: Arc::default(),
        max_fee: U256::zero(),
        max_priority_fee: U256::zero(),
        access_list: Arc::default(),
        blob_hashes: Arc::default(),
        max_blob_fee: U256::zero(),
        authorizations: Arc::default(),
    };
    let options = TraceOptions {
        memory: false,
        stack: true,
        return_data: false,
    };
    let mut tracer = JsonTracer::new(Vec::new(), options, fork);
    execute(&transaction, &block, &mut state, 10_000_000, &mut tracer).unwrap();
    let mut lines = core::mem::take(tracer.writer());
    lines.extend(b"{\"stateRoot\": \"\"}\n");
    read(&lines).unwrap().remove(0).steps.pop().unwrap()
}

#[test]
fn an_instruction_of_a_later_fork_costs_nothing() {
    let code = [PUSH1, 0x24, PUSH1, 7, REVERT];
    assert_eq!(
        last_step(Fork::SpuriousDragon, 100_000, &code).gas_cost,
        "0x0"
    );
    assert_eq!(last_step(Fork::Byzantium, 100_000, &code).gas_cost, "0x6");
}

#[test]
fn memory_beyond_price_leaves_the_constant_part() {
    let code = [
        &[PUSH1, 0x32, PUSH1, 0, PUSH17][..],
        &[0x76; 17],
        &[CODECOPY],
    ]
    .concat();
    assert_eq!(last_step(Fork::Cancun, 100_000, &code).gas_cost, "0x3");
}

#[test]
fn a_call_that_cannot_be_paid() {
    // Value and the requested gas are shown where they came to be known.
    let operands = [
        PUSH1, 0x2f, PUSH1, 0x24, PUSH1, 9, PUSH1, 1, PUSH1, 0x27, PUSH1, 0xc1, GAS,
    ];
    let code = |call| [&operands[..], &[call]].concat();
    let requested = 3_000 - 6 * 3 - 2;
    let callcode = last_step(Fork::SpuriousDragon, 3_000, &code(CALLCODE));
    assert_eq!(
        callcode.gas_cost,
        format!("{:#x}", 700 + 9_000 + 9 + requested)
    );
    assert_eq!(
        last_step(Fork::SpuriousDragon, 3_000, &code(CALL)).gas_cost,
        "0x2bc"
    );
    assert_eq!(
        last_step(Fork::Prague, 3_000, &code(CALLCODE)).gas_cost,
        "0x64"
    );
}

#[test]
fn a_selfdestruct_that_cannot_pay_for_the_look_at_its_beneficiary() {
    let code = [&[PUSH20][..], &[0xdd; 20], &[SELFDESTRUCT]].concat();
    let unseen = last_step(Fork::Berlin, 3 + 5_000 + 2_599, &code);
    assert_eq!((unseen.gas_cost.as_str(), unseen.refund), ("0x1388", 0));
    let seen = last_step(Fork::Berlin, 3 + 5_000 + 2_600, &code);
    assert_eq!((seen.gas_cost.as_str(), seen.refund), ("0x7f58", 24_000));
}

#[test]
fn a_log_without_all_of_its_topics() {
    let code = [PUSH1, 1, PUSH1, 0, PUSH1, 0, LOG2];
    assert_eq!(last_step(Fork::Cancun, 100_000, &code).gas_cost, "0x0");
}

#[test]
fn selfdestruct_without_an_operand() {
    let cost = |fork| last_step(fork, 100_000, &[SELFDESTRUCT]).gas_cost;
    assert_eq!(cost(Fork::SpuriousDragon), "0x0");
    assert_eq!(cost(Fork::Istanbul), "0x0");
    assert_eq!(cost(Fork::Berlin), "0x1388");
}

#[test]
fn code_of_another_that_cannot_be_paid() {
    let code = [PUSH2, 1, 0, PUSH1, 0, PUSH1, 0, PUSH1, 0xcc, EXTCODECOPY];
    let last = last_step(Fork::Homestead, 4 * 3 + 30, &code);
    // 20, then 3 a word copied and 3 a word of memory.
    assert_eq!(last.gas_cost, format!("{:#x}", 20 + 24 + 24));

    // From Berlin on the first look at the account counts, too.
    let first = last_step(Fork::Berlin, 4 * 3 + 100, &code);
    assert_eq!(first.gas_cost, format!("{:#x}", 100 + 24 + 24 + 2_500));
    let code = [PUSH2, 1, 0, PUSH1, 0, PUSH1, 0, ADDRESS, EXTCODECOPY];
    let own = last_step(Fork::Berlin, 3 * 3 + 2 + 100, &code);
    assert_eq!(own.gas_cost, format!("{:#x}", 100 + 24 + 24));
}

#[test]
fn a_selfdestruct_that_cannot_be_paid() {
    // Before Berlin nothing of the price is constant: the beneficiary is seen, and the refund given, before all else.
    let code = [&[PUSH20][..], &[0xdd; 20], &[SELFDESTRUCT]].concat();
    let last = last_step(Fork::Petersburg, 3 + 100, &code);
    assert_eq!((last.gas_cost.as_str(), last.refund), ("0x7530", 24_000));
    let own = last_step(Fork::Petersburg, 2 + 100, &[ADDRESS, SELFDESTRUCT]);
    assert_eq!((own.gas_cost.as_str(), own.refund), ("0x1388", 24_000));
}
