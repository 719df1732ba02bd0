//! States behind a transaction, and in what two of them differ.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, hex};
use serde_json::Value;

use crate::compare::design::Parties;
use crate::compare::ids::Ids;

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Wei, or attoFIL.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Code.
    pub code: Vec<u8>,
    /// Slots that are not zero.
    pub storage: BTreeMap<B256, B256>,
}

/// Accounts by address; those with nothing in them are left out.
pub type Accounts = BTreeMap<Address, Account>;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDifference {
    /// Whose.
    pub address: Address,
    /// Balance, nonce, code, or a slot.
    pub what: String,
    /// On the left.
    pub left: String,
    /// On the right.
    pub right: String,
    /// The deliberate differences behind it; none for a fault.
    pub ids: Ids,
}

/// What is known of the execution, to explain differences.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reasons {
    /// Whether the sides are of different worlds at all.
    pub by_design: bool,
    /// Who pays and gets fees.
    pub parties: Parties,
    /// Why storage may differ.
    pub storage: Ids,
    /// Whether a contract has destroyed itself.
    pub destroyed: bool,
}

/// All differences between two states.
#[must_use]
pub fn differences(left: &Accounts, right: &Accounts, reasons: Reasons) -> Vec<StateDifference> {
    let nothing = Account::default();
    let mut found = Vec::new();
    let mut addresses: Vec<_> = left.keys().chain(right.keys()).copied().collect();
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        let (a, b) = (
            left.get(&address).unwrap_or(&nothing),
            right.get(&address).unwrap_or(&nothing),
        );
        let mut note = |what: String, left: String, right: String, ids: Ids| {
            if left != right {
                let ids = if reasons.by_design { ids } else { Ids::NONE };
                found.push(StateDifference {
                    address,
                    what,
                    left,
                    right,
                    ids,
                });
            }
        };
        let parties = reasons.parties;
        let pays = Some(address) == parties.sender || Some(address) == parties.coinbase;
        let fees = if pays { Ids::of("fees") } else { Ids::NONE };
        let gone = reasons.destroyed && a.code.is_empty() != b.code.is_empty();
        let dead = if gone || reasons.destroyed && a.balance != b.balance {
            Ids::of("self-destruct")
        } else {
            Ids::NONE
        };
        // What code computed from values of the other world it may have sent or stored.
        let computed = reasons.storage;
        note(
            "balance".into(),
            a.balance.to_string(),
            b.balance.to_string(),
            fees.with(dead),
        );
        note(
            "nonce".into(),
            a.nonce.to_string(),
            b.nonce.to_string(),
            dead.with(computed),
        );
        note("code".into(), code(a), code(b), dead.with(computed));
        for slot in a.storage.keys().chain(
            b.storage
                .keys()
                .filter(|slot| !a.storage.contains_key(*slot)),
        ) {
            let value = |account: &Account| {
                account
                    .storage
                    .get(slot)
                    .copied()
                    .unwrap_or_default()
                    .to_string()
            };
            note(
                format!("slot {slot}"),
                value(a),
                value(b),
                dead.with(computed),
            );
        }
    }
    found
}

fn code(account: &Account) -> String {
    match account.code.len() {
        0 => "none".into(),
        length => format!(
            "{length} bytes, keccak {}",
            alloy_primitives::keccak256(&account.code)
        ),
    }
}

/// Reads go-ethereum's dump of a state: `accounts` by address.
#[must_use]
pub fn from_dump(dump: &Value) -> Option<Accounts> {
    let mut accounts = Accounts::new();
    for (address, dumped) in dump.get("accounts")?.as_object()? {
        let account = Account {
            balance: quantity(dumped.get("balance")?)?,
            nonce: dumped
                .get("nonce")
                .map_or(Some(0), |nonce| quantity(nonce)?.try_into().ok())?,
            code: match dumped.get("code").and_then(Value::as_str) {
                Some(code) => hex::decode(code).ok()?,
                None => Vec::new(),
            },
            storage: match dumped.get("storage").and_then(Value::as_object) {
                Some(slots) => slots
                    .iter()
                    .map(|(key, value)| Some((word(key)?, word(value.as_str()?)?)))
                    .collect::<Option<_>>()?,
                None => BTreeMap::new(),
            },
        };
        if account != Account::default() {
            accounts.insert(address.parse().ok()?, account);
        }
    }
    Some(accounts)
}

/// Hex digits with or without 0x, short ones too.
fn word(text: &str) -> Option<B256> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    U256::from_str_radix(digits, 16).ok().map(B256::from)
}

/// A number, decimal digits, or hex digits behind 0x.
fn quantity(value: &Value) -> Option<U256> {
    match value {
        Value::Number(number) => number.as_u64().map(U256::from),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => U256::from_str_radix(digits, 16).ok(),
            None => U256::from_str_radix(text, 10).ok(),
        },
        _ => None,
    }
}
