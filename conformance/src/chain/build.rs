//! New blocks: the header follows from the parent and from what the block does.

use super::block::{ommers_hash, transactions_root, withdrawals_root};
use super::convert::{alloy_word, b256, word};
use super::difficulty::{self, Parent};
use super::fees::{ELASTICITY, INITIAL_BASE_FEE, next_base_fee, next_excess_blob_gas};
use super::header::parent_blobs;
use super::rejection::{BlockRejection, Reason};
use super::tree::{Executed, Node, Tree};
use super::{Header, Rules, SealedBlock, Withdrawal, receipt, requests};
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, H160, H256, U256};

/// What is free in a block.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Seconds after the parent.
    pub seconds: u64,
    /// Receiver of fees.
    pub coinbase: H160,
    /// Extra data.
    pub extra_data: Vec<u8>,
    /// Randomness under proof of stake.
    pub random: H256,
    /// Root of the parent beacon block, from Cancun on.
    pub beacon_root: H256,
    /// Transactions in the form of EIP-2718.
    pub transactions: Vec<Vec<u8>>,
    /// Ommers, under proof of work.
    pub ommers: Vec<Header>,
    /// Withdrawals, from Shanghai on.
    pub withdrawals: Vec<Withdrawal>,
}

impl Tree {
    /// A block on a parent; it is not added to the tree.
    ///
    /// # Errors
    /// If the parent is not known, or a transaction cannot be part of the block.
    pub fn build(&self, parent: H256, parts: Parts) -> Result<SealedBlock, BlockRejection> {
        let node = self
            .node(&parent)
            .ok_or_else(|| BlockRejection::new(Reason::UnknownParent, format!("{parent:#x}")))?;
        let number = node.header.number.saturating_add(1);
        let timestamp = node.header.timestamp.saturating_add(parts.seconds);
        let rules = self.rules(number, timestamp, node);
        let header = open(&parts, parent, node, &rules, timestamp);
        let withdrawals = (rules.fork >= Fork::Shanghai).then_some(parts.withdrawals);
        let mut block = SealedBlock::new(header, parts.transactions, parts.ommers, withdrawals);
        let executed = self.run(&block, &rules, node, &mut NoInspector)?;
        close(&mut block.header, &executed);
        Ok(SealedBlock::new(
            block.header,
            block.transactions,
            block.ommers,
            block.withdrawals,
        ))
    }
}

/// What of the header is known before the block runs.
fn open(parts: &Parts, hash: H256, parent: &Node, rules: &Rules, timestamp: u64) -> Header {
    let before = &parent.header;
    let london = rules.fork >= Fork::London;
    let first = london && parent.rules.fork < Fork::London;
    let base_fee = if first {
        U256::from(INITIAL_BASE_FEE)
    } else {
        let base_fee = before.base_fee_per_gas.unwrap_or_default();
        next_base_fee(base_fee.into(), before.gas_used, before.gas_limit)
    };
    let cancun = rules.fork >= Fork::Cancun;
    let excess = rules
        .blobs
        .map(|schedule| next_excess_blob_gas(parent_blobs(before), rules, &schedule));
    let difficulty = if rules.merged() {
        U256::zero()
    } else {
        difficulty::next(&Parent::from(before), timestamp, rules)
    };
    Header {
        parent_hash: b256(hash),
        ommers_hash: ommers_hash(&parts.ommers),
        beneficiary: super::convert::alloy_address(parts.coinbase),
        transactions_root: transactions_root(&parts.transactions),
        difficulty: alloy_word(difficulty),
        number: before.number.saturating_add(1),
        gas_limit: if first {
            before.gas_limit.saturating_mul(ELASTICITY)
        } else {
            before.gas_limit
        },
        timestamp,
        extra_data: parts.extra_data.clone().into(),
        mix_hash: b256(parts.random),
        base_fee_per_gas: london.then(|| u64::try_from(base_fee).unwrap_or(u64::MAX)),
        withdrawals_root: (rules.fork >= Fork::Shanghai)
            .then(|| withdrawals_root(&parts.withdrawals)),
        blob_gas_used: cancun.then_some(0),
        excess_blob_gas: excess,
        parent_beacon_block_root: cancun.then(|| b256(parts.beacon_root)),
        requests_hash: (rules.fork >= Fork::Prague).then(|| requests::hash(&[])),
        ..Header::default()
    }
}

/// What of the header the block has come to.
fn close(header: &mut Header, executed: &Executed) {
    header.gas_used = executed.gas_used;
    header.blob_gas_used = header.blob_gas_used.map(|_| executed.blob_gas_used);
    header.logs_bloom = receipt::block_bloom(&executed.receipts);
    header.receipts_root = receipt::root(&executed.receipts);
    header.state_root = b256(executed.state.root());
    header.requests_hash = executed
        .requests
        .as_ref()
        .map(|requests| requests::hash(requests));
}

/// A genesis whose header has the fields that its fork asks for.
#[must_use]
pub fn genesis(rules: &Rules, state_root: H256, gas_limit: u64, base_fee: u64) -> SealedBlock {
    let cancun = rules.fork >= Fork::Cancun;
    let shanghai = rules.fork >= Fork::Shanghai;
    let difficulty = if rules.merged() {
        U256::zero()
    } else {
        U256::from(0x2_0000)
    };
    let header = Header {
        state_root: b256(state_root),
        difficulty: alloy_word(difficulty),
        gas_limit,
        base_fee_per_gas: (rules.fork >= Fork::London).then_some(base_fee),
        withdrawals_root: shanghai.then(|| withdrawals_root(&[])),
        blob_gas_used: cancun.then_some(0),
        excess_blob_gas: cancun.then_some(0),
        parent_beacon_block_root: cancun.then(Default::default),
        requests_hash: (rules.fork >= Fork::Prague).then(|| requests::hash(&[])),
        ..Header::default()
    };
    debug_assert_eq!(word(header.difficulty), difficulty);
    SealedBlock::new(header, Vec::new(), Vec::new(), shanghai.then(Vec::new))
}
