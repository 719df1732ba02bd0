//! Running again what has run, instruction by instruction.

use cid::Cid;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::steps::{StepSink, StepTracer, TracedOutcome};
use fevm_machine::{ApplyKind, MachineError, StateTree, Vm};

use super::block::apply_all;
use super::{CallMessage, Executor, Place};
use crate::chain::Block;
use crate::chain::builder::Draft;

impl Executor {
    /// The state before a block's transaction of this position, in a store of its own.
    ///
    /// # Errors
    /// The machine fails.
    pub fn state_before(&self, block: &Block, index: usize) -> Result<StateTree, MachineError> {
        let (vm, root) = self.before(block, index)?;
        vm.state(&root)
    }

    /// Runs a block's transaction again with its steps.
    ///
    /// # Errors
    /// The machine fails, or the receipt comes out different.
    pub fn trace_steps<S: StepSink>(
        &self,
        block: &Block,
        index: usize,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let (vm, root) = self.before(block, index)?;
        self.trace_next(&vm, block, index, root, sink)
    }

    /// Runs all transactions of a block again with their steps, each into a sink of its own.
    ///
    /// # Errors
    /// The machine fails, or a receipt comes out different.
    pub fn trace_block_steps<S: StepSink>(
        &self,
        block: &Block,
        mut sink: impl FnMut() -> S,
    ) -> Result<Vec<TracedOutcome<S>>, MachineError> {
        let vm = self.vm.with_store(self.store().overlay());
        let mut root = block.header.parent_state_root;
        let mut traced = Vec::with_capacity(block.transactions.len());
        for index in 0..block.transactions.len() {
            let next = self.trace_next(&vm, block, index, root, sink())?;
            root = next.state_root;
            traced.push(next);
        }
        Ok(traced)
    }

    /// Runs a call with its steps and forgets what it changed.
    ///
    /// # Errors
    /// The machine fails. That the call fails is no error: the outcome shows it.
    pub fn trace_call_steps<S: StepSink>(
        &self,
        place: Place,
        call: &CallMessage,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let vm = self.vm.with_store(self.store().overlay());
        let mut message = EthCall::from(call).to_message();
        let from = message.from;
        let (nonce, root) = vm.run(self.context(place, false)?, move |session| {
            Ok((session.prepare_sender(&from)?, session.flush()?))
        })?;
        message.sequence = nonce;
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let mut context = self.context(place, false)?;
        context.state_root = root;
        tracer(&vm, &root)?.trace(context, message, ApplyKind::Call, length, sink)
    }

    /// The state before a transaction: those before it are run again.
    fn before(&self, block: &Block, index: usize) -> Result<(Vm, Cid), MachineError> {
        let vm = self.vm.with_store(self.store().overlay());
        let root = block.header.parent_state_root;
        let earlier: Vec<_> = block
            .transactions
            .iter()
            .take(index)
            .map(|included| included.transaction.clone())
            .collect();
        if earlier.is_empty() {
            return Ok((vm, root));
        }
        let draft = draft_of(block);
        let root = vm.run(
            self.context(Place::in_draft(&draft, root), false)?,
            move |session| {
                apply_all(session, draft.gas_limit, earlier)?;
                session.flush()
            },
        )?;
        Ok((vm, root))
    }

    fn trace_next<S: StepSink>(
        &self,
        vm: &Vm,
        block: &Block,
        index: usize,
        root: Cid,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let included = block.transactions.get(index).ok_or_else(|| {
            MachineError::InvalidInput(format!("block {} has no transaction {index}", block.number))
        })?;
        let transaction = &included.transaction;
        let kind = if transaction.impersonated {
            ApplyKind::Impersonated
        } else {
            ApplyKind::Explicit
        };
        let context = self.context(Place::in_draft(&draft_of(block), root), false)?;
        let message = transaction.message.clone();
        let traced =
            tracer(vm, &root)?.trace(context, message, kind, transaction.on_chain_length, sink)?;
        let seen = (traced.outcome.exit_code.value(), traced.outcome.gas.used);
        if seen != (included.receipt.exit_code, included.receipt.gas_used) {
            return Err(MachineError::State(anyhow::anyhow!(
                "transaction {index} of block {} runs differently a second time",
                block.number
            )));
        }
        Ok(traced)
    }
}

const fn draft_of(block: &Block) -> Draft {
    Draft {
        number: block.number,
        timestamp: block.timestamp,
        base_fee: block.base_fee,
        gas_limit: block.gas_limit,
    }
}

/// A tracer with this suite's tracing actor.
fn tracer(vm: &Vm, root: &Cid) -> Result<StepTracer, MachineError> {
    vm.step_tracer(root, fevm_bundle::evm_tracing()?)
}
