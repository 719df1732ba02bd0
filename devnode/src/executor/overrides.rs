//! States and blocks that differ from the chain's for one call.

use alloy_primitives::{Address, Bytes, U256};
use cid::Cid;
use fevm_machine::{MachineError, StateTree};

use super::{Executor, Place, state::token_amount};

/// What differs in an account. Members that are none stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountOverride {
    /// Balance in attoFIL.
    pub balance: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Runtime code.
    pub code: Option<Bytes>,
    /// All of the storage: slots not named are zero.
    pub state: Option<Vec<(U256, U256)>>,
    /// Single slots.
    pub state_diff: Vec<(U256, U256)>,
}

/// What differs in the block. Members that are none stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlockOverrides {
    /// NUMBER.
    pub number: Option<u64>,
    /// TIMESTAMP.
    pub time: Option<u64>,
    /// BASEFEE, in attoFIL per gas.
    pub base_fee: Option<u128>,
    /// Gas limit of a simulated block; GASLIMIT is fixed.
    pub gas_limit: Option<u64>,
}

impl BlockOverrides {
    /// The place with these differences.
    #[must_use]
    pub fn apply(&self, place: Place) -> Place {
        Place {
            number: self.number.unwrap_or(place.number),
            timestamp: self.time.unwrap_or(place.timestamp),
            base_fee: self.base_fee.unwrap_or(place.base_fee),
            ..place
        }
    }
}

impl Executor {
    /// An executor whose new states vanish with it.
    #[must_use]
    pub fn scratch(&self) -> Self {
        Self {
            vm: self.vm.with_store(self.store().overlay()),
            ..self.clone()
        }
    }

    /// The state with differences in accounts; call it on a [`scratch`](Self::scratch) executor.
    ///
    /// # Errors
    /// A difference cannot be, such as a balance above 2^128 - 1.
    pub fn override_state(
        &self,
        root: &Cid,
        accounts: &[(Address, AccountOverride)],
    ) -> Result<Cid, MachineError> {
        self.change(root, |tree| {
            accounts
                .iter()
                .try_for_each(|(address, account)| override_account(tree, *address, account))
        })
    }
}

fn override_account(
    tree: &mut StateTree,
    address: Address,
    account: &AccountOverride,
) -> Result<(), MachineError> {
    if let Some(code) = &account.code {
        tree.set_code(address, code)?;
    }
    if let Some(slots) = &account.state {
        tree.replace_storage(address, slots)?;
    }
    if !account.state_diff.is_empty() {
        tree.set_storage(address, &account.state_diff)?;
    }
    if let Some(nonce) = account.nonce {
        tree.set_nonce(address, nonce)?;
    }
    if let Some(balance) = account.balance {
        tree.set_balance(address, token_amount(balance))?;
    }
    Ok(())
}
