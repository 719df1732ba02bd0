//! The trait [`Runtime`] and the types that cross it.

use crate::abort::Abort;
use crate::actor_type::ActorType;
use crate::cbor::to_be_bytes;
use crate::cid::Cid;
use crate::exit_code::ExitCode;
use crate::params::Params;
use crate::{ActorId, ErrorNumber};
use core::fmt;
use primitive_types::U256;

/// A block of bytes with its codec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Codec of the block, see [`cid`](crate::cid).
    pub codec: u64,
    /// The bytes.
    pub data: Vec<u8>,
}

impl Block {
    /// A block of CBOR.
    #[must_use]
    pub const fn cbor(data: Vec<u8>) -> Self {
        Self {
            codec: crate::cid::CBOR,
            data,
        }
    }
}

/// The message that this invocation answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageContext {
    /// Sender of the message on chain.
    pub origin: ActorId,
    /// Its nonce.
    pub nonce: u64,
    /// Immediate caller.
    pub caller: ActorId,
    /// This actor.
    pub receiver: ActorId,
    /// Method number.
    pub method: u64,
    /// Value received, attoFIL.
    pub value: u128,
    /// Effective gas premium of the message on chain, attoFIL.
    pub gas_premium: u128,
    /// Whether the invocation may not change state.
    pub read_only: bool,
}

/// The network at this epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkContext {
    /// Current epoch.
    pub epoch: i64,
    /// Time of the tipset, seconds since the Unix epoch.
    pub timestamp: u64,
    /// Base fee, attoFIL.
    pub base_fee: u128,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Network version.
    pub network_version: u32,
}

/// A block that has been opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenBlock {
    /// Handle within this invocation.
    pub id: u32,
    /// Codec.
    pub codec: u64,
    /// Size in bytes.
    pub size: u32,
}

/// A message to another actor.
#[derive(Clone, Copy, Debug)]
pub struct SendRequest<'a> {
    /// Receiver: binary address.
    pub to: &'a [u8],
    /// Method number.
    pub method: u64,
    /// Codec and bytes of the parameters.
    pub params: Option<(u64, &'a [u8])>,
    /// Value, attoFIL.
    pub value: u128,
    /// Gas limit; `None` for all that is left.
    pub gas_limit: Option<u64>,
    /// Whether the callee and all below it may not change state.
    pub read_only: bool,
}

/// What came back from another actor; the return block is not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The callee's exit code.
    pub exit_code: ExitCode,
    /// Handle of the return block, or 0 if there is none.
    pub block: u32,
    /// Codec of the return block.
    pub codec: u64,
    /// Size of the return block, bytes.
    pub size: u32,
}

impl Sent {
    /// Whether there is a return block.
    #[must_use]
    pub const fn has_data(&self) -> bool {
        self.block != 0
    }
}

/// A CID of any kind in binary form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CidBytes {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl CidBytes {
    /// Longest CID that the machine hands out.
    pub const MAX: usize = 100;

    /// From a buffer of which the first `len` bytes count.
    #[must_use]
    pub const fn new(bytes: [u8; Self::MAX], len: usize) -> Self {
        Self { bytes, len }
    }

    /// The binary form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len.min(Self::MAX)]
    }

    /// The buffer, zeros behind the CID.
    #[must_use]
    pub const fn buffer(&self) -> &[u8; Self::MAX] {
        &self.bytes
    }

    /// The multihash digest of a CIDv1.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        // Version, codec, hash code and digest length are varints before the digest.
        let mut rest = self.as_bytes();
        for _ in 0..4 {
            let end = rest.iter().position(|byte| byte & 0x80 == 0);
            rest = rest
                .get(end.map_or(rest.len(), |end| end + 1)..)
                .unwrap_or_default();
        }
        rest
    }
}

impl fmt::Debug for CidBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CidBytes({:02x?})", self.as_bytes())
    }
}

impl From<Cid> for CidBytes {
    fn from(cid: Cid) -> Self {
        let mut bytes = [0; Self::MAX];
        bytes[..Cid::LEN].copy_from_slice(cid.as_bytes());
        Self::new(bytes, Cid::LEN)
    }
}

/// Hash functions of the machine, by multihash code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Hash {
    /// SHA2-256, 32 bytes.
    Sha256 = 0x12,
    /// blake2b, 32 bytes.
    Blake2b256 = 0xb220,
    /// blake2b, 64 bytes.
    Blake2b512 = 0xb240,
    /// Keccak-256 as Ethereum has it, 32 bytes.
    Keccak256 = 0x1b,
    /// RIPEMD-160, 20 bytes.
    Ripemd160 = 0x1053,
}

/// One entry of an actor event: key and value, indexed both, raw codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventEntry<'a> {
    /// Key, at most 31 bytes.
    pub key: &'a str,
    /// Value.
    pub value: &'a [u8],
}

/// Flags of an event entry: key and value indexed.
pub const EVENT_FLAGS: u64 = 0x03;

/// Keys of a log's topics.
pub const LOG_KEYS: [&str; 4] = ["t1", "t2", "t3", "t4"];
/// Key of a log's data.
pub const LOG_DATA_KEY: &str = "d";

/// The machine as an actor sees it.
///
/// Every method is one host call, 14,000 gas, unless its text says otherwise. Methods take
/// `&self`: the machine has its own state.
pub trait Runtime {
    /// The message answered; no host call.
    fn message(&self) -> &MessageContext;
    /// The network context; a host call the first time only.
    fn network(&self) -> &NetworkContext;
    /// The parameters; no host call if there are none, else two.
    fn params(&self) -> Result<Params, Abort>;

    /// This actor's state root.
    fn root(&self) -> Result<Cid, ErrorNumber>;
    /// Sets this actor's state root; the block must be reachable.
    fn set_root(&self, root: &Cid) -> Result<(), ErrorNumber>;

    /// Opens a reachable block.
    fn open_block(&self, cid: &Cid) -> Result<OpenBlock, ErrorNumber>;
    /// Reads a block from `offset` on into `buffer`; gives the number of bytes read.
    fn read_block(&self, id: u32, offset: u32, buffer: &mut [u8]) -> Result<usize, ErrorNumber>;
    /// Makes a block.
    fn create_block(&self, codec: u64, data: &[u8]) -> Result<u32, ErrorNumber>;
    /// Computes a block's CID (blake2b-256) and makes it reachable.
    fn link_block(&self, id: u32) -> Result<Cid, ErrorNumber>;

    /// Sends a message; a second host call if it has parameters. An error means that the message
    /// could not be sent.
    fn send(&self, request: SendRequest<'_>) -> Result<Sent, ErrorNumber>;

    /// ID of the actor with this binary address; `None` if there is none.
    fn resolve_address(&self, address: &[u8]) -> Result<Option<ActorId>, ErrorNumber>;
    /// Writes the delegated (f4) address of an actor to `buffer`, which must hold 65 bytes; gives its
    /// length, 0 if it has none.
    fn delegated_address(
        &self,
        actor: ActorId,
        buffer: &mut [u8; 65],
    ) -> Result<usize, ErrorNumber>;
    /// Code CID of an actor; `None` if there is no such actor.
    fn code_cid(&self, actor: ActorId) -> Result<Option<CidBytes>, ErrorNumber>;
    /// Built-in type of this code; `None` for other actors.
    fn type_of_code(&self, code: &CidBytes) -> Result<Option<ActorType>, ErrorNumber>;
    /// Code CID of a built-in type.
    fn code_of_type(&self, actor_type: ActorType) -> Result<CidBytes, ErrorNumber>;
    /// Binary form of a stable address for the next actor to create: init only.
    fn next_actor_address(&self) -> Result<Vec<u8>, ErrorNumber>;
    /// Creates an actor: init only. `delegated` is its f4 address in binary form.
    fn create_actor(
        &self,
        actor: ActorId,
        code: &CidBytes,
        delegated: Option<&[u8]>,
    ) -> Result<(), ErrorNumber>;
    /// Balance of an actor, attoFIL; an error if there is no such actor.
    fn balance_of(&self, actor: ActorId) -> Result<u128, ErrorNumber>;
    /// Balance of this actor, attoFIL.
    fn balance(&self) -> u128;

    /// Gas left.
    fn gas_available(&self) -> u64;
    /// Hashes `data` into `digest`, which has the hash's length.
    fn hash(&self, hash: Hash, data: &[u8], digest: &mut [u8]);
    /// Recovers an uncompressed secp256k1 public key from a message digest and a signature of
    /// 65 bytes (r, s, recovery id).
    fn recover_secp256k1(
        &self,
        digest: &[u8; 32],
        signature: &[u8; 65],
    ) -> Result<[u8; 65], ErrorNumber>;
    /// Whether `signature` (its bytes without the type) of type `signature_type` (1 secp256k1,
    /// 2 BLS) is that of `signer`, a binary key address, over `message`.
    fn verify_signature(
        &self,
        signature_type: u32,
        signature: &[u8],
        signer: &[u8],
        message: &[u8],
    ) -> Result<bool, ErrorNumber>;
    /// Beacon randomness of an epoch.
    fn beacon_randomness(&self, epoch: i64) -> Result<[u8; 32], ErrorNumber>;
    /// CID of the tipset key of an epoch; of the one before if its round was null.
    fn tipset_cid(&self, epoch: i64) -> Result<CidBytes, ErrorNumber>;
    /// Emits an actor event: entries in order, all with [`EVENT_FLAGS`] and the raw codec.
    fn emit_event(&self, entries: &[EventEntry<'_>]) -> Result<(), ErrorNumber>;

    /// Emits an event of the EVM: topics `t1` to `t4`, then `d` with the data if there are any.
    fn emit_log(&self, topics: &[U256], data: &[u8]) -> Result<(), ErrorNumber> {
        let values: Vec<_> = topics.iter().map(to_be_bytes).collect();
        let topics = LOG_KEYS.iter().zip(&values);
        let mut entries: Vec<_> = topics
            .map(|(key, value)| EventEntry { key, value })
            .collect();
        if !data.is_empty() {
            entries.push(EventEntry {
                key: LOG_DATA_KEY,
                value: data,
            });
        }
        self.emit_event(&entries)
    }

    /// Built-in type of an actor: two host calls. `Some(None)` is an actor that is not built in.
    fn actor_type(&self, actor: ActorId) -> Result<Option<Option<ActorType>>, ErrorNumber> {
        match self.code_cid(actor)? {
            Some(code) => self.type_of_code(&code).map(Some),
            None => Ok(None),
        }
    }

    /// Opens and reads a whole block: two host calls.
    fn get_block(&self, cid: &Cid) -> Result<Vec<u8>, ErrorNumber> {
        let block = self.open_block(cid)?;
        self.read_whole(block.id, block.size)
    }

    /// Reads a whole block of known size.
    fn read_whole(&self, id: u32, size: u32) -> Result<Vec<u8>, ErrorNumber> {
        let mut data = vec![0; size as usize];
        let read = self.read_block(id, 0, &mut data)?;
        data.truncate(read);
        Ok(data)
    }

    /// Makes a block and links it: two host calls.
    fn put_block(&self, codec: u64, data: &[u8]) -> Result<Cid, ErrorNumber> {
        let id = self.create_block(codec, data)?;
        self.link_block(id)
    }

    /// Reads the return block of a send; no host call if there is none.
    fn read_return(&self, sent: &Sent) -> Result<Option<Block>, ErrorNumber> {
        if !sent.has_data() {
            return Ok(None);
        }
        let data = self.read_whole(sent.block, sent.size)?;
        Ok(Some(Block {
            codec: sent.codec,
            data,
        }))
    }

    /// The immediate caller must be one of `allowed`, else exit 18. No host call.
    fn require_caller(&self, allowed: &[ActorId]) -> Result<(), Abort> {
        let caller = self.message().caller;
        if allowed.contains(&caller) {
            Ok(())
        } else {
            Err(Abort::forbidden(format!(
                "caller f0{caller} is not allowed"
            )))
        }
    }

    /// The actor must not have a state yet, else exit 20: for constructors. One host call.
    fn require_no_state(&self) -> Result<(), Abort> {
        match self.root() {
            Ok(root) if root != crate::cid::EMPTY_ARRAY => {
                Err(Abort::illegal_state("the actor has a state already"))
            }
            _ => Ok(()),
        }
    }

    /// Keccak-256 of `data`.
    fn keccak256(&self, data: &[u8]) -> [u8; 32] {
        let mut digest = [0; 32];
        self.hash(Hash::Keccak256, data, &mut digest);
        digest
    }
}
