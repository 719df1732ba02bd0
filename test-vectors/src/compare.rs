//! What was expected of a message against what it did. Gas is not compared,
//! nor the system actor f00, whose state names the bundle, nor a balance that
//! the vector leaves open because it depends on gas.

use std::collections::BTreeSet;

use fevm_machine::StateTree;
use fevm_machine::evm_state::EvmState;
use fvm_shared::ActorID;
use fvm_shared::state::ActorState;

use crate::format::{ActorAfter, EvmAfter, Expect, Vector};
use crate::replay::StepResult;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `exit code`, `events`, `f0109 head`, …
    pub what: String,
    /// As recorded.
    pub expected: String,
    /// As replayed.
    pub actual: String,
}

impl Difference {
    fn new(
        what: impl Into<String>,
        expected: impl std::fmt::Display,
        actual: impl std::fmt::Display,
    ) -> Self {
        Self {
            what: what.into(),
            expected: expected.to_string(),
            actual: actual.to_string(),
        }
    }
}

/// Actors whose balance the vector leaves open anywhere: they have paid fees
/// in it, or received them.
pub fn open_balances(vector: &Vector) -> BTreeSet<ActorID> {
    let actors = vector.steps.iter().flat_map(|s| &s.expect.actors);
    actors
        .filter(|a| a.balance.is_none())
        .map(|a| a.id)
        .collect()
}

/// Everything that differs between what a step expects and what it did.
pub fn compare(expect: &Expect, result: &StepResult, open: &BTreeSet<ActorID>) -> Vec<Difference> {
    let mut found = Vec::new();
    receipt(expect, result, &mut found);
    for wanted in &expect.actors {
        match result.after.get(&wanted.id) {
            _ if wanted.id == 0 => {}
            Some(actor) => compare_actor(wanted, actor, &result.state, &mut found),
            None => {
                let name = format!("f0{}", wanted.id);
                found.push(Difference::new(name, describe(wanted), "no such actor"));
            }
        }
    }
    let expected: BTreeSet<ActorID> = expect.actors.iter().map(|a| a.id).collect();
    for (id, actor) in &result.after {
        let before = result.before.get(id);
        let unchanged = before == Some(actor)
            || open.contains(id)
                && before.is_some_and(|b| {
                    ActorState {
                        balance: actor.balance.clone(),
                        ..b.clone()
                    } == *actor
                });
        if *id != 0 && !unchanged && !expected.contains(id) {
            let actual = describe_state(actor, &result.state);
            found.push(Difference::new(format!("f0{id}"), "no change", actual));
        }
    }
    for id in result.before.keys() {
        if !result.after.contains_key(id) {
            found.push(Difference::new(format!("f0{id}"), "present", "deleted"));
        }
    }
    found
}

fn receipt(expect: &Expect, result: &StepResult, found: &mut Vec<Difference>) {
    let outcome = &result.outcome;
    let mut push = |what: &str, expected: String, actual: String| {
        if expected != actual {
            found.push(Difference::new(what, expected, actual));
        }
    };
    push(
        "exit code",
        expect.exit_code.to_string(),
        outcome.exit_code.value().to_string(),
    );
    push(
        "return",
        hex::encode(&expect.return_data.0),
        hex::encode(&outcome.return_data),
    );
    push(
        "return codec",
        format!("{:?}", expect.return_codec),
        format!("{:?}", outcome.return_codec),
    );
    let wanted = expect.events.iter().map(|event| {
        let entries = event.entries.iter();
        let entries = entries.map(|(f, k, c, v)| entry_text(*f, k, *c, &v.0));
        (event.emitter, entries.collect::<Vec<_>>())
    });
    let emitted = outcome.events.iter().map(|stamped| {
        let entries = stamped.event.entries.iter();
        let entries = entries.map(|e| entry_text(e.flags.bits(), &e.key, e.codec, &e.value));
        (stamped.emitter, entries.collect::<Vec<_>>())
    });
    push("events", list(wanted), list(emitted));
    push(
        "events root",
        format!("{:?}", expect.events_root.map(|c| c.0.to_string())),
        format!("{:?}", outcome.events_root.map(|c| c.to_string())),
    );
}

fn entry_text(flags: u64, key: &str, codec: u64, value: &[u8]) -> String {
    format!(
        "{key} {} (flags {flags}, codec 0x{codec:x})",
        hex::encode(value)
    )
}

fn list(events: impl Iterator<Item = (ActorID, Vec<String>)>) -> String {
    let lines = events.map(|(emitter, entries)| format!("f0{emitter}: {}", entries.join(", ")));
    lines.collect::<Vec<_>>().join("\n")
}

fn compare_actor(
    wanted: &ActorAfter,
    actor: &ActorState,
    state: &StateTree,
    found: &mut Vec<Difference>,
) {
    let name = format!("f0{}", wanted.id);
    let mut push = |field: &str, expected: String, actual: String| {
        if expected != actual {
            found.push(Difference::new(format!("{name} {field}"), expected, actual));
        }
    };
    let code = state.name_of(&actor.code).unwrap_or("unknown");
    push("code", wanted.code.clone(), code.into());
    push(
        "nonce",
        wanted.nonce.to_string(),
        actor.sequence.to_string(),
    );
    if let Some(balance) = &wanted.balance {
        push(
            "balance",
            balance.0.atto().to_string(),
            actor.balance.atto().to_string(),
        );
    }
    push(
        "delegated address",
        format!("{:?}", wanted.delegated.map(|a| a.0.to_string())),
        format!("{:?}", actor.delegated_address.map(|a| a.to_string())),
    );
    if wanted.head.0 == actor.state {
        return;
    }
    let same = found.len();
    if let (Some(wanted), Ok(Some(evm))) = (&wanted.evm, state.evm_state(actor)) {
        evm_state(&name, wanted, &evm, state, found);
    }
    if found.len() == same {
        found.push(Difference::new(
            format!("{name} head"),
            wanted.head.0,
            actor.state,
        ));
    }
}

fn evm_state(
    name: &str,
    wanted: &EvmAfter,
    evm: &EvmState,
    state: &StateTree,
    found: &mut Vec<Difference>,
) {
    let mut push = |field: &str, expected: String, actual: String| {
        if expected != actual {
            found.push(Difference::new(format!("{name} {field}"), expected, actual));
        }
    };
    push(
        "bytecode",
        wanted.bytecode.0.to_string(),
        evm.bytecode.to_string(),
    );
    push(
        "bytecode hash",
        hex::encode(&wanted.bytecode_hash.0),
        hex::encode(evm.bytecode_hash),
    );
    push("EVM nonce", wanted.nonce.to_string(), evm.nonce.to_string());
    push(
        "tombstone",
        format!("{:?}", wanted.tombstone),
        format!("{:?}", evm.tombstone.map(|t| (t.origin, t.nonce))),
    );
    let transient = wanted.transient_data.as_ref();
    push(
        "transient data",
        format!(
            "{:?}",
            transient.map(|t| (t.root.0.to_string(), t.origin, t.nonce))
        ),
        format!(
            "{:?}",
            evm.transient_data.as_ref().map(|t| (
                t.state.to_string(),
                t.lifespan.origin,
                t.lifespan.nonce
            ))
        ),
    );
    if wanted.contract_state.0 != evm.contract_state {
        let slots = wanted.storage.as_ref().map(|slots| {
            let lines = slots.iter().map(|(k, v)| slot(&k.0, &v.0));
            lines.collect::<BTreeSet<_>>()
        });
        let ours = slots_of(evm, state);
        let (expected, actual) = match slots {
            Some(slots) => (
                slots.difference(&ours).cloned().collect::<Vec<_>>(),
                ours.difference(&slots).cloned().collect::<Vec<_>>(),
            ),
            None => (vec!["(slots not recorded)".into()], Vec::new()),
        };
        let side = |root: &cid::Cid, lines: Vec<String>| format!("{root}\n{}", lines.join("\n"));
        push(
            "storage (slots that differ)",
            side(&wanted.contract_state.0, expected),
            side(&evm.contract_state, actual),
        );
    }
}

fn slots_of(evm: &EvmState, state: &StateTree) -> BTreeSet<String> {
    let slots = fevm_machine::evm_state::Storage::load(state.store(), &evm.contract_state)
        .and_then(|storage| storage.slots());
    match slots {
        Ok(slots) => slots
            .iter()
            .map(|(k, v)| slot(&k.to_be_bytes_trimmed_vec(), &v.to_be_bytes_trimmed_vec()))
            .collect(),
        Err(error) => BTreeSet::from([format!("(unreadable: {error})")]),
    }
}

fn slot(key: &[u8], value: &[u8]) -> String {
    let trim = |bytes: &[u8]| {
        let digits = hex::encode(bytes);
        let digits = digits.trim_start_matches('0');
        format!("0x{}", if digits.is_empty() { "0" } else { digits })
    };
    format!("{} = {}", trim(key), trim(value))
}

fn describe(actor: &ActorAfter) -> String {
    let balance = actor.balance.as_ref().map(|b| b.0.atto().to_string());
    format!(
        "{} nonce {} balance {} head {}",
        actor.code,
        actor.nonce,
        balance.as_deref().unwrap_or("(open)"),
        actor.head.0
    )
}

fn describe_state(actor: &ActorState, state: &StateTree) -> String {
    format!(
        "{} nonce {} balance {} head {}",
        state.name_of(&actor.code).unwrap_or("unknown code"),
        actor.sequence,
        actor.balance.atto(),
        actor.state
    )
}
