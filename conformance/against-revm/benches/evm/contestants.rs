//! The machines that run them. Both get the code analysed, and do the whole transaction.

use crate::workload::Workload;
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, H160, U256};
use fevm_conformance::ethereum::{
    Account, Block, BlockHashes, Code, Prestate, State, Transaction, TransactionKind, execute,
};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind, U256 as Word};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, ExecuteEvm, MainBuilder, MainContext};
use std::sync::Arc;

/// Prague's rules: Osaka prices these instructions alike, but caps the gas of a transaction.
const FORK: Fork = Fork::Prague;
const GAS_LIMIT: u64 = 1_000_000_000;
const SENDER: [u8; 20] = [0xaa; 20];
const TARGET: [u8; 20] = [0xcc; 20];

/// Success, gas and output of a transaction.
pub(crate) type Outcome = (bool, u64, Vec<u8>);

/// What fevm does with a workload, again and again.
pub(crate) fn fevm(workload: &Workload) -> impl FnMut() -> Outcome + use<> {
    let account = |code| Account {
        balance: U256::from(10).pow(24.into()),
        nonce: 0,
        code,
        storage: Vec::new(),
    };
    let prestate = Arc::new(Prestate::new([
        (H160(SENDER), account(Code::EMPTY)),
        (H160(TARGET), account(Code::new(workload.code.clone()))),
    ]));
    let block = Block {
        fork: FORK,
        chain_id: 1,
        number: 1,
        timestamp: 1,
        coinbase: H160([0xba; 20]),
        gas_limit: GAS_LIMIT,
        prev_randao: U256::zero(),
        base_fee: U256::zero(),
        blob_base_fee: U256::one(),
        max_blobs: 9,
        hashes: BlockHashes::OfNumber,
        memo: None,
    };
    let transaction = Transaction {
        kind: TransactionKind::Legacy,
        chain_id: None,
        sender: H160(SENDER),
        nonce: 0,
        gas_limit: GAS_LIMIT,
        to: Some(H160(TARGET)),
        value: U256::zero(),
        data: workload.call_data.clone().into(),
        max_fee: U256::zero(),
        max_priority_fee: U256::zero(),
        access_list: Arc::default(),
        blob_hashes: Arc::default(),
        max_blob_fee: U256::zero(),
        authorizations: Arc::default(),
    };
    move || {
        let mut state = State::new(Arc::clone(&prestate));
        let receipt = execute(
            &transaction,
            &block,
            &mut state,
            GAS_LIMIT,
            &mut NoInspector,
        )
        .expect("the transaction is valid");
        (receipt.success, receipt.gas_used, receipt.output)
    }
}

/// What revm does with a workload, again and again.
pub(crate) fn revm(workload: &Workload) -> impl FnMut() -> Outcome + use<> {
    let mut database = CacheDB::new(EmptyDB::default());
    let code = Bytecode::new_legacy(Bytes::from(workload.code.clone()));
    let balance = Word::from(10).pow(Word::from(24));
    database.insert_account_info(
        Address::new(SENDER),
        AccountInfo {
            balance,
            ..AccountInfo::default()
        },
    );
    database.insert_account_info(
        Address::new(TARGET),
        AccountInfo {
            balance,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..AccountInfo::default()
        },
    );
    let mut cfg = CfgEnv::default();
    cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
    let block = BlockEnv {
        gas_limit: GAS_LIMIT,
        ..BlockEnv::default()
    };
    let mut evm = Context::mainnet()
        .with_db(database)
        .with_block(block)
        .with_cfg(cfg)
        .build_mainnet();
    let transaction = TxEnv {
        caller: Address::new(SENDER),
        gas_limit: GAS_LIMIT,
        gas_price: 0,
        kind: TxKind::Call(Address::new(TARGET)),
        data: workload.call_data.clone().into(),
        ..TxEnv::default()
    };
    move || {
        let result = evm
            .transact(transaction.clone())
            .expect("the transaction is valid")
            .result;
        let output = result
            .output()
            .map(|output| output.to_vec())
            .unwrap_or_default();
        (result.is_success(), result.tx_gas_used(), output)
    }
}
