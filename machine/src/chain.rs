//! What the machine asks the chain that it runs in.

use std::sync::Arc;

use cid::Cid;
use fvm::externs::{Chain, Consensus, Externs, Rand};
use fvm_shared::clock::ChainEpoch;
use fvm_shared::consensus::ConsensusFault;

/// The chain behind a message. Epochs are block numbers.
pub trait ChainView: Send + Sync + 'static {
    /// The CID of the tipset at an epoch below the current one. BLOCKHASH is
    /// its digest, so it must hold what RPC calls the hash of that block.
    fn tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid>;

    /// 32 bytes of beacon randomness: PREVRANDAO, and precompile 0xfe…06.
    fn beacon_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]>;

    /// 32 bytes of ticket randomness.
    fn ticket_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]>;
}

/// A chain without blocks that answers each epoch with a hash of its number:
/// for running code where there is no chain. BLAKE2b-256 of a label (`tipset`,
/// `beacon`, `ticket`) and the epoch as 8 bytes, big-endian.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyntheticChain;

impl SyntheticChain {
    fn digest(label: &str, epoch: ChainEpoch) -> anyhow::Result<multihash_codetable::Multihash> {
        use multihash_codetable::{Code, MultihashDigest};
        anyhow::ensure!(epoch >= 0, "no epoch {epoch}");
        let mut preimage = label.as_bytes().to_vec();
        preimage.extend_from_slice(&epoch.to_be_bytes());
        Ok(Code::Blake2b256.digest(&preimage))
    }

    fn randomness(label: &str, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        Ok(Self::digest(label, epoch)?.digest().try_into()?)
    }
}

impl ChainView for SyntheticChain {
    fn tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid> {
        Ok(Cid::new_v1(
            fvm_ipld_encoding::DAG_CBOR,
            Self::digest("tipset", epoch)?,
        ))
    }

    fn beacon_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        Self::randomness("beacon", epoch)
    }

    fn ticket_randomness(&self, epoch: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        Self::randomness("ticket", epoch)
    }
}

/// The FVM's view of a [`ChainView`].
#[derive(Clone)]
pub(crate) struct ChainExterns(pub(crate) Arc<dyn ChainView>);

impl Externs for ChainExterns {}

impl Chain for ChainExterns {
    fn get_tipset_cid(&self, epoch: ChainEpoch) -> anyhow::Result<Cid> {
        self.0.tipset_cid(epoch)
    }
}

impl Rand for ChainExterns {
    fn get_chain_randomness(&self, round: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        self.0.ticket_randomness(round)
    }

    fn get_beacon_randomness(&self, round: ChainEpoch) -> anyhow::Result<[u8; 32]> {
        self.0.beacon_randomness(round)
    }
}

impl Consensus for ChainExterns {
    // A chain without miners has no consensus faults to prove.
    fn verify_consensus_fault(
        &self,
        _h1: &[u8],
        _h2: &[u8],
        _extra: &[u8],
    ) -> anyhow::Result<(Option<ConsensusFault>, i64)> {
        Ok((None, 0))
    }
}
