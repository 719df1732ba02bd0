//! A small world to run transactions in, and an assembler for their code.

use evm_interpreter::inspector::NoInspector;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::{
    Account, Authorization, BlobSchedule, Block, BlockHashes, Code, Prestate, Receipt, Rejection,
    State, Transaction, TransactionKind, execute,
};
use std::sync::Arc;

pub(crate) const SENDER: H160 = H160([0xaa; 20]);
pub(crate) const TARGET: H160 = H160([0xcc; 20]);
pub(crate) const COINBASE: H160 = H160([0xba; 20]);
/// What a call of an account costs before it runs.
pub(crate) const CALL_COST: u64 = 21_000;

/// Code under construction.
#[derive(Clone, Default)]
pub(crate) struct Asm(pub(crate) Vec<u8>);

impl Asm {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn op(mut self, op: u8) -> Self {
        self.0.push(op);
        self
    }

    /// The shortest PUSH of the number; PUSH1 for zero.
    pub(crate) fn push(mut self, number: impl Into<U256>) -> Self {
        let bytes = number.into().to_big_endian();
        let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(31);
        self.0.push(PUSH1 + (31 - start as u8));
        self.0.extend_from_slice(&bytes[start..]);
        self
    }

    pub(crate) fn address(mut self, address: H160) -> Self {
        self.0.push(PUSH20);
        self.0.extend_from_slice(&address.0);
        self
    }

    /// Calls with all gas and no data; CALL and CALLCODE with `value`.
    pub(crate) fn call(self, op: u8, target: H160, value: u64) -> Self {
        let asm = self.push(0).push(0).push(0).push(0);
        let asm = if matches!(op, CALL | CALLCODE) {
            asm.push(value)
        } else {
            asm
        };
        asm.address(target).op(GAS).op(op)
    }

    /// Copies the call data to memory.
    pub(crate) fn load_input(self) -> Self {
        self.op(CALLDATASIZE).push(0).push(0).op(CALLDATACOPY)
    }

    /// Returns the word on top of the stack.
    pub(crate) fn return_top(self) -> Self {
        self.push(0).op(MSTORE).push(32).push(0).op(RETURN)
    }

    /// Init code that deploys `code`.
    pub(crate) fn deploying(code: &[u8]) -> Self {
        // Both numbers are pushed in as few bytes as they take, so the head's length is tried out.
        let head = |offset: usize| {
            let asm = Self::new().push(code.len()).op(DUP1).push(offset).push(0);
            asm.op(CODECOPY).push(0).op(RETURN)
        };
        let length = head(0).0.len();
        let mut this = head(length);
        this.0.extend_from_slice(code);
        this
    }
}

/// A block, accounts and a transaction; fields may be changed before it runs.
pub(crate) struct World {
    pub(crate) block: Block,
    pub(crate) accounts: Vec<(H160, Account)>,
    pub(crate) transaction: Transaction,
}

/// What came of it.
pub(crate) struct Ran {
    pub(crate) receipt: Receipt,
    pub(crate) state: State,
}

pub(crate) fn account(balance: u64, nonce: u64, code: Vec<u8>) -> Account {
    Account {
        balance: balance.into(),
        nonce,
        code: Code::new(code),
        storage: Vec::new(),
    }
}

impl World {
    /// A transaction that calls `code` under the rules of `fork`.
    pub(crate) fn calling(fork: Fork, code: Asm) -> Self {
        let schedule = BlobSchedule::of(fork);
        let sender = Account {
            balance: U256::from(10).pow(24.into()),
            nonce: 0,
            code: Code::EMPTY,
            storage: Vec::new(),
        };
        Self {
            block: Block {
                fork,
                chain_id: 1,
                number: 1000,
                timestamp: 1_700_000_000,
                coinbase: COINBASE,
                gas_limit: 100_000_000,
                prev_randao: 0x0123_4567.into(),
                base_fee: if fork >= Fork::London {
                    7.into()
                } else {
                    0.into()
                },
                blob_base_fee: schedule.map_or(0.into(), |schedule| schedule.price(0)),
                max_blobs: schedule.map_or(0, |schedule| schedule.max),
                hashes: BlockHashes::OfNumber,
                memo: None,
            },
            accounts: vec![(SENDER, sender), (TARGET, account(0, 1, code.0))],
            transaction: Transaction {
                kind: TransactionKind::Legacy,
                chain_id: None,
                sender: SENDER,
                nonce: 0,
                gas_limit: 10_000_000,
                to: Some(TARGET),
                value: U256::zero(),
                data: Arc::default(),
                max_fee: 10.into(),
                max_priority_fee: 10.into(),
                access_list: Arc::default(),
                blob_hashes: Arc::default(),
                max_blob_fee: U256::zero(),
                authorizations: Arc::default(),
            },
        }
    }

    /// A transaction that creates a contract.
    pub(crate) fn creating(fork: Fork, init_code: Vec<u8>) -> Self {
        let mut world = Self::calling(fork, Asm::new());
        world.transaction.to = None;
        world.transaction.data = init_code.into();
        world
    }

    pub(crate) fn with(mut self, address: H160, account: Account) -> Self {
        self.accounts.retain(|(known, _)| *known != address);
        self.accounts.push((address, account));
        self
    }

    pub(crate) fn input(mut self, input: &[u8]) -> Self {
        self.transaction.data = input.into();
        self
    }

    pub(crate) fn authorizing(mut self, authorizations: Vec<Authorization>) -> Self {
        self.transaction.kind = TransactionKind::SetCode;
        self.transaction.authorizations = authorizations.into();
        self
    }

    pub(crate) fn blobs(mut self, hashes: Vec<H256>) -> Self {
        self.transaction.kind = TransactionKind::Blob;
        self.transaction.max_blob_fee = 100.into();
        self.transaction.blob_hashes = hashes.into();
        self
    }

    pub(crate) fn run(self) -> Result<Ran, Rejection> {
        let mut state = State::new(Arc::new(Prestate::new(self.accounts)));
        let limit = self.block.gas_limit;
        execute(
            &self.transaction,
            &self.block,
            &mut state,
            limit,
            &mut NoInspector,
        )
        .map(|receipt| Ran { receipt, state })
    }

    /// Runs a transaction that is valid.
    pub(crate) fn ran(self) -> Ran {
        self.run().unwrap()
    }

    /// The word that the call returns.
    pub(crate) fn word(self) -> U256 {
        let ran = self.ran();
        assert!(ran.receipt.success);
        U256::from_big_endian(&ran.receipt.output)
    }

    pub(crate) fn rejection(self) -> Rejection {
        self.run().map(|ran| ran.receipt).unwrap_err()
    }
}

/// `op` on `operands`, the first of them on top.
pub(crate) fn apply(op: u8, operands: &[U256]) -> Asm {
    operands
        .iter()
        .rev()
        .fold(Asm::new(), |asm, operand| asm.push(*operand))
        .op(op)
}

/// Checks that code fails under the fork before `fork`, consuming all gas, and succeeds under it.
pub(crate) fn begins(fork: Fork, code: &Asm) {
    let before = Fork::ALL[Fork::ALL.iter().position(|known| *known == fork).unwrap() - 1];
    let ran = World::calling(before, code.clone()).ran();
    assert!(!ran.receipt.success, "known to {before:?}");
    assert_eq!(ran.receipt.gas_used, 10_000_000);
    assert!(
        World::calling(fork, code.clone()).ran().receipt.success,
        "unknown to {fork:?}"
    );
}

/// Gas of code, without what the transaction costs before it runs.
pub(crate) fn gas_of(fork: Fork, code: Asm) -> u64 {
    World::calling(fork, code).ran().receipt.gas_used - CALL_COST
}

/// Calls a precompile with the transaction's data; the output is what it returns, with its success
/// as a word in front. The gas that it is given is all there is.
pub(crate) fn precompile_call(number: u16) -> Asm {
    Asm::new()
        .load_input()
        .push(0)
        .push(0)
        .op(CALLDATASIZE)
        .push(0)
        .push(number)
        .op(GAS)
        .op(STATICCALL)
        .push(0)
        .op(MSTORE)
        .op(RETURNDATASIZE)
        .push(0)
        .push(32)
        .op(RETURNDATACOPY)
        .op(RETURNDATASIZE)
        .push(32)
        .op(ADD)
        .push(0)
        .op(RETURN)
}

/// Success and output of a precompile under a fork.
pub(crate) fn precompile(number: u16, input: &[u8], fork: Fork) -> (bool, Vec<u8>) {
    let ran = World::calling(fork, precompile_call(number))
        .input(input)
        .ran();
    assert!(ran.receipt.success);
    let (success, output) = ran.receipt.output.split_at(32);
    (success[31] == 1, output.to_vec())
}

/// Success and output of a transaction to a precompile.
pub(crate) fn sent_to_precompile(number: u16, input: &[u8], fork: Fork) -> (bool, Vec<u8>) {
    let mut world = World::calling(fork, Asm::new()).input(input);
    world.transaction.to = Some(low(number));
    let receipt = world.ran().receipt;
    (receipt.success, receipt.output)
}

/// The address that is this number.
pub(crate) fn low(number: u16) -> H160 {
    let mut address = H160::zero();
    address.0[18..].copy_from_slice(&number.to_be_bytes());
    address
}
