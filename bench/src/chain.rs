//! The small chain that a scenario runs on: system, init, reward, cron, EAM,
//! burnt funds, and four Ethereum accounts with nonce 1 and a million FIL.

use std::sync::Arc;

use alloy_primitives::{Address, U256, address};
use cid::Cid;
use fevm_machine::bundle::Bundle;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::steps::flame::{GasByPath, InstructionGas};
use fevm_machine::steps::{StepTracer, TracingActor};
use fevm_machine::{ApplyKind, BlockContext, MachineError, Network, Outcome, Store, Vm};
use fvm_shared::econ::TokenAmount;

/// The senders: the first accounts of the usual development mnemonic.
pub const SENDERS: [Address; 4] = [
    address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
    address!("70997970c51812dc3a010c7d01b50e0d17dc79c8"),
    address!("3c44cdddb6a900fa2b585dd299e03d12fa4293bc"),
    address!("90f79bf6eb2c4f870365e785982e1f101e93b906"),
];

/// Gas limit of each message: a hundred blocks, so that heavy steps finish.
pub const GAS_LIMIT: u64 = 1_000_000_000_000;

/// Base fee, attoFIL per gas.
pub const BASE_FEE: u64 = 100;
const FEE_CAP: u64 = 1_000;
const PREMIUM: u64 = 100;

/// What one message is to do.
#[derive(Debug, Clone)]
pub enum Action {
    /// Call a contract.
    Call(Address, Vec<u8>),
    /// Deploy init code.
    Create(Vec<u8>),
    /// Transfer value to an account, as an Ethereum transaction does.
    Send(Address),
}

/// A chain whose state goes on from message to message.
#[derive(Debug)]
pub struct Chain {
    vm: Vm,
    block: BlockContext,
    nonces: [u64; SENDERS.len()],
}

impl Chain {
    /// A new chain with the actors of a bundle.
    pub fn new(bundle: &Bundle, tracing: bool) -> Result<Self, MachineError> {
        let mut genesis = Genesis::minimal("bench");
        for sender in SENDERS {
            genesis = genesis.with_eth_account(sender, TokenAmount::from_whole(1_000_000), 1);
        }
        let store = Store::memory();
        let state = genesis.write(bundle, &store)?;
        let block = BlockContext::new(
            state.root,
            1_000,
            1_700_000_000,
            TokenAmount::from_atto(BASE_FEE),
            Arc::new(SyntheticChain),
        );
        Ok(Self {
            vm: Vm::new(store, &Network::default())?,
            block: block.with_tracing(tracing),
            nonces: [1; SENDERS.len()],
        })
    }

    /// Names and codes of the built-in actors.
    pub fn builtin_actors(&self) -> Result<Vec<(String, Cid)>, MachineError> {
        let state = self.vm.state(&self.block.state_root)?;
        Ok(state.builtin_actors().to_vec())
    }

    /// A tracer of this chain's messages.
    ///
    /// # Errors
    /// The tracing actor is missing.
    pub fn tracer(&self, actor: TracingActor<'_>) -> Result<StepTracer, MachineError> {
        self.vm.step_tracer(&self.block.state_root, actor)
    }

    /// Applies a message of one of the senders and keeps the state; by a tracer, if there is one, which
    /// gives its gas by frame and instruction.
    pub fn send(
        &mut self,
        sender: usize,
        action: &Action,
        value: u128,
        tracer: Option<&StepTracer>,
    ) -> Result<(Outcome, Option<GasByPath>), MachineError> {
        let (Some(from), Some(nonce)) = (SENDERS.get(sender), self.nonces.get_mut(sender)) else {
            return Err(MachineError::InvalidInput(format!(
                "sender {sender}, there are 0 to {}",
                SENDERS.len() - 1
            )));
        };
        let (to, input) = match action {
            Action::Call(to, data) => (Some(*to), data.clone()),
            Action::Create(code) => (None, code.clone()),
            Action::Send(to) => (Some(*to), Vec::new()),
        };
        let call = EthCall {
            from: *from,
            to,
            input,
            value: U256::from(value),
            nonce: *nonce,
            gas_limit: GAS_LIMIT,
            max_fee_per_gas: U256::from(FEE_CAP),
            max_priority_fee_per_gas: U256::from(PREMIUM),
        };
        let message = call.to_message();
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let block = self.block.clone();
        let (outcome, root, gas) = match tracer {
            None => {
                let (outcome, root) = self.vm.apply(block, message, ApplyKind::Explicit, length)?;
                (outcome, root, None)
            }
            Some(tracer) => {
                let sink = InstructionGas::default();
                let mut traced = tracer.trace(block, message, ApplyKind::Explicit, length, sink)?;
                let gas = InstructionGas::of(&mut traced)?;
                (traced.outcome, traced.state_root, Some(gas))
            }
        };
        if outcome.is_included() {
            *nonce += 1;
        }
        self.block.state_root = root;
        Ok((outcome, gas))
    }
}
