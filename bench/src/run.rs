//! The steps of scenarios, and what each of them cost.

use std::time::{Duration, Instant};

use alloy_primitives::{Address, hex};
use anyhow::{Context, ensure};
use fevm_machine::Outcome;
use fevm_machine::bundle::Bundle;
use fevm_machine::gas::GasBreakdown;
use fevm_machine::message::Created;
use fevm_machine::profile::Profile;
use fevm_machine::steps::flame::GasByPath;
use fevm_machine::steps::{StepTracer, TracingActor};

use crate::chain::{Action, Chain, SENDERS};
use crate::scenario::{Names, Scenario, Step};

/// What one step cost.
#[derive(Debug, Clone)]
pub struct StepCost {
    /// Scenario.
    pub scenario: String,
    /// Step.
    pub step: String,
    /// Gas used.
    pub gas: u64,
    /// Gas by class.
    pub breakdown: GasBreakdown,
    /// Exit code.
    pub exit_code: u32,
    /// How often the measured body repeats.
    pub ops: Option<u64>,
    /// Wall time of applying the message.
    pub wall: Duration,
    /// Every charge in order, name and milligas, if asked for.
    pub charges: Vec<(String, u64)>,
}

/// What to keep beside gas.
#[derive(Debug, Default)]
pub struct Keep<'p> {
    /// The list of charges of each step.
    pub charges: bool,
    /// A profile that reported steps are added to.
    pub profile: Option<&'p mut Profile>,
    /// The tracing actor, if the profile is to be by EVM instruction.
    pub tracing: Option<TracingActor<'p>>,
}

/// Runs a scenario on a new chain with a bundle's actors. `pick` chooses the
/// steps that are reported; the others are run all the same.
pub fn run(
    scenario: &Scenario,
    bundle: &Bundle,
    pick: impl Fn(&str) -> bool,
    keep: &mut Keep<'_>,
) -> anyhow::Result<Vec<StepCost>> {
    let mut chain = Chain::new(bundle, true)?;
    let tracer = keep.tracing.map(|actor| chain.tracer(actor)).transpose()?;
    let mut names: Names = SENDERS
        .iter()
        .enumerate()
        .map(|(n, address)| (format!("sender{n}"), *address))
        .collect();
    let mut costs = Vec::new();
    for step in &scenario.steps {
        let reported = !step.setup && pick(&step.name);
        let tracer = tracer.as_ref().filter(|_| reported);
        let started = Instant::now();
        let (outcome, by_instruction) = run_step(scenario, step, &mut chain, &mut names, tracer)
            .with_context(|| format!("{}/{}", scenario.name, step.name))?;
        let wall = started.elapsed();
        if !reported {
            continue;
        }
        if let Some(profile) = &mut keep.profile {
            let name = format!("{}/{}", scenario.name, step.name);
            match by_instruction {
                Some(gas) => profile.add_instructions(&name, gas),
                None => profile.add(&name, &outcome.trace, &chain.builtin_actors()?),
            }
        }
        costs.push(StepCost {
            scenario: scenario.name.clone(),
            step: step.name.clone(),
            gas: outcome.gas.used,
            breakdown: outcome.gas_breakdown(),
            exit_code: outcome.exit_code.value(),
            ops: step.ops,
            wall,
            charges: if keep.charges {
                list(&outcome)
            } else {
                Vec::new()
            },
        });
    }
    Ok(costs)
}

fn run_step(
    scenario: &Scenario,
    step: &Step,
    chain: &mut Chain,
    names: &mut Names,
    tracer: Option<&StepTracer>,
) -> anyhow::Result<(Outcome, Option<GasByPath>)> {
    let data = scenario.bytes(&step.data, names).context("data")?;
    let action = match (&step.to, &step.send) {
        (Some(to), None) => Action::Call(scenario.address(to, names).context("to")?, data),
        (None, Some(to)) => Action::Send(scenario.address(to, names).context("send")?),
        (None, None) => Action::Create(data),
        (Some(_), Some(_)) => anyhow::bail!("has both 'to' and 'send'"),
    };
    let (outcome, gas) = chain.send(step.from, &action, step.value.0, tracer)?;
    check(step, &outcome)?;
    if let Some(name) = &step.save {
        let address = match action {
            Action::Create(_) => Created::decode(&outcome.return_data).map(|c| c.eth_address),
            _ => returned_address(&outcome),
        };
        let address = address.with_context(|| format!("no address to save as '{name}'"))?;
        names.insert(name.clone(), address);
    }
    Ok((outcome, gas))
}

fn check(step: &Step, outcome: &Outcome) -> anyhow::Result<()> {
    let exit = outcome.exit_code.value();
    let expected = step.expect_exit.unwrap_or(0);
    let tolerated = step.optional && step.expect_exit.is_none();
    ensure!(
        exit == expected || tolerated,
        "exit code {exit}, expected {expected}: {}",
        outcome
            .failure
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    );
    if let Some(expected) = &step.expect_data {
        let returned = hex::encode(outcome.return_bytes());
        ensure!(
            returned == expected.trim_start_matches("0x"),
            "returned {returned}, expected {expected}"
        );
    }
    Ok(())
}

fn returned_address(outcome: &Outcome) -> Option<Address> {
    let word = outcome.return_bytes().get(..32)?;
    Address::try_from(&word[12..]).ok()
}

fn list(outcome: &Outcome) -> Vec<(String, u64)> {
    fevm_machine::gas::charges(&outcome.trace)
        .map(|(name, milligas)| (name.to_owned(), milligas))
        .collect()
}
