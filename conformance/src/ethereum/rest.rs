//! From a working set to a state at rest.

use super::prestate::{Account, Entry, Prestate, entry};
use super::state::State;

impl State {
    /// The state as it is now, at rest. What did not change keeps its hashes.
    #[must_use]
    pub fn at_rest(&self) -> Prestate {
        let (base, changed) = self.parts();
        let mut entries: Vec<Entry> = base
            .entries
            .iter()
            .filter(|entry| !self.is_dirty(&entry.address))
            .cloned()
            .collect();
        for account in changed
            .iter()
            .filter(|account| account.dirty && account.exists)
        {
            let at = account.base.filter(|_| !account.wiped);
            let mut storage =
                at.map_or_else(Vec::new, |at| base.entries[at as usize].storage.clone());
            // The last value of a key counts.
            storage.extend(
                account
                    .storage
                    .iter()
                    .map(|(key, slot)| (*key, slot.current)),
            );
            entries.push(entry(
                account.address,
                Account {
                    balance: account.balance,
                    nonce: account.nonce,
                    code: account.code.clone(),
                    storage,
                },
            ));
        }
        Prestate::of_entries(entries)
    }
}

#[cfg(test)]
mod tests {
    use crate::ethereum::{Account, Code, Prestate, State};
    use evm_interpreter::{H160, U256};
    use std::sync::Arc;

    fn account(balance: u64, storage: &[(u64, u64)]) -> Account {
        Account {
            balance: balance.into(),
            nonce: 1,
            code: Code::EMPTY,
            storage: storage
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
        }
    }

    #[test]
    fn as_the_state_made_anew() {
        let address = H160::repeat_byte;
        let base = Prestate::new([
            (address(1), account(7, &[(1, 1), (2, 2)])),
            (address(2), account(8, &[])),
            (address(3), account(9, &[(5, 5)])),
        ]);
        let mut state = State::new(Arc::new(base));
        let one = state.load(address(1));
        state.store_slot(one, 2.into(), U256::zero());
        state.store_slot(one, 3.into(), 3.into());
        state.credit(one, 1.into());
        let three = state.load(address(3));
        state.mark_destructed(three);
        let four = state.load(address(4));
        state.credit(four, 4.into());
        state.finish_transaction(true);
        let rest = state.at_rest();
        assert_eq!(rest.root(), state.root());
        assert_eq!(rest.root(), Prestate::new(state.accounts()).root());
        assert_eq!(rest.accounts().count(), 3);
    }
}
