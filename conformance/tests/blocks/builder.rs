//! Chains of blocks for tests: built block by block, written as test files.

use alloy_primitives::hex;
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::chain::build::{Parts, genesis};
use fevm_conformance::chain::requests::{DEPOSIT_CONTRACT, DEPOSIT_TOPIC};
use fevm_conformance::chain::{BlockRejection, Header, Network, SealedBlock, Tree};
use fevm_conformance::ethereum::authorization::address_of;
use fevm_conformance::ethereum::signed::sign_and_encode;
use fevm_conformance::ethereum::{Account, Code, Prestate, Transaction, TransactionKind};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const SYSTEM: &str = include_str!("../data/system-contracts.json");

/// Who signs all transactions.
const KEY: H256 = H256([0x45; 32]);
/// Stores the second word of its input at the first.
pub(crate) const STORE: H160 = H160([0xc1; 20]);
/// Logs its input.
pub(crate) const LOGGER: H160 = H160([0xc2; 20]);
/// Stores what the contract whose address is the first word of its input returns for the rest.
pub(crate) const ASK: H160 = H160([0xc3; 20]);
pub(crate) const COINBASE: H160 = H160([0xba; 20]);
pub(crate) const GAS_LIMIT: u64 = 30_000_000;

/// A chain under construction.
pub(crate) struct Chain {
    network: String,
    pub(crate) tree: Tree,
    genesis: SealedBlock,
    pre: Arc<Prestate>,
    /// The valid blocks, in order.
    pub(crate) blocks: Vec<SealedBlock>,
    nonce: u64,
    /// Wei a gas of all transactions.
    pub(crate) fee: U256,
}

fn account(balance: u64, code: Vec<u8>) -> Account {
    Account {
        balance: balance.into(),
        nonce: 1,
        code: Code::new(code),
        storage: Vec::new(),
    }
}

/// The accounts of the genesis.
pub(crate) fn accounts() -> Vec<(H160, Account)> {
    let rich = Account {
        balance: U256::from(10).pow(24.into()),
        nonce: 0,
        code: Code::EMPTY,
        storage: Vec::new(),
    };
    let input = [CALLDATASIZE, PUSH1, 0, PUSH1, 0, CALLDATACOPY];
    let mut deposit = [&input[..], &[PUSH1 + 31]].concat();
    deposit.extend_from_slice(&DEPOSIT_TOPIC.0);
    deposit.extend_from_slice(&[CALLDATASIZE, PUSH1, 0, LOG1, STOP]);
    let ask = vec![
        PUSH1,
        32,
        CALLDATASIZE,
        SUB,
        PUSH1,
        32,
        PUSH1,
        0,
        CALLDATACOPY,
        PUSH1,
        32,
        PUSH1,
        0,
        PUSH1,
        32,
        CALLDATASIZE,
        SUB,
        PUSH1,
        0,
        PUSH1,
        0,
        PUSH1,
        0,
        CALLDATALOAD,
        GAS,
        CALL,
        PUSH1,
        0,
        SSTORE,
        PUSH1,
        0,
        MLOAD,
        PUSH1,
        1,
        SSTORE,
        STOP,
    ];
    let mut accounts = vec![
        (address_of(&KEY).unwrap(), rich),
        (
            STORE,
            account(
                0,
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
            ),
        ),
        (
            LOGGER,
            account(
                0,
                [&input[..], &[CALLDATASIZE, PUSH1, 0, LOG0, STOP]].concat(),
            ),
        ),
        (ASK, account(0, ask)),
        (DEPOSIT_CONTRACT, account(0, deposit)),
    ];
    let system: Map<String, Value> = serde_json::from_str(SYSTEM).unwrap();
    for (address, code) in system {
        let address = H160::from_slice(&hex::decode(address).unwrap());
        let code = hex::decode(code.as_str().unwrap()).unwrap();
        accounts.push((address, account(0, code)));
    }
    accounts
}

impl Chain {
    pub(crate) fn new(network: &str) -> Self {
        Self::with(network, accounts(), 1_000)
    }

    pub(crate) fn with(network: &str, accounts: Vec<(H160, Account)>, base_fee: u64) -> Self {
        let pre = Arc::new(Prestate::new(accounts));
        let rules = Network::by_name(network, &[]).unwrap();
        let first = rules.genesis_rules(&Header::default());
        let genesis = genesis(&first, pre.root(), GAS_LIMIT, base_fee);
        let tree = Tree::new(rules, 1, &genesis, Arc::clone(&pre), None);
        Self {
            network: network.into(),
            tree,
            genesis,
            pre,
            blocks: Vec::new(),
            nonce: 0,
            fee: 2_000_000_000.into(),
        }
    }

    pub(crate) fn last(&self) -> &SealedBlock {
        self.blocks.last().unwrap_or(&self.genesis)
    }

    /// The block so many generations back; 0 is the last.
    pub(crate) fn back(&self, generations: usize) -> &SealedBlock {
        let at = self.blocks.len().checked_sub(1 + generations);
        at.map_or(&self.genesis, |at| &self.blocks[at])
    }

    /// A transaction that calls `to`.
    pub(crate) fn call(&mut self, to: H160, input: &[u8], value: u64) -> Vec<u8> {
        let nonce = self.nonce;
        self.nonce += 1;
        sign_and_encode(&self.transaction(nonce, to, input, value), &KEY).unwrap()
    }

    /// A blob transaction.
    pub(crate) fn blobs(&mut self, count: usize) -> Vec<u8> {
        let nonce = self.nonce;
        self.nonce += 1;
        let mut hash = H256::zero();
        hash.0[0] = 1;
        let transaction = Transaction {
            kind: TransactionKind::Blob,
            chain_id: Some(1),
            max_blob_fee: U256::from(10).pow(12.into()),
            blob_hashes: vec![hash; count].into(),
            ..self.transaction(nonce, STORE, &[], 0)
        };
        sign_and_encode(&transaction, &KEY).unwrap()
    }

    pub(crate) fn transaction(
        &self,
        nonce: u64,
        to: H160,
        input: &[u8],
        value: u64,
    ) -> Transaction {
        Transaction {
            kind: TransactionKind::Legacy,
            chain_id: None,
            sender: H160::zero(),
            nonce,
            gas_limit: 1_000_000,
            to: Some(to),
            value: value.into(),
            data: input.into(),
            max_fee: self.fee,
            max_priority_fee: self.fee,
            access_list: Arc::default(),
            blob_hashes: Arc::default(),
            max_blob_fee: U256::zero(),
            authorizations: Arc::default(),
        }
    }

    /// Signs a transaction that need not be valid.
    pub(crate) fn sign(transaction: &Transaction) -> Vec<u8> {
        sign_and_encode(transaction, &KEY).unwrap()
    }

    pub(crate) const fn next_nonce(&self) -> u64 {
        self.nonce
    }

    pub(crate) fn build(&self, parts: Parts) -> SealedBlock {
        self.tree.build(self.last().hash, parts).unwrap()
    }

    /// Adds a block.
    pub(crate) fn add(&mut self, parts: Parts) -> &SealedBlock {
        let block = self.build(parts);
        self.insert(&block).unwrap();
        self.blocks.push(block);
        self.last()
    }

    pub(crate) fn insert(&mut self, block: &SealedBlock) -> Result<(), BlockRejection> {
        // As it would come: as bytes.
        let block = SealedBlock::decode(&block.encode())?;
        self.tree.insert(&block, &mut NoInspector)
    }

    /// Why a block is refused.
    pub(crate) fn refused(&mut self, block: &SealedBlock) -> BlockRejection {
        self.insert(block).unwrap_err()
    }

    /// The slot of an account after the head.
    pub(crate) fn slot(&self, address: H160, key: U256) -> U256 {
        let state = self.tree.state().unwrap();
        state
            .account(&address)
            .and_then(|account| account.slot(&key))
            .unwrap_or_default()
    }

    pub(crate) fn balance(&self, address: H160) -> U256 {
        self.tree
            .state()
            .unwrap()
            .account(&address)
            .map_or(U256::zero(), |account| account.balance)
    }

    /// A test file's test of these arrivals: blocks, with the reason if they are to be refused.
    pub(crate) fn test(&self, arrivals: &[(&SealedBlock, Option<String>)]) -> Value {
        let blocks: Vec<_> = arrivals
            .iter()
            .map(|(block, reason)| {
                let mut value = json!({"rlp": hex::encode_prefixed(block.encode())});
                match reason {
                    Some(reason) => value["expectException"] = json!(reason),
                    None => value["blockHeader"] = header(&block.header, block.hash),
                }
                value
            })
            .collect();
        json!({
            "network": self.network,
            "sealEngine": "NoProof",
            "genesisBlockHeader": header(&self.genesis.header, self.genesis.hash),
            "genesisRLP": hex::encode_prefixed(self.genesis.encode()),
            "pre": state(&self.pre),
            "postState": state(self.tree.state().unwrap()),
            "lastblockhash": format!("{:#x}", self.tree.head()),
            "blocks": blocks,
        })
    }
}

/// Parts of a block with these transactions.
pub(crate) fn parts(transactions: Vec<Vec<u8>>) -> Parts {
    Parts {
        seconds: 12,
        coinbase: COINBASE,
        random: H256::repeat_byte(0x77),
        beacon_root: H256::repeat_byte(0x88),
        transactions,
        ..Parts::default()
    }
}

/// Call data of two words.
pub(crate) fn words(first: impl Into<U256>, second: impl Into<U256>) -> Vec<u8> {
    [first.into().to_big_endian(), second.into().to_big_endian()].concat()
}

/// An address as a word.
pub(crate) fn word(address: H160) -> U256 {
    U256::from_big_endian(&address.0)
}

/// All digits: go-ethereum reads no others in storage.
fn padded(word: U256) -> String {
    hex::encode_prefixed(word.to_big_endian())
}

fn state(state: &Prestate) -> Value {
    let account = |account: fevm_conformance::ethereum::prestate::Resting<'_>| {
        let storage: Map<_, _> = account
            .storage
            .iter()
            .map(|(key, value)| (padded(*key), json!(padded(*value))))
            .collect();
        let fields = json!({
            "balance": format!("{:#x}", account.balance),
            "nonce": format!("{:#x}", account.nonce),
            "code": hex::encode_prefixed(account.code.as_slice()),
            "storage": storage,
        });
        (format!("{:#x}", account.address), fields)
    };
    Value::Object(state.accounts().map(account).collect())
}

fn header(header: &Header, hash: H256) -> Value {
    let quantity = |number: u64| format!("{number:#x}");
    let mut value = json!({
        "bloom": header.logs_bloom.to_string(),
        "coinbase": format!("{:#x}", header.beneficiary),
        "mixHash": header.mix_hash.to_string(),
        "nonce": header.nonce.to_string(),
        "number": quantity(header.number),
        "hash": format!("{hash:#x}"),
        "parentHash": header.parent_hash.to_string(),
        "receiptTrie": header.receipts_root.to_string(),
        "stateRoot": header.state_root.to_string(),
        "transactionsTrie": header.transactions_root.to_string(),
        "uncleHash": header.ommers_hash.to_string(),
        "extraData": header.extra_data.to_string(),
        "difficulty": format!("{:#x}", header.difficulty),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
    });
    let mut optional = |name: &str, field: Option<String>| {
        if let Some(field) = field {
            value[name] = json!(field);
        }
    };
    optional("baseFeePerGas", header.base_fee_per_gas.map(quantity));
    optional(
        "withdrawalsRoot",
        header.withdrawals_root.map(|hash| hash.to_string()),
    );
    optional("blobGasUsed", header.blob_gas_used.map(quantity));
    optional("excessBlobGas", header.excess_blob_gas.map(quantity));
    optional(
        "parentBeaconBlockRoot",
        header.parent_beacon_block_root.map(|hash| hash.to_string()),
    );
    optional(
        "requestsHash",
        header.requests_hash.map(|hash| hash.to_string()),
    );
    value
}

/// The fork of a network's genesis.
pub(crate) fn fork(network: &str) -> Fork {
    Network::by_name(network, &[])
        .unwrap()
        .genesis_rules(&Header::default())
        .fork
}
