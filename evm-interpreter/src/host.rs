//! The door to the world outside the machine.

use crate::inspector::Inspector;
use alloc::vec::Vec;
use primitive_types::{H160, H256, U256};

/// The host cannot go on with this frame.
///
/// Carries nothing, so that results stay small in the dispatch loop: the host keeps the reason and
/// the frame ends with [`Halt::Fault`](crate::Halt::Fault).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

/// Result of a question to the host.
pub type HostResult<T> = Result<T, Fault>;

/// A value together with whether this was the transaction's first access to it (EIP-2929).
///
/// Hosts without access pricing say `cold: false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access<T> {
    /// What was asked for.
    pub value: T,
    /// First access in this transaction.
    pub cold: bool,
}

impl<T> Access<T> {
    /// A value whose access is not priced apart.
    pub const fn warm(value: T) -> Self {
        Self { value, cold: false }
    }
}

/// What pricing needs to know about the target of a call (EIP-150, 161, 2929, 7702).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTarget {
    /// First access of the account in this transaction.
    pub cold: bool,
    /// The account does not exist, or is empty where EIP-161 is in force.
    pub absent: bool,
    /// The account delegates its code (EIP-7702), and whether that other account is cold.
    pub delegate_cold: Option<bool>,
}

/// What a storage write met, for pricing and refunds (EIP-2200, 2929, 3529).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageWrite {
    /// The slot's value at the start of the transaction.
    pub original: U256,
    /// The slot's value before this write.
    pub current: U256,
    /// The value written.
    pub new: U256,
    /// First access of the slot in this transaction.
    pub cold: bool,
}

/// What a SELFDESTRUCT met, for pricing and refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfDestruct {
    /// First access of the beneficiary in this transaction.
    pub cold: bool,
    /// The contract held a balance.
    pub had_balance: bool,
    /// The beneficiary does not exist, or is empty where EIP-161 is in force.
    pub beneficiary_absent: bool,
    /// The contract was already marked for destruction in this transaction.
    pub repeated: bool,
}

/// The family of message calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// CALL.
    Call,
    /// CALLCODE: the target's code on this contract's state.
    CallCode,
    /// DELEGATECALL (EIP-7): as CALLCODE, with this frame's caller and value.
    DelegateCall,
    /// STATICCALL (EIP-214).
    StaticCall,
}

/// A message call that the frame wants to make.
#[derive(Clone, Copy, Debug)]
pub struct CallRequest<'a> {
    /// Which instruction asks.
    pub kind: CallKind,
    /// Gas for the callee. Metered worlds: already reduced to what may be passed, stipend included.
    /// Unmetered worlds: the operand as it is, saturated to 64 bits.
    pub gas: u64,
    /// Account whose code is to run.
    pub target: H160,
    /// Value operand in wei; zero for DELEGATECALL and STATICCALL.
    pub value: U256,
    /// Call data.
    pub input: &'a [u8],
}

/// What came of a message call.
#[derive(Clone, Debug, Default)]
pub struct CallReply {
    /// Whether the callee succeeded: the word that the instruction pushes.
    pub success: bool,
    /// Gas handed back; unmetered worlds say 0.
    pub gas_left: u64,
    /// Change of the refund counter; may be negative (EIP-2200).
    pub refund: i64,
    /// Return or revert data: the frame's new return data buffer.
    pub output: Vec<u8>,
}

/// A contract creation that the frame wants to make.
#[derive(Clone, Copy, Debug)]
pub struct CreateRequest<'a> {
    /// Gas for the init code; 0 in unmetered worlds, where the host decides.
    pub gas: u64,
    /// Endowment in wei.
    pub value: U256,
    /// Init code.
    pub init_code: &'a [u8],
    /// Salt of CREATE2 (EIP-1014), big-endian; `None` for CREATE.
    pub salt: Option<H256>,
}

/// What came of a contract creation.
#[derive(Clone, Debug, Default)]
pub struct CreateReply {
    /// Address of the new contract, or `None` if there is none.
    pub address: Option<H160>,
    /// Gas handed back; unmetered worlds say 0.
    pub gas_left: u64,
    /// Change of the refund counter.
    pub refund: i64,
    /// Revert data; empty on success (EIP-211).
    pub output: Vec<u8>,
}

/// The world as one frame sees it.
///
/// A frame runs for one account on behalf of one caller; a host is made per frame. Words are native
/// numbers; hashes and addresses are big-endian bytes.
pub trait Host {
    /// Who watches the steps of the frames of this world.
    type Inspector: Inspector;

    /// The watcher. Called only if [`Inspector::ENABLED`].
    fn inspector(&mut self) -> &mut Self::Inspector;

    // The frame.

    /// ADDRESS: the account whose state the frame works on.
    fn address(&mut self) -> HostResult<H160>;
    /// CALLER.
    fn caller(&mut self) -> HostResult<H160>;
    /// CALLVALUE, wei.
    fn call_value(&mut self) -> U256;
    /// Call data.
    fn input(&self) -> &[u8];
    /// Whether the frame may not change state (EIP-214).
    fn is_static(&self) -> bool;
    /// Gas left as the world counts it; GAS in unmetered worlds. Metered frames never ask.
    fn gas_left(&mut self) -> u64;

    // The transaction and its block.

    /// ORIGIN: sender of the transaction.
    fn origin(&mut self) -> HostResult<H160>;
    /// GASPRICE: effective price, wei.
    fn gas_price(&mut self) -> HostResult<U256>;
    /// BLOBHASH (EIP-4844): versioned hash `index` of the transaction, or zero.
    fn blob_hash(&mut self, index: U256) -> U256;
    /// COINBASE.
    fn coinbase(&mut self) -> H160;
    /// TIMESTAMP, seconds.
    fn timestamp(&mut self) -> U256;
    /// NUMBER.
    fn number(&mut self) -> U256;
    /// PREVRANDAO (EIP-4399), or DIFFICULTY before the Merge.
    fn prev_randao(&mut self) -> HostResult<U256>;
    /// GASLIMIT of the block.
    fn gas_limit(&mut self) -> U256;
    /// CHAINID (EIP-1344).
    fn chain_id(&mut self) -> U256;
    /// BASEFEE (EIP-3198), wei.
    fn base_fee(&mut self) -> U256;
    /// BLOBBASEFEE (EIP-7516), wei.
    fn blob_base_fee(&mut self) -> U256;
    /// BLOCKHASH: the hash of block `number`, or zero outside the window of the last 256 blocks.
    fn block_hash(&mut self, number: U256) -> HostResult<H256>;

    // Accounts.

    /// BALANCE, wei.
    fn balance(&mut self, account: H160) -> HostResult<Access<U256>>;
    /// SELFBALANCE, wei.
    fn self_balance(&mut self) -> HostResult<U256>;
    /// EXTCODESIZE, bytes. Metered frames ask it before EXTCODECOPY, too, for the access.
    fn code_size(&mut self, account: H160) -> HostResult<Access<U256>>;
    /// EXTCODEHASH (EIP-1052).
    fn code_hash(&mut self, account: H160) -> HostResult<Access<H256>>;
    /// EXTCODECOPY: fills `dest` with the account's code from `offset` on, zeros beyond its end.
    /// `dest` may be empty.
    fn copy_code(&mut self, account: H160, offset: usize, dest: &mut [u8]) -> HostResult<()>;
    /// What pricing needs to know before a call of `kind`. Metered frames only.
    fn call_target(&mut self, kind: CallKind, target: H160) -> HostResult<CallTarget>;

    // Storage.

    /// SLOAD.
    fn sload(&mut self, key: &U256) -> HostResult<Access<U256>>;
    /// SSTORE.
    fn sstore(&mut self, key: &U256, value: &U256) -> HostResult<StorageWrite>;
    /// TLOAD (EIP-1153).
    fn tload(&mut self, key: &U256) -> HostResult<U256>;
    /// TSTORE (EIP-1153).
    fn tstore(&mut self, key: &U256, value: &U256) -> HostResult<()>;

    // Effects.

    /// LOG0 to LOG4. Topics in order, as words.
    fn log(&mut self, topics: &[U256], data: &[u8]) -> HostResult<()>;
    /// CALL and its kin.
    fn call(&mut self, request: CallRequest<'_>) -> HostResult<CallReply>;
    /// CREATE and CREATE2.
    fn create(&mut self, request: CreateRequest<'_>) -> HostResult<CreateReply>;
    /// SELFDESTRUCT.
    fn selfdestruct(&mut self, beneficiary: H160) -> HostResult<SelfDestruct>;

    // Services.

    /// Keccak-256 of `data`, which is not empty; the world may have a faster one than the machine.
    fn keccak256(&mut self, data: &[u8]) -> H256;
}
