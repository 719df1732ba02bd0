//! Whether a transaction may wait for a block, and what is said if not.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, U256};
use fevm_machine::MachineError;

use super::{ChainEvent, Node};
use crate::config::{MIN_BASE_FEE, Mining};
use crate::executor::{Place, message_nonce};
use crate::pool::{PoolError, Transaction};

/// Most bytes of a message that Filecoin's message pool takes.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// What to do about a gas limit of Ethereum's size.
const GAS_ADVICE: &str = "Filecoin gas is about 444 times Ethereum's: take the limit from eth_estimateGas, or start the node with --gas-scale";

fn in_all(all: Option<u64>) -> String {
    all.map_or_else(String::new, |all| {
        format!(", {all} for all that the transaction does")
    })
}

/// Why a transaction may not wait, in geth's words.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// The sender's count is past it.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The sender's count.
        next: u64,
        /// The transaction's.
        nonce: u64,
    },
    /// No transaction can have that nonce.
    #[error("nonce has max value: address {0}, nonce: 18446744073709551615")]
    NonceMax(Address),
    /// The sender cannot pay.
    #[error(
        "insufficient funds for gas * price + value: balance {balance}, tx cost {cost}, overshot {overshot}"
    )]
    InsufficientFunds {
        /// The sender's balance in attoFIL.
        balance: U256,
        /// Most that the transaction can cost.
        cost: U256,
        /// The difference.
        overshot: U256,
    },
    /// The limit does not even pay for inclusion.
    #[error(
        "intrinsic gas too low: gas {gas}, minimum needed {needed} for inclusion on chain{} ({GAS_ADVICE})", in_all(*all)
    )]
    IntrinsicGas {
        /// The gas limit.
        gas: u64,
        /// What inclusion costs.
        needed: u64,
        /// A limit that suffices for all that the transaction does, if it can succeed.
        all: Option<u64>,
    },
    /// The limit does not suffice for what the transaction does.
    #[error("out of gas: gas limit {gas} is too low, {needed} is needed ({GAS_ADVICE})")]
    OutOfGas {
        /// The gas limit.
        gas: u64,
        /// A limit that suffices.
        needed: u64,
    },
    /// The limit is above the block's.
    #[error("exceeds block gas limit: gas {gas}, block gas limit {limit}")]
    BlockGasLimit {
        /// The gas limit.
        gas: u64,
        /// The block's.
        limit: u64,
    },
    /// The fee cap is below the base fee of the block that would take it now.
    #[error(
        "max fee per gas less than block base fee: address {sender}, maxFeePerGas: {fee_cap}, baseFee: {base_fee}"
    )]
    FeeCapTooLow {
        /// Who sends.
        sender: Address,
        /// The fee cap, attoFIL per gas.
        fee_cap: u128,
        /// The base fee, attoFIL per gas.
        base_fee: u128,
    },
    /// The fee cap is below what the pool takes.
    #[error("transaction underpriced: gas fee cap {fee_cap}, minimum needed {needed}")]
    Underpriced {
        /// The fee cap, attoFIL per gas.
        fee_cap: u128,
        /// The least that is taken.
        needed: u128,
    },
    /// More bytes than a message may have.
    #[error("oversized data: transaction size {size}, limit {MAX_MESSAGE_BYTES}")]
    Oversized {
        /// Bytes on chain.
        size: usize,
    },
    /// A contract cannot sign.
    #[error("sender not an eoa: address {0} is a contract")]
    SenderIsContract(Address),
    /// The pool refuses.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The state cannot be read, or the block cannot be made.
    #[error("{0}")]
    Machine(#[from] MachineError),
}

impl Node {
    /// Takes a transaction into the pool; gives its hash.
    ///
    /// # Errors
    /// See [`AdmissionError`]; nothing has changed then.
    pub fn admit(&self, transaction: Transaction) -> Result<B256, AdmissionError> {
        let hash = transaction.hash;
        self.check(&transaction)?;
        let transaction = Arc::new(transaction);
        self.pool().insert(Arc::clone(&transaction))?;
        let event = ChainEvent::Pending(transaction);
        self.filters().publish(&event);
        self.emit(event);
        Ok(hash)
    }

    /// With automatic mining, puts an admitted transaction into a block, and whatever else is
    /// ready, before it returns; if it waits still, it is in the store then. `gas_limit` is the
    /// transaction's, as its sender gave it.
    ///
    /// # Errors
    /// The limit is far too low, or the machine or the store fails; the transaction is gone then.
    pub fn mine_sent(&self, hash: B256, gas_limit: u64) -> Result<(), AdmissionError> {
        self.mine_if_automatic()?;
        if self.settings().mining != Mining::Automatic {
            return Ok(());
        }
        match self.producer().take_refusal(hash) {
            None => Ok(()),
            Some(needed) => Err(AdmissionError::OutOfGas {
                gas: gas_limit,
                needed: self.config.gas_unit.show(needed),
            }),
        }
    }

    /// With automatic mining, puts what is ready into blocks before it returns. What still waits then is in the store.
    ///
    /// # Errors
    /// The machine or the store fails.
    pub fn mine_if_automatic(&self) -> Result<(), MachineError> {
        let automatic = self.settings().mining == Mining::Automatic;
        if automatic {
            self.mine_ready()?;
        }
        self.save_pool()
    }

    fn check(&self, transaction: &Transaction) -> Result<(), AdmissionError> {
        let size = transaction.on_chain_length;
        if size > MAX_MESSAGE_BYTES {
            return Err(AdmissionError::Oversized { size });
        }
        let draft = self.draft();
        let unit = self.config.gas_unit;
        let gas = transaction.gas_limit();
        if gas > draft.gas_limit {
            return Err(AdmissionError::BlockGasLimit {
                gas: unit.show(gas),
                limit: unit.show(draft.gas_limit),
            });
        }
        let needed = self.executor.least_gas_limit(transaction);
        if gas < needed {
            return Err(AdmissionError::IntrinsicGas {
                gas: unit.show(gas),
                needed: unit.show(needed),
                all: self
                    .needed_gas(transaction, Place::in_draft(&draft, self.head().state_root))
                    .map(|all| unit.show(all)),
            });
        }
        self.check_fees(transaction, draft.base_fee)?;
        self.check_sender(transaction)
    }

    fn check_fees(&self, transaction: &Transaction, base_fee: u128) -> Result<(), AdmissionError> {
        let (mining, least) = {
            let settings = self.settings();
            (settings.mining, settings.min_gas_price)
        };
        let fee_cap = transaction.fee_cap();
        // An impersonated sender often has nothing to pay with, and no key that could be robbed.
        let needed = if transaction.impersonated {
            least
        } else {
            least.max(MIN_BASE_FEE.min(base_fee))
        };
        if mining == Mining::Automatic && fee_cap < base_fee && !transaction.impersonated {
            return Err(AdmissionError::FeeCapTooLow {
                sender: transaction.sender,
                fee_cap: self.config.gas_unit.show_price(fee_cap),
                base_fee: self.config.gas_unit.show_price(base_fee),
            });
        }
        if fee_cap < needed {
            return Err(AdmissionError::Underpriced {
                fee_cap: self.config.gas_unit.show_price(fee_cap),
                needed: self.config.gas_unit.show_price(needed),
            });
        }
        Ok(())
    }

    fn check_sender(&self, transaction: &Transaction) -> Result<(), AdmissionError> {
        let state = self.executor.state(&self.head().state_root)?;
        let (sender, nonce) = (transaction.sender, transaction.nonce());
        if !transaction.impersonated && state.evm_at(sender)?.is_some() {
            return Err(AdmissionError::SenderIsContract(sender));
        }
        if nonce == u64::MAX {
            return Err(AdmissionError::NonceMax(sender));
        }
        let next = message_nonce(&state, sender)?;
        if nonce < next {
            return Err(AdmissionError::NonceTooLow { next, nonce });
        }
        // On Filecoin a value above the balance is no reason to refuse: the message fails in its block.
        let cost = match self.config.lotus {
            true => transaction.gas_cost(),
            false => transaction.cost(),
        };
        let balance = state.eth_balance(sender)?;
        if balance < cost {
            return Err(AdmissionError::InsufficientFunds {
                balance,
                cost,
                overshot: cost - balance,
            });
        }
        if transaction.envelope.value() > U256::from(u128::MAX) {
            return Err(
                MachineError::InvalidInput("value above 2^128 - 1 attoFIL".to_owned()).into(),
            );
        }
        Ok(())
    }
}
