//! Running the transactions of a block.

use std::collections::HashSet;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, Log, logs_bloom};
use cid::Cid;
use fevm_machine::logs::EthLog;
use fevm_machine::message::Created;
use fevm_machine::{ApplyKind, MachineError, Outcome, Session, StateTree, amount};
use fvm_ipld_encoding::RawBytes;
use fvm_shared::receipt::Receipt as FilecoinReceipt;

use super::{Executor, Place, state};
use crate::chain::builder::{Body, Draft};
use crate::chain::{Included, Receipt};
use crate::config::GasUnit;
use crate::pool::Transaction;
use crate::report::lines::Notes;

/// What came of the candidates for a block.
#[derive(Debug)]
pub struct Executed {
    /// The block's content.
    pub body: Body,
    /// What no block can include.
    pub rejected: Vec<Rejected>,
    /// What the transactions told besides, if they were listened to; in their order.
    pub notes: Vec<Notes>,
}

/// A transaction that no block can include.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Its hash.
    pub hash: B256,
    /// Why, in the FVM's words.
    pub reason: String,
}

type Applied = Vec<(Arc<Transaction>, Outcome)>;

impl Executor {
    /// Runs candidates in their order until the block is full. Those that do not fit are left
    /// for later blocks, with all that follow of the same sender. `listen` asks for notes.
    ///
    /// # Errors
    /// The machine fails; nothing is kept then.
    pub fn run_block(
        &self,
        state_root: Cid,
        draft: Draft,
        candidates: Vec<Arc<Transaction>>,
        listen: bool,
    ) -> Result<Executed, MachineError> {
        if candidates.is_empty() {
            let body = Body {
                included: Vec::new(),
                messages: Vec::new(),
                receipts: Vec::new(),
                state_root,
            };
            return Ok(Executed {
                body,
                rejected: Vec::new(),
                notes: Vec::new(),
            });
        }
        let context = self.context(Place::in_draft(&draft, state_root), listen)?;
        let (applied, after) = self.vm.run(context, move |session| {
            let applied = apply_all(session, draft.gas_limit, candidates)?;
            Ok((applied, session.flush()?))
        })?;
        let notes = if listen {
            let (before, after) = (self.vm.state(&state_root)?, self.vm.state(&after)?);
            let included = applied.iter().filter(|(_, outcome)| outcome.is_included());
            included
                .map(|(transaction, outcome)| {
                    Notes::read(&before, &after, outcome, transaction.nonce())
                })
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        Ok(Executed {
            notes,
            ..self.settle(applied, after)?
        })
    }

    /// Turns outcomes into a block's content.
    pub(super) fn settle(
        &self,
        applied: Applied,
        state_root: Cid,
    ) -> Result<Executed, MachineError> {
        let tree = self.vm.state(&state_root)?;
        let body = Body {
            included: Vec::new(),
            messages: Vec::new(),
            receipts: Vec::new(),
            state_root,
        };
        let mut executed = Executed {
            body,
            rejected: Vec::new(),
            notes: Vec::new(),
        };
        let mut remainders = Vec::new();
        let (mut gas_used, mut log_count) = (0_u64, 0_u64);
        for (transaction, outcome) in applied {
            if !outcome.is_included() {
                let reason = outcome
                    .failure
                    .map(|failure| failure.to_string())
                    .unwrap_or_default();
                executed.rejected.push(Rejected {
                    hash: transaction.hash,
                    reason,
                });
                continue;
            }
            gas_used = gas_used.saturating_add(outcome.gas.used);
            let (price, remainder) = effective_gas_price(&outcome, self.gas_unit);
            remainders.push((transaction.sender, remainder));
            executed.body.messages.push(transaction.message_cid()?);
            executed.body.receipts.push(FilecoinReceipt {
                exit_code: outcome.exit_code,
                return_data: RawBytes::new(outcome.return_data.clone()),
                gas_used: outcome.gas.used,
                events_root: outcome.events_root,
            });
            let logs = logs(&tree, &outcome)?;
            let receipt = Receipt {
                exit_code: outcome.exit_code.value(),
                gas_used: outcome.gas.used,
                cumulative_gas_used: gas_used,
                effective_gas_price: price,
                contract_address: created(&transaction, &outcome),
                first_log_index: log_count,
                logs_bloom: logs_bloom(&logs),
                output: Bytes::copy_from_slice(outcome.return_bytes()),
                failure: outcome.failure.as_ref().map(ToString::to_string),
                logs,
            };
            log_count += receipt.logs.len() as u64;
            executed.body.included.push(Included {
                transaction,
                receipt,
            });
        }
        executed.body.state_root = state::give_back(tree, state_root, &remainders)?;
        Ok(executed)
    }
}

pub(super) fn apply_all(
    session: &mut Session,
    gas_limit: u64,
    candidates: Vec<Arc<Transaction>>,
) -> Result<Applied, MachineError> {
    let mut applied = Vec::with_capacity(candidates.len());
    let mut gas_offered = 0_u64;
    // Senders whose next transaction had no room.
    let mut waiting = HashSet::new();
    for transaction in candidates {
        let offered = gas_offered.saturating_add(transaction.gas_limit());
        if offered > gas_limit || waiting.contains(&transaction.sender) {
            waiting.insert(transaction.sender);
            continue;
        }
        let kind = if transaction.impersonated {
            ApplyKind::Impersonated
        } else {
            ApplyKind::Explicit
        };
        let outcome = session.apply(&transaction.message, kind, transaction.on_chain_length)?;
        if outcome.is_included() {
            gas_offered = offered;
        }
        applied.push((transaction, outcome));
    }
    Ok(applied)
}

/// The logs among a message's events, with their emitters' Ethereum addresses.
fn logs(tree: &StateTree, outcome: &Outcome) -> Result<Vec<Log>, MachineError> {
    let logs = outcome
        .events
        .iter()
        .filter_map(|event| Some((event.emitter, EthLog::from_event(&event.event)?)));
    logs.map(|(emitter, log)| {
        Ok(Log::new_unchecked(
            tree.eth_address_of(emitter)?,
            log.topics,
            log.data.into(),
        ))
    })
    .collect()
}

/// All fees over the gas used in the unit that is shown, rounded down, and what the division
/// leaves.
pub(super) fn effective_gas_price(outcome: &Outcome, unit: GasUnit) -> (u128, u128) {
    let gas = &outcome.gas;
    let fees = &gas.base_fee_burn + &gas.over_estimation_burn + &gas.tip;
    // Fees are part of a balance, so they fit.
    let fees = amount::to_u128(&fees).unwrap_or(u128::MAX);
    match u128::from(unit.show(gas.used)) {
        0 => (0, fees),
        used => (fees / used, fees % used),
    }
}

pub(super) fn created(transaction: &Transaction, outcome: &Outcome) -> Option<Address> {
    if transaction.to().is_some() || !outcome.is_success() {
        return None;
    }
    Created::decode(&outcome.return_data).map(|created| created.eth_address)
}
