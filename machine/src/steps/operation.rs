//! What an actor may ask of the machine: each call is noted, then passed to the kernel within.

use fvm::kernel::Result;
use fvm::kernel::filecoin::FilecoinKernel;
use fvm::kernel::prelude::*;
use fvm_shared::consensus::ConsensusFault;
use fvm_shared::crypto::signature::{BLS_PUB_LEN, BLS_SIG_LEN};
use fvm_shared::piece::PieceInfo;
use fvm_shared::sector::{
    AggregateSealVerifyProofAndInfos, RegisteredSealProof, ReplicaUpdateInfo, SealVerifyInfo,
    WindowPoStVerifyInfo,
};
use fvm_shared::sys::EventEntry;

use super::kernel::{Inner, StepKernel};

/// A syscall, as far as two runs of a message are compared by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    /// None, or one that asks the machine for nothing.
    #[default]
    None,
    /// Opening a block.
    BlockOpen,
    /// Making a block.
    BlockCreate,
    /// Linking a block.
    BlockLink,
    /// Reading a block.
    BlockRead,
    /// Asking for a block's size.
    BlockStat,
    /// Asking for the actor's root.
    Root,
    /// Setting the actor's root.
    SetRoot,
    /// Asking for the actor's balance.
    Balance,
    /// Deleting the actor.
    SelfDestruct,
    /// Anything about other actors.
    Actor,
    /// Hashes and signatures.
    Crypto,
    /// Randomness.
    Randomness,
    /// The network and the chain.
    Network,
    /// The message.
    Message,
    /// Storing an artifact.
    Artifact,
    /// Emitting an event.
    Event,
    /// Calling an actor.
    Send,
    /// Changing the actor's code.
    Upgrade,
    /// Asking for the gas left.
    GasAvailable,
    /// Paying gas by name.
    GasCharge,
    /// Proofs of storage.
    Proof,
}

/// One method that is noted and passed on, with a shared or an exclusive receiver.
macro_rules! operation {
    (shared $operation:ident $name:ident($($arg:ident: $type:ty),*) -> $returns:ty) => {
        fn $name(&self $(, $arg: $type)*) -> Result<$returns> {
            self.operate(Operation::$operation)?;
            self.inner.$name($($arg),*)
        }
    };
    (exclusive $operation:ident $name:ident($($arg:ident: $type:ty),*) -> $returns:ty) => {
        fn $name(&mut self $(, $arg: $type)*) -> Result<$returns> {
            self.operate(Operation::$operation)?;
            self.inner.$name($($arg),*)
        }
    };
}

impl IpldBlockOps for StepKernel {
    operation!(exclusive BlockOpen block_open(cid: &Cid) -> (BlockId, BlockStat));
    operation!(exclusive BlockCreate block_create(codec: u64, data: &[u8]) -> BlockId);
    operation!(exclusive BlockLink block_link(id: BlockId, hash: u64, length: u32) -> Cid);
    operation!(shared BlockRead block_read(id: BlockId, offset: u32, buffer: &mut [u8]) -> i32);
    operation!(shared BlockStat block_stat(id: BlockId) -> BlockStat);
}

impl SelfOps for StepKernel {
    operation!(exclusive Root root() -> Cid);
    operation!(exclusive SetRoot set_root(root: Cid) -> ());
    operation!(shared Balance current_balance() -> TokenAmount);
    operation!(exclusive SelfDestruct self_destruct(burn: bool) -> ());
}

impl ActorOps for StepKernel {
    operation!(shared Actor resolve_address(address: &Address) -> ActorID);
    operation!(shared Actor lookup_delegated_address(id: ActorID) -> Option<Address>);
    operation!(shared Actor get_actor_code_cid(id: ActorID) -> Cid);
    operation!(shared Actor next_actor_address() -> Address);
    operation!(exclusive Actor create_actor(code: Cid, id: ActorID, delegated: Option<Address>) -> ());
    operation!(exclusive Actor install_actor(code: Cid) -> ());
    operation!(shared Actor get_builtin_actor_type(code: &Cid) -> u32);
    operation!(shared Actor get_code_cid_for_type(number: u32) -> Cid);
    operation!(shared Actor balance_of(id: ActorID) -> TokenAmount);
}

impl CryptoOps for StepKernel {
    operation!(shared Crypto verify_signature(kind: SignatureType, signature: &[u8], signer: &Address, text: &[u8]) -> bool);
    operation!(shared Crypto verify_bls_aggregate(signature: &[u8; BLS_SIG_LEN], keys: &[[u8; BLS_PUB_LEN]], texts: &[u8], lengths: &[u32]) -> bool);
    operation!(shared Crypto recover_secp_public_key(hash: &[u8; SECP_SIG_MESSAGE_HASH_SIZE], signature: &[u8; SECP_SIG_LEN]) -> [u8; SECP_PUB_LEN]);
    operation!(shared Crypto hash(code: u64, data: &[u8]) -> Multihash);
}

impl RandomnessOps for StepKernel {
    operation!(shared Randomness get_randomness_from_tickets(epoch: ChainEpoch) -> [u8; RANDOMNESS_LENGTH]);
    operation!(shared Randomness get_randomness_from_beacon(epoch: ChainEpoch) -> [u8; RANDOMNESS_LENGTH]);
}

impl NetworkOps for StepKernel {
    operation!(shared Network network_context() -> NetworkContext);
    operation!(shared Network tipset_cid(epoch: ChainEpoch) -> Cid);
}

impl MessageOps for StepKernel {
    operation!(shared Message msg_context() -> MessageContext);
}

impl EventOps for StepKernel {
    operation!(exclusive Event emit_event(heads: &[EventEntry], keys: &[u8], values: &[u8]) -> ());
}

impl DebugOps for StepKernel {
    fn log(&mut self, message: String) {
        self.inner.log(message);
    }

    fn debug_enabled(&self) -> bool {
        self.inner.debug_enabled()
    }

    operation!(shared Artifact store_artifact(name: &str, data: &[u8]) -> ());
}

impl UpgradeOps<Self> for StepKernel {
    fn upgrade_actor(&mut self, code: Cid, params: BlockId) -> Result<CallResult> {
        self.operate(Operation::Upgrade)?;
        <Inner as UpgradeOps<Self>>::upgrade_actor(&mut self.inner, code, params)
    }
}

impl FilecoinKernel for StepKernel {
    operation!(shared Proof compute_unsealed_sector_cid(kind: RegisteredSealProof, pieces: &[PieceInfo]) -> Cid);
    operation!(shared Proof verify_post(info: &WindowPoStVerifyInfo) -> bool);
    operation!(shared Proof verify_consensus_fault(one: &[u8], two: &[u8], extra: &[u8]) -> Option<ConsensusFault>);
    operation!(shared Proof batch_verify_seals(infos: &[SealVerifyInfo]) -> Vec<bool>);
    operation!(shared Proof verify_aggregate_seals(aggregate: &AggregateSealVerifyProofAndInfos) -> bool);
    operation!(shared Proof verify_replica_update(update: &ReplicaUpdateInfo) -> bool);
    operation!(shared Network total_fil_circ_supply() -> TokenAmount);
}
