//! What an execution asked of the machine and whom it called: enough to replay it elsewhere.
//!
//! A kernel around the usual one that writes down every answer to the question for available gas,
//! and every send with its end. It charges nothing, so a message comes out as without it.

use std::cell::RefCell;
use std::time::Instant;

use ambassador::Delegate;
use fvm::DefaultKernel;
use fvm::call_manager::CallManager;
use fvm::kernel::prelude::*;
use fvm::kernel::{ExecutionError, Result};
use fvm::machine::Machine;
use fvm::syscalls::{Context, Linker};
use fvm_shared::error::ErrorNumber;

/// What one actor did while it ran.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The actor.
    pub actor: ActorID,
    /// The method that it ran.
    pub method: MethodNum,
    /// What it did, in order.
    pub steps: Vec<Step>,
}

/// Something that an actor did.
#[derive(Clone, Debug)]
pub enum Step {
    /// It asked for the gas available: the answer.
    GasAvailable(u64),
    /// It sent a message.
    Sent(Box<Sent>),
}

/// A message from actor to actor.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The callee as the caller named it.
    pub to: Address,
    /// The method.
    pub method: MethodNum,
    /// attoFIL.
    pub value: TokenAmount,
    /// Gas that the callee was given; all that is left if there is none.
    pub gas_limit: Option<u64>,
    /// How it ended.
    pub end: End,
    /// What the callee did; `None` if no code ran.
    pub callee: Option<Observed>,
}

/// How a send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The callee ended with an exit code, 0 for success.
    Exit(u32),
    /// The machine refused it.
    Refused(ErrorNumber),
    /// The caller's own gas ended in it.
    OutOfGas,
    /// Execution broke off.
    Fatal,
}

#[derive(Debug, Default)]
struct Recorder {
    /// Actors that run, the innermost last.
    running: Vec<Observed>,
    /// Sends under way, the innermost last.
    sending: Vec<Sent>,
    first: Option<Observed>,
    deadline: Option<Instant>,
}

thread_local! {
    // A message runs on one thread, from its first actor to its last.
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

fn record<T>(write: impl FnOnce(&mut Recorder) -> T) -> Option<T> {
    RECORDER.with_borrow_mut(|recorder| recorder.as_mut().map(write))
}

/// Runs `job`, which applies one message with the observing kernel, and gives what was observed.
/// After `deadline` no actor can send any more: the execution ends fatally.
pub(crate) fn observing<T>(
    deadline: Option<Instant>,
    job: impl FnOnce() -> T,
) -> (T, Option<Observed>) {
    RECORDER.set(Some(Recorder {
        deadline,
        ..Recorder::default()
    }));
    let result = job();
    let mut recorder = RECORDER.take().unwrap_or_default();
    // An execution that broke off leaves its actors running.
    while recorder.running.len() > 1 {
        recorder.end();
    }
    recorder.end();
    (result, recorder.first)
}

impl Recorder {
    /// The innermost actor ends.
    fn end(&mut self) {
        let ended = self.running.pop();
        match self.sending.last_mut() {
            Some(sent) => sent.callee = ended,
            None => self.first = ended.or_else(|| self.first.take()),
        }
    }

    fn step(&mut self, step: Step) {
        if let Some(actor) = self.running.last_mut() {
            actor.steps.push(step);
        }
    }
}

/// The kernel.
#[allow(clippy::duplicated_attributes)]
#[derive(Delegate)]
#[delegate(IpldBlockOps, where = "C: CallManager")]
#[delegate(ActorOps, where = "C: CallManager")]
#[delegate(CryptoOps, where = "C: CallManager")]
#[delegate(DebugOps, where = "C: CallManager")]
#[delegate(EventOps, where = "C: CallManager")]
#[delegate(MessageOps, where = "C: CallManager")]
#[delegate(NetworkOps, where = "C: CallManager")]
#[delegate(RandomnessOps, where = "C: CallManager")]
#[delegate(SelfOps, where = "C: CallManager")]
#[delegate(UpgradeOps<K>, generics = "K", where = "K: Kernel")]
pub(crate) struct ObservingKernel<C>(DefaultKernel<C>);

impl<K> SendOps<K> for ObservingKernel<K::CallManager>
where
    K: Kernel,
{
    fn send(
        &mut self,
        recipient: &Address,
        method: MethodNum,
        params: BlockId,
        value: &TokenAmount,
        gas_limit: Option<Gas>,
        flags: SendFlags,
    ) -> Result<CallResult> {
        let late = record(|recorder| {
            recorder.sending.push(Sent {
                to: *recipient,
                method,
                value: value.clone(),
                gas_limit: gas_limit.map(|gas| gas.round_down()),
                end: End::Fatal,
                callee: None,
            });
            recorder.deadline.is_some_and(|at| Instant::now() > at)
        });
        let result = if late == Some(true) {
            Err(ExecutionError::Fatal(anyhow::anyhow!("out of time")))
        } else {
            <DefaultKernel<K::CallManager> as SendOps<K>>::send(
                &mut self.0,
                recipient,
                method,
                params,
                value,
                gas_limit,
                flags,
            )
        };
        let end = match &result {
            Ok(called) => End::Exit(called.exit_code.value()),
            Err(ExecutionError::OutOfGas) => End::OutOfGas,
            Err(ExecutionError::Syscall(error)) => End::Refused(error.1),
            Err(ExecutionError::Fatal(_)) => End::Fatal,
        };
        record(|recorder| {
            if let Some(mut sent) = recorder.sending.pop() {
                sent.end = end;
                recorder.step(Step::Sent(Box::new(sent)));
            }
        });
        result
    }
}

impl<C: CallManager> Kernel for ObservingKernel<C> {
    type CallManager = C;
    type Limiter = <C::Machine as Machine>::Limiter;

    fn into_inner(self) -> (C, BlockRegistry) {
        record(Recorder::end);
        self.0.into_inner()
    }

    fn new(
        calls: C,
        blocks: BlockRegistry,
        caller: ActorID,
        actor: ActorID,
        method: MethodNum,
        value: TokenAmount,
        read_only: bool,
    ) -> Self {
        record(|recorder| {
            recorder.running.push(Observed {
                actor,
                method,
                steps: Vec::new(),
            });
        });
        Self(DefaultKernel::new(
            calls, blocks, caller, actor, method, value, read_only,
        ))
    }

    fn machine(&self) -> &C::Machine {
        self.0.machine()
    }

    fn limiter_mut(&mut self) -> &mut Self::Limiter {
        self.0.limiter_mut()
    }

    fn gas_available(&self) -> Gas {
        self.0.gas_available()
    }

    fn charge_gas(&self, name: &str, compute: Gas) -> Result<GasTimer> {
        self.0.charge_gas(name, compute)
    }
}

impl<K> SyscallHandler<K> for ObservingKernel<K::CallManager>
where
    K: Kernel
        + ActorOps
        + IpldBlockOps
        + SendOps
        + UpgradeOps
        + CryptoOps
        + DebugOps
        + EventOps
        + MessageOps
        + NetworkOps
        + RandomnessOps
        + SelfOps,
{
    fn link_syscalls(linker: &mut Linker<K>) -> anyhow::Result<()> {
        DefaultKernel::<K::CallManager>::link_syscalls(linker)?;
        // In place of the one just linked.
        linker.link_syscall("gas", "available", gas_available)?;
        Ok(())
    }
}

fn gas_available(context: Context<'_, impl Kernel>) -> Result<u64> {
    let gas = context.kernel.gas_available().round_down();
    record(|recorder| recorder.step(Step::GasAvailable(gas)));
    Ok(gas)
}
