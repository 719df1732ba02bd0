//! Receipts and their root.

use crate::ethereum::hash::rlp_list;
use crate::ethereum::trie::encode_log;
use crate::ethereum::{Log, TransactionKind};
use alloy_primitives::{B256, Bloom};
use alloy_rlp::Encodable;
use alloy_trie::root::ordered_trie_root_encoded;
use evm_interpreter::{H160, H256};

/// What a transaction of a block came to.
#[derive(Clone, Debug)]
pub struct BlockReceipt {
    /// Keccak-256 of the transaction's bytes.
    pub transaction_hash: H256,
    /// Kind of the transaction.
    pub kind: TransactionKind,
    /// Whether its call or creation succeeded.
    pub success: bool,
    /// State root after it, before Byzantium (EIP-658).
    pub state_root: Option<H256>,
    /// Gas paid for.
    pub gas_used: u64,
    /// Gas paid for by all transactions up to it.
    pub cumulative_gas_used: u64,
    /// Blob gas.
    pub blob_gas_used: u64,
    /// The contract that it was to create, also if that failed.
    pub created: Option<H160>,
    /// Logs.
    pub logs: Vec<Log>,
    /// Bloom filter of the logs.
    pub bloom: Bloom,
}

impl BlockReceipt {
    /// The receipt as the block's trie holds it (EIP-2718).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(320);
        match self.state_root {
            Some(root) => root.0.encode(&mut payload),
            None => u8::from(self.success).encode(&mut payload),
        }
        self.cumulative_gas_used.encode(&mut payload);
        self.bloom.encode(&mut payload);
        let mut logs = Vec::new();
        for log in &self.logs {
            encode_log(log, &mut logs);
        }
        payload.extend_from_slice(&rlp_list(&logs));
        let list = rlp_list(&payload);
        match self.kind {
            TransactionKind::Legacy => list,
            kind => [&[kind as u8][..], &list].concat(),
        }
    }
}

/// Bloom filter of logs.
#[must_use]
pub fn bloom<'a>(logs: impl Iterator<Item = &'a Log>) -> Bloom {
    let mut bloom = Bloom::ZERO;
    for log in logs {
        bloom.m3_2048(&log.address.0);
        for topic in &log.topics {
            bloom.m3_2048(&topic.0);
        }
    }
    bloom
}

/// Bloom filter of a block.
#[must_use]
pub fn block_bloom(receipts: &[BlockReceipt]) -> Bloom {
    receipts
        .iter()
        .fold(Bloom::ZERO, |all, receipt| all | receipt.bloom)
}

/// Root of a block's receipts.
#[must_use]
pub fn root(receipts: &[BlockReceipt]) -> B256 {
    let encoded: Vec<Vec<u8>> = receipts.iter().map(BlockReceipt::encode).collect();
    ordered_trie_root_encoded(&encoded)
}
