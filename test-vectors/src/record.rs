//! Writing down what a bundle's actors do: vectors from messages.

use std::collections::BTreeSet;

use anyhow::Context;
use fevm_machine::StateTree;
use fevm_machine::bundle::Bundle;
use fevm_machine::evm_state::{Lifespan, Storage};
use fvm_shared::ActorID;
use fvm_shared::address::Address;
use fvm_shared::state::ActorState;

use crate::format::{
    ActorAfter, AddressHex, Amount, CidText, Event, EvmAfter, Expect, Hex, Transient, Vector,
};
use crate::replay::{Replay, StepResult};

/// A contract with more slots is recorded without the list of them.
const LISTED_SLOTS: usize = 64;

/// The actors whose balance depends on gas where fees are paid: reward and burnt funds.
const FEE_RECEIVERS: [ActorID; 2] = [2, 99];

/// Applies a vector's messages with a bundle's actors; gives the vector with what they did in the
/// place of what was expected.
pub fn record(vector: &Vector, bundle: &Bundle) -> anyhow::Result<Vector> {
    let mut recorded = vector.clone();
    let mut replay = Replay::start(vector, bundle, None)?;
    recorded.genesis.init_state = Some(CidText(*replay.init_state()));
    let payers = payers(vector);
    for step in &mut recorded.steps {
        let result = replay.step()?.context("fewer results than messages")?;
        step.expect = expectation(&result, &payers)?;
    }
    Ok(recorded)
}

/// Senders of messages that pay fees.
fn payers(vector: &Vector) -> Vec<Address> {
    let steps = vector.steps.iter().map(|step| &step.message);
    let paying = steps.filter(|m| !m.implicit && !m.gas_fee_cap.0.is_zero());
    paying.map(|m| m.from.0).collect()
}

fn expectation(result: &StepResult, payers: &[Address]) -> anyhow::Result<Expect> {
    let outcome = &result.outcome;
    let mut open: BTreeSet<ActorID> = BTreeSet::new();
    for payer in payers {
        open.extend(FEE_RECEIVERS);
        open.extend(result.state.lookup(payer)?);
    }
    let changed = result
        .after
        .iter()
        .filter(|(id, actor)| result.before.get(id) != Some(actor));
    let actors = changed.map(|(id, actor)| {
        let mut after = actor_after(*id, actor, &result.state)?;
        if open.contains(id) {
            after.balance = None;
        }
        Ok(after)
    });
    let events = outcome.events.iter().map(|stamped| Event {
        emitter: stamped.emitter,
        entries: stamped
            .event
            .entries
            .iter()
            .map(|e| (e.flags.bits(), e.key.clone(), e.codec, Hex(e.value.clone())))
            .collect(),
    });
    Ok(Expect {
        exit_code: outcome.exit_code.value(),
        return_data: Hex(outcome.return_data.clone()),
        return_codec: outcome.return_codec,
        gas_used: outcome.gas.used,
        events_root: outcome.events_root.map(CidText),
        events: events.collect(),
        actors: actors.collect::<anyhow::Result<_>>()?,
    })
}

fn actor_after(id: ActorID, actor: &ActorState, state: &StateTree) -> anyhow::Result<ActorAfter> {
    let code = state
        .name_of(&actor.code)
        .with_context(|| format!("f0{id} has code that the manifest does not name"))?;
    Ok(ActorAfter {
        id,
        code: code.to_owned(),
        head: CidText(actor.state),
        nonce: actor.sequence,
        balance: Some(Amount(actor.balance.clone())),
        delegated: actor.delegated_address.map(AddressHex),
        evm: evm_after(actor, state)?,
    })
}

fn evm_after(actor: &ActorState, state: &StateTree) -> anyhow::Result<Option<EvmAfter>> {
    // A contract whose state cannot be read is told by its root alone.
    let Ok(Some(evm)) = state.evm_state(actor) else {
        return Ok(None);
    };
    let slots = Storage::load(state.store(), &evm.contract_state)?.slots()?;
    let hex = |number: &alloy_primitives::U256| Hex(number.to_be_bytes_trimmed_vec());
    let pair = |message: Lifespan| (message.origin, message.nonce);
    Ok(Some(EvmAfter {
        bytecode: CidText(evm.bytecode),
        bytecode_hash: Hex(evm.bytecode_hash.to_vec()),
        contract_state: CidText(evm.contract_state),
        transient_data: evm.transient_data.map(|data| Transient {
            root: CidText(data.state),
            origin: data.lifespan.origin,
            nonce: data.lifespan.nonce,
        }),
        nonce: evm.nonce,
        tombstone: evm.tombstone.map(pair),
        storage: (slots.len() <= LISTED_SLOTS).then(|| {
            slots
                .iter()
                .map(|(key, value)| (hex(key), hex(value)))
                .collect()
        }),
    }))
}
