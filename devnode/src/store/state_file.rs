//! A chain in one file, to pass on: all blocks with their receipts, and the states of block 0 and of the head.
//!
//! The file is a CAR (content-addressed archive) whose root is a raw block: the RLP list of format, chain id, network
//! version, manifest of the actors, clock, root of block 0's state and the blocks' records. The other blocks are those
//! of the two states; the actors' code is not among them, since whoever loads the file has it.

use std::collections::HashSet;

use alloy_primitives::Bytes;
use alloy_rlp::{RlpDecodable, RlpEncodable};
use cid::Cid;
use fevm_bundle_format::car;
use fevm_machine::{Bundle, Store};
use fvm_ipld_blockstore::Blockstore;
use fvm_ipld_encoding::IPLD_RAW;

use super::links::links;
use super::{ChainStore, Identity, StoreError, records};
use crate::chain::{Block, Chain};
use crate::node::clock::Clock;

/// The format that this version writes.
const FORMAT: u32 = 1;

/// Why a file cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// It is something else.
    #[error("not a state file of fevm: {0}")]
    Foreign(String),
    /// A newer version wrote it.
    #[error("written by a newer version of fevm (format {0}, this version reads up to {FORMAT})")]
    Newer(u32),
    /// It is of another chain.
    #[error("its chain has {what} {theirs}, and this node has {ours}")]
    OtherChain {
        /// What differs.
        what: &'static str,
        /// The file's.
        theirs: String,
        /// The node's.
        ours: String,
    },
    /// A block of a state is missing.
    #[error("block {0} of its state is missing")]
    Missing(Cid),
    /// The store fails, or a record does not decode.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(RlpEncodable, RlpDecodable)]
#[rlp(trailing)]
struct Description {
    format: u32,
    chain_id: u64,
    network_version: u32,
    manifest: Bytes,
    clock: Bytes,
    genesis_state: Bytes,
    blocks: Vec<Bytes>,
    /// In FVM gas; none is the FVM's own.
    gas_unit: Option<u64>,
}

/// What a file holds.
#[derive(Debug)]
pub struct Loaded {
    /// All blocks, from block 0 on; block 0 has the state that it was made with.
    pub blocks: Vec<Block>,
    /// The clock.
    pub clock: Clock,
}

/// Writes a chain into a file's bytes.
///
/// # Errors
/// The store fails.
pub fn dump(
    store: &ChainStore,
    chain: &Chain,
    clock: &Clock,
    identity: &Identity,
    bundle_code: &HashSet<Cid>,
) -> Result<Vec<u8>, StateFileError> {
    let blocks = chain
        .range(0, u64::MAX)
        .map(|block| Ok(records::encode_block(&*block?)?.into()));
    let description = alloy_rlp::encode(Description {
        format: FORMAT,
        chain_id: identity.chain_id,
        network_version: identity.network_version,
        manifest: identity.manifest.to_bytes().into(),
        clock: records::encode_clock(clock).into(),
        genesis_state: chain.genesis().state_root.to_bytes().into(),
        blocks: blocks.collect::<Result<_, StoreError>>()?,
        gas_unit: records::encode_gas_unit(identity.gas_unit),
    });
    let root = car::cid_of(IPLD_RAW, &description);
    let mut states = Vec::new();
    let mut seen = bundle_code.clone();
    let mut waiting = vec![chain.genesis().state_root, chain.head().state_root];
    let ipld = store.ipld();
    while let Some(cid) = waiting.pop() {
        if !seen.insert(cid) {
            continue;
        }
        let data = ipld
            .get(&cid)
            .map_err(|error| StoreError::Record(format!("{error:#}")))?;
        let data = data.ok_or(StateFileError::Missing(cid))?;
        waiting.extend(links(&cid, &data).map_err(|error| StoreError::Record(error.to_string()))?);
        states.push((cid, data));
    }
    let first = car::Block {
        cid: root,
        data: &description,
    };
    let rest = states
        .iter()
        .map(|(cid, data)| car::Block { cid: *cid, data });
    Ok(car::write(&root, std::iter::once(first).chain(rest)))
}

/// Reads a file and puts its blocks by CID into `ipld`, with those of the bundle where the store has none yet.
///
/// # Errors
/// It is no such file, of another chain, or lacks something.
pub fn load(
    file: &[u8],
    identity: &Identity,
    bundle: Option<&Bundle>,
    ipld: &Store,
) -> Result<Loaded, StateFileError> {
    let foreign = |reason: &dyn ToString| StateFileError::Foreign(reason.to_string());
    let (roots, blocks) = car::read(file).map_err(|error| foreign(&error))?;
    let root = roots.first().ok_or_else(|| foreign(&"no root"))?;
    let description = blocks
        .iter()
        .find(|block| block.cid == *root)
        .ok_or_else(|| foreign(&"its root is missing"))?;
    let mut format = description.data;
    let format = alloy_rlp::Header::decode_bytes(&mut format, true)
        .and_then(|mut list| <u32 as alloy_rlp::Decodable>::decode(&mut list))
        .map_err(|error| foreign(&error))?;
    if format > FORMAT {
        return Err(StateFileError::Newer(format));
    }
    let description: Description = records::decode(description.data, "description")?;
    check(&description, identity)?;

    if let Some(bundle) = bundle {
        fevm_machine::bundle::write(bundle, ipld)
            .map_err(|error| StoreError::Record(error.to_string()))?;
    }
    let put = |blocks: Vec<(Cid, Vec<u8>)>| {
        ipld.put_many_keyed(blocks)
            .map_err(|error| StoreError::Record(format!("{error:#}")))
    };
    put(blocks
        .iter()
        .filter(|block| block.cid != *root)
        .map(|block| (block.cid, block.data.to_vec()))
        .collect())?;
    let mut chain = Vec::with_capacity(description.blocks.len());
    for (number, record) in (0_u64..).zip(&description.blocks) {
        let block = records::decode_block(record)?;
        let hangs = chain.last().map_or(number == 0, |parent: &Block| {
            parent.hash == block.parent_hash
        });
        if block.number < number || !hangs {
            return Err(foreign(&format!(
                "block {number} does not follow the one before it"
            )));
        }
        let header = block
            .header
            .encode()
            .map_err(|error| StoreError::Record(error.to_string()))?;
        put(vec![header])?;
        chain.push(block);
    }
    let genesis_state = records::cid_of(&description.genesis_state)?;
    let head_state = chain
        .last()
        .ok_or_else(|| foreign(&"no blocks"))?
        .state_root;
    for state in [genesis_state, head_state] {
        if !ipld
            .has(&state)
            .map_err(|error| StoreError::Record(format!("{error:#}")))?
        {
            return Err(StateFileError::Missing(state));
        }
    }
    // A chain without further blocks may have had its state changed from outside.
    if chain.len() > 1
        && let Some(genesis) = chain.first_mut()
    {
        genesis.state_root = genesis_state;
    }
    Ok(Loaded {
        blocks: chain,
        clock: records::decode_clock(&description.clock)?,
    })
}

fn check(description: &Description, ours: &Identity) -> Result<(), StateFileError> {
    let theirs = Identity {
        chain_id: description.chain_id,
        network_version: description.network_version,
        manifest: records::cid_of(&description.manifest)?,
        gas_unit: records::decode_gas_unit(description.gas_unit)?,
    };
    match theirs.difference(ours) {
        None => Ok(()),
        Some((what, theirs, ours)) => Err(StateFileError::OtherChain { what, theirs, ours }),
    }
}
