//! A vector's messages applied to a machine, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, ensure};
use cid::Cid;
use fevm_machine::bundle::Bundle;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, on_chain_length};
use fevm_machine::{ApplyKind, BlockContext, Network, Outcome, StateTree, Store, Vm};
use fvm_ipld_encoding::RawBytes;
use fvm_shared::ActorID;
use fvm_shared::state::ActorState;

use crate::format::{self, Vector};
use crate::switch::Switch;

/// All actors of a state.
pub type Actors = BTreeMap<ActorID, ActorState>;

/// A vector in the middle of its replay.
#[derive(Debug)]
pub struct Replay<'v> {
    vector: &'v Vector,
    bundle: &'v Bundle,
    vm: Vm,
    block: BlockContext,
    init_state: Cid,
    actors: Actors,
    next: usize,
    switch: Option<Switch<'v>>,
}

/// What one message did.
#[derive(Debug)]
pub struct StepResult {
    /// The outcome.
    pub outcome: Outcome,
    /// All actors before the message.
    pub before: Actors,
    /// The state after it.
    pub state: StateTree,
    /// All actors after it.
    pub after: Actors,
}

impl<'v> Replay<'v> {
    /// Writes the vector's first state with the actors of a bundle. With a
    /// switch, another bundle takes over in the middle.
    pub fn start(
        vector: &'v Vector,
        bundle: &'v Bundle,
        switch: Option<Switch<'v>>,
    ) -> anyhow::Result<Self> {
        let given = &vector.genesis;
        let store = Store::memory();
        let state = genesis_of(given).write(bundle, &store)?;
        if let Some(expected) = given.init_state {
            ensure!(
                state.init_state == expected.0,
                "init state is {}, expected {}",
                state.init_state,
                expected.0
            );
        }
        let network = Network {
            chain_id: given.chain_id,
            version: given.network_version,
            ..Network::default()
        };
        let vm = Vm::new(store, &network)?;
        let block = BlockContext::new(
            state.root,
            given.epoch,
            given.timestamp,
            given.base_fee.0.clone(),
            Arc::new(SyntheticChain),
        );
        let actors = actors_of(&vm.state(&state.root)?)?;
        Ok(Self {
            vector,
            bundle,
            vm,
            block,
            init_state: state.init_state,
            actors,
            next: 0,
            switch,
        })
    }

    /// With the calls of every message in its outcome.
    #[must_use]
    pub fn with_tracing(mut self) -> Self {
        self.block = self.block.with_tracing(true);
        self
    }

    /// Applies the next message; `None` after the last.
    pub fn step(&mut self) -> anyhow::Result<Option<StepResult>> {
        let Some(step) = self.vector.steps.get(self.next) else {
            return Ok(None);
        };
        if let Some(switch) = &self.switch
            && switch.at == self.next
        {
            let root = self.block.state_root;
            (self.vm, self.block.state_root) = switch.apply(&self.vm, self.bundle, &root)?;
            self.actors = actors_of(&self.vm.state(&self.block.state_root)?)?;
        }
        self.next += 1;
        let given = &step.message;
        self.block.epoch = given.epoch.unwrap_or(self.block.epoch);
        self.block.timestamp = given.timestamp.unwrap_or(self.block.timestamp);
        if let Some(base_fee) = &given.base_fee {
            self.block.base_fee = base_fee.0.clone();
        }
        let message = message_of(given);
        let kind = if given.implicit {
            ApplyKind::Implicit
        } else {
            ApplyKind::Explicit
        };
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let (outcome, root) = self
            .vm
            .apply(self.block.clone(), message, kind, length)
            .with_context(|| format!("message {} ({})", self.next - 1, step.name))?;
        self.block.state_root = root;
        let state = self.vm.state(&root)?;
        let after = actors_of(&state)?;
        let before = std::mem::replace(&mut self.actors, after.clone());
        Ok(Some(StepResult {
            outcome,
            before,
            state,
            after,
        }))
    }

    /// The init actor's first state.
    pub const fn init_state(&self) -> &Cid {
        &self.init_state
    }

    /// The current state's root.
    pub const fn state_root(&self) -> &Cid {
        &self.block.state_root
    }
}

fn actors_of(state: &StateTree) -> anyhow::Result<Actors> {
    let mut actors = Actors::new();
    state.for_each(|id, actor| {
        actors.insert(id, actor.clone());
        Ok(())
    })?;
    Ok(actors)
}

fn genesis_of(given: &format::Genesis) -> genesis::Genesis {
    let actors = given.actors.iter().map(|actor| genesis::GenesisActor {
        id: actor.id,
        code: actor.code.clone(),
        balance: actor.balance.0.clone(),
        nonce: actor.nonce,
        address: actor.address.map(|a| a.0),
        delegated: actor.delegated.map(|a| a.0),
    });
    genesis::Genesis {
        network_name: given.network_name.clone(),
        next_id: given.next_id,
        actors: actors.collect(),
    }
}

fn message_of(given: &format::Message) -> fvm_shared::message::Message {
    fvm_shared::message::Message {
        version: 0,
        from: given.from.0,
        to: given.to.0,
        sequence: given.nonce,
        value: given.value.0.clone(),
        method_num: given.method,
        params: RawBytes::new(given.params.0.clone()),
        gas_limit: given.gas_limit,
        gas_fee_cap: given.gas_fee_cap.0.clone(),
        gas_premium: given.gas_premium.0.clone(),
    }
}
