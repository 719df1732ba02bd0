//! A vector under construction: messages on a small chain.

use alloy_primitives::{Address, U256, address, keccak256};
use fevm_machine::address::{delegated, from_eth};
use fevm_test_vectors::format::{
    AddressHex, Amount, Expect, Genesis, GenesisActor, Hex, Message, Step, Vector,
};
use fvm_shared::address::Address as FilAddress;
use fvm_shared::econ::TokenAmount;

use super::assembler::byte_string;

/// Ethereum accounts f0100 and f0101.
pub(crate) const ALICE: Address = address!("a11ce00000000000000000000000000000000100");
pub(crate) const BOB: Address = address!("b0b0000000000000000000000000000000000101");

const INVOKE_EVM: u64 = 3_844_450_837;
const CREATE_EXTERNAL: u64 = 4;
const GAS_LIMIT: u64 = 9_000_000_000;

/// Messages of one vector. Fee caps are 0, so that nothing depends on gas.
pub(crate) struct Chain {
    vector: Vector,
    nonces: [u64; 2],
}

impl Chain {
    pub(crate) fn new(name: &str, description: &str) -> Self {
        let actor = |id, code| GenesisActor {
            balance: Amount(TokenAmount::from_whole(1_000)),
            ..GenesisActor::new(id, code)
        };
        let mut genesis = Genesis::minimal("own");
        for (id, account) in [(100, ALICE), (101, BOB)] {
            genesis.actors.push(GenesisActor {
                delegated: Some(AddressHex(delegated(account))),
                ..actor(id, "ethaccount")
            });
        }
        let key = FilAddress::new_secp256k1(&[4; 65]).expect("a public key");
        genesis.actors.push(GenesisActor {
            address: Some(AddressHex(key)),
            ..actor(102, "account")
        });
        genesis.next_id = 103;
        Self {
            vector: Vector {
                format: 1,
                name: name.into(),
                description: description.into(),
                genesis,
                steps: Vec::new(),
            },
            nonces: [0, 0],
        }
    }

    pub(crate) fn finish(self) -> Vector {
        self.vector
    }

    fn push(
        &mut self,
        name: &str,
        from: Address,
        to: FilAddress,
        method: u64,
        params: Vec<u8>,
        value: u64,
    ) {
        let nonce = &mut self.nonces[usize::from(from != ALICE)];
        self.vector.steps.push(Step {
            name: name.into(),
            message: Message {
                from: AddressHex(delegated(from)),
                to: AddressHex(to),
                method,
                params: Hex(params),
                value: Amount(TokenAmount::from_atto(value)),
                nonce: *nonce,
                gas_limit: GAS_LIMIT,
                gas_fee_cap: Amount(TokenAmount::from_atto(0)),
                gas_premium: Amount(TokenAmount::from_atto(0)),
                epoch: None,
                timestamp: None,
                base_fee: None,
                implicit: false,
            },
            expect: Expect::default(),
        });
        *nonce += 1;
    }

    /// Calls an Ethereum address.
    pub(crate) fn call(&mut self, name: &str, to: Address, data: &[u8], value: u64) {
        self.call_by(name, ALICE, to, data, value);
    }

    pub(crate) fn call_by(
        &mut self,
        name: &str,
        from: Address,
        to: Address,
        data: &[u8],
        value: u64,
    ) {
        let params = if data.is_empty() {
            Vec::new()
        } else {
            byte_string(data)
        };
        self.push(name, from, from_eth(to), INVOKE_EVM, params, value);
    }

    /// A message of any method.
    pub(crate) fn native(
        &mut self,
        name: &str,
        to: FilAddress,
        method: u64,
        params: Vec<u8>,
        value: u64,
    ) {
        self.push(name, ALICE, to, method, params, value);
    }

    /// Deploys init code; gives the address that the contract has then.
    pub(crate) fn create(&mut self, name: &str, init_code: &[u8]) -> Address {
        let address = ALICE.create(self.nonces[0]);
        let params = byte_string(init_code);
        self.push(
            name,
            ALICE,
            FilAddress::new_id(10),
            CREATE_EXTERNAL,
            params,
            0,
        );
        address
    }
}

/// The address that CREATE2 gives.
pub(crate) fn create2(creator: Address, salt: u64, init_code: &[u8]) -> Address {
    creator.create2(U256::from(salt).to_be_bytes(), keccak256(init_code))
}
