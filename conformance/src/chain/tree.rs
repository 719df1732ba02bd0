//! Blocks on blocks, and which of them is the head.

use super::block::{ommers_hash, transactions_root, withdrawals_root};
use super::convert::{address, b256, hash, word};
use super::network::{Network, Rules};
use super::ommers::{self, Ancestor, GENERATIONS};
use super::receipt::{self, BlockReceipt};
use super::rejection::{BlockRejection, Reason};
use super::transition::{Closing, Opening, Transition};
use super::{Header, SealedBlock, header, requests};
use crate::ethereum::envelope::Envelope;
use crate::ethereum::memo::PrecompileMemo;
use crate::ethereum::state::HashMap;
use crate::ethereum::{Block, BlockHashes, Prestate, State, Tracer};
use evm_interpreter::{Fork, H256, U256};
use std::sync::Arc;

/// A block with all its bytes at most (EIP-7934).
const MAX_BLOCK_SIZE: usize = 8 << 20;
/// Blocks that BLOCKHASH can look back.
const BLOCK_HASH_WINDOW: usize = 256;

/// A valid block.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) header: Header,
    pub(super) rules: Rules,
    ommers: Vec<H256>,
    /// Sum of the difficulties up to it.
    total_difficulty: U256,
    state: Arc<Prestate>,
}

/// What a block came to.
#[derive(Debug)]
pub(super) struct Executed {
    pub(super) receipts: Vec<BlockReceipt>,
    pub(super) gas_used: u64,
    pub(super) blob_gas_used: u64,
    /// From Prague on.
    pub(super) requests: Option<Vec<Vec<u8>>>,
    pub(super) state: Prestate,
}

/// The valid blocks on a genesis.
#[derive(Debug)]
pub struct Tree {
    network: Network,
    chain_id: u64,
    memo: Option<Arc<PrecompileMemo>>,
    nodes: HashMap<H256, Node>,
    head: H256,
}

impl Tree {
    /// A tree of the genesis alone, which is taken as it is.
    #[must_use]
    pub fn new(
        network: Network,
        chain_id: u64,
        genesis: &SealedBlock,
        state: Arc<Prestate>,
        memo: Option<Arc<PrecompileMemo>>,
    ) -> Self {
        let node = Node {
            header: genesis.header.clone(),
            rules: network.genesis_rules(&genesis.header),
            ommers: Vec::new(),
            total_difficulty: word(genesis.header.difficulty),
            state,
        };
        let mut nodes = HashMap::default();
        nodes.insert(genesis.hash, node);
        Self {
            network,
            chain_id,
            memo,
            nodes,
            head: genesis.hash,
        }
    }

    /// Hash of the head: the block with the most total difficulty, under proof of stake the last.
    #[must_use]
    pub const fn head(&self) -> H256 {
        self.head
    }

    /// State after the head.
    #[must_use]
    pub fn state(&self) -> Option<&Arc<Prestate>> {
        self.nodes.get(&self.head).map(|node| &node.state)
    }

    /// The fork of a block of this height and time on the head.
    #[must_use]
    pub fn fork(&self, number: u64, timestamp: u64) -> Fork {
        let total = self.nodes.get(&self.head).map(|node| node.total_difficulty);
        self.network
            .rules(number, timestamp, total.unwrap_or_default())
            .fork
    }

    /// Adds a block if it is valid.
    ///
    /// # Errors
    /// Why it is not; the tree is as before.
    pub fn insert<T: Tracer>(
        &mut self,
        block: &SealedBlock,
        tracer: &mut T,
    ) -> Result<(), BlockRejection> {
        let parent_hash = hash(block.header.parent_hash);
        let Some(parent) = self.nodes.get(&parent_hash) else {
            let text = format!("parentHash: no block {parent_hash:#x}");
            return Err(BlockRejection::new(Reason::UnknownParent, text));
        };
        if self.nodes.contains_key(&block.hash) {
            self.consider(block.hash);
            return Ok(());
        }
        let total = parent.total_difficulty;
        let rules = self
            .network
            .rules(block.header.number, block.header.timestamp, total);
        if rules.fork >= Fork::Osaka && block.size > MAX_BLOCK_SIZE {
            let text = format!("block of {} bytes, at most {MAX_BLOCK_SIZE}", block.size);
            return Err(BlockRejection::new(Reason::TooLarge, text));
        }
        header::check(
            &block.header,
            &rules,
            &parent.header,
            &parent.rules,
            &self.network,
        )?;
        check_body(block, &rules)?;
        self.check_ommers(block, &rules)?;
        tracer.block(rules.fork);
        let state = self.execute(block, &rules, parent, tracer)?;
        let node = Node {
            rules,
            ommers: block
                .ommers
                .iter()
                .map(|ommer| hash(ommer.hash_slow()))
                .collect(),
            total_difficulty: total.saturating_add(word(block.header.difficulty)),
            state: Arc::new(state),
            header: block.header.clone(),
        };
        self.nodes.insert(block.hash, node);
        self.consider(block.hash);
        Ok(())
    }

    /// Makes a block the head if it is better. Under proof of stake the consensus layer tells which
    /// one is; tests mean the last.
    fn consider(&mut self, candidate: H256) {
        let (Some(new), Some(old)) = (self.nodes.get(&candidate), self.nodes.get(&self.head))
        else {
            return;
        };
        let better = if new.rules.merged() {
            true
        } else {
            !old.rules.merged() && new.total_difficulty > old.total_difficulty
        };
        if better {
            self.head = candidate;
        }
    }

    fn check_ommers(&self, block: &SealedBlock, rules: &Rules) -> Result<(), BlockRejection> {
        if rules.merged() || block.ommers.is_empty() {
            return Ok(());
        }
        let mut ancestors = Vec::with_capacity(GENERATIONS);
        let mut at = hash(block.header.parent_hash);
        while let Some(node) = self
            .nodes
            .get(&at)
            .filter(|_| ancestors.len() < GENERATIONS)
        {
            ancestors.push(Ancestor {
                hash: at,
                header: &node.header,
                ommers: node.ommers.clone(),
            });
            at = hash(node.header.parent_hash);
        }
        ommers::check(block.hash, &block.ommers, &ancestors, |ommer, parent| {
            let Some(parent) = self.nodes.get(&parent.hash) else {
                return Ok(());
            };
            let total = parent.total_difficulty;
            let rules = self.network.rules(ommer.number, ommer.timestamp, total);
            header::check(ommer, &rules, &parent.header, &parent.rules, &self.network)
        })
    }

    fn execute<T: Tracer>(
        &self,
        block: &SealedBlock,
        rules: &Rules,
        parent: &Node,
        tracer: &mut T,
    ) -> Result<Prestate, BlockRejection> {
        let executed = self.run(block, rules, parent, tracer)?;
        check_result(&block.header, &executed)?;
        let root = executed.state.root();
        if hash(block.header.state_root) != root {
            let (have, want) = (block.header.state_root, b256(root));
            return Err(BlockRejection::mismatch(
                Reason::StateRoot,
                "stateRoot",
                have,
                want,
            ));
        }
        Ok(executed.state)
    }

    /// What a block does on its parent's state, whatever its header says of that.
    pub(super) fn run<T: Tracer>(
        &self,
        block: &SealedBlock,
        rules: &Rules,
        parent: &Node,
        tracer: &mut T,
    ) -> Result<Executed, BlockRejection> {
        let header = &block.header;
        let seen = self.seen_by_transactions(header, rules);
        let mut state = State::new(Arc::clone(&parent.state));
        let opening = Opening {
            drains_dao: self.network.drains_dao(header.number),
            beacon_root: header.parent_beacon_block_root.map(hash),
            parent_hash: Some(hash(header.parent_hash)),
        };
        let mut transition = Transition::open(&seen, &mut state, opening, tracer);
        for (index, bytes) in block.transactions.iter().enumerate() {
            Envelope::decode(bytes, rules.fork)
                .and_then(|envelope| envelope.recover(rules.fork, self.chain_id))
                .and_then(|transaction| transition.apply(&transaction, bytes, tracer))
                .map_err(|rejection| BlockRejection::Transaction { index, rejection })?;
        }
        let ommers = ommers::rewarded(header.number, &block.ommers);
        let closing = Closing {
            reward: ommers::block_reward(rules.fork),
            ommers: &ommers,
            withdrawals: block.withdrawals.as_deref().unwrap_or_default(),
        };
        let requests = transition.close(&closing, tracer)?;
        let Transition {
            receipts,
            gas_used,
            blob_gas_used,
            ..
        } = transition;
        Ok(Executed {
            receipts,
            gas_used,
            blob_gas_used,
            requests,
            state: state.at_rest(),
        })
    }

    /// A block of the tree.
    pub(super) fn node(&self, hash: &H256) -> Option<&Node> {
        self.nodes.get(hash)
    }

    /// The rules of a block on a parent.
    pub(super) fn rules(&self, number: u64, timestamp: u64, parent: &Node) -> Rules {
        self.network
            .rules(number, timestamp, parent.total_difficulty)
    }

    fn seen_by_transactions(&self, header: &Header, rules: &Rules) -> Block {
        let excess = header.excess_blob_gas.unwrap_or_default();
        Block {
            fork: rules.fork,
            chain_id: self.chain_id,
            number: header.number,
            timestamp: header.timestamp,
            coinbase: address(header.beneficiary),
            gas_limit: header.gas_limit,
            prev_randao: if rules.merged() {
                U256::from_big_endian(&header.mix_hash.0)
            } else {
                word(header.difficulty)
            },
            base_fee: header.base_fee_per_gas.unwrap_or_default().into(),
            blob_base_fee: rules
                .blobs
                .map_or(U256::zero(), |schedule| schedule.price(excess)),
            max_blobs: rules.blobs.map_or(0, |schedule| schedule.max),
            hashes: BlockHashes::Known(self.hashes(header)),
            memo: self.memo.clone(),
        }
    }

    /// The hashes that BLOCKHASH can give in the block after the header's parent.
    fn hashes(&self, header: &Header) -> std::collections::BTreeMap<u64, H256> {
        let mut hashes = std::collections::BTreeMap::new();
        let mut at = hash(header.parent_hash);
        while let Some(node) = self
            .nodes
            .get(&at)
            .filter(|_| hashes.len() < BLOCK_HASH_WINDOW)
        {
            hashes.insert(node.header.number, at);
            at = hash(node.header.parent_hash);
        }
        hashes
    }
}

/// What header and body say of each other.
fn check_body(block: &SealedBlock, rules: &Rules) -> Result<(), BlockRejection> {
    let header = &block.header;
    if rules.merged() && !block.ommers.is_empty() {
        let text = "ommers under proof of stake";
        return Err(BlockRejection::new(Reason::NotProofOfStake, text));
    }
    let want = ommers_hash(&block.ommers);
    if header.ommers_hash != want {
        let have = header.ommers_hash;
        return Err(BlockRejection::mismatch(
            Reason::OmmersHash,
            "sha3Uncles",
            have,
            want,
        ));
    }
    let want = transactions_root(&block.transactions);
    if header.transactions_root != want {
        let have = header.transactions_root;
        return Err(BlockRejection::mismatch(
            Reason::TransactionsRoot,
            "transactionsRoot",
            have,
            want,
        ));
    }
    match (&block.withdrawals, header.withdrawals_root) {
        (None, None) => {}
        (Some(withdrawals), Some(have)) => {
            let want = withdrawals_root(withdrawals);
            if have != want {
                return Err(BlockRejection::mismatch(
                    Reason::WithdrawalsRoot,
                    "withdrawalsRoot",
                    have,
                    want,
                ));
            }
        }
        (withdrawals, _) => {
            let text = match withdrawals {
                Some(_) => "withdrawals do not belong to the fork",
                None => "withdrawals are missing",
            };
            return Err(BlockRejection::new(Reason::Format, text));
        }
    }
    Ok(())
}

/// What the block came to must be what its header says.
fn check_result(header: &Header, executed: &Executed) -> Result<(), BlockRejection> {
    let (have, want) = (header.gas_used, executed.gas_used);
    if have != want {
        return Err(BlockRejection::mismatch(
            Reason::GasUsed,
            "gasUsed",
            have,
            want,
        ));
    }
    let want = executed.blob_gas_used;
    if let Some(have) = header.blob_gas_used.filter(|have| *have != want) {
        return Err(BlockRejection::mismatch(
            Reason::BlobGasUsed,
            "blobGasUsed",
            have,
            want,
        ));
    }
    let want = receipt::block_bloom(&executed.receipts);
    if header.logs_bloom != want {
        return Err(BlockRejection::mismatch(
            Reason::LogsBloom,
            "logsBloom",
            header.logs_bloom,
            want,
        ));
    }
    let want = receipt::root(&executed.receipts);
    if header.receipts_root != want {
        return Err(BlockRejection::mismatch(
            Reason::ReceiptsRoot,
            "receiptsRoot",
            header.receipts_root,
            want,
        ));
    }
    if let (Some(have), Some(requests)) = (header.requests_hash, &executed.requests) {
        let want = requests::hash(requests);
        if have != want {
            return Err(BlockRejection::mismatch(
                Reason::RequestsHash,
                "requestsHash",
                have,
                want,
            ));
        }
    }
    Ok(())
}
