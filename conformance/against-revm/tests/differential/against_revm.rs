//! What revm makes of a scene.

use crate::outcome::{Done, Final, Outcome};
use crate::scene::Scene;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::{Log, Transaction, TransactionKind};
use revm::context::result::{ExecutionResult, Output};
use revm::context::transaction::{AccessList, AccessListItem, Authorization, SignedAuthorization};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::context_interface::either::Either;
use revm::database::{CacheState, State};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, B256, Bytes, TxKind, U256 as Word};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, ExecuteCommitEvm, MainBuilder, MainContext};

/// revm's name of a fork; it does not have Constantinople.
pub(crate) const fn spec(fork: Fork) -> Option<SpecId> {
    Some(match fork {
        Fork::Frontier => SpecId::FRONTIER,
        Fork::Homestead => SpecId::HOMESTEAD,
        Fork::TangerineWhistle => SpecId::TANGERINE,
        Fork::SpuriousDragon => SpecId::SPURIOUS_DRAGON,
        Fork::Byzantium => SpecId::BYZANTIUM,
        Fork::Constantinople => return None,
        Fork::Petersburg => SpecId::PETERSBURG,
        Fork::Istanbul => SpecId::ISTANBUL,
        Fork::Berlin => SpecId::BERLIN,
        Fork::London => SpecId::LONDON,
        Fork::Paris => SpecId::MERGE,
        Fork::Shanghai => SpecId::SHANGHAI,
        Fork::Cancun => SpecId::CANCUN,
        Fork::Prague => SpecId::PRAGUE,
        Fork::Osaka => SpecId::OSAKA,
    })
}

const fn word(word: U256) -> Word {
    Word::from_limbs(word.0)
}

const fn back(word: Word) -> U256 {
    U256(word.into_limbs())
}

const fn address(address: H160) -> Address {
    Address::new(address.0)
}

/// What comes of a scene there; the reason too, if the transaction is refused. `None` if revm does
/// not have the fork, or a rule that the scene meets.
pub(crate) fn theirs(scene: &Scene) -> Option<(Outcome, String)> {
    // It leaves to the decoder that these kinds have a receiver.
    let has_receiver =
        scene.transaction.to.is_some() || scene.transaction.kind < TransactionKind::Blob;
    let spec = spec(scene.block.fork).filter(|_| has_receiver && !scene.beyond_revm)?;
    let mut cfg = CfgEnv::default();
    cfg.chain_id = scene.block.chain_id;
    cfg.set_spec_and_mainnet_gas_params(spec);
    if scene.block.fork >= Fork::Cancun {
        let most = if scene.block.fork >= Fork::Osaka {
            6
        } else {
            scene.block.max_blobs
        };
        cfg.set_max_blobs_per_tx(most);
    }
    let mut state = State::builder()
        .with_cached_prestate(prestate(scene)?)
        .build();
    let mut evm = Context::mainnet()
        .with_db(&mut state)
        .with_block(block(scene))
        .with_cfg(cfg)
        .build_mainnet();
    let ran = evm.transact_commit(transaction(&scene.transaction));
    let (done, reason) = match ran {
        Ok(result) => (Some(done(result)), String::new()),
        Err(error) => (None, error.to_string()),
    };
    let accounts = state
        .cache
        .trie_account()
        .into_iter()
        .map(|(address, account)| {
            let storage = account.storage.iter().filter(|(_, value)| !value.is_zero());
            (
                H160(address.into_array()),
                Final {
                    balance: back(account.info.balance),
                    nonce: account.info.nonce,
                    code_hash: H256(account.info.code_hash.0),
                    storage: storage
                        .map(|(key, value)| (back(*key), back(*value)))
                        .collect(),
                },
            )
        });
    Some((
        Outcome {
            done,
            state: accounts.collect(),
        },
        reason,
    ))
}

/// The accounts; nothing if one has code that revm does not take, as no transaction can make it.
fn prestate(scene: &Scene) -> Option<CacheState> {
    let mut cache = CacheState::new();
    for (at, account) in &scene.accounts {
        let code = Bytes::copy_from_slice(account.code.as_slice());
        let code = Bytecode::new_raw_checked(code).ok()?;
        // To it a designator is one under every fork.
        if code.is_eip7702() && scene.block.fork < Fork::Prague {
            return None;
        }
        let info = AccountInfo {
            balance: word(account.balance),
            nonce: account.nonce,
            code_hash: B256::new(account.code.hash.0),
            code: Some(code),
            ..AccountInfo::default()
        };
        let storage = account
            .storage
            .iter()
            .map(|(key, value)| (word(*key), word(*value)));
        cache.insert_account_with_storage(address(*at), info, storage.collect());
    }
    Some(cache)
}

fn block(scene: &Scene) -> BlockEnv {
    let block = &scene.block;
    BlockEnv {
        number: Word::from(block.number),
        beneficiary: address(block.coinbase),
        timestamp: Word::from(block.timestamp),
        gas_limit: block.gas_limit,
        basefee: block.base_fee.as_u64(),
        difficulty: word(block.prev_randao),
        prevrandao: Some(B256::new(block.prev_randao.to_big_endian())),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
            excess_blob_gas: scene.excess_blob_gas,
            blob_gasprice: block.blob_base_fee.as_u128(),
        }),
        ..BlockEnv::default()
    }
}

fn transaction(from: &Transaction) -> TxEnv {
    let access_list = from.access_list.iter().map(|item| AccessListItem {
        address: address(item.address),
        storage_keys: item
            .storage_keys
            .iter()
            .map(|key| B256::new(key.0))
            .collect(),
    });
    let authorizations = from.authorizations.iter().map(|given| {
        let inner = Authorization {
            chain_id: word(given.chain_id),
            address: address(given.address),
            nonce: given.nonce,
        };
        let (r, s) = (word(given.r), word(given.s));
        Either::Left(SignedAuthorization::new_unchecked(
            inner,
            given.y_parity,
            r,
            s,
        ))
    });
    TxEnv {
        tx_type: from.kind as u8,
        caller: address(from.sender),
        gas_limit: from.gas_limit,
        gas_price: from.max_fee.as_u128(),
        kind: from
            .to
            .map_or(TxKind::Create, |to| TxKind::Call(address(to))),
        value: word(from.value),
        data: Bytes::copy_from_slice(&from.data),
        nonce: from.nonce,
        // Those before EIP-155 have none; the others are made for chain 1.
        chain_id: (from.kind != TransactionKind::Legacy).then_some(1),
        access_list: AccessList(access_list.collect()),
        gas_priority_fee: (from.kind >= TransactionKind::DynamicFee)
            .then(|| from.max_priority_fee.as_u128()),
        blob_hashes: from
            .blob_hashes
            .iter()
            .map(|hash| B256::new(hash.0))
            .collect(),
        max_fee_per_blob_gas: from.max_blob_fee.as_u128(),
        authorization_list: authorizations.collect(),
    }
}

fn done(result: ExecutionResult) -> Done {
    let gas = result.gas();
    let (gas_used, refunded) = (gas.tx_gas_used(), gas.inner_refunded());
    let logs = result
        .logs()
        .iter()
        .map(|log| Log {
            address: H160(log.address.into_array()),
            topics: log.topics().iter().map(|topic| H256(topic.0)).collect(),
            data: log.data.data.to_vec(),
        })
        .collect();
    let (success, output, created) = match result {
        ExecutionResult::Success {
            output: Output::Call(output),
            ..
        } => (true, output.to_vec(), None),
        // Its code is in the state.
        ExecutionResult::Success {
            output: Output::Create(_, created),
            ..
        } => (
            true,
            Vec::new(),
            created.map(|address| H160(address.into_array())),
        ),
        ExecutionResult::Revert { output, .. } => (false, output.to_vec(), None),
        ExecutionResult::Halt { .. } => (false, Vec::new(), None),
    };
    Done {
        success,
        gas_used,
        refunded,
        output,
        created,
        logs,
    }
}
