//! Running again what has run, with a trace.

use alloy_primitives::Address;
use cid::Cid;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::{ApplyKind, MachineError, Outcome, Session, StateTree};

use super::block::{apply_all, effective_gas_price};
use super::{CallMessage, Executor, Place, state};
use crate::chain::Block;
use crate::chain::builder::Draft;

/// Traced outcomes, and the states between them.
#[derive(Debug)]
pub struct Traced {
    /// One outcome for each message.
    pub outcomes: Vec<Outcome>,
    /// The state after all of them, in which their addresses are known.
    pub state: StateTree,
    /// The root before the first message, then after each.
    roots: Vec<Cid>,
    /// What each sender gets back of its fees after the block; see [`state::give_back`].
    remainders: Vec<(Address, u128)>,
}

impl Traced {
    /// The states before and after a message.
    ///
    /// # Errors
    /// There is no such message, or a state cannot be read.
    pub fn around(&self, index: usize) -> Result<(StateTree, StateTree), MachineError> {
        let missing = || MachineError::InvalidInput(format!("no message {index}"));
        let after = self.roots.get(index + 1).ok_or_else(missing)?;
        let before = self.roots.get(index).ok_or_else(missing)?;
        Ok((self.open(before, index)?, self.open(after, index + 1)?))
    }

    /// A state with the remainders of the first `count` messages given back.
    fn open(&self, root: &Cid, count: usize) -> Result<StateTree, MachineError> {
        let store = self.state.store();
        let tree = StateTree::open(store.clone(), root)?;
        let remainders = self.remainders.get(..count).unwrap_or_default();
        let root = state::give_back(tree, *root, remainders)?;
        StateTree::open(store.clone(), &root)
    }
}

impl Executor {
    /// Runs the first `count` transactions of a block again.
    ///
    /// # Errors
    /// The machine fails, or a receipt comes out different.
    pub fn replay(&self, block: &Block, count: usize) -> Result<Traced, MachineError> {
        // The state before the block, even where it was changed from outside after the parent.
        let root = block.header.parent_state_root;
        let draft = Draft {
            number: block.number,
            timestamp: block.timestamp,
            base_fee: block.base_fee,
            gas_limit: block.gas_limit,
        };
        let transactions: Vec<_> = block
            .transactions
            .iter()
            .take(count)
            .map(|included| included.transaction.clone())
            .collect();
        let expected: Vec<(u32, u64)> = block
            .transactions
            .iter()
            .take(count)
            .map(|included| (included.receipt.exit_code, included.receipt.gas_used))
            .collect();
        let senders: Vec<Address> = transactions
            .iter()
            .map(|transaction| transaction.sender)
            .collect();
        let mut traced = self.traced(Place::in_draft(&draft, root), move |session| {
            let mut steps = Vec::with_capacity(transactions.len());
            for transaction in transactions {
                let applied = apply_all(session, draft.gas_limit, vec![transaction])?;
                for (_, outcome) in applied {
                    steps.push((outcome, session.flush()?));
                }
            }
            Ok(steps)
        })?;
        traced.remainders = senders
            .into_iter()
            .zip(&traced.outcomes)
            .map(|(sender, outcome)| (sender, effective_gas_price(outcome, self.gas_unit).1))
            .collect();
        let seen = traced
            .outcomes
            .iter()
            .map(|outcome| (outcome.exit_code.value(), outcome.gas.used));
        if !seen.eq(expected) {
            return Err(MachineError::State(anyhow::anyhow!(
                "block {} runs differently a second time",
                block.number
            )));
        }
        Ok(traced)
    }

    /// Runs a call with a trace and forgets what it changed.
    ///
    /// # Errors
    /// The machine fails. That the call fails is no error: the trace shows it.
    pub fn trace_call(&self, place: Place, call: &CallMessage) -> Result<Traced, MachineError> {
        let mut message = EthCall::from(call).to_message();
        self.traced(place, move |session| {
            message.sequence = session.prepare_sender(&message.from)?;
            let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
            let outcome = session.apply(&message, ApplyKind::Call, length)?;
            Ok(vec![(outcome, session.flush()?)])
        })
    }

    fn traced(
        &self,
        place: Place,
        run: impl FnOnce(&mut Session) -> Result<Vec<(Outcome, Cid)>, MachineError> + Send + 'static,
    ) -> Result<Traced, MachineError> {
        let vm = self.vm.with_store(self.store().overlay());
        let steps = vm.run(self.context(place, true)?, run)?;
        let (outcomes, after): (Vec<Outcome>, Vec<Cid>) = steps.into_iter().unzip();
        let roots: Vec<Cid> = std::iter::once(place.state_root).chain(after).collect();
        Ok(Traced {
            outcomes,
            state: vm.state(roots.last().unwrap_or(&place.state_root))?,
            roots,
            remainders: Vec::new(),
        })
    }
}
