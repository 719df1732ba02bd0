//! Blocks that are run and kept nowhere, for `eth_simulateV1`.

use std::sync::Arc;

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, Log, LogData, TxKind, U256, address, b256};
use cid::Cid;
use fevm_machine::effects::Effect;
use fevm_machine::{ApplyKind, MachineError, Outcome, Session, StateTree, address, amount};
use fvm_shared::error::ExitCode;

use super::call::{CallError, check};
use super::{Executor, Place};
use crate::chain::Block;
use crate::chain::builder::{Draft, seal};
use crate::config::GasUnit;
use crate::pool::Transaction;

/// The address in whose name transfers of value are shown as logs.
const NATIVE_TOKEN: Address = address!("EeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE");

/// Topic of `Transfer(address,address,uint256)`.
const TRANSFER: alloy_primitives::B256 =
    b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// A call of a simulation; what is none is filled in. Gas and prices are the FVM's.
#[derive(Debug, Clone, Default)]
pub struct SimulationCall {
    /// Sender; any address, known or not, contracts too.
    pub from: Address,
    /// Called address; none is a creation.
    pub to: Option<Address>,
    /// Call data, or init code.
    pub input: Bytes,
    /// Value in attoFIL.
    pub value: U256,
    /// Nonce; the sender's next without it.
    pub nonce: Option<u64>,
    /// Gas limit; all that is left in the block without it.
    pub gas_limit: Option<u64>,
    /// Fee cap, attoFIL per gas.
    pub fee_cap: u128,
    /// Premium, attoFIL per gas.
    pub premium: u128,
}

/// How the calls of a block are run.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether nonces and fees must be right as in a real block.
    pub validation: bool,
    /// Whether transfers of value are shown as logs.
    pub transfers: bool,
    /// Chain id of the transactions that the block shows.
    pub chain_id: u64,
}

/// A simulated block with what came of its calls.
#[derive(Debug)]
pub struct SimulatedBlock {
    /// The block.
    pub block: Block,
    /// One for each of its transactions.
    pub calls: Vec<SimulatedCall>,
}

/// What came of a call.
#[derive(Debug)]
pub struct SimulatedCall {
    /// What it returned; for a creation the code of the new contract.
    pub output: Bytes,
    /// Why it failed.
    pub error: Option<CallError>,
}

/// Why a simulation is refused, in geth's words.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The sender's count is past the nonce.
    #[error("nonce too low: address {sender}, tx: {nonce} state: {next}")]
    NonceTooLow {
        /// Who sends.
        sender: Address,
        /// The call's.
        nonce: u64,
        /// The sender's count.
        next: u64,
    },
    /// The nonce is ahead of the sender's count.
    #[error("nonce too high: address {sender}, tx: {nonce} state: {next}")]
    NonceTooHigh {
        /// Who sends.
        sender: Address,
        /// The call's.
        nonce: u64,
        /// The sender's count.
        next: u64,
    },
    /// The limit does not pay for inclusion.
    #[error("intrinsic gas too low: {0}")]
    IntrinsicGas(String),
    /// The sender cannot pay.
    #[error(
        "insufficient funds for gas * price + value: address {sender} have {balance} want {cost}"
    )]
    InsufficientFunds {
        /// Who sends.
        sender: Address,
        /// The sender's balance in attoFIL.
        balance: U256,
        /// What the call costs at most, in attoFIL.
        cost: U256,
    },
    /// The fee cap is below the block's base fee.
    #[error(
        "max fee per gas less than block base fee: address {sender}, maxFeePerGas: {fee_cap}, baseFee: {base_fee}"
    )]
    FeeCapTooLow {
        /// Who sends.
        sender: Address,
        /// attoFIL per gas.
        fee_cap: u128,
        /// attoFIL per gas.
        base_fee: u128,
    },
    /// The block has not so much gas left.
    #[error("block gas limit reached: remaining: {remaining}, required: {required}")]
    BlockGasLimit {
        /// Gas that the block has left.
        remaining: u64,
        /// The call's limit.
        required: u64,
    },
    /// The machine refuses.
    #[error("{0}")]
    Machine(#[from] MachineError),
}

type Ran = Vec<(Arc<Transaction>, Outcome)>;

impl Executor {
    /// Runs a block of calls on a state; call it on a [`scratch`](Self::scratch) executor.
    ///
    /// # Errors
    /// A call cannot be part of a block. That a call fails is no error.
    pub fn simulate(
        &self,
        parent: &Block,
        draft: Draft,
        state_root: Cid,
        calls: Vec<SimulationCall>,
        rules: Rules,
    ) -> Result<SimulatedBlock, SimulationError> {
        let context = self.context(Place::in_draft(&draft, state_root), rules.transfers)?;
        let unit = self.gas_unit;
        let (ran, after) = self.vm.run(context, move |session| {
            let ran = run_all(session, &draft, calls, rules, unit)?;
            Ok((ran, session.flush()?))
        })?;
        let ran = ran?;
        let tree = self.vm.state(&after)?;
        let results = ran
            .iter()
            .map(|(transaction, outcome)| result(&tree, transaction, outcome))
            .collect::<Result<_, _>>()?;
        let effects: Vec<Vec<Effect>> = ran.iter().map(|(_, outcome)| outcome.effects()).collect();
        let mut body = self.settle(ran, after)?.body;
        if rules.transfers {
            let mut first = 0;
            for (included, effects) in body.included.iter_mut().zip(effects) {
                let receipt = &mut included.receipt;
                receipt.logs = with_transfers(&tree, std::mem::take(&mut receipt.logs), effects)?;
                receipt.first_log_index = first;
                first += receipt.logs.len() as u64;
            }
        }
        let block = seal(self.store(), Some(parent), draft, body).map_err(MachineError::State)?;
        Ok(SimulatedBlock {
            block,
            calls: results,
        })
    }
}

fn run_all(
    session: &mut Session,
    draft: &Draft,
    calls: Vec<SimulationCall>,
    rules: Rules,
    unit: GasUnit,
) -> Result<Result<Ran, SimulationError>, MachineError> {
    let mut ran = Vec::with_capacity(calls.len());
    let mut remaining = draft.gas_limit;
    for call in calls {
        let transaction = match prepare(session, draft, call, rules, remaining, unit)? {
            Ok(transaction) => transaction,
            Err(error) => return Ok(Err(error)),
        };
        let outcome = session.apply(
            &transaction.message,
            ApplyKind::Impersonated,
            transaction.on_chain_length,
        )?;
        if let Some(error) = refusal(session, &transaction, &outcome)? {
            return Ok(Err(error));
        }
        remaining = remaining.saturating_sub(outcome.gas.used);
        ran.push((Arc::new(transaction), outcome));
    }
    Ok(Ok(ran))
}

/// The transaction of a call, with all that the call leaves out.
fn prepare(
    session: &mut Session,
    draft: &Draft,
    call: SimulationCall,
    rules: Rules,
    remaining: u64,
    unit: GasUnit,
) -> Result<Result<Transaction, SimulationError>, MachineError> {
    let sender = call.from;
    let next = session.prepare_sender(&address::delegated(sender))?;
    let nonce = call.nonce.unwrap_or(next);
    let required = call.gas_limit.unwrap_or(remaining);
    let base_fee = draft.base_fee;
    let refused = if required > remaining || remaining == 0 {
        Some(SimulationError::BlockGasLimit {
            remaining: unit.show(remaining),
            required: unit.show(required),
        })
    } else if !rules.validation {
        None
    } else if nonce < next {
        Some(SimulationError::NonceTooLow {
            sender,
            nonce,
            next,
        })
    } else if nonce > next {
        Some(SimulationError::NonceTooHigh {
            sender,
            nonce,
            next,
        })
    } else if call.fee_cap < base_fee {
        Some(SimulationError::FeeCapTooLow {
            sender,
            fee_cap: unit.show_price(call.fee_cap),
            base_fee: unit.show_price(base_fee),
        })
    } else {
        None
    };
    if let Some(error) = refused {
        return Ok(Err(error));
    }
    let shown = TxEip1559 {
        chain_id: rules.chain_id,
        nonce,
        gas_limit: unit.show(required),
        max_fee_per_gas: unit.show_price(call.fee_cap),
        max_priority_fee_per_gas: unit.show_price(call.premium),
        to: call.to.map_or(TxKind::Create, TxKind::Call),
        value: call.value,
        access_list: Default::default(),
        input: call.input,
    };
    let mut transaction = Transaction::impersonated(sender, shown.into()).in_units(unit);
    // Without validation any nonce is shown, and the state's own is used.
    transaction.message.sequence = next;
    transaction.message.gas_limit = required;
    let cost = transaction.cost();
    let balance =
        amount::to_u256(&session.balance(&address::delegated(sender))?).unwrap_or_default();
    if balance < cost {
        return Ok(Err(SimulationError::InsufficientFunds {
            sender,
            balance,
            cost,
        }));
    }
    Ok(Ok(transaction))
}

/// Why a block could not hold the message, or the sender not pay its value.
fn refusal(
    session: &mut Session,
    transaction: &Transaction,
    outcome: &Outcome,
) -> Result<Option<SimulationError>, MachineError> {
    if outcome.is_included() {
        return Ok(None);
    }
    let reason = outcome
        .failure
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    Ok(Some(match outcome.exit_code {
        ExitCode::SYS_OUT_OF_GAS => SimulationError::IntrinsicGas(reason),
        _ => {
            let sender = transaction.sender;
            let balance = session.balance(&address::delegated(sender))?;
            SimulationError::InsufficientFunds {
                sender,
                balance: amount::to_u256(&balance).unwrap_or_default(),
                cost: transaction.cost(),
            }
        }
    }))
}

fn result(
    tree: &StateTree,
    transaction: &Transaction,
    outcome: &Outcome,
) -> Result<SimulatedCall, MachineError> {
    let output = match super::block::created(transaction, outcome) {
        Some(contract) => tree.eth_code(contract)?.into(),
        None => Bytes::copy_from_slice(outcome.return_bytes()),
    };
    Ok(SimulatedCall {
        output,
        error: check(outcome).err(),
    })
}

/// The logs with one for each transfer, in the order in which all of them came.
fn with_transfers(
    tree: &StateTree,
    logs: Vec<Log>,
    effects: Vec<Effect>,
) -> Result<Vec<Log>, MachineError> {
    let mut logs = logs.into_iter();
    let mut all = Vec::new();
    for effect in effects {
        match effect {
            // Events that are no logs are not among the logs; Ethereum's contracts make none.
            Effect::Event => all.extend(logs.next()),
            Effect::Transfer { from, to, value } => {
                let topics = vec![
                    TRANSFER,
                    tree.eth_address_of(from)?.into_word(),
                    tree.eth_address_of(to)?.into_word(),
                ];
                let value = amount::to_u256(&value).unwrap_or_default();
                all.push(Log {
                    address: NATIVE_TOKEN,
                    data: LogData::new_unchecked(topics, value.to_be_bytes_vec().into()),
                });
            }
        }
    }
    all.extend(logs);
    Ok(all)
}
