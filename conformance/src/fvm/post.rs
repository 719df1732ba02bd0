//! States to be compared: accounts as Ethereum's clients see them.

use super::setup::from_word;
use crate::ethereum::{Log, State};
use evm_interpreter::{H160, H256, U256};
use fevm_machine::logs::EthLog;
use fevm_machine::{MachineError, Outcome, StateTree};
use std::collections::BTreeMap;

/// Actors below this ID are the network's own.
const FIRST_ID: u64 = 100;

/// What a transaction has left behind. An account with nothing in it counts as none: clients see no
/// difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Accounts by address.
    pub accounts: BTreeMap<H160, Account>,
    /// Logs.
    pub logs: Vec<Log>,
}

/// An account as clients see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Wei, or attoFIL.
    pub balance: U256,
    /// A contract's own nonce, or how many messages an account has sent.
    pub nonce: u64,
    /// Code; a dead contract has none.
    pub code: Vec<u8>,
    /// Slots that are not zero.
    pub storage: BTreeMap<U256, U256>,
}

impl Account {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Post {
    /// What a native run has left.
    #[must_use]
    pub fn of_native(state: &State, logs: Vec<Log>) -> Self {
        let accounts = state.accounts().into_iter().map(|(address, account)| {
            let storage = account
                .storage
                .into_iter()
                .filter(|(_, value)| !value.is_zero());
            let account = Account {
                balance: account.balance,
                nonce: account.nonce,
                code: account.code.as_slice().to_vec(),
                storage: storage.collect(),
            };
            (address, account)
        });
        Self {
            accounts: accounts
                .filter(|(_, account)| !account.is_empty())
                .collect(),
            logs,
        }
    }

    /// What a message has left in a state of the FVM.
    ///
    /// # Errors
    /// If the state is damaged.
    pub fn of_machine(tree: &StateTree, outcome: &Outcome) -> Result<Self, MachineError> {
        let mut actors = Vec::new();
        tree.for_each(|id, actor| {
            actors.push((id, actor.clone()));
            Ok(())
        })?;
        let mut addresses = BTreeMap::new();
        let mut accounts = BTreeMap::new();
        for (id, actor) in actors.into_iter().filter(|(id, _)| *id >= FIRST_ID) {
            let delegated = actor.delegated_address.as_ref();
            let address = H160(fevm_machine::address::of_actor(id, delegated).into_array());
            addresses.insert(id, address);
            let balance = fevm_machine::amount::to_u256(&actor.balance).unwrap_or_default();
            let mut account = Account {
                balance: from_word(&balance),
                nonce: actor.sequence,
                ..Account::default()
            };
            if let Some(evm) = tree.evm_state(&actor)? {
                account.nonce = if evm.is_dead() { 0 } else { evm.nonce };
                account.code = evm.code(tree.store())?;
                let slots = evm.storage(tree.store())?.slots()?;
                account.storage = slots
                    .iter()
                    .map(|(key, value)| (from_word(key), from_word(value)))
                    .collect();
            }
            if !account.is_empty() {
                accounts.insert(address, account);
            }
        }
        let logs = outcome.events.iter().filter_map(|stamped| {
            let log = EthLog::from_event(&stamped.event)?;
            Some(Log {
                address: addresses.get(&stamped.emitter).copied()?,
                topics: log.topics.iter().map(|topic| H256(topic.0)).collect(),
                data: log.data,
            })
        });
        Ok(Self {
            accounts,
            logs: logs.collect(),
        })
    }

    /// The first difference to another, in words: `self` is the FVM's.
    #[must_use]
    pub fn difference(&self, native: &Self) -> Option<String> {
        for address in self.accounts.keys().chain(native.accounts.keys()) {
            let nothing = Account::default();
            let fvm = self.accounts.get(address).unwrap_or(&nothing);
            let native = native.accounts.get(address).unwrap_or(&nothing);
            if let Some(what) = field(fvm, native) {
                return Some(format!("{address:#x}: {what}"));
            }
        }
        if self.logs != native.logs {
            let at = self
                .logs
                .iter()
                .zip(&native.logs)
                .take_while(|(a, b)| a == b)
                .count();
            return Some(format!(
                "log {at}: {} in the FVM, {} natively",
                shown(self.logs.get(at)),
                shown(native.logs.get(at))
            ));
        }
        None
    }
}

fn shown(log: Option<&Log>) -> String {
    log.map_or_else(
        || "none".into(),
        |log| {
            format!(
                "{:#x} with {} topics, {} bytes",
                log.address,
                log.topics.len(),
                log.data.len()
            )
        },
    )
}

fn field(fvm: &Account, native: &Account) -> Option<String> {
    let differs = |name: &str, fvm: &dyn core::fmt::Display, native: &dyn core::fmt::Display| {
        Some(format!("{name} {fvm} in the FVM, {native} natively"))
    };
    if fvm.code != native.code {
        let size = |code: &[u8]| format!("of {} bytes", code.len());
        return differs("code", &size(&fvm.code), &size(&native.code));
    }
    if fvm.nonce != native.nonce {
        return differs("nonce", &fvm.nonce, &native.nonce);
    }
    for key in fvm.storage.keys().chain(native.storage.keys()) {
        let value = |account: &Account| account.storage.get(key).copied().unwrap_or_default();
        let (a, b) = (value(fvm), value(native));
        if a != b {
            return differs(
                &format!("slot {key:#x}"),
                &format!("{a:#x}"),
                &format!("{b:#x}"),
            );
        }
    }
    (fvm.balance != native.balance)
        .then(|| differs("balance", &fvm.balance, &native.balance))
        .flatten()
}
