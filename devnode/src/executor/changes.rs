//! What a message changed, by comparing the states around it.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use fevm_machine::trace::CallFrame;
use fevm_machine::{MachineError, StateTree};
use fvm_shared::ActorID;

/// Actors below this ID are the system's own; Ethereum has nothing like them.
const FIRST_USER_ID: ActorID = 100;

/// An account as Ethereum sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountView {
    /// Balance in attoFIL.
    pub balance: U256,
    /// Nonce; of a contract the one that CREATE counts.
    pub nonce: u64,
    /// Runtime code.
    pub code: Bytes,
}

/// An account before and after a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// Its address.
    pub address: Address,
    /// As it was; none if there was none.
    pub before: Option<AccountView>,
    /// As it is; none if there is none.
    pub after: Option<AccountView>,
    /// The slots that have changed, with the value before and after.
    pub slots: Vec<(U256, U256, U256)>,
}

impl AccountView {
    /// The account at an address of a state; none if there is no actor.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn read(state: &StateTree, address: Address) -> Result<Option<Self>, MachineError> {
        if state.eth_actor(address)?.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            balance: state.eth_balance(address)?,
            nonce: state.eth_nonce(address)?,
            code: state.eth_code(address)?.into(),
        }))
    }

    /// Keccak-256 of the code.
    pub fn code_hash(&self) -> B256 {
        keccak256(&self.code)
    }
}

impl AccountChange {
    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        self.before == self.after && self.slots.is_empty()
    }
}

/// The accounts that the calls of a message come from and go to. The addresses of those that the
/// message made are known in the state after it.
///
/// # Errors
/// The state cannot be read.
pub fn touched(root: &CallFrame, after: &StateTree) -> Result<BTreeSet<Address>, MachineError> {
    let mut touched = BTreeSet::new();
    let mut open = vec![root];
    while let Some(frame) = open.pop() {
        for id in [Some(frame.from), frame.to_id].into_iter().flatten() {
            if id >= FIRST_USER_ID {
                touched.insert(after.eth_address_of(id)?);
            }
        }
        // An address that was called and is nobody's.
        touched.extend(fevm_machine::address::to_eth(&frame.to));
        open.extend(&frame.calls);
    }
    Ok(touched)
}

/// The changes of these accounts, those without one left out.
///
/// # Errors
/// A state cannot be read.
pub fn changes(
    before: &StateTree,
    after: &StateTree,
    addresses: &BTreeSet<Address>,
) -> Result<Vec<AccountChange>, MachineError> {
    let mut changes = Vec::new();
    for address in addresses {
        let change = AccountChange {
            address: *address,
            before: AccountView::read(before, *address)?,
            after: AccountView::read(after, *address)?,
            slots: slots(before, after, *address)?,
        };
        if !change.is_none() {
            changes.push(change);
        }
    }
    Ok(changes)
}

fn slots(
    before: &StateTree,
    after: &StateTree,
    address: Address,
) -> Result<Vec<(U256, U256, U256)>, MachineError> {
    let (old, new) = (before.evm_at(address)?, after.evm_at(address)?);
    let root = |evm: &Option<fevm_machine::evm_state::EvmState>| {
        evm.as_ref()
            .filter(|evm| !evm.is_dead())
            .map(|evm| evm.contract_state)
    };
    if root(&old) == root(&new) {
        return Ok(Vec::new());
    }
    let all = |tree: &StateTree, evm: Option<fevm_machine::evm_state::EvmState>| match evm {
        Some(evm) => evm.storage(tree.store())?.slots(),
        None => Ok(Vec::new()),
    };
    let mut values: BTreeMap<U256, (U256, U256)> = BTreeMap::new();
    for (key, value) in all(before, old)? {
        values.entry(key).or_default().0 = value;
    }
    for (key, value) in all(after, new)? {
        values.entry(key).or_default().1 = value;
    }
    Ok(values
        .into_iter()
        .filter(|(_, (old, new))| old != new)
        .map(|(key, (old, new))| (key, old, new))
        .collect())
}
