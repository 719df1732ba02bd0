//! Blocks: a Filecoin block header each, and what came of its messages.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bloom, Bytes, Log};
use cid::Cid;
use fvm_ipld_encoding::tuple::{Deserialize_tuple, Serialize_tuple};
use fvm_ipld_encoding::{DAG_CBOR, strict_bytes, to_vec};
use fvm_shared::address::Address as FilecoinAddress;
use fvm_shared::bigint::BigInt;
use fvm_shared::bigint::bigint_ser;
use fvm_shared::econ::TokenAmount;
use multihash_codetable::{Code, MultihashDigest};

use crate::pool::Transaction;

/// A Filecoin block header, in the tuple order of the chain. A block of this node is a tipset of
/// one such header; the fields that only consensus needs are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct BlockHeader {
    /// Who made the block.
    pub miner: FilecoinAddress,
    /// Leader election: none.
    pub ticket: Option<Ticket>,
    /// Leader election: none.
    pub election_proof: Option<ElectionProof>,
    /// The random beacon's entry for the epoch.
    pub beacon_entries: Vec<BeaconEntry>,
    /// Proofs of storage: none.
    pub win_post_proof: Vec<()>,
    /// The headers of the parent tipset.
    pub parents: Vec<Cid>,
    /// Weight of the chain up to the parents.
    #[serde(with = "bigint_ser")]
    pub parent_weight: BigInt,
    /// Epoch.
    pub height: i64,
    /// State after the parents' messages.
    pub parent_state_root: Cid,
    /// Root of the parents' receipts.
    pub parent_message_receipts: Cid,
    /// The messages: root of [BLS root, secp root].
    pub messages: Cid,
    /// Signature of the BLS messages: none.
    pub bls_aggregate: Option<()>,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Signature of the miner: none.
    pub block_signature: Option<()>,
    /// Unused on mainnet too.
    pub fork_signaling: u64,
    /// Base fee of the messages in this block, in attoFIL per gas.
    pub parent_base_fee: TokenAmount,
}

/// A ticket of the leader election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Ticket {
    /// The proof.
    #[serde(with = "strict_bytes")]
    pub vrf_proof: Vec<u8>,
}

/// A proof of having won an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ElectionProof {
    /// How often.
    pub win_count: i64,
    /// The proof.
    #[serde(with = "strict_bytes")]
    pub vrf_proof: Vec<u8>,
}

/// An entry of the random beacon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct BeaconEntry {
    /// Round of the beacon.
    pub round: u64,
    /// Its 32 bytes.
    #[serde(with = "strict_bytes")]
    pub data: Vec<u8>,
}

impl BlockHeader {
    /// The header's DAG-CBOR and its CID.
    ///
    /// # Errors
    /// A number does not fit its encoding.
    pub fn encode(&self) -> Result<(Cid, Vec<u8>), fvm_ipld_encoding::Error> {
        let bytes = to_vec(self)?;
        Ok((
            Cid::new_v1(DAG_CBOR, Code::Blake2b256.digest(&bytes)),
            bytes,
        ))
    }
}

/// CID of a tipset: of the CBOR byte string that joins its headers' CIDs.
///
/// # Errors
/// Never in practice: byte strings always encode.
pub fn tipset_cid(headers: &[Cid]) -> Result<Cid, fvm_ipld_encoding::Error> {
    let key: Vec<u8> = headers.iter().flat_map(Cid::to_bytes).collect();
    let bytes = to_vec(&strict_bytes::ByteBuf(key))?;
    Ok(Cid::new_v1(DAG_CBOR, Code::Blake2b256.digest(&bytes)))
}

/// The Ethereum hash of a block: the digest of its tipset's CID.
pub fn hash_of(tipset: &Cid) -> B256 {
    B256::from_slice(tipset.hash().digest().get(..32).unwrap_or(&[0; 32]))
}

/// A block, with everything that came of it.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its header.
    pub header: BlockHeader,
    /// CID of the header.
    pub cid: Cid,
    /// CID of the tipset that the header makes alone; BLOCKHASH is its digest.
    pub tipset: Cid,
    /// Digest of the tipset's CID.
    pub hash: B256,
    /// Hash of the block before; zero for block 0.
    pub parent_hash: B256,
    /// Epoch.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Base fee of its messages, in attoFIL per gas.
    pub base_fee: u128,
    /// Gas that its messages may use together.
    pub gas_limit: u64,
    /// Gas that its messages used together.
    pub gas_used: u64,
    /// State after its messages.
    pub state_root: Cid,
    /// Root of its receipts, as the next header names it.
    pub receipts_root: Cid,
    /// What PREVRANDAO gives in its messages.
    pub prevrandao: B256,
    /// Bytes of the header and of the transactions.
    pub size: usize,
    /// Bloom filter of its logs.
    pub logs_bloom: Bloom,
    /// Its transactions, in order.
    pub transactions: Vec<Included>,
    /// Base fee of the block that follows.
    pub next_base_fee: u128,
}

/// A transaction in a block.
#[derive(Debug, Clone)]
pub struct Included {
    /// The transaction.
    pub transaction: Arc<Transaction>,
    /// What came of it.
    pub receipt: Receipt,
}

/// What came of a transaction.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The FVM's exit code; 0 is success.
    pub exit_code: u32,
    /// FVM gas used.
    pub gas_used: u64,
    /// FVM gas used up to and with this transaction in its block.
    pub cumulative_gas_used: u64,
    /// All that the sender paid in fees, in attoFIL, over the gas used in the unit that is shown.
    pub effective_gas_price: u128,
    /// The contract that a creation made.
    pub contract_address: Option<Address>,
    /// The logs, in order.
    pub logs: Vec<Log>,
    /// Index in the block of the first log.
    pub first_log_index: u64,
    /// Bloom filter of the logs.
    pub logs_bloom: Bloom,
    /// What the call returned or reverted with, unwrapped.
    pub output: Bytes,
    /// The FVM's words for a failure.
    pub failure: Option<String>,
}

impl Receipt {
    /// Whether the message succeeded.
    pub const fn succeeded(&self) -> bool {
        self.exit_code == 0
    }
}

impl Block {
    /// A log's place: the logs of the block in order, each with its transaction's index and its
    /// own index in the block.
    pub fn logs(&self) -> impl Iterator<Item = LogPlace<'_>> {
        self.transactions
            .iter()
            .enumerate()
            .flat_map(|(index, included)| {
                let first = included.receipt.first_log_index;
                included
                    .receipt
                    .logs
                    .iter()
                    .zip(first..)
                    .map(move |(log, log_index)| LogPlace {
                        log,
                        log_index,
                        transaction_index: index as u64,
                        transaction_hash: included.transaction.hash,
                    })
            })
    }
}

/// A log and where in its block it stands.
#[derive(Debug, Clone, Copy)]
pub struct LogPlace<'a> {
    /// The log.
    pub log: &'a Log,
    /// Index among the block's logs.
    pub log_index: u64,
    /// Index of its transaction.
    pub transaction_index: u64,
    /// Hash of its transaction.
    pub transaction_hash: B256,
}
