//! What the machine does with messages: fees, nonces, senders, depth, traces,
//! limits at the door.

mod common;

use alloy_primitives::{Address, U256, address, hex};
use common::{ACCOUNTS, BASE_FEE, Chain, GAS_LIMIT, assert_success};
use fevm_machine::outcome::Failure;
use fevm_machine::trace::CallResult;
use fevm_machine::{ApplyKind, MachineError};
use fvm_shared::econ::TokenAmount;

const CONTRACT: Address = address!("c0de00000000000000000000000000000000c0de");

/// A chain with runtime code at [`CONTRACT`].
fn with_code(code: &[u8]) -> Chain {
    let mut chain = Chain::new();
    let mut state = chain.state();
    state.set_code(CONTRACT, code).unwrap();
    chain.block.state_root = state.flush().unwrap();
    chain
}

#[test]
fn fees_go_where_they_belong() {
    let mut chain = with_code(&hex!("00"));
    let mut call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    call.gas_limit = 10_000_000;
    call.max_fee_per_gas = U256::from(3 * BASE_FEE);
    call.max_priority_fee_per_gas = U256::from(7);
    let before = chain.balance(ACCOUNTS[0]);
    let outcome = chain.apply(&call, ApplyKind::Explicit);
    assert_success(&outcome);

    let used = u128::from(outcome.gas.used);
    let limit = u128::from(call.gas_limit);
    let burn = u128::from(BASE_FEE) * used;
    let tip = 7 * limit;
    let over = (limit - 11 * used / 10).min(used);
    let over_burn = u128::from(BASE_FEE) * ((limit - used) * over / used);
    assert_eq!(chain.native_balance(99), burn + over_burn);
    assert_eq!(chain.native_balance(2), tip);
    assert_eq!(before - chain.balance(ACCOUNTS[0]), burn + over_burn + tip);
    assert_eq!(chain.state().eth_nonce(ACCOUNTS[0]).unwrap(), 1);
}

#[test]
fn what_no_block_can_include_changes_nothing() {
    let mut chain = with_code(&hex!("00"));
    let good = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    let stranger = address!("1111111111111111111111111111111111111111");
    let mut cases = Vec::new();
    cases.push((1, "does not exist", {
        let mut c = good.clone();
        c.from = stranger;
        c
    }));
    cases.push((1, "is no account", {
        let mut c = good.clone();
        c.from = CONTRACT;
        c
    }));
    cases.push((2, "nonce is 5, expected 0", {
        let mut c = good.clone();
        c.nonce = 5;
        c
    }));
    cases.push((2, "is below fee cap times gas limit", {
        let mut c = good.clone();
        c.max_fee_per_gas = U256::from(10u128.pow(30));
        c
    }));
    cases.push((7, "that inclusion costs", {
        let mut c = good.clone();
        c.gas_limit = 1_000;
        c
    }));
    let root = chain.block.state_root;
    for (code, part, call) in cases {
        let outcome = chain.apply(&call, ApplyKind::Explicit);
        assert_eq!(outcome.exit_code.value(), code, "{part}");
        let Some(Failure::NotIncluded(reason)) = &outcome.failure else {
            panic!("{part}: included");
        };
        assert!(reason.contains(part), "{reason}");
        assert!(!outcome.is_included());
        assert_eq!(chain.block.state_root, root, "{part}");
    }
}

#[test]
fn any_actor_may_be_impersonated() {
    // CALLER to memory, returned.
    let mut chain = with_code(&hex!("335f5260205ff3"));
    let rich = address!("2222222222222222222222222222222222222222");
    let mut state = chain.state();
    state.set_code(rich, &hex!("00")).unwrap();
    state
        .set_balance(rich, TokenAmount::from_whole(1_000))
        .unwrap();
    chain.block.state_root = state.flush().unwrap();

    let mut call = chain.message(rich, Some(CONTRACT), Vec::new());
    // A contract's message nonce, not its EVM nonce.
    call.nonce = 0;
    assert_eq!(chain.apply(&call, ApplyKind::Explicit).exit_code.value(), 1);
    let outcome = chain.apply(&call, ApplyKind::Impersonated);
    assert_success(&outcome);
    assert_eq!(outcome.return_bytes(), rich.into_word().as_slice());
    assert!(chain.native_balance(99) > 0, "it pays");
}

#[test]
fn calls_come_from_unknown_senders_too() {
    let chain = with_code(&hex!("335f5260205ff3"));
    let stranger = address!("3333333333333333333333333333333333333333");
    let mut call = chain.message(stranger, Some(CONTRACT), Vec::new());
    call.max_fee_per_gas = U256::ZERO;
    let message = call.to_message();
    let outcome = chain.vm.run(chain.block.clone(), move |session| {
        assert_eq!(session.prepare_sender(&message.from)?, 0);
        session.apply(&message, ApplyKind::Call, 200)
    });
    let outcome = outcome.unwrap();
    assert_success(&outcome);
    assert_eq!(outcome.return_bytes(), stranger.into_word().as_slice());
    // A call costs the gas that its message would, return value and all.
    assert!(outcome.gas.used > chain.vm.inclusion_gas(200));
}

#[test]
fn a_thousand_and_twenty_four_calls_nest() {
    let mut chain = with_code(&assemble_depth_counter());
    let mut call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    // Each frame keeps a 64th of the gas for itself.
    call.gas_limit = 1_000_000_000_000_000;
    let outcome = chain.apply(&call, ApplyKind::Explicit);
    assert_success(&outcome);
    assert_eq!(
        U256::from_be_slice(outcome.return_bytes()),
        U256::from(1_024)
    );
}

#[test]
fn the_call_tree_shows_native_actors() {
    // CREATE of nothing: the address manager and init are in between.
    let mut chain = with_code(&hex!("5f5f5ff05f5260205ff3"));
    let call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    let outcome = chain.apply(&call, ApplyKind::Explicit);
    assert_success(&outcome);
    let root = outcome.call_tree().unwrap();
    let state = chain.state();
    let mut names = Vec::new();
    let mut frame = &root;
    loop {
        let code = frame.code.as_ref().unwrap();
        names.push(state.name_of(code).unwrap().to_owned());
        assert!(matches!(&frame.result, CallResult::Exit(code, _) if code.is_success()));
        match frame.calls.first() {
            Some(inner) => frame = inner,
            None => break,
        }
    }
    assert_eq!(names, ["evm", "eam", "init", "evm"]);
}

#[test]
fn out_of_gas_is_an_outcome() {
    // JUMPDEST PUSH0 JUMP
    let mut chain = with_code(&hex!("5b5f56"));
    let mut call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    call.gas_limit = 20_000_000;
    let outcome = chain.apply(&call, ApplyKind::Explicit);
    assert_eq!(outcome.exit_code.value(), 7);
    assert_eq!(outcome.gas.used, call.gas_limit);
    assert!(outcome.is_included() && outcome.call_tree().is_some());
}

#[test]
fn amounts_that_do_not_fit_are_refused_at_the_door() {
    let chain = with_code(&hex!("00"));
    let mut call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    call.value = U256::from(1) << 128;
    let block = chain.block.clone();
    let refused = chain
        .vm
        .apply(block, call.to_message(), ApplyKind::Explicit, 100);
    let error = refused.unwrap_err();
    assert!(matches!(error, MachineError::InvalidMessage(_)), "{error}");
    assert!(error.to_string().contains("value of 3402823669"), "{error}");

    call.value = U256::ZERO;
    call.gas_limit = 0;
    let block = chain.block.clone();
    let refused = chain
        .vm
        .apply(block, call.to_message(), ApplyKind::Explicit, 100);
    assert!(matches!(refused, Err(MachineError::InvalidMessage(_))));

    let mut state = chain.state();
    let too_much = fevm_machine::amount::from_u256(U256::from(1) << 128);
    let error = state.set_balance(CONTRACT, too_much).unwrap_err();
    assert!(error.to_string().contains("balance of"), "{error}");
}

#[test]
fn a_panic_costs_one_call_and_not_the_machine() {
    let chain = with_code(&hex!("00"));
    let result = chain
        .vm
        .run::<(), _>(chain.block.clone(), |_| panic!("within a job"));
    assert!(matches!(result, Err(MachineError::Panicked(_))));
    let call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    let block = chain.block.clone();
    assert_success(
        &chain
            .vm
            .call(block, call.to_message(), ApplyKind::Call, 0)
            .unwrap(),
    );
}

#[test]
fn calls_run_at_the_same_time() {
    let chain = with_code(&hex!("5b5f56"));
    let mut call = chain.message(ACCOUNTS[0], Some(CONTRACT), Vec::new());
    call.gas_limit = GAS_LIMIT / 20;
    let message = call.to_message();
    // More callers than message threads: some wait, none is lost.
    let callers = 4 * chain.vm.concurrency();
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                let block = chain.block.clone().with_tracing(false);
                let outcome = chain.vm.call(block, message.clone(), ApplyKind::Call, 0);
                assert_eq!(outcome.unwrap().exit_code.value(), 7);
            });
        }
    });
}

/// Runtime code that calls itself with all gas and returns one more than the
/// inner call returned; 1 if the inner call failed.
fn assemble_depth_counter() -> Vec<u8> {
    hex!(
        // call(gas, this, 0, 0, 0, 0, 32): what it returns lies at 0
        "6020" "5f" "5f" "5f" "5f" "30" "5a" "f1" "50"
        // mstore(0, mload(0) + 1); return(0, 32)
        "5f" "51" "6001" "01" "5f" "52" "6020" "5f" "f3"
    )
    .to_vec()
}
