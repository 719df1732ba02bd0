//! Making a block: its header on top of its parent, its roots, its hash.

use alloy_primitives::{B256, Bloom};
use cid::Cid;
use fvm_ipld_amt::Amtv0;
use fvm_ipld_blockstore::{Block as IpldBlock, Blockstore};
use fvm_ipld_encoding::{DAG_CBOR, to_vec};
use fvm_shared::address::Address as FilecoinAddress;
use fvm_shared::bigint::BigInt;
use fvm_shared::econ::TokenAmount;
use fvm_shared::receipt::Receipt as FilecoinReceipt;
use multihash_codetable::Code;

use super::base_fee::{self, Offer};
use super::block::{BeaconEntry, Block, BlockHeader, Included, hash_of, tipset_cid};
use super::randomness;

/// The actor that blocks name as their miner: the first ID that a miner could have.
const MINER: u64 = 1_000;

/// What is known of a block before its messages run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draft {
    /// Epoch.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Base fee in attoFIL per gas.
    pub base_fee: u128,
    /// Gas limit of the block.
    pub gas_limit: u64,
}

/// What running the messages gave.
#[derive(Debug)]
pub struct Body {
    /// The transactions with their receipts.
    pub included: Vec<Included>,
    /// CIDs of the signed messages, in the same order.
    pub messages: Vec<Cid>,
    /// The receipts as the Filecoin chain keeps them.
    pub receipts: Vec<FilecoinReceipt>,
    /// State after the messages.
    pub state_root: Cid,
}

/// Puts a block together and its header into the store.
///
/// # Errors
/// The store fails.
pub fn seal(
    store: &impl Blockstore,
    parent: Option<&Block>,
    draft: Draft,
    body: Body,
) -> anyhow::Result<Block> {
    let epoch = i64::try_from(draft.number)?;
    let receipts_root = Amtv0::new_from_iter(store, body.receipts)?;
    let secp = Amtv0::new_from_iter(store, body.messages)?;
    let bls = Amtv0::<Cid, _>::new_from_iter(store, Vec::new())?;
    let messages = put(store, &to_vec(&(bls, secp))?)?;
    let header = BlockHeader {
        miner: FilecoinAddress::new_id(MINER),
        ticket: None,
        election_proof: None,
        beacon_entries: vec![BeaconEntry {
            round: draft.number,
            data: randomness::beacon_entry(epoch).to_vec(),
        }],
        win_post_proof: Vec::new(),
        parents: parent.map(|parent| parent.cid).into_iter().collect(),
        parent_weight: BigInt::from(draft.number),
        height: epoch,
        // Filecoin's header names the state that its messages start from.
        parent_state_root: parent.map_or(body.state_root, |parent| parent.state_root),
        parent_message_receipts: match parent {
            Some(parent) => parent.receipts_root,
            None => receipts_root,
        },
        messages,
        bls_aggregate: None,
        timestamp: draft.timestamp,
        block_signature: None,
        fork_signaling: 0,
        parent_base_fee: TokenAmount::from_atto(draft.base_fee),
    };
    let bytes = to_vec(&header)?;
    let cid = put(store, &bytes)?;
    let tipset = tipset_cid(&[cid])?;
    let offers = body.included.iter().map(|included| Offer {
        premium: included.transaction.effective_premium(draft.base_fee),
        gas_limit: included.transaction.gas_limit(),
    });
    let next_base_fee = base_fee::next(draft.base_fee, &offers.collect::<Vec<_>>());
    let logs_bloom = body.included.iter().fold(Bloom::ZERO, |bloom, included| {
        bloom | included.receipt.logs_bloom
    });
    let transactions_size: usize = body
        .included
        .iter()
        .map(|included| included.transaction.raw().len())
        .sum();
    Ok(Block {
        cid,
        tipset,
        hash: hash_of(&tipset),
        parent_hash: parent.map_or(B256::ZERO, |parent| parent.hash),
        number: draft.number,
        timestamp: draft.timestamp,
        base_fee: draft.base_fee,
        gas_limit: draft.gas_limit,
        gas_used: body
            .included
            .last()
            .map_or(0, |included| included.receipt.cumulative_gas_used),
        state_root: body.state_root,
        receipts_root,
        prevrandao: randomness::prevrandao(epoch),
        size: bytes.len() + transactions_size,
        logs_bloom,
        transactions: body.included,
        next_base_fee,
        header,
    })
}

fn put(store: &impl Blockstore, bytes: &[u8]) -> anyhow::Result<Cid> {
    store.put(Code::Blake2b256, &IpldBlock::new(DAG_CBOR, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fvm_ipld_blockstore::MemoryBlockstore;
    use fvm_ipld_encoding::from_slice;

    fn empty(store: &MemoryBlockstore, parent: Option<&Block>, number: u64) -> Block {
        let draft = Draft {
            number,
            timestamp: 1_000 + number,
            base_fee: 100,
            gas_limit: 10_000_000_000,
        };
        let body = Body {
            included: Vec::new(),
            messages: Vec::new(),
            receipts: Vec::new(),
            state_root: Cid::default(),
        };
        seal(store, parent, draft, body).unwrap()
    }

    #[test]
    fn hashes_chain_and_headers_read_back() {
        let store = MemoryBlockstore::default();
        let genesis = empty(&store, None, 0);
        let next = empty(&store, Some(&genesis), 1);
        assert_eq!(genesis.parent_hash, B256::ZERO);
        assert_eq!(next.parent_hash, genesis.hash);
        assert_eq!(next.hash.as_slice(), next.tipset.hash().digest());
        let stored = store.get(&next.cid).unwrap().unwrap();
        assert_eq!(from_slice::<BlockHeader>(&stored).unwrap(), next.header);
        assert_eq!(next.header.parents, [genesis.cid]);
    }

    #[test]
    fn the_same_block_has_the_same_hash() {
        let hash = || empty(&MemoryBlockstore::default(), None, 0).hash;
        assert_eq!(hash(), hash());
    }

    /// A tipset's CID is that of its key as a CBOR byte string; the length of a single CID key is 38.
    #[test]
    fn a_tipset_of_one_header() {
        let cid = empty(&MemoryBlockstore::default(), None, 0).cid;
        let mut key = vec![0x58, 38];
        key.extend(cid.to_bytes());
        use multihash_codetable::MultihashDigest;
        assert_eq!(
            tipset_cid(&[cid]).unwrap().hash(),
            &Code::Blake2b256.digest(&key)
        );
    }
}
