//! The world as one frame sees it.

use super::account::AccountId;
use super::block::BlockHashes;
use super::builtin::has_function;
use super::hash::{EMPTY_CODE_HASH, keccak};
use super::tracer::Tracer;
use super::trie::Log;
use super::world::{Call, World};
use crate::divergence::Switch;
use evm_interpreter::host::{
    Access, CallKind, CallReply, CallRequest, CallTarget, CreateReply, CreateRequest, Fault,
    HostResult, SelfDestruct, StorageWrite,
};
use evm_interpreter::{Fork, H160, H256, Host, U256};

/// Blocks that BLOCKHASH can look back.
const BLOCK_HASH_WINDOW: u64 = 256;

/// GASLIMIT on Filecoin.
const FILECOIN_BLOCK_GAS: u64 = 10_000_000_000;
/// Topics and data of a log on Filecoin at most, bytes.
const MAX_EVENT: usize = 8_192;
/// Init code at most, bytes (EIP-3860).
const MAX_INIT_CODE: usize = 2 * 24_576;

/// A frame of a transaction.
#[derive(Debug)]
pub(super) struct Frame<'f, 'w, 's, T> {
    world: &'f mut World<'w, 's, T>,
    call: &'f Call<'f>,
    /// The account that the frame works on.
    id: AccountId,
}

impl<'f, 'w, 's, T: Tracer> Frame<'f, 'w, 's, T> {
    pub(super) fn new(world: &'f mut World<'w, 's, T>, call: &'f Call<'f>) -> Self {
        let id = world.state.load(call.account);
        Self { world, call, id }
    }
}

impl<T: Tracer> Host for Frame<'_, '_, '_, T> {
    type Inspector = T;

    fn inspector(&mut self) -> &mut T {
        self.world.tracer
    }

    fn address(&mut self) -> HostResult<H160> {
        Ok(self.call.account)
    }

    fn caller(&mut self) -> HostResult<H160> {
        Ok(self.call.caller)
    }

    fn call_value(&mut self) -> U256 {
        self.call.value
    }

    fn input(&self) -> &[u8] {
        self.call.input
    }

    fn is_static(&self) -> bool {
        self.call.is_static
    }

    fn gas_left(&mut self) -> u64 {
        self.world.rules.cursor.gas()
    }

    fn origin(&mut self) -> HostResult<H160> {
        Ok(self.world.origin)
    }

    fn gas_price(&mut self) -> HostResult<U256> {
        Ok(self.world.gas_price)
    }

    fn blob_hash(&mut self, index: U256) -> U256 {
        self.world.rules.meets(Switch::BlobOpcodes);
        usize::try_from(index)
            .ok()
            .and_then(|index| self.world.blob_hashes.get(index))
            .map_or(U256::zero(), |hash| U256::from_big_endian(&hash.0))
    }

    fn coinbase(&mut self) -> H160 {
        if self.world.rules.meets(Switch::Coinbase) {
            return H160::zero();
        }
        self.world.block.coinbase
    }

    fn timestamp(&mut self) -> U256 {
        self.world.block.timestamp.into()
    }

    fn number(&mut self) -> U256 {
        self.world.block.number.into()
    }

    fn prev_randao(&mut self) -> HostResult<U256> {
        if self.world.rules.meets(Switch::Randomness) {
            return Ok(self.world.rules.randomness);
        }
        Ok(self.world.block.prev_randao)
    }

    fn gas_limit(&mut self) -> U256 {
        if self.world.rules.meets(Switch::GasLimit) {
            return FILECOIN_BLOCK_GAS.into();
        }
        self.world.block.gas_limit.into()
    }

    fn chain_id(&mut self) -> U256 {
        self.world.block.chain_id.into()
    }

    fn base_fee(&mut self) -> U256 {
        self.world.block.base_fee
    }

    fn blob_base_fee(&mut self) -> U256 {
        self.world.rules.meets(Switch::BlobOpcodes);
        self.world.block.blob_base_fee
    }

    fn block_hash(&mut self, number: U256) -> HostResult<H256> {
        let block = self.world.block;
        let Some(number) = u64::try_from(number)
            .ok()
            .filter(|&n| n < block.number && block.number - n <= BLOCK_HASH_WINDOW)
        else {
            return Ok(H256::zero());
        };
        Ok(match &block.hashes {
            BlockHashes::OfNumber => keccak(number.to_string().as_bytes()),
            BlockHashes::Known(hashes) => hashes.get(&number).copied().unwrap_or_default(),
            BlockHashes::Required(hashes) => hashes.get(number),
        })
    }

    fn balance(&mut self, account: H160) -> HostResult<Access<U256>> {
        let (id, cold) = self.world.access(account);
        Ok(Access {
            value: self.world.state.balance(id),
            cold,
        })
    }

    fn self_balance(&mut self) -> HostResult<U256> {
        Ok(self.world.state.balance(self.id))
    }

    fn code_size(&mut self, account: H160) -> HostResult<Access<U256>> {
        let (id, cold) = self.world.access(account);
        if T::ENABLED {
            self.world.tracer.code_access(cold);
        }
        let size = self.world.state.code(id).as_slice().len();
        Ok(Access {
            value: size.into(),
            cold,
        })
    }

    fn code_hash(&mut self, account: H160) -> HostResult<Access<H256>> {
        let (id, cold) = self.world.access(account);
        let rules = &mut *self.world.rules;
        if has_function(&account) && rules.meets(Switch::PrecompileHash) {
            return Ok(Access {
                value: EMPTY_CODE_HASH,
                cold,
            });
        }
        let state = &self.world.state;
        let absent = match state.is_empty(id) {
            true if rules.meets(Switch::EmptyAccounts) => !state.exists(id),
            empty => empty,
        };
        let value = if absent {
            H256::zero()
        } else {
            state.code(id).hash
        };
        Ok(Access { value, cold })
    }

    fn copy_code(&mut self, account: H160, offset: usize, dest: &mut [u8]) -> HostResult<()> {
        let (id, _) = self.world.access(account);
        let code = self.world.state.code(id).as_slice();
        let part = code.get(offset..).unwrap_or_default();
        let part = &part[..part.len().min(dest.len())];
        let (copied, zeros) = dest.split_at_mut(part.len());
        copied.copy_from_slice(part);
        zeros.fill(0);
        Ok(())
    }

    fn call_target(&mut self, _kind: CallKind, target: H160) -> HostResult<CallTarget> {
        let (id, cold) = self.world.access(target);
        let delegate = self.world.delegate(id);
        let target = CallTarget {
            cold,
            absent: self.world.is_absent(id),
            delegate_cold: delegate.map(|delegate| self.world.access(delegate).1),
        };
        if T::ENABLED {
            self.world.tracer.call_target(&target);
        }
        Ok(target)
    }

    fn sload(&mut self, key: &U256) -> HostResult<Access<U256>> {
        Ok(self.world.state.load_slot(self.id, *key))
    }

    fn sstore(&mut self, key: &U256, value: &U256) -> HostResult<StorageWrite> {
        Ok(self.world.state.store_slot(self.id, *key, *value))
    }

    fn tload(&mut self, key: &U256) -> HostResult<U256> {
        Ok(self.world.state.load_transient(self.id, *key))
    }

    fn tstore(&mut self, key: &U256, value: &U256) -> HostResult<()> {
        self.world.state.store_transient(self.id, *key, *value);
        Ok(())
    }

    fn log(&mut self, topics: &[U256], data: &[u8]) -> HostResult<()> {
        if 32 * topics.len() + data.len() > MAX_EVENT && self.world.rules.meets(Switch::LogSize) {
            return Err(Fault);
        }
        self.world.state.log(Log {
            address: self.call.account,
            topics: topics
                .iter()
                .map(|topic| H256(topic.to_big_endian()))
                .collect(),
            data: data.to_vec(),
        });
        Ok(())
    }

    fn call(&mut self, request: CallRequest<'_>) -> HostResult<CallReply> {
        let own = self.call;
        let call = Call {
            kind: request.kind,
            gas: request.gas,
            target: request.target,
            account: match request.kind {
                CallKind::Call | CallKind::StaticCall => request.target,
                CallKind::CallCode | CallKind::DelegateCall => own.account,
            },
            caller: match request.kind {
                CallKind::DelegateCall => own.caller,
                _ => own.account,
            },
            value: match request.kind {
                CallKind::DelegateCall => own.value,
                _ => request.value,
            },
            input: request.input,
            is_static: own.is_static || request.kind == CallKind::StaticCall,
        };
        Ok(self.world.call(&call))
    }

    fn create(&mut self, request: CreateRequest<'_>) -> HostResult<CreateReply> {
        let state = &self.world.state;
        if state.nonce(self.id) == u64::MAX
            && request.value <= state.balance(self.id)
            && self.world.rules.meets(Switch::NonceOverflow)
        {
            return Err(Fault);
        }
        if request.init_code.len() > MAX_INIT_CODE {
            self.world.rules.meets(Switch::InitCode);
        }
        Ok(self.world.create(self.call.account, &request))
    }

    fn selfdestruct(&mut self, beneficiary: H160) -> HostResult<SelfDestruct> {
        let (to, cold) = self.world.access(beneficiary);
        let absent = self.world.is_absent(to);
        let fork = self.world.block.fork;
        let state = &mut self.world.state;
        let balance = state.balance(self.id);
        let met = SelfDestruct {
            cold,
            had_balance: !balance.is_zero(),
            beneficiary_absent: absent,
            repeated: state.is_destructed(self.id),
        };
        if self.world.rules.meets(Switch::SelfDestruct) {
            let _ = state.debit(self.id, balance);
            state.credit(to, balance);
            state.mark_destructed(self.id);
            return Ok(met);
        }
        // EIP-6780: only what this transaction created goes.
        let goes = fork < Fork::Cancun || state.is_created(self.id);
        // What goes to the contract itself vanishes with it.
        if goes || to != self.id {
            let _ = state.debit(self.id, balance);
            if to != self.id {
                state.credit(to, balance);
            }
        }
        if goes {
            state.mark_destructed(self.id);
        }
        Ok(met)
    }

    fn keccak256(&mut self, data: &[u8]) -> H256 {
        keccak(data)
    }
}
