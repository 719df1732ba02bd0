//! An OpenZeppelin ERC-20 in the real machine: deployment, transfers,
//! allowances, custom errors, events, and what they cost.

mod common;

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolError, SolValue, sol};
use common::{ACCOUNTS, Chain, assert_success, with_args};
use fevm_machine::exit::EVM_REVERTED;
use fevm_machine::gas::GasClass;
use fevm_machine::revert::RevertReason;

sol! {
    function transfer(address to, uint256 value) returns (bool);
    function transferFrom(address from, address to, uint256 value) returns (bool);
    function approve(address spender, uint256 value) returns (bool);
    function balanceOf(address account) returns (uint256);
    function allowance(address owner, address spender) returns (uint256);
    function totalSupply() returns (uint256);
    function name() returns (string);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
}

const SUPPLY: u64 = 1_000_000;

fn deployed() -> (Chain, alloy_primitives::Address) {
    let mut chain = Chain::new();
    let cap = U256::from(2 * SUPPLY);
    let args = ("Token", "TKN", U256::from(SUPPLY), cap).abi_encode_params();
    let token = chain.deploy(ACCOUNTS[0], with_args("Token", &args));
    (chain, token)
}

#[test]
fn deployment_gives_the_supply_to_the_deployer() {
    let (chain, token) = deployed();
    assert_eq!(chain.read(token, &nameCall {}), "Token");
    assert_eq!(chain.read(token, &totalSupplyCall {}), U256::from(SUPPLY));
    let account = ACCOUNTS[0];
    assert_eq!(
        chain.read(token, &balanceOfCall { account }),
        U256::from(SUPPLY)
    );
    // The address is that of Ethereum: creator and nonce 0.
    assert_eq!(token, ACCOUNTS[0].create(0));
    assert_eq!(chain.state().eth_nonce(token).unwrap(), 1);
}

#[test]
fn transfer_moves_tokens_and_logs_it() {
    let (mut chain, token) = deployed();
    let value = U256::from(25);
    let outcome = chain.send(
        ACCOUNTS[0],
        token,
        &transferCall {
            to: ACCOUNTS[1],
            value,
        },
    );
    assert_success(&outcome);
    assert_eq!(bool::abi_decode(outcome.return_bytes()), Ok(true));
    for (account, left) in [(ACCOUNTS[0], SUPPLY - 25), (ACCOUNTS[1], 25)] {
        assert_eq!(
            chain.read(token, &balanceOfCall { account }),
            U256::from(left)
        );
    }

    let logs = chain.logs(&outcome);
    let [(emitter, log)] = &logs[..] else {
        panic!("one log expected: {logs:?}");
    };
    assert_eq!(*emitter, token);
    assert_eq!(
        log.topics,
        [
            keccak256("Transfer(address,address,uint256)"),
            ACCOUNTS[0].into_word(),
            ACCOUNTS[1].into_word()
        ]
    );
    assert_eq!(log.data, value.abi_encode());
}

#[test]
fn allowances_are_spent() {
    let (mut chain, token) = deployed();
    let [owner, spender, to, _] = ACCOUNTS;
    let approve = approveCall {
        spender,
        value: U256::from(100),
    };
    assert_success(&chain.send(owner, token, &approve));
    let pull = |value| transferFromCall {
        from: owner,
        to,
        value: U256::from(value),
    };
    assert_success(&chain.send(spender, token, &pull(60)));
    assert_eq!(
        chain.read(token, &allowanceCall { owner, spender }),
        U256::from(40)
    );
    assert_eq!(
        chain.read(token, &balanceOfCall { account: to }),
        U256::from(60)
    );

    let outcome = chain.send(spender, token, &pull(41));
    assert_eq!(outcome.exit_code, EVM_REVERTED);
    let error = ERC20InsufficientAllowance::abi_decode(outcome.return_bytes()).unwrap();
    assert_eq!(
        (error.allowance, error.needed),
        (U256::from(40), U256::from(41))
    );
}

#[test]
fn a_custom_error_changes_nothing() {
    let (mut chain, token) = deployed();
    let root = chain
        .state()
        .actor_at(&fevm_machine::address::from_eth(token));
    let before = root.unwrap().unwrap().1;
    let poor = ACCOUNTS[3];
    let call = transferCall {
        to: ACCOUNTS[1],
        value: U256::from(1),
    };
    let outcome = chain.send(poor, token, &call);

    assert_eq!(outcome.exit_code, EVM_REVERTED);
    assert!(outcome.is_included() && outcome.events.is_empty());
    let error = ERC20InsufficientBalance::abi_decode(outcome.return_bytes()).unwrap();
    assert_eq!((error.sender, error.needed), (poor, U256::from(1)));
    let reason = RevertReason::decode(outcome.return_bytes()).to_string();
    assert!(reason.starts_with("custom error 0xe450d38c"), "{reason}");
    let root = chain
        .state()
        .actor_at(&fevm_machine::address::from_eth(token));
    assert_eq!(root.unwrap().unwrap().1, before);
}

#[test]
fn storage_lies_where_solidity_puts_it() {
    let (chain, token) = deployed();
    let state = chain.state();
    // `_balances` is the first variable: slot keccak256(account, 0).
    let slot = keccak256((ACCOUNTS[0], U256::ZERO).abi_encode());
    let stored = state.eth_storage(token, slot.into()).unwrap();
    assert_eq!(stored, U256::from(SUPPLY));
    assert_eq!(
        state
            .eth_storage(token, B256::repeat_byte(9).into())
            .unwrap(),
        U256::ZERO
    );
    assert_eq!(
        state.eth_code_hash(token).unwrap(),
        Some(keccak256(state.eth_code(token).unwrap()))
    );
}

#[test]
fn gas_is_accounted_for_to_the_last_unit() {
    let (mut chain, token) = deployed();
    let call = transferCall {
        to: ACCOUNTS[1],
        value: U256::from(25),
    };
    chain.send(ACCOUNTS[0], token, &call);
    let outcome = chain.send(ACCOUNTS[0], token, &call);
    let gas = outcome.gas_breakdown();
    assert_eq!(gas.total(), outcome.gas.used);
    assert!(gas.gas(GasClass::Inclusion) > 700_000);
    assert!(gas.gas(GasClass::BlockWrites) > 1_000_000);
    assert_eq!((gas.invocations, gas.block_writes), (1, 2));
    // Mainnet's own actors use 5.44 million.
    assert!(outcome.gas.used < 4_900_000, "{}", outcome.gas.used);
}
