//! Step traces of EVM code in the machine.
//!
//! The EVM actor that ships reports nothing. To trace a message it is run twice from the same state: once
//! with the shipping actor, while a kernel writes down every charge ([`StepTracer`]), and once more with a
//! build of the same actor that reports each step by a syscall of that kernel, put in its place by the
//! engine's redirect. The second run is charged by the record of the first, so gas, gas limits and
//! out-of-gas are those of the shipping actor. Whether it really was the same run is
//! checked, and the answer says so: [`TracedOutcome::faithful`], [`TracedOutcome::require_same_result`].
//!
//! * [`event`]: frames and steps, and [`StepSink`] which takes them one by one
//! * [`eip3155`]: a sink that writes a line of JSON a step
//! * [`flame`]: a sink that sums gas up by frame and instruction
//! * [`operation`]: what actors ask of the machine
//!
//! **How exact gas is.** At every syscall, so wherever state, other actors or GAS are involved, it is the
//! shipping run's to the unit. Between two syscalls only its sum is known; it is shared out by what the
//! tracing actor executes for each step, less the same amount for each report. Within such a stretch a step's
//! gas may be off by up to 2.5 % of the stretch, since the compiler arranges the two builds differently; so
//! much a test allows, against programs cut off at each step.

pub mod eip3155;
pub mod event;
pub mod flame;
mod frame;
mod kernel;
mod ledger;
pub mod operation;
mod recorder;
mod syscalls;

use std::cell::RefCell;
use std::rc::Rc;

use cid::Cid;
pub use fevm_bundle_format::TracingActor;
use fevm_bundle_format::car::cid_of;
use fvm::machine::{DefaultMachine, Machine};
use fvm_ipld_blockstore::Blockstore;
use fvm_ipld_encoding::IPLD_RAW;
use fvm_shared::message::Message;

pub use event::{
    Event, FrameEnd, FrameInfo, FrameKind, MemoryChange, MemoryView, Step, StepHalt, StepSink,
};
use kernel::{StepExterns, StepKernel};
pub use operation::Operation;
use recorder::Recorder;

use crate::chain::ChainExterns;
use crate::error::MachineError;
use crate::executor::{self, ApplyKind};
use crate::outcome::Outcome;
use crate::vm::{BlockContext, Vm};

/// Traces messages step by step. Cheap to clone; the tracing actor is compiled when it is first used, once
/// in a process.
#[derive(Debug, Clone)]
pub struct StepTracer {
    shipping: Vm,
    tracing: Vm,
    module: (Cid, Vec<u8>),
    /// Code of the chain's EVM contracts.
    evm: Cid,
    /// The chain's EVM actor is of the tracing actor's source.
    same_source: bool,
}

/// A message and its steps.
#[derive(Debug)]
pub struct TracedOutcome<S> {
    /// What the shipping actor did.
    pub outcome: Outcome,
    /// The state after it.
    pub state_root: Cid,
    /// Where the steps went.
    pub sink: S,
    /// Whether the steps are those of that very execution.
    pub faithful: Result<(), Box<Difference>>,
}

impl<S> TracedOutcome<S> {
    /// Refuses steps that do not tell what the message did. Those of this suite's actor in another's place,
    /// come to the same result, do.
    ///
    /// # Errors
    /// In what the traced run was another one.
    pub fn require_same_result(&self) -> Result<(), UnfaithfulSteps> {
        match &self.faithful {
            Err(difference) if **difference != Difference::OtherActor => {
                Err(UnfaithfulSteps(difference.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// The refusal of steps that are not those of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the steps are not those of the shipping actor: {0}")]
pub struct UnfaithfulSteps(pub Box<Difference>);

/// In what the run with the tracing actor was not the shipping one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The chain's EVM actor is not of this suite, and the tracing one came to the same result: steps, stack,
    /// memory and storage hold, gas is what this suite's actor would use.
    #[error("the chain's EVM actor is another one: gas of the steps is that of the tracing actor")]
    OtherActor,
    /// An actor asked the machine for something else.
    #[error(
        "invocation {frame}, syscall {at}: {shipping:?} in the shipping run, {traced:?} in the traced one"
    )]
    Operation {
        /// Which invocation of the message, from 0.
        frame: usize,
        /// Which syscall of it, from 0.
        at: usize,
        /// What the shipping run asked for.
        shipping: Operation,
        /// What the traced run asked for.
        traced: Operation,
    },
    /// An invocation made more or fewer syscalls.
    #[error("invocation {frame} has other syscalls from number {at} on")]
    Syscalls {
        /// Which invocation of the message, from 0.
        frame: usize,
        /// Which syscall of it, from 0.
        at: usize,
    },
    /// More or fewer actors were called.
    #[error("{shipping} invocations in the shipping run, {traced} in the traced one")]
    Invocations {
        /// In the shipping run.
        shipping: usize,
        /// In the traced run.
        traced: usize,
    },
    /// The receipts are not equal.
    #[error("{field} of the receipt: {shipping} in the shipping run, {traced} in the traced one")]
    Receipt {
        /// Which field.
        field: &'static str,
        /// In the shipping run.
        shipping: String,
        /// In the traced run.
        traced: String,
    },
    /// The states are not equal.
    #[error("state root: {shipping} in the shipping run, {traced} in the traced one")]
    StateRoot {
        /// After the shipping run.
        shipping: Cid,
        /// After the traced run.
        traced: Cid,
    },
}

impl Vm {
    /// A tracer of messages on states with the same actors as the one at `root`.
    ///
    /// # Errors
    /// The tracing actor is missing (no module), or the state cannot be read.
    pub fn step_tracer(
        &self,
        root: &Cid,
        actor: TracingActor<'_>,
    ) -> Result<StepTracer, MachineError> {
        if actor.module.is_empty() {
            return Err(MachineError::InvalidInput(
                "step traces need the tracing EVM actor, which this program was built without \
                 (FEVM_BUNDLE named a bundle with no evm-tracing.wasm beside it)"
                    .into(),
            ));
        }
        let evm = self.state(root)?.code_of("evm")?;
        let code = cid_of(IPLD_RAW, actor.module);
        Ok(StepTracer {
            shipping: self.clone(),
            tracing: self.redirected(evm, code)?,
            module: (code, actor.module.to_vec()),
            evm,
            same_source: evm == actor.shipping,
        })
    }
}

impl StepTracer {
    /// Applies a message as [`Vm::apply`] does, and once more for its steps.
    ///
    /// # Errors
    /// Those of [`Vm::apply`]: nothing about the traced run, which shows in
    /// [`TracedOutcome::faithful`].
    pub fn trace<S: StepSink>(
        &self,
        block: BlockContext,
        message: Message,
        kind: ApplyKind,
        raw_length: usize,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let tracer = self.clone();
        self.shipping
            .workers()
            .run(move || tracer.run(&block, &message, kind, raw_length, sink))?
    }

    fn run<S: StepSink>(
        self,
        block: &BlockContext,
        message: &Message,
        kind: ApplyKind,
        raw_length: usize,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let recorder = Rc::new(RefCell::new(Recorder::recording()));
        let run = Run {
            block,
            message,
            kind,
            raw_length,
            evm: self.evm,
        };
        let again = block.clone().with_tracing(false);
        let (outcome, state_root) = run.apply(&self.shipping, &recorder)?;
        let log = self.same_source.then(|| recorder.borrow_mut().take_log());

        let overlay = self.tracing.store().overlay();
        let (code, module) = &self.module;
        overlay
            .put_keyed(code, module)
            .map_err(MachineError::State)?;
        let sink = Rc::new(RefCell::new(sink));
        let recorder = Rc::new(RefCell::new(Recorder::following(log, sink.clone())));
        let traced = Run {
            block: &again,
            ..run
        }
        .apply(&self.tracing.with_store(overlay), &recorder);
        let met = recorder.borrow_mut().take_difference();
        drop(recorder);
        let faithful = match traced {
            Ok((traced, root)) => self.compare(&outcome, &traced, (state_root, root), met),
            Err(error) => Err(Box::new(Difference::Receipt {
                field: "existence",
                shipping: "a receipt".into(),
                traced: error.to_string(),
            })),
        };
        let sink = Rc::into_inner(sink)
            .ok_or_else(|| MachineError::Fatal(anyhow::anyhow!("the machine kept the trace")))?;
        Ok(TracedOutcome {
            outcome,
            state_root,
            sink: sink.into_inner(),
            faithful,
        })
    }

    fn compare(
        &self,
        shipping: &Outcome,
        traced: &Outcome,
        roots: (Cid, Cid),
        met: Option<Difference>,
    ) -> Result<(), Box<Difference>> {
        let field = |field, one: String, other: String| {
            if one == other {
                return Ok(());
            }
            Err(Box::new(Difference::Receipt {
                field,
                shipping: one,
                traced: other,
            }))
        };
        let exit = |outcome: &Outcome| outcome.exit_code.to_string();
        let data = |outcome: &Outcome| alloy_primitives::hex::encode_prefixed(&outcome.return_data);
        let events = |outcome: &Outcome| format!("{:?}", outcome.events_root);
        field("exit code", exit(shipping), exit(traced))?;
        field("return data", data(shipping), data(traced))?;
        field("events root", events(shipping), events(traced))?;
        if !self.same_source {
            return Err(Difference::OtherActor.into());
        }
        field(
            "gas used",
            shipping.gas.used.to_string(),
            traced.gas.used.to_string(),
        )?;
        if roots.0 != roots.1 {
            return Err(Box::new(Difference::StateRoot {
                shipping: roots.0,
                traced: roots.1,
            }));
        }
        met.map_or(Ok(()), |difference| Err(Box::new(difference)))
    }
}

/// What both runs apply.
#[derive(Clone, Copy)]
struct Run<'a> {
    block: &'a BlockContext,
    message: &'a Message,
    kind: ApplyKind,
    raw_length: usize,
    evm: Cid,
}

impl Run<'_> {
    fn apply(
        &self,
        vm: &Vm,
        recorder: &Rc<RefCell<Recorder>>,
    ) -> Result<(Outcome, Cid), MachineError> {
        let context = vm.context(self.block)?;
        let externs = StepExterns {
            chain: ChainExterns(self.block.chain.clone()),
            recorder: recorder.clone(),
            evm: self.evm,
        };
        let machine = DefaultMachine::new(&context, vm.store().clone(), externs);
        let machine = Box::new(machine.map_err(MachineError::State)?);
        let (outcome, machine) = executor::apply::<StepKernel>(
            machine,
            vm.pool(),
            self.message,
            self.kind,
            self.raw_length,
        );
        let outcome = outcome?;
        let block = outcome
            .return_codec
            .map(|codec| (codec, &outcome.return_data[..]));
        recorder.borrow_mut().finish(outcome.exit_code, block);
        let mut machine = machine.ok_or(MachineError::Poisoned)?;
        let root = machine.flush().map_err(MachineError::state)?;
        Ok((outcome, root))
    }
}
