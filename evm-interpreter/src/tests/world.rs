//! A world in memory: one contract with storage, scripted callees, everything else constant.

use crate::halt::Halt;
use crate::host::*;
use crate::inspector::{Inspector, Step};
use crate::interpreter::Interpreter;
use crate::metering::{Ethereum, Metering, Unmetered};
use crate::stack::Stack;
use crate::{Bytecode, Fork};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use primitive_types::{H160, H256, U256};
use sha3::{Digest, Keccak256};

/// Records the depth of the stack before each step.
#[derive(Default)]
pub(super) struct Depths {
    pub(super) steps: Vec<(usize, u8, usize)>,
    pub(super) costs: Vec<u64>,
    gas: u64,
    pending: bool,
    pub(super) halted: Option<Halt>,
}

impl Inspector for Depths {
    const ENABLED: bool = true;

    fn step(&mut self, step: &Step<'_>) {
        self.steps.push((step.pc, step.op, step.stack.len()));
        self.gas = step.gas;
        self.pending = true;
    }

    fn charged(&mut self, gas_left: u64, _refund: i64) {
        if core::mem::take(&mut self.pending) {
            self.costs.push(self.gas - gas_left);
        }
    }

    fn halted(&mut self, halt: Halt, _gas_left: u64, _refund: i64) {
        self.halted = Some(halt);
    }
}

#[derive(Default)]
pub(super) struct WorldOf<I> {
    pub(super) inspector: I,
    pub(super) input: Vec<u8>,
    pub(super) is_static: bool,
    /// Slots: value at the start of the transaction, value now.
    pub(super) storage: BTreeMap<U256, (U256, U256)>,
    pub(super) transient: BTreeMap<U256, U256>,
    pub(super) cold: bool,
    pub(super) absent: bool,
    pub(super) reply: CallReply,
    pub(super) calls: Vec<(CallKind, u64, H160, U256, Vec<u8>)>,
    pub(super) created: Vec<(u64, U256, Vec<u8>, Option<H256>)>,
    pub(super) logs: Vec<(Vec<U256>, Vec<u8>)>,
    pub(super) external_code: Vec<u8>,
}

/// What a run came to.
pub(super) struct Ran {
    pub(super) halt: Halt,
    pub(super) output: Vec<u8>,
    pub(super) gas_left: u64,
    pub(super) refund: i64,
}

/// The world that is watched.
pub(super) type World = WorldOf<Depths>;

impl<I: Inspector> WorldOf<I> {
    pub(super) fn run<M: Metering>(&mut self, code: &[u8], meter: M) -> Ran {
        let code = Bytecode::new(code.to_vec());
        let mut stack = Stack::new();
        let mut machine = Interpreter::new(self, &code, meter, &mut stack);
        let halt = machine.run();
        Ran {
            halt,
            output: machine.output().to_vec(),
            // An exceptional halt consumes all gas; what the meter says then is no gas left.
            gas_left: if halt.is_success() || halt.is_revert() {
                machine.meter().gas_left()
            } else {
                0
            },
            refund: machine.meter().refund(),
        }
    }
}

/// Runs `code` in a fresh world under Filecoin's rules.
pub(super) fn run(code: &[u8]) -> Ran {
    World::default().run(code, Unmetered)
}

/// Runs `code` in a fresh world under Ethereum's; returns the halt and the gas used.
pub(super) fn run_on(fork: Fork, gas: u64, code: &[u8]) -> (Halt, u64) {
    let ran = World::default().run(code, Ethereum::new(fork, gas));
    (ran.halt, gas - ran.gas_left)
}

/// The word that `code` returns.
pub(super) fn word_of(code: &[u8]) -> U256 {
    let ran = run(code);
    assert_eq!(ran.halt, Halt::Return);
    U256::from_big_endian(&ran.output)
}

pub(super) const SELF: H160 = H160([0x5e; 20]);

impl<I: Inspector> Host for WorldOf<I> {
    type Inspector = I;

    fn inspector(&mut self) -> &mut I {
        &mut self.inspector
    }
    fn address(&mut self) -> HostResult<H160> {
        Ok(SELF)
    }
    fn caller(&mut self) -> HostResult<H160> {
        Ok(H160([0xca; 20]))
    }
    fn call_value(&mut self) -> U256 {
        U256::from(77)
    }
    fn input(&self) -> &[u8] {
        &self.input
    }
    fn is_static(&self) -> bool {
        self.is_static
    }
    fn gas_left(&mut self) -> u64 {
        123_456_789
    }
    fn origin(&mut self) -> HostResult<H160> {
        Ok(H160([0x01; 20]))
    }
    fn gas_price(&mut self) -> HostResult<U256> {
        Ok(U256::from(10))
    }
    fn blob_hash(&mut self, index: U256) -> U256 {
        index + 1
    }
    fn coinbase(&mut self) -> H160 {
        H160([0xcb; 20])
    }
    fn timestamp(&mut self) -> U256 {
        U256::from(1_700_000_000u64)
    }
    fn number(&mut self) -> U256 {
        U256::from(5000)
    }
    fn prev_randao(&mut self) -> HostResult<U256> {
        Ok(U256::MAX)
    }
    fn gas_limit(&mut self) -> U256 {
        U256::from(10_000_000_000u64)
    }
    fn chain_id(&mut self) -> U256 {
        U256::from(31_415_926)
    }
    fn base_fee(&mut self) -> U256 {
        U256::from(100)
    }
    fn blob_base_fee(&mut self) -> U256 {
        U256::from(1)
    }
    fn block_hash(&mut self, number: U256) -> HostResult<H256> {
        Ok(H256(number.to_big_endian()))
    }
    fn balance(&mut self, _: H160) -> HostResult<Access<U256>> {
        Ok(Access {
            value: U256::from(1000),
            cold: self.cold,
        })
    }
    fn self_balance(&mut self) -> HostResult<U256> {
        Ok(U256::from(1000))
    }
    fn code_size(&mut self, _: H160) -> HostResult<Access<U256>> {
        Ok(Access {
            value: self.external_code.len().into(),
            cold: self.cold,
        })
    }
    fn code_hash(&mut self, _: H160) -> HostResult<Access<H256>> {
        Ok(Access {
            value: H256(Keccak256::digest(&self.external_code).into()),
            cold: self.cold,
        })
    }
    fn copy_code(&mut self, _: H160, offset: usize, to: &mut [u8]) -> HostResult<()> {
        for (i, byte) in to.iter_mut().enumerate() {
            let at = offset.saturating_add(i);
            *byte = self.external_code.get(at).copied().unwrap_or(0);
        }
        Ok(())
    }
    fn call_target(&mut self, _: CallKind, _: H160) -> HostResult<CallTarget> {
        Ok(CallTarget {
            cold: self.cold,
            absent: self.absent,
            delegate_cold: None,
        })
    }
    fn sload(&mut self, key: &U256) -> HostResult<Access<U256>> {
        Ok(Access {
            value: self.storage.get(key).map_or(U256::zero(), |slot| slot.1),
            cold: self.cold,
        })
    }
    fn sstore(&mut self, key: &U256, value: &U256) -> HostResult<StorageWrite> {
        let slot = self.storage.entry(*key).or_default();
        let current = core::mem::replace(&mut slot.1, *value);
        Ok(StorageWrite {
            original: slot.0,
            current,
            new: *value,
            cold: self.cold,
        })
    }
    fn tload(&mut self, key: &U256) -> HostResult<U256> {
        Ok(self.transient.get(key).copied().unwrap_or_default())
    }
    fn tstore(&mut self, key: &U256, value: &U256) -> HostResult<()> {
        self.transient.insert(*key, *value);
        Ok(())
    }
    fn log(&mut self, topics: &[U256], data: &[u8]) -> HostResult<()> {
        self.logs.push((topics.to_vec(), data.to_vec()));
        Ok(())
    }
    fn call(&mut self, request: CallRequest<'_>) -> HostResult<CallReply> {
        self.calls.push((
            request.kind,
            request.gas,
            request.target,
            request.value,
            request.input.to_vec(),
        ));
        Ok(self.reply.clone())
    }
    fn create(&mut self, request: CreateRequest<'_>) -> HostResult<CreateReply> {
        self.created.push((
            request.gas,
            request.value,
            request.init_code.to_vec(),
            request.salt,
        ));
        Ok(CreateReply {
            address: Some(H160([0xcc; 20])),
            gas_left: request.gas,
            ..CreateReply::default()
        })
    }
    fn selfdestruct(&mut self, _: H160) -> HostResult<SelfDestruct> {
        Ok(SelfDestruct {
            cold: self.cold,
            had_balance: true,
            beneficiary_absent: self.absent,
            repeated: false,
        })
    }
    fn keccak256(&mut self, data: &[u8]) -> H256 {
        H256(Keccak256::digest(data).into())
    }
}
