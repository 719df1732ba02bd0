//! What a block does to the state: system calls, transactions, rewards, withdrawals, requests.

use super::Withdrawal;
use super::convert::address;
use super::dao;
use super::ommers::{self, Ommer};
use super::receipt::{BlockReceipt, bloom};
use super::rejection::BlockRejection;
use super::requests;
use crate::ethereum::block::GAS_PER_BLOB;
use crate::ethereum::hash::{create_address, keccak};
use crate::ethereum::{Block, Log, Rejection, State, Tracer, Transaction, execute, system_call};
use alloy_primitives::hex;
use evm_interpreter::{Fork, H160, H256, U256};

/// Keeps the roots of beacon blocks (EIP-4788).
pub const BEACON_ROOTS: H160 = H160(hex!("000f3df6d732807ef1319fb7b8bb8522d0beac02"));
/// Keeps the hashes of blocks (EIP-2935).
pub const HISTORY: H160 = H160(hex!("0000f90827f1c53a10cb7a02335b175320002935"));
/// Wei in the unit of withdrawals.
const GWEI: u64 = 1_000_000_000;

/// What happens in front of the transactions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening {
    /// Whether the DAO's ether moves.
    pub drains_dao: bool,
    /// Root of the parent beacon block, where there is one (EIP-4788).
    pub beacon_root: Option<H256>,
    /// Hash of the parent, from Prague on (EIP-2935).
    pub parent_hash: Option<H256>,
}

/// What happens behind the transactions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing<'a> {
    /// Reward of the block, wei; the coinbase is touched if there is one, even of zero.
    pub reward: Option<U256>,
    /// Ommers to be rewarded.
    pub ommers: &'a [Ommer],
    /// Withdrawals, from Shanghai on.
    pub withdrawals: &'a [Withdrawal],
}

/// A block under execution.
#[derive(Debug)]
pub struct Transition<'a> {
    /// What transactions see of the block.
    pub block: &'a Block,
    /// The state, at rest between the steps.
    pub state: &'a mut State,
    /// Receipts so far.
    pub receipts: Vec<BlockReceipt>,
    /// Gas used so far.
    pub gas_used: u64,
    /// Blob gas used so far.
    pub blob_gas_used: u64,
}

impl<'a> Transition<'a> {
    /// Begins a block on the state of its parent.
    pub fn open<T: Tracer>(
        block: &'a Block,
        state: &'a mut State,
        opening: Opening,
        tracer: &mut T,
    ) -> Self {
        if opening.drains_dao {
            dao::drain(state);
        }
        // What comes of these two calls is of no consequence.
        if let Some(root) = opening.beacon_root.filter(|_| block.fork >= Fork::Cancun) {
            system_call(BEACON_ROOTS, &root.0, block, state, tracer);
        }
        if let Some(hash) = opening.parent_hash.filter(|_| block.fork >= Fork::Prague) {
            system_call(HISTORY, &hash.0, block, state, tracer);
        }
        Self {
            block,
            state,
            receipts: Vec::new(),
            gas_used: 0,
            blob_gas_used: 0,
        }
    }

    /// Gas that the transactions so far have left.
    #[must_use]
    pub const fn gas_left(&self) -> u64 {
        self.block.gas_limit.saturating_sub(self.gas_used)
    }

    /// Blob gas of the block if `transaction` is added to it.
    #[must_use]
    pub fn blob_gas_with(&self, transaction: &Transaction) -> u64 {
        let blobs = transaction.blob_hashes.len() as u64;
        self.blob_gas_used
            .saturating_add(blobs.saturating_mul(GAS_PER_BLOB))
    }

    /// Runs a transaction; `bytes` are its wire form.
    ///
    /// # Errors
    /// Why it cannot be part of the block, which is as before.
    pub fn apply<T: Tracer>(
        &mut self,
        transaction: &Transaction,
        bytes: &[u8],
        tracer: &mut T,
    ) -> Result<(), Rejection> {
        let block = self.block;
        let blob_gas = self.blob_gas_with(transaction);
        if block.fork >= Fork::Cancun && blob_gas > block.max_blobs.saturating_mul(GAS_PER_BLOB) {
            let blobs = usize::try_from(blob_gas / GAS_PER_BLOB).unwrap_or(usize::MAX);
            return Err(Rejection::TooManyBlobs {
                blobs,
                limit: block.max_blobs,
            });
        }
        let receipt = execute(transaction, block, self.state, self.gas_left(), tracer)?;
        self.gas_used = self.gas_used.saturating_add(receipt.gas_used);
        let blob_gas_used = blob_gas - self.blob_gas_used;
        self.blob_gas_used = blob_gas;
        self.receipts.push(BlockReceipt {
            transaction_hash: keccak(bytes),
            kind: transaction.kind,
            success: receipt.success,
            state_root: (block.fork < Fork::Byzantium).then(|| self.state.root()),
            gas_used: receipt.gas_used,
            cumulative_gas_used: self.gas_used,
            blob_gas_used,
            created: transaction
                .to
                .is_none()
                .then(|| create_address(transaction.sender, transaction.nonce)),
            bloom: bloom(receipt.logs.iter()),
            logs: receipt.logs,
        });
        Ok(())
    }

    /// Ends the block; gives its requests from Prague on.
    ///
    /// # Errors
    /// What makes the block invalid.
    pub fn close<T: Tracer>(
        &mut self,
        closing: &Closing<'_>,
        tracer: &mut T,
    ) -> Result<Option<Vec<Vec<u8>>>, BlockRejection> {
        let fork = self.block.fork;
        if let Some(reward) = closing.reward {
            ommers::pay(reward, self.block.coinbase, closing.ommers, self.state);
        }
        if fork >= Fork::Shanghai {
            for withdrawal in closing.withdrawals {
                let id = self.state.load(address(withdrawal.address));
                self.state
                    .credit(id, U256::from(withdrawal.amount) * U256::from(GWEI));
            }
        }
        self.state.finish_transaction(fork >= Fork::SpuriousDragon);
        if fork < Fork::Prague {
            return Ok(None);
        }
        let logs = self.receipts.iter().flat_map(|receipt| &receipt.logs);
        requests::collect(logs, self.block, self.state, tracer).map(Some)
    }

    /// All logs of the block.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.receipts.iter().flat_map(|receipt| &receipt.logs)
    }
}
