//! The chain of one `fevm run`.

use std::io::{BufWriter, stderr};
use std::sync::Arc;

use alloy_primitives::{Address, U256, address};
use fevm_bundle::{Bundle, Cid};
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::message::{Created, DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::steps::eip3155::{JsonLines, LineOptions};
use fevm_machine::steps::flame::{GasByPath, InstructionGas};
use fevm_machine::steps::{StepSink, TracedOutcome, UnfaithfulSteps};
use fevm_machine::{
    ApplyKind, BlockContext, MachineError, Network, Outcome, StateTree, Store, Vm, amount,
};

/// Where runtime code is placed.
pub(super) const CONTRACT: Address = address!("c0de00000000000000000000000000000000c0de");

/// The first account of the usual development mnemonic.
pub(super) const SENDER: Address = address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266");

/// The gas limit of a Filecoin block.
pub(super) const BLOCK_GAS_LIMIT: u64 = 10_000_000_000;

/// attoFIL per gas.
const BASE_FEE: u64 = 100;

/// A message and what it did.
#[derive(Debug)]
pub(super) struct Run {
    /// The called contract; none for a creation.
    pub(super) to: Option<Address>,
    /// What the message did.
    pub(super) outcome: Outcome,
    /// The contract that it made.
    pub(super) created: Option<Address>,
    /// Its gas by instruction, if asked for.
    pub(super) instruction_gas: Option<GasByPath>,
}

/// A fresh chain with one sender.
#[derive(Debug)]
pub(super) struct Chain {
    vm: Vm,
    block: BlockContext,
    from: Address,
    nonce: u64,
    gas_limit: u64,
    reports: Reports,
}

/// What is told of each message beside its outcome.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reports {
    /// Every instruction, on standard error.
    pub(super) steps: bool,
    /// Gas by instruction.
    pub(super) instruction_gas: bool,
}

impl Chain {
    /// A chain on which `from` owns 10,000 FIL.
    pub(super) fn new(
        bundle: &Bundle,
        from: Address,
        gas_limit: u64,
        reports: Reports,
    ) -> Result<Self, MachineError> {
        let store = Store::memory();
        let balance = amount::from_u256(U256::from(10_000) * U256::from(10u64.pow(18)));
        let mut genesis = Genesis::development("fevm-run");
        if from != Address::ZERO {
            genesis = genesis.with_eth_account(from, balance.clone(), 0);
        }
        let vm = Vm::new(store, &Network::default())?;
        let client = (from != Address::ZERO).then_some(from);
        let (state, _) = genesis.establish(bundle, &vm, client)?;
        let block = BlockContext::new(
            state.root,
            1,
            1_700_000_000,
            amount::from_u256(U256::from(BASE_FEE)),
            Arc::new(SyntheticChain),
        );
        let mut chain = Self {
            vm,
            block: block.with_tracing(true),
            from,
            nonce: 0,
            gas_limit,
            reports,
        };
        if from == Address::ZERO {
            chain.change(|state| state.set_balance(from, balance))?;
        }
        Ok(chain)
    }

    /// Puts runtime code at an address.
    pub(super) fn place(&mut self, at: Address, code: &[u8]) -> Result<(), MachineError> {
        self.change(|state| state.set_code(at, code))
    }

    fn change(
        &mut self,
        change: impl FnOnce(&mut StateTree) -> Result<(), MachineError>,
    ) -> Result<(), MachineError> {
        let mut state = self.state()?;
        change(&mut state)?;
        self.block.state_root = state.flush()?;
        Ok(())
    }

    /// Deploys init code.
    pub(super) fn create(&mut self, code: Vec<u8>, value: U256) -> Result<Run, MachineError> {
        let mut run = self.apply(None, code, value)?;
        let created = Created::decode(&run.outcome.return_data);
        run.created = created
            .filter(|_| run.outcome.is_success())
            .map(|c| c.eth_address);
        Ok(run)
    }

    /// Calls a contract.
    pub(super) fn call(
        &mut self,
        to: Address,
        input: Vec<u8>,
        value: U256,
    ) -> Result<Run, MachineError> {
        self.apply(Some(to), input, value)
    }

    fn apply(
        &mut self,
        to: Option<Address>,
        input: Vec<u8>,
        value: U256,
    ) -> Result<Run, MachineError> {
        let call = EthCall {
            from: self.from,
            to,
            input,
            value,
            nonce: self.nonce,
            gas_limit: self.gas_limit,
            max_fee_per_gas: U256::from(BASE_FEE),
            max_priority_fee_per_gas: U256::ZERO,
        };
        let instruction_gas = match self.reports.instruction_gas {
            true => Some(self.instruction_gas(&call)?),
            false => None,
        };
        let (outcome, root) = if self.reports.steps {
            self.traced(&call)?
        } else {
            let message = call.to_message();
            let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
            let block = self.block.clone();
            self.vm.apply(block, message, ApplyKind::Explicit, length)?
        };
        if outcome.is_included() {
            self.nonce += 1;
        }
        self.block.state_root = root;
        Ok(Run {
            to,
            outcome,
            created: None,
            instruction_gas,
        })
    }

    /// Applies a message and writes its steps to standard error.
    fn traced(&self, call: &EthCall) -> Result<(Outcome, Cid), MachineError> {
        let lines = JsonLines::new(BufWriter::new(stderr()), LineOptions::default());
        let traced = self.trace(call, lines)?;
        // A closed pipe leaves nobody to tell.
        let _ = traced.sink.finish();
        if let Err(difference) = traced.faithful {
            eprintln!("# {}", UnfaithfulSteps(difference));
        }
        Ok((traced.outcome, traced.state_root))
    }

    fn instruction_gas(&self, call: &EthCall) -> Result<GasByPath, MachineError> {
        let mut traced = self.trace(call, InstructionGas::default())?;
        Ok(InstructionGas::of(&mut traced)?)
    }

    /// Applies a message with its steps and keeps nothing.
    fn trace<S: StepSink>(
        &self,
        call: &EthCall,
        sink: S,
    ) -> Result<TracedOutcome<S>, MachineError> {
        let message = call.to_message();
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let block = self.block.clone();
        let tracer = self
            .vm
            .step_tracer(&block.state_root, fevm_bundle::evm_tracing()?)?;
        tracer.trace(block, message, ApplyKind::Explicit, length, sink)
    }

    /// The state as the last message left it.
    pub(super) fn state(&self) -> Result<StateTree, MachineError> {
        self.vm.state(&self.block.state_root)
    }
}
