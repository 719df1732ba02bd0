//! Reading states, and the changes to them that no message makes.

use alloy_primitives::{Address, Bytes, U256};
use cid::Cid;
use fevm_machine::{MachineError, StateTree, Store, amount};
use fvm_ipld_blockstore::Blockstore;
use fvm_shared::ActorID;
use fvm_shared::econ::TokenAmount;
use fvm_shared::state::ActorState;

use super::Executor;

/// The actor that burnt fees go to.
const BURNT_FUNDS: u64 = 99;

impl Executor {
    /// The state at a root.
    ///
    /// # Errors
    /// A block of it is missing.
    pub fn state(&self, root: &Cid) -> Result<StateTree, MachineError> {
        self.check_kept(root)?;
        self.vm.state(root)
    }

    /// Refuses a state that was pruned.
    pub(super) fn check_kept(&self, root: &Cid) -> Result<(), MachineError> {
        if self.store().has(root).map_err(MachineError::State)? {
            Ok(())
        } else {
            Err(MachineError::MissingBlock(*root))
        }
    }

    /// Changes a state; gives the root of the new one.
    ///
    /// # Errors
    /// The change is refused.
    pub fn change(
        &self,
        root: &Cid,
        change: impl FnOnce(&mut StateTree) -> Result<(), MachineError>,
    ) -> Result<Cid, MachineError> {
        let mut tree = self.vm.state(root)?;
        change(&mut tree)?;
        tree.flush()
    }
}

/// The code at an address of a state in `store`.
pub(super) fn code(store: &Store, root: &Cid, address: Address) -> Result<Bytes, MachineError> {
    StateTree::open(store.clone(), root)?
        .eth_code(address)
        .map(Bytes::from)
}

/// Gives senders what of their burnt fees is no multiple of the gas used, less than one atto for
/// each unit of it: so that gas used times effective gas price is exactly what a sender paid, on
/// which Ethereum's test tools rely. Gives the new root.
pub(super) fn give_back(
    mut tree: StateTree,
    root: Cid,
    remainders: &[(Address, u128)],
) -> Result<Cid, MachineError> {
    let mut changed = false;
    for &(sender, remainder) in remainders.iter().filter(|(_, remainder)| *remainder > 0) {
        let part = TokenAmount::from_atto(remainder);
        let (Some(mut burnt), Some((id, mut actor))) =
            (tree.actor(BURNT_FUNDS)?, sender_actor(&tree, sender)?)
        else {
            continue;
        };
        // Where the fees were tips alone nothing was burnt that could be given back.
        if burnt.balance < part {
            continue;
        }
        burnt.balance -= &part;
        actor.balance += &part;
        tree.set_actor(BURNT_FUNDS, burnt)?;
        tree.set_actor(id, actor)?;
        changed = true;
    }
    if changed { tree.flush() } else { Ok(root) }
}

/// An amount for the state from a 256-bit word.
pub fn token_amount(value: U256) -> TokenAmount {
    amount::from_u256(value)
}

/// The count that a sender's next transaction must meet: its message nonce, which for a contract
/// is not the nonce that CREATE counts.
///
/// # Errors
/// The state cannot be read.
pub fn message_nonce(tree: &StateTree, sender: Address) -> Result<u64, MachineError> {
    Ok(sender_actor(tree, sender)?.map_or(0, |(_, actor)| actor.sequence))
}

/// The actor that sends under an Ethereum address: that of its f410 address, or the one whose
/// masked ID it is, which has no f410 address.
fn sender_actor(
    tree: &StateTree,
    sender: Address,
) -> Result<Option<(ActorID, ActorState)>, MachineError> {
    match tree.actor_at(&fevm_machine::address::delegated(sender))? {
        Some(found) => Ok(Some(found)),
        None => tree.eth_actor(sender),
    }
}
