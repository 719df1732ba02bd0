//! A state test made ready to run: what its cases share is made once.

use super::outcome::Failure;
use crate::chain::Rules;
use crate::ethereum::{
    self, AccessListItem, Authorization, BlobSchedule, Block, BlockHashes, Code, Prestate,
    Rejection, Transaction, TransactionKind,
};
use crate::fixture::state_test::{
    AccessListEntry, AuthorizationEntry, Case, Config, Env, Template,
};
use crate::fixture::{Lenient, StateTest};
use evm_interpreter::{Fork, H160, H256, U256};
use std::sync::Arc;

/// The base fee of a London block whose file names none: go-ethereum's.
const DEFAULT_BASE_FEE: u64 = 10;

/// A test made ready to run.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) prestate: Arc<Prestate>,
    env: Env,
    config: Config,
    template: Template,
    data: Vec<Result<Arc<[u8]>, String>>,
    access_lists: Vec<Result<Option<Arc<[AccessListItem]>>, String>>,
    blob_hashes: Result<Option<Arc<[H256]>>, String>,
    authorizations: Result<Option<Arc<[Authorization]>>, String>,
}

impl Prepared {
    /// Takes a test apart; its cases are left in it.
    pub(crate) fn new(test: &mut StateTest) -> Self {
        let accounts = core::mem::take(&mut test.pre)
            .0
            .into_iter()
            .map(|(address, account)| {
                let account = ethereum::Account {
                    balance: account.balance.0,
                    nonce: account.nonce.0,
                    code: Code::new(account.code.0),
                    storage: account
                        .storage
                        .0
                        .into_iter()
                        .map(|(k, v)| (k.0, v.0))
                        .collect(),
                };
                (address.0, account)
            });
        let mut template = test.transaction.clone();
        let data = template
            .data
            .drain(..)
            .zip(0..)
            .map(|(data, at)| named(data, || format!("data[{at}]")).map(Into::into))
            .collect();
        let access_lists = template
            .access_lists
            .take()
            .unwrap_or_default()
            .into_iter()
            .map(|list| list.map(access_list).transpose())
            .collect();
        let blob_hashes = template
            .blob_versioned_hashes
            .take()
            .map(|hashes| {
                hashes
                    .into_iter()
                    .zip(0..)
                    .map(|(hash, at)| named(hash, || format!("blobVersionedHashes[{at}]")))
                    .collect()
            })
            .transpose();
        let authorizations = template
            .authorization_list
            .take()
            .map(|list| list.into_iter().zip(0..).map(authorization).collect())
            .transpose();
        Self {
            prestate: Arc::new(Prestate::new(accounts)),
            env: test.env.clone(),
            config: test.config.clone(),
            template,
            data,
            access_lists,
            blob_hashes,
            authorizations,
        }
    }

    /// The block under a fork's rules.
    pub(crate) fn block(&self, fork: Fork, fork_name: &str) -> Block {
        let env = &self.env;
        let schedule = self
            .config
            .blob_schedule
            .0
            .iter()
            .find(|(name, _)| name == fork_name)
            .map(|(_, given)| BlobSchedule::from(*given))
            .or_else(|| Rules::by_name(fork_name).and_then(|rules| rules.blobs))
            .filter(|_| fork >= Fork::Cancun);
        let excess = env.current_excess_blob_gas.map_or(0, |excess| excess.0);
        let difficulty = env.current_difficulty.map_or(U256::zero(), |word| word.0);
        Block {
            fork,
            chain_id: self.config.chainid.map_or(1, |id| id.0),
            number: env.current_number.0,
            timestamp: env.current_timestamp.0,
            coinbase: env.current_coinbase.0,
            gas_limit: env.current_gas_limit.0,
            prev_randao: match env.current_random {
                Some(random) if fork >= Fork::Paris => random.0,
                _ => difficulty,
            },
            base_fee: if fork >= Fork::London {
                env.current_base_fee
                    .map_or(DEFAULT_BASE_FEE.into(), |fee| fee.0)
            } else {
                U256::zero()
            },
            blob_base_fee: schedule.map_or(U256::zero(), |schedule| schedule.price(excess)),
            max_blobs: schedule.map_or(0, |schedule| schedule.max),
            hashes: BlockHashes::OfNumber,
            memo: None,
        }
    }

    /// The transaction of a case. The outer error is the file's, the inner one the transaction's.
    pub(crate) fn transaction(
        &self,
        case: &Case,
        fork: Fork,
    ) -> Result<Result<Transaction, Rejection>, Failure> {
        let (data, gas, value) = (case.indexes.data, case.indexes.gas, case.indexes.value);
        let data = chosen(&self.data, data, "data")?;
        let gas_limit = chosen(&self.template.gas_limit, gas, "gas")?;
        let value = chosen(&self.template.value, value, "value")?;
        let access_list = self
            .access_lists
            .get(case.indexes.data)
            .unwrap_or(&Ok(None));
        Ok(self
            .fill(data, gas_limit, value, access_list, fork)
            .map_err(Rejection::MalformedField))
    }

    fn fill(
        &self,
        data: &Result<Arc<[u8]>, String>,
        gas_limit: &Lenient<u64>,
        value: &Lenient<U256>,
        access_list: &Result<Option<Arc<[AccessListItem]>>, String>,
        fork: Fork,
    ) -> Result<Transaction, String> {
        let template = &self.template;
        let gas_price = optional(&template.gas_price, "gasPrice")?;
        let max_fee = optional(&template.max_fee_per_gas, "maxFeePerGas")?;
        let priority = optional(&template.max_priority_fee_per_gas, "maxPriorityFeePerGas")?;
        let max_blob_fee = optional(&template.max_fee_per_blob_gas, "maxFeePerBlobGas")?;
        let blob_hashes = self.blob_hashes.clone()?;
        let authorizations = self.authorizations.clone()?;
        let access_list = access_list.clone()?;
        let kind = if authorizations.is_some() {
            TransactionKind::SetCode
        } else if blob_hashes.is_some() || max_blob_fee.is_some() {
            TransactionKind::Blob
        } else if max_fee.is_some() || priority.is_some() {
            TransactionKind::DynamicFee
        } else if access_list.is_some() {
            TransactionKind::AccessList
        } else {
            TransactionKind::Legacy
        };
        let max_fee = match max_fee.or(gas_price) {
            Some(fee) => fee,
            None if fork >= Fork::London => U256::zero(),
            None => return Err("no gas price".into()),
        };
        Ok(Transaction {
            kind,
            chain_id: None,
            sender: self.sender()?,
            nonce: optional(&template.nonce, "nonce")?.unwrap_or_default(),
            gas_limit: known(gas_limit, "gasLimit")?,
            to: optional(&template.to, "to")?.flatten(),
            value: known(value, "value")?,
            data: data.clone()?,
            max_fee,
            max_priority_fee: priority.unwrap_or(max_fee),
            access_list: access_list.unwrap_or_default(),
            blob_hashes: blob_hashes.unwrap_or_default(),
            max_blob_fee: max_blob_fee.unwrap_or_default(),
            authorizations: authorizations.unwrap_or_default(),
        })
    }

    fn sender(&self) -> Result<H160, String> {
        match (self.template.sender, &self.template.secret_key) {
            (Some(sender), _) => Ok(sender.0),
            (None, Some(key)) => ethereum::authorization::address_of(&key.0)
                .ok_or_else(|| "secretKey: no key of secp256k1".into()),
            (None, None) => Ok(H160::zero()),
        }
    }
}

fn chosen<'a, T>(list: &'a [T], at: usize, name: &'static str) -> Result<&'a T, Failure> {
    list.get(at).ok_or(Failure::IndexOutOfRange {
        name,
        index: at,
        length: list.len(),
    })
}

fn named<T>(value: Lenient<T>, name: impl FnOnce() -> String) -> Result<T, String> {
    value.0.map_err(|error| format!("{}: {error}", name()))
}

fn known<T: Copy>(value: &Lenient<T>, name: &str) -> Result<T, String> {
    match &value.0 {
        Ok(value) => Ok(*value),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn optional<T: Copy>(value: &Option<Lenient<T>>, name: &str) -> Result<Option<T>, String> {
    value.as_ref().map(|value| known(value, name)).transpose()
}

fn access_list(entries: Vec<AccessListEntry>) -> Result<Arc<[AccessListItem]>, String> {
    entries
        .into_iter()
        .map(|entry| {
            Ok(AccessListItem {
                address: named(entry.address, || "accessLists: address".into())?,
                storage_keys: entry
                    .storage_keys
                    .into_iter()
                    .map(|key| named(key, || "accessLists: storageKeys".into()))
                    .collect::<Result<_, String>>()?,
            })
        })
        .collect()
}

fn authorization((entry, at): (AuthorizationEntry, usize)) -> Result<Authorization, String> {
    let name = |field: &'static str| move || format!("authorizationList[{at}].{field}");
    let parity = entry.y_parity.or(entry.v);
    Ok(Authorization {
        chain_id: named(entry.chain_id, name("chainId"))?,
        address: named(entry.address, name("address"))?,
        nonce: named(entry.nonce, name("nonce"))?,
        y_parity: match parity {
            Some(parity) => named(parity, name("yParity"))?,
            None => return Err(format!("authorizationList[{at}]: no yParity")),
        },
        r: named(entry.r, name("r"))?,
        s: named(entry.s, name("s"))?,
    })
}
