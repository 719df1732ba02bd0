//! A chain in memory with four funded accounts, and the compiled contracts of
//! `solidity-fixtures`.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::path::Path;
use std::sync::Arc;

use alloy_primitives::{Address, U256, address};
use alloy_sol_types::SolCall;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::logs::EthLog;
use fevm_machine::message::{Created, DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::{ApplyKind, BlockContext, Network, Outcome, StateTree, Store, Vm, amount};
use fvm_shared::econ::TokenAmount;

pub(crate) const ACCOUNTS: [Address; 4] = [
    address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
    address!("70997970c51812dc3a010c7d01b50e0d17dc79c8"),
    address!("3c44cdddb6a900fa2b585dd299e03d12fa4293bc"),
    address!("90f79bf6eb2c4f870365e785982e1f101e93b906"),
];

pub(crate) const GAS_LIMIT: u64 = 10_000_000_000;
pub(crate) const BASE_FEE: u64 = 100;

pub(crate) struct Chain {
    pub(crate) vm: Vm,
    pub(crate) block: BlockContext,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let mut genesis = Genesis::development("test");
        for account in ACCOUNTS {
            genesis = genesis.with_eth_account(account, TokenAmount::from_whole(10_000), 0);
        }
        let store = Store::memory();
        let bundle = fevm_bundle::ours().unwrap();
        let state = genesis.write(&bundle, &store).unwrap();
        let base_fee = TokenAmount::from_atto(BASE_FEE);
        let chain = Arc::new(SyntheticChain);
        let block = BlockContext::new(state.root, 10, 1_700_000_000, base_fee, chain);
        Self {
            vm: Vm::new(store, &Network::default()).unwrap(),
            block: block.with_tracing(true),
        }
    }

    pub(crate) fn state(&self) -> StateTree {
        self.vm.state(&self.block.state_root).unwrap()
    }

    /// A message of an account that pays the base fee and no premium.
    pub(crate) fn message(&self, from: Address, to: Option<Address>, input: Vec<u8>) -> EthCall {
        EthCall {
            from,
            to,
            input,
            value: U256::ZERO,
            nonce: self.state().eth_nonce(from).unwrap(),
            gas_limit: GAS_LIMIT,
            max_fee_per_gas: U256::from(BASE_FEE),
            max_priority_fee_per_gas: U256::ZERO,
        }
    }

    pub(crate) fn apply(&mut self, call: &EthCall, kind: ApplyKind) -> Outcome {
        let message = call.to_message();
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let block = self.block.clone();
        let (outcome, root) = self.vm.apply(block, message, kind, length).unwrap();
        self.block.state_root = root;
        outcome
    }

    /// Deploys init code; the new contract's address.
    pub(crate) fn deploy(&mut self, from: Address, code: Vec<u8>) -> Address {
        let call = self.message(from, None, code);
        let outcome = self.apply(&call, ApplyKind::Explicit);
        assert_success(&outcome);
        Created::decode(&outcome.return_data).unwrap().eth_address
    }

    /// Sends a call of a contract's function.
    pub(crate) fn send(&mut self, from: Address, to: Address, call: &impl SolCall) -> Outcome {
        let call = self.message(from, Some(to), call.abi_encode());
        self.apply(&call, ApplyKind::Explicit)
    }

    /// Calls a function without keeping the state.
    pub(crate) fn read<C: SolCall>(&self, to: Address, call: &C) -> C::Return {
        let call = self.message(ACCOUNTS[0], Some(to), call.abi_encode());
        let message = call.to_message();
        let block = self.block.clone();
        let outcome = self.vm.call(block, message, ApplyKind::Call, 0).unwrap();
        assert_success(&outcome);
        C::abi_decode_returns(outcome.return_bytes()).unwrap()
    }

    /// The logs of an outcome with their emitters' addresses.
    pub(crate) fn logs(&self, outcome: &Outcome) -> Vec<(Address, EthLog)> {
        let state = self.state();
        let logs = outcome.events.iter().map(|stamped| {
            let emitter = state.eth_address_of(stamped.emitter).unwrap();
            (emitter, EthLog::from_event(&stamped.event).unwrap())
        });
        logs.collect()
    }

    pub(crate) fn balance(&self, of: Address) -> u128 {
        self.state().eth_balance(of).unwrap().to()
    }

    /// The balance of an actor without an Ethereum address.
    pub(crate) fn native_balance(&self, id: u64) -> u128 {
        let actor = self.state().actor(id).unwrap().unwrap();
        amount::to_u128(&actor.balance).unwrap()
    }
}

#[track_caller]
pub(crate) fn assert_success(outcome: &Outcome) {
    assert!(
        outcome.is_success(),
        "exit {}: {}",
        outcome.exit_code.value(),
        outcome
            .failure
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    );
}

/// The init code of a contract of `solidity-fixtures`.
#[track_caller]
pub(crate) fn artifact(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solidity-fixtures/build");
    let path = folder.join(format!("{name}.json"));
    let json = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; compile the contracts first: ./scripts/test does, or in \
             solidity-fixtures: npm install --no-package-lock && node build.mjs",
            path.display()
        )
    });
    let artifact: serde_json::Value = serde_json::from_str(&json).unwrap();
    let code = artifact["bytecode"]
        .as_str()
        .expect("bytecode in the artifact");
    alloy_primitives::hex::decode(code).unwrap()
}

/// Init code with ABI-encoded constructor arguments.
#[track_caller]
pub(crate) fn with_args(name: &str, args: &[u8]) -> Vec<u8> {
    [artifact(name), args.to_vec()].concat()
}
