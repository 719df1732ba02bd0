//! `prestateTracer`: the accounts that a message meets, before it, or what it makes of them.

use alloy_primitives::{Address, B256, U256, hex};
use fevm_machine::StateTree;
use fevm_machine::trace::CallFrame;
use serde_json::{Map, Value, json};

use super::accesses::Accesses;
use crate::executor::{AccountChange, AccountView, changes, touched};
use crate::rpc::RpcResult;
use crate::rpc::eth::state::word;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    /// The differences, and not all that was met.
    pub(super) differences: bool,
    pub(super) without_code: bool,
    pub(super) without_storage: bool,
    /// Accounts too that there were not.
    pub(super) with_empty: bool,
}

/// The differences between two states in the accounts of a tree of calls.
pub(super) fn differences(
    options: &Options,
    root: &CallFrame,
    before: &StateTree,
    after: &StateTree,
) -> RpcResult {
    let addresses = touched(root, after)?;
    let (mut pre, mut post) = (Map::new(), Map::new());
    for change in changes(before, after, &addresses)? {
        let key = format!("{:#x}", change.address);
        if let Some(old) = &change.before {
            let mut shown = options.account(old);
            let slots = change.slots.iter().map(|(key, old, _)| (*key, *old));
            options.slots(&mut shown, slots.filter(|(_, value)| !value.is_zero()));
            pre.insert(key.clone(), Value::Object(shown));
        }
        if change.after.is_some() {
            post.insert(key, Value::Object(options.difference(&change)));
        }
    }
    Ok(json!({ "pre": pre, "post": post }))
}

/// All accounts that a message met, and the slots, as they were before it.
pub(super) fn met(
    options: &Options,
    root: &CallFrame,
    accesses: &Accesses,
    before: &StateTree,
    after: &StateTree,
) -> RpcResult {
    let mut addresses = touched(root, after)?;
    addresses.extend(&accesses.named);
    addresses.extend(&accesses.ran);
    // COINBASE, which is empty on this chain.
    addresses.insert(Address::ZERO);
    let mut met = Map::new();
    for address in addresses {
        let mut shown = match AccountView::read(before, address)? {
            Some(account) if options.with_empty || !is_empty(&account) => options.account(&account),
            Some(_) => continue,
            None if options.with_empty => options.account(&AccountView::default()),
            None => continue,
        };
        if let Some(slots) = accesses.slots.get(&address) {
            let read = |slot: &B256| -> RpcResult<(U256, U256)> {
                let slot = U256::from_be_bytes(slot.0);
                Ok((slot, before.eth_storage(address, slot)?))
            };
            let values = slots.iter().map(read).collect::<RpcResult<Vec<_>>>()?;
            options.slots(&mut shown, values.into_iter());
        }
        met.insert(format!("{address:#x}"), Value::Object(shown));
    }
    Ok(Value::Object(met))
}

impl Options {
    /// An account in full; members that are zero are left out.
    fn account(&self, account: &AccountView) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("balance".to_owned(), word(account.balance));
        if account.nonce > 0 {
            shown.insert("nonce".to_owned(), json!(account.nonce));
        }
        if !account.code.is_empty() {
            if !self.without_code {
                let code = hex::encode_prefixed(&account.code);
                shown.insert("code".to_owned(), json!(code));
            }
            shown.insert("codeHash".to_owned(), json!(account.code_hash()));
        }
        shown
    }

    /// What is new of an account.
    fn difference(&self, change: &AccountChange) -> Map<String, Value> {
        let mut shown = Map::new();
        let Some(new) = &change.after else {
            return shown;
        };
        let old = change.before.as_ref();
        if old.is_none_or(|old| old.balance != new.balance) {
            shown.insert("balance".to_owned(), word(new.balance));
        }
        if old.is_none_or(|old| old.nonce != new.nonce) {
            shown.insert("nonce".to_owned(), json!(new.nonce));
        }
        if old.map_or(!new.code.is_empty(), |old| old.code != new.code) {
            if !self.without_code {
                let code = hex::encode_prefixed(&new.code);
                shown.insert("code".to_owned(), json!(code));
            }
            shown.insert("codeHash".to_owned(), json!(new.code_hash()));
        }
        let slots = change.slots.iter().map(|(key, _, new)| (*key, *new));
        self.slots(&mut shown, slots.filter(|(_, value)| !value.is_zero()));
        shown
    }

    /// Slots with their values.
    fn slots(&self, shown: &mut Map<String, Value>, slots: impl Iterator<Item = (U256, U256)>) {
        if self.without_storage {
            return;
        }
        let slots: Map<String, Value> = slots
            .map(|(key, value)| (B256::from(key).to_string(), json!(B256::from(value))))
            .collect();
        if !slots.is_empty() {
            shown.insert("storage".to_owned(), Value::Object(slots));
        }
    }
}

/// Whether an account is empty as EIP-161 has it.
fn is_empty(account: &AccountView) -> bool {
    account.balance.is_zero() && account.nonce == 0 && account.code.is_empty()
}
