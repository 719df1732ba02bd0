//! The machine's kernel with a recorder beside it.

use std::cell::RefCell;
use std::rc::Rc;

use alloy_primitives::Address as EthAddress;
use fvm::call_manager::{CallManager, DefaultCallManager};
use fvm::externs::{Chain, Consensus, Externs, Rand};
use fvm::kernel::filecoin::DefaultFilecoinKernel;
use fvm::kernel::prelude::*;
use fvm::kernel::{ExecutionError, Result};
use fvm::machine::{DefaultMachine, Machine};
use fvm::syscalls::Linker;
use fvm_shared::consensus::ConsensusFault;

use super::frame::Invocation;
use super::ledger::Charge;
use super::operation::Operation;
use super::recorder::{Recorder, Settlement};
use super::syscalls;
use crate::address::of_actor;
use crate::chain::ChainExterns;
use crate::store::Store;

/// The machine that the kernel works on.
pub(super) type StepMachine = Box<DefaultMachine<Store, StepExterns>>;
pub(super) type Calls = DefaultCallManager<StepMachine>;
pub(super) type Inner = DefaultFilecoinKernel<Calls>;

/// What the instance may use, milligas: more than any message has.
const HEADROOM: Gas = Gas::from_milligas(1 << 60);

/// The chain, and the recorder of the message: kernels are made without data of ours, but they reach these.
pub(super) struct StepExterns {
    pub(super) chain: ChainExterns,
    pub(super) recorder: Rc<RefCell<Recorder>>,
    /// Code of EVM contracts.
    pub(super) evm: Cid,
}

/// The Filecoin kernel; what passes through it is recorded, or charged by an earlier record.
pub(super) struct StepKernel {
    pub(super) inner: Inner,
    recorder: Rc<RefCell<Recorder>>,
}

impl StepKernel {
    /// Notes an operation, and makes the charges that stand before it.
    pub(super) fn operate(&self, operation: Operation) -> Result<()> {
        self.settle()?;
        self.recorder.borrow_mut().operate(operation);
        Ok(())
    }

    /// Makes the charges for executed code and a syscall, if they have not been made.
    fn settle(&self) -> Result<()> {
        let settlement = self.recorder.borrow_mut().settle();
        self.charge(settlement)
    }

    fn charge(&self, settlement: Settlement) -> Result<()> {
        for (name, gas) in settlement.charges() {
            if let Err(error) = self.inner.charge_gas(name, gas) {
                self.recorder.borrow_mut().exhaust();
                return Err(error);
            }
        }
        Ok(())
    }

    /// An EVM instruction is about to be executed.
    pub(super) fn step(&self, step: &syscalls::RawStep<'_>) -> Result<()> {
        if self.recorder.borrow_mut().step(step) {
            return Ok(());
        }
        // Here the shipping run was out of gas: the charge that failed there fails now.
        self.settle()?;
        Err(ExecutionError::OutOfGas)
    }

    /// The recorder, for the tracing actor's other reports.
    pub(super) fn recorder(&self) -> std::cell::RefMut<'_, Recorder> {
        self.recorder.borrow_mut()
    }

    /// Gas left, as the shipping run had it.
    pub(super) fn gas_left(&self) -> Gas {
        self.inner.gas_available()
    }
}

impl Kernel for StepKernel {
    type CallManager = Calls;
    type Limiter = <Inner as Kernel>::Limiter;

    fn into_inner(self) -> (Calls, BlockRegistry) {
        // A failure shows in the gas left: nothing.
        let _ = self.settle();
        let left = self.inner.gas_available();
        self.recorder.borrow_mut().end(left);
        self.inner.into_inner()
    }

    fn new(
        calls: Calls,
        blocks: BlockRegistry,
        caller: ActorID,
        actor: ActorID,
        method: MethodNum,
        value: TokenAmount,
        read_only: bool,
    ) -> Self {
        let recorder = calls.externs().recorder.clone();
        let (address, is_evm) = look_up(&calls, actor);
        let (caller_address, _) = look_up(&calls, caller);
        recorder.borrow_mut().enter(&Invocation {
            actor,
            address,
            is_evm,
            caller: caller_address,
            method,
            value: &value,
            params: blocks.get(1).ok(),
            gas: calls.gas_tracker().gas_available(),
            read_only,
        });
        Self {
            inner: Inner::new(calls, blocks, caller, actor, method, value, read_only),
            recorder,
        }
    }

    fn machine(&self) -> &StepMachine {
        self.inner.machine()
    }

    fn limiter_mut(&mut self) -> &mut Self::Limiter {
        self.inner.limiter_mut()
    }

    /// Asked by the machine after every syscall, to tell the instance what it may use.
    fn gas_available(&self) -> Gas {
        if self.recorder.borrow().is_recording() {
            return self.inner.gas_available();
        }
        // A failure is told at the next charge.
        let _ = self.settle();
        let left = self.inner.gas_available();
        self.recorder.borrow_mut().resume(left);
        HEADROOM
    }

    fn charge_gas(&self, name: &str, gas: Gas) -> Result<GasTimer> {
        let charge = Charge::named(name);
        if self.recorder.borrow().is_recording() {
            let charged = self.inner.charge_gas(name, gas);
            self.recorder
                .borrow_mut()
                .record(charge, gas, charged.is_err());
            return charged;
        }
        if self.recorder.borrow().is_exhausted() {
            return Err(ExecutionError::OutOfGas);
        }
        match charge {
            Charge::Start => {
                let start = self.recorder.borrow_mut().start(name, gas);
                return self.inner.charge_gas(name, start);
            }
            Charge::Exec => self.settle()?,
            Charge::Memory | Charge::Syscall => {}
            Charge::Other => {
                self.operate(Operation::GasCharge)?;
                return self.inner.charge_gas(name, gas);
            }
        }
        let settlement = self.recorder.borrow_mut().pend(charge, gas);
        self.charge(settlement)?;
        Ok(GasTimer::empty())
    }
}

/// An actor's Ethereum address, and whether it is an EVM contract. Free: nothing of it is charged.
fn look_up(calls: &Calls, id: ActorID) -> (EthAddress, bool) {
    let machine = calls.machine();
    match machine.state_tree().get_actor(id) {
        Ok(Some(actor)) => (
            of_actor(id, actor.delegated_address.as_ref()),
            actor.code == machine.externs().evm,
        ),
        _ => (of_actor(id, None), false),
    }
}

impl SendOps<Self> for StepKernel {
    fn send(
        &mut self,
        recipient: &Address,
        method: MethodNum,
        params: BlockId,
        value: &TokenAmount,
        gas_limit: Option<Gas>,
        flags: SendFlags,
    ) -> Result<CallResult> {
        self.operate(Operation::Send)?;
        let left = self.inner.gas_available();
        let open = self.recorder.borrow_mut().call(left);
        let result = <Inner as SendOps<Self>>::send(
            &mut self.inner,
            recipient,
            method,
            params,
            value,
            gas_limit,
            flags,
        );
        let mut recorder = self.recorder.borrow_mut();
        if recorder.open() > open {
            let (exit_code, block) = match &result {
                Ok(result) => (
                    result.exit_code,
                    self.inner.0.blocks.get(result.block_id).ok(),
                ),
                Err(ExecutionError::OutOfGas) => (ExitCode::SYS_OUT_OF_GAS, None),
                Err(_) => (ExitCode::SYS_ASSERTION_FAILED, None),
            };
            recorder.leave(exit_code, block.map(|block| (block.codec(), block.data())));
        }
        drop(recorder);
        result
    }
}

impl SyscallHandler<Self> for StepKernel {
    fn link_syscalls(linker: &mut Linker<Self>) -> anyhow::Result<()> {
        <Inner as SyscallHandler<Self>>::link_syscalls(linker)?;
        syscalls::link(linker)
    }
}

impl Externs for StepExterns {}

impl Chain for StepExterns {
    fn get_tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid> {
        self.chain.get_tipset_cid(epoch)
    }
}

impl Rand for StepExterns {
    fn get_chain_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        self.chain.get_chain_randomness(epoch)
    }

    fn get_beacon_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        self.chain.get_beacon_randomness(epoch)
    }
}

impl Consensus for StepExterns {
    fn verify_consensus_fault(
        &self,
        one: &[u8],
        two: &[u8],
        extra: &[u8],
    ) -> anyhow::Result<(Option<ConsensusFault>, i64)> {
        self.chain.verify_consensus_fault(one, two, extra)
    }
}
