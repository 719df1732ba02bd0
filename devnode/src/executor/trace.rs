//! Running again what has run, with a trace.

use cid::Cid;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::{ApplyKind, MachineError, Outcome, StateTree};

use super::block::apply_all;
use super::{CallMessage, Executor, Place};
use crate::chain::Block;
use crate::chain::builder::Draft;

/// Traced outcomes, and the state after them, in which their addresses are known.
#[derive(Debug)]
pub struct Traced {
    /// One outcome for each message.
    pub outcomes: Vec<Outcome>,
    /// The state after all of them.
    pub state: StateTree,
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
        let traced = self.traced(Place::in_draft(&draft, root), move |session| {
            let applied = apply_all(session, draft.gas_limit, transactions)?;
            Ok(applied.into_iter().map(|(_, outcome)| outcome).collect())
        })?;
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
            Ok(vec![session.apply(&message, ApplyKind::Call, length)?])
        })
    }

    fn traced(
        &self,
        place: Place,
        run: impl FnOnce(&mut fevm_machine::Session) -> Result<Vec<Outcome>, MachineError>
        + Send
        + 'static,
    ) -> Result<Traced, MachineError> {
        let vm = self.vm.with_store(self.store().overlay());
        let (outcomes, root): (_, Cid) = vm.run(self.context(place, true)?, move |session| {
            let outcomes = run(session)?;
            Ok((outcomes, session.flush()?))
        })?;
        Ok(Traced {
            outcomes,
            state: vm.state(&root)?,
        })
    }
}
