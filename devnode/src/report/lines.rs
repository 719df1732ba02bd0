//! The lines of the node's log.

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, Bytes, hex};
use fevm_machine::gas::GasBreakdown;
use fevm_machine::revert::RevertReason;
use fevm_machine::{MachineError, Outcome, StateTree, address, exit};
use fvm_shared::error::ExitCode;

use super::{Artifacts, Warning, console, warnings};
use crate::chain::{Block, Included};
use crate::config::GasUnit;
use crate::executor::ethereum_words;

/// What a traced message told that its receipt does not.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// What it sent to the console, in order.
    pub console: Vec<Bytes>,
    /// Where it may surprise.
    pub warnings: Vec<Warning>,
    /// Its gas by class.
    pub gas: GasBreakdown,
}

impl Notes {
    /// Reads a traced outcome; `before` and `after` are the states around it.
    ///
    /// # Errors
    /// A state cannot be read.
    pub fn read(
        before: &StateTree,
        after: &StateTree,
        outcome: &Outcome,
        nonce: u64,
    ) -> Result<Self, MachineError> {
        let tree = outcome.call_tree();
        Ok(Self {
            console: tree.as_ref().map(console::messages).unwrap_or_default(),
            warnings: warnings::find(before, after, outcome, nonce)?,
            gas: outcome.gas_breakdown(),
        })
    }
}

/// Tells about a new block and its transactions.
pub fn log_block(block: &Block, notes: &[Notes], artifacts: &Artifacts, unit: GasUnit) {
    tracing::info!(
        number = block.number, hash = %block.hash, transactions = block.transactions.len(),
        gas = unit.show(block.gas_used), "block"
    );
    for (index, included) in block.transactions.iter().enumerate() {
        log_transaction(included, notes.get(index), artifacts, unit);
    }
}

/// Prints what was sent to the console, a line for each of its lines.
pub fn log_console(messages: &[Bytes]) {
    for message in messages {
        let text = console::text(message);
        for line in text.split('\n') {
            tracing::info!(target: "console", "console.log: {line}");
        }
    }
}

fn log_transaction(
    included: &Included,
    notes: Option<&Notes>,
    artifacts: &Artifacts,
    unit: GasUnit,
) {
    let Included {
        transaction,
        receipt,
    } = included;
    let envelope = &transaction.envelope;
    let to = transaction.to().or(receipt.contract_address);
    let status = match receipt.succeeded() {
        true => "success".to_owned(),
        false => failure(receipt.exit_code, &receipt.output, artifacts),
    };
    let gas_by_class = notes.map(|notes| shares(&notes.gas)).unwrap_or_default();
    tracing::info!(
        hash = %transaction.hash,
        method = %method(transaction.to(), envelope.input(), artifacts),
        from = %both_forms(transaction.sender),
        to = %to.map_or_else(|| "no contract".to_owned(), both_forms),
        value = %envelope.value(),
        gas = unit.show(receipt.gas_used),
        gas_limit = envelope.gas_limit(),
        gas_by_class,
        status,
        "transaction"
    );
    if let Some(failure) = &receipt.failure {
        tracing::debug!(hash = %transaction.hash, "backtrace: {}", failure.trim());
    }
    let Some(notes) = notes else {
        return;
    };
    tracing::debug!(hash = %transaction.hash, gas = %full(&notes.gas), "gas by class");
    for warning in &notes.warnings {
        tracing::warn!(hash = %transaction.hash, "{warning}");
    }
    log_console(&notes.console);
}

/// What a transaction does, by name where it is known.
fn method(to: Option<Address>, input: &[u8], artifacts: &Artifacts) -> String {
    if to.is_none() {
        let name = artifacts.contract(input).unwrap_or("a contract");
        return format!("creation of {name}");
    }
    match (artifacts.function(input), input.first_chunk::<4>()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(selector)) => hex::encode_prefixed(selector),
        (None, None) => "transfer of value".to_owned(),
    }
}

/// Why a transaction failed: its revert reason, or the words for its exit code.
pub(crate) fn failure(exit_code: u32, output: &[u8], artifacts: &Artifacts) -> String {
    let code = ExitCode::new(exit_code);
    if code != exit::EVM_REVERTED {
        let words = ethereum_words(code);
        return format!("{words} (exit code {exit_code}, {})", exit::describe(code));
    }
    match RevertReason::decode(output) {
        RevertReason::Custom(data) => match artifacts.error(&data) {
            Some(named) => format!("execution reverted: {named}"),
            None => format!(
                "execution reverted: custom error {}",
                hex::encode_prefixed(data)
            ),
        },
        reason => format!("execution reverted: {reason}"),
    }
}

/// An address as Ethereum and as Filecoin write it.
pub fn both_forms(eth: Address) -> String {
    let filecoin = crate::rpc::filecoin::text(&address::from_eth(eth));
    format!("{eth} ({filecoin})")
}

/// The dearest classes with their parts of the whole.
fn shares(gas: &GasBreakdown) -> String {
    const SHOWN: usize = 4;
    let total = gas.total().max(1);
    let mut classes: Vec<_> = gas.classes().filter(|(_, gas)| *gas > 0).collect();
    classes.sort_by_key(|(_, gas)| std::cmp::Reverse(*gas));
    let shown: Vec<String> = classes
        .iter()
        .take(SHOWN)
        .map(|(class, gas)| {
            let percent = u128::from(*gas) * 100 / u128::from(total);
            format!("{} {percent} %", class.name())
        })
        .collect();
    shown.join(", ")
}

/// Every class with its gas.
fn full(gas: &GasBreakdown) -> String {
    let shown: Vec<String> = gas
        .classes()
        .filter(|(_, gas)| *gas > 0)
        .map(|(class, gas)| format!("{} {gas}", class.name()))
        .collect();
    shown.join(", ")
}
