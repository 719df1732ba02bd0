//! The world as the interpreter asks for it.
//!
//! Nothing is asked of the machine before an instruction needs it, and nothing twice.

mod addresses;
mod calls;
mod code;
mod create;
mod environment;
mod observation;

pub use addresses::KnownAddresses;
pub(crate) use addresses::ethereum_address;
pub(crate) use calls::DelegateParams;
pub use observation::Observer;

use crate::contract::Contract;
use crate::host::code::KnownCode;
use evm_interpreter::host::{
    Access, CallKind, CallReply, CallRequest, CallTarget, CreateReply, CreateRequest, Fault,
    HostResult, SelfDestruct, StorageWrite,
};
use evm_interpreter::{H160, H256, Host, U256};
use fevm_runtime::{Abort, ExitCode, Runtime};

/// What a frame knows of the message that it answers.
#[derive(Debug, Default)]
pub struct Frame {
    /// CALLER; `None` for the caller of the message.
    pub caller: Option<H160>,
    /// CALLVALUE, attoFIL.
    pub value: u128,
    /// Call data.
    pub input: Vec<u8>,
}

/// The world of one frame of a contract.
#[derive(Debug)]
pub struct World<'c, 'r, R> {
    contract: &'c mut Contract<'r, R>,
    frame: Frame,
    known: KnownAddresses,
    randomness: Option<U256>,
    /// The last answer to BLOCKHASH: tipsets of the past do not change while a message runs.
    tipset: Option<(u64, H256)>,
    codes: Vec<KnownCode>,
    /// Why the frame cannot go on, once an answer was [`Fault`].
    fault: Option<Abort>,
    inspector: Observer,
}

impl<'c, 'r, R: Runtime> World<'c, 'r, R> {
    /// The world of a frame. What is known of Ethereum addresses saves look-ups.
    pub const fn new(
        contract: &'c mut Contract<'r, R>,
        frame: Frame,
        known: KnownAddresses,
    ) -> Self {
        Self {
            contract,
            frame,
            known,
            randomness: None,
            tipset: None,
            codes: Vec::new(),
            fault: None,
            inspector: Observer,
        }
    }

    /// The machine.
    pub(crate) const fn rt(&self) -> &'r R {
        self.contract.rt
    }

    /// The contract.
    pub(crate) const fn contract(&mut self) -> &mut Contract<'r, R> {
        self.contract
    }

    /// The reason of the last [`Fault`].
    pub fn take_fault(&mut self) -> Abort {
        self.fault
            .take()
            .unwrap_or_else(|| Abort::assertion_failed("a fault without a reason"))
    }

    /// Keeps the reason of a failure for the end of the frame.
    fn keep<T>(&mut self, result: Result<T, Abort>) -> HostResult<T> {
        result.map_err(|abort| {
            self.fault = Some(abort);
            Fault
        })
    }
}

/// A token amount as a word.
#[inline]
pub(crate) const fn word(amount: u128) -> U256 {
    U256([amount as u64, (amount >> 64) as u64, 0, 0])
}

/// A word as a token amount; `None` above 2^128 - 1.
#[inline]
pub(crate) const fn amount(word: &U256) -> Option<u128> {
    match word.0 {
        [low, high, 0, 0] => Some((high as u128) << 64 | low as u128),
        _ => None,
    }
}

impl<R: Runtime> Host for World<'_, '_, R> {
    type Inspector = Observer;

    fn inspector(&mut self) -> &mut Observer {
        &mut self.inspector
    }

    fn address(&mut self) -> HostResult<H160> {
        let address = self.receiver();
        self.keep(address)
    }

    fn caller(&mut self) -> HostResult<H160> {
        let caller = self.caller_address();
        self.keep(caller)
    }

    fn call_value(&mut self) -> U256 {
        word(self.frame.value)
    }

    #[inline]
    fn input(&self) -> &[u8] {
        &self.frame.input
    }

    #[inline]
    fn is_static(&self) -> bool {
        self.rt().message().read_only
    }

    fn gas_left(&mut self) -> u64 {
        self.rt().gas_available()
    }

    fn origin(&mut self) -> HostResult<H160> {
        let origin = self.origin_address();
        self.keep(origin)
    }

    fn gas_price(&mut self) -> HostResult<U256> {
        Ok(self.price())
    }

    fn blob_hash(&mut self, _index: U256) -> U256 {
        U256::zero()
    }

    fn coinbase(&mut self) -> H160 {
        H160::zero()
    }

    fn timestamp(&mut self) -> U256 {
        self.rt().network().timestamp.into()
    }

    fn number(&mut self) -> U256 {
        self.epoch().into()
    }

    fn prev_randao(&mut self) -> HostResult<U256> {
        let randomness = self.randomness();
        self.keep(randomness)
    }

    fn gas_limit(&mut self) -> U256 {
        environment::BLOCK_GAS_LIMIT.into()
    }

    fn chain_id(&mut self) -> U256 {
        self.rt().network().chain_id.into()
    }

    fn base_fee(&mut self) -> U256 {
        word(self.rt().network().base_fee)
    }

    fn blob_base_fee(&mut self) -> U256 {
        U256::zero()
    }

    fn block_hash(&mut self, number: U256) -> HostResult<H256> {
        Ok(self.tipset_hash(&number))
    }

    fn balance(&mut self, account: H160) -> HostResult<Access<U256>> {
        Ok(Access::warm(self.balance_of(&account)))
    }

    fn self_balance(&mut self) -> HostResult<U256> {
        Ok(word(self.contract.balance()))
    }

    fn code_size(&mut self, account: H160) -> HostResult<Access<U256>> {
        let size = self.size_of_code(&account);
        self.keep(size).map(|size| Access::warm(size.into()))
    }

    fn code_hash(&mut self, account: H160) -> HostResult<Access<H256>> {
        let hash = self.hash_of_code(&account);
        self.keep(hash).map(|hash| Access::warm(H256(hash)))
    }

    fn copy_code(&mut self, account: H160, offset: usize, dest: &mut [u8]) -> HostResult<()> {
        let copied = self.copy_of_code(&account, offset, dest);
        self.keep(copied)
    }

    fn call_target(&mut self, _kind: CallKind, _target: H160) -> HostResult<CallTarget> {
        Ok(CallTarget::default())
    }

    #[inline(always)]
    fn sload(&mut self, key: &U256) -> HostResult<Access<U256>> {
        if let Some(value) = self.contract.known_slot(key) {
            return Ok(Access::warm(*value));
        }
        let value = self.contract.sload(key);
        self.keep(value).map(Access::warm)
    }

    #[inline(always)]
    fn sstore(&mut self, key: &U256, value: &U256) -> HostResult<StorageWrite> {
        let current = match self.contract.set_known_slot(key, value) {
            Some(old) => old,
            None => {
                let written = self.contract.sstore(key, value);
                self.keep(written)?
            }
        };
        Ok(StorageWrite {
            original: current,
            current,
            new: *value,
            cold: false,
        })
    }

    #[inline(always)]
    fn tload(&mut self, key: &U256) -> HostResult<U256> {
        if let Some(value) = self.contract.known_transient_slot(key) {
            return Ok(*value);
        }
        let value = self.contract.tload(key);
        self.keep(value)
    }

    #[inline(always)]
    fn tstore(&mut self, key: &U256, value: &U256) -> HostResult<()> {
        if self.contract.set_known_transient_slot(key, value).is_some() {
            return Ok(());
        }
        let written = self.contract.tstore(key, value);
        self.keep(written)
    }

    fn log(&mut self, topics: &[U256], data: &[u8]) -> HostResult<()> {
        let emitted = self.rt().emit_log(topics, data);
        let emitted = emitted
            .map_err(|error| Abort::assertion_failed(format!("cannot emit the event: {error}")));
        self.keep(emitted)
    }

    fn call(&mut self, request: CallRequest<'_>) -> HostResult<CallReply> {
        let reply = self.make_call(&request);
        self.keep(reply)
    }

    fn create(&mut self, request: CreateRequest<'_>) -> HostResult<CreateReply> {
        let reply = self.make_contract(&request);
        self.keep(reply)
    }

    fn selfdestruct(&mut self, beneficiary: H160) -> HostResult<SelfDestruct> {
        let balance = self.contract.balance();
        let to = fevm_address::to_filecoin(&beneficiary);
        let moved = self.contract.transfer(to.as_bytes(), balance);
        let moved = moved.map_err(|abort| {
            let message = format!("cannot send the balance: {}", abort.message());
            Abort::new(ExitCode::EVM_SELFDESTRUCT_FAILED, message)
        });
        self.keep(moved)?;
        let buried = self.contract.bury();
        self.keep(buried)?;
        Ok(SelfDestruct {
            cold: false,
            had_balance: balance != 0,
            beneficiary_absent: false,
            repeated: false,
        })
    }

    #[inline(always)]
    fn keccak256(&mut self, data: &[u8]) -> H256 {
        H256(self.rt().keccak256(data))
    }
}
