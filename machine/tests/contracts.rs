//! A factory with CREATE and CREATE2, and events of every shape.

mod common;

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
use common::{ACCOUNTS, Chain, artifact, assert_success, with_args};
use fevm_machine::exit::EVM_REVERTED;

sol! {
    function deployChild(bytes32 salt, uint256 number) returns (address);
    function createChild(uint256 number) returns (address);
    function predict(bytes32 salt, uint256 number) returns (address);
    function number() returns (uint256);
    function maker() returns (address);
    function all(uint256 id, string name);
    function emitAroundFailure();
}

#[test]
fn create2_makes_what_was_predicted() {
    let mut chain = Chain::new();
    let factory = chain.deploy(ACCOUNTS[0], artifact("Create2Factory"));
    let salt = B256::repeat_byte(0x5a);
    let seven = U256::from(7);
    let child = chain.read(
        factory,
        &predictCall {
            salt,
            number: seven,
        },
    );
    let code = with_args("Child", &seven.abi_encode());
    assert_eq!(child, factory.create2_from_code(salt, code));
    assert!(chain.state().eth_code(child).unwrap().is_empty());

    let deploy = deployChildCall {
        salt,
        number: seven,
    };
    assert_success(&chain.send(ACCOUNTS[0], factory, &deploy));
    assert_eq!(chain.read(child, &numberCall {}), seven);
    assert_eq!(chain.read(child, &makerCall {}), factory);

    // The address is taken now.
    let again = chain.send(ACCOUNTS[0], factory, &deploy);
    assert_eq!(again.exit_code, EVM_REVERTED);
    assert_eq!(chain.read(child, &numberCall {}), seven);
}

#[test]
fn create_counts_the_contracts_nonce() {
    let mut chain = Chain::new();
    let factory = chain.deploy(ACCOUNTS[0], artifact("Create2Factory"));
    for nonce in 1..4 {
        assert_eq!(chain.state().eth_nonce(factory).unwrap(), nonce);
        let number = U256::from(nonce);
        assert_success(&chain.send(ACCOUNTS[0], factory, &createChildCall { number }));
        assert_eq!(chain.read(factory.create(nonce), &numberCall {}), number);
    }
}

#[test]
fn events_have_up_to_four_topics_and_data() {
    let mut chain = Chain::new();
    let contract = chain.deploy(ACCOUNTS[0], artifact("Events"));
    let call = allCall {
        id: U256::from(3),
        name: "name".into(),
    };
    let outcome = chain.send(ACCOUNTS[0], contract, &call);
    assert_success(&outcome);
    let logs: Vec<_> = chain
        .logs(&outcome)
        .into_iter()
        .map(|(_, log)| log)
        .collect();
    let counts: Vec<_> = logs
        .iter()
        .map(|l| (l.topics.len(), l.data.len()))
        .collect();
    assert_eq!(
        counts,
        [(0, 32), (1, 32), (2, 32), (3, 96), (4, 32), (1, 0)]
    );
    assert_eq!(logs[4].topics[3], keccak256("name"));
    assert_eq!(logs[4].data, keccak256("note").to_vec());
    assert!(outcome.events_root.is_some());
}

#[test]
fn events_of_a_failed_frame_are_dropped() {
    let mut chain = Chain::new();
    let contract = chain.deploy(ACCOUNTS[0], artifact("Events"));
    let outcome = chain.send(ACCOUNTS[0], contract, &emitAroundFailureCall {});
    assert_success(&outcome);
    let data: Vec<_> = chain
        .logs(&outcome)
        .into_iter()
        .map(|(_, log)| U256::from_be_slice(&log.data))
        .collect();
    assert_eq!(data, [U256::from(1), U256::from(2)]);
}
