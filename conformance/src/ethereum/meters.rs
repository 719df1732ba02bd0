//! Meters for rules that are partly Filecoin's.

use super::rules::Rules;
use crate::divergence::Switch;
use evm_interpreter::host::{CallKind, CallTarget, SelfDestruct, StorageWrite};
use evm_interpreter::metering::{Charge, Ethereum, Metering};
use evm_interpreter::{Fork, Halt, U256, opcode};

/// Init code at most, bytes (EIP-3860).
const MAX_INIT_CODE: u64 = 2 * 24_576;
/// Memory of a WebAssembly instance, bytes.
pub(super) const INSTANCE: u64 = 512 << 20;

/// One bit an opcode.
type Set = [u64; 4];

const fn contains(set: &Set, op: u8) -> bool {
    set[(op >> 6) as usize] >> (op & 63) & 1 == 1
}

/// The instructions that `rules` have on a fork.
fn instructions(rules: &Rules<'_>, fork: Fork) -> Set {
    let meter = Ethereum::new(fork, 0);
    let mut set = [0; 4];
    for op in 0..=u8::MAX {
        let gone = match op {
            opcode::CALLCODE => rules.has(Switch::CallCode),
            opcode::BLOBHASH | opcode::BLOBBASEFEE => rules.has(Switch::BlobOpcodes),
            _ => false,
        };
        if meter.defines(op) && !gone {
            set[usize::from(op >> 6)] |= 1 << (op & 63);
        }
    }
    set
}

/// Ethereum's gas, other instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priced {
    ethereum: Ethereum,
    set: Set,
    any_init_code: bool,
}

impl Priced {
    pub(super) fn new(rules: &Rules<'_>, fork: Fork, gas: u64) -> Self {
        Self {
            ethereum: Ethereum::new(fork, gas),
            set: instructions(rules, fork),
            any_init_code: rules.has(Switch::InitCode),
        }
    }
}

impl Metering for Priced {
    const METERED: bool = true;
    const INSTRUCTION_SET: [bool; 256] = [true; 256];
    const ADDRESS_FAULT: Halt = Halt::OutOfGas;

    fn instruction(&mut self, op: u8) -> Charge {
        if !contains(&self.set, op) {
            return Err(Halt::UndefinedInstruction);
        }
        self.ethereum.instruction(op)
    }
    fn defines(&self, op: u8) -> bool {
        contains(&self.set, op)
    }
    fn gas_left(&self) -> u64 {
        self.ethereum.gas_left()
    }
    fn refund(&self) -> i64 {
        self.ethereum.refund()
    }
    fn memory(&mut self, old_words: u64, new_words: u64) -> Charge {
        self.ethereum.memory(old_words, new_words)
    }
    fn copy(&mut self, bytes: u64) -> Charge {
        self.ethereum.copy(bytes)
    }
    fn keccak256(&mut self, bytes: u64) -> Charge {
        self.ethereum.keccak256(bytes)
    }
    fn exp(&mut self, bytes: u32) -> Charge {
        self.ethereum.exp(bytes)
    }
    fn log(&mut self, bytes: u64) -> Charge {
        self.ethereum.log(bytes)
    }
    fn account_access(&mut self, cold: bool) -> Charge {
        self.ethereum.account_access(cold)
    }
    fn sload(&mut self, cold: bool) -> Charge {
        self.ethereum.sload(cold)
    }
    fn sstore_sentry(&self) -> Charge {
        self.ethereum.sstore_sentry()
    }
    fn sstore(&mut self, write: &StorageWrite) -> Charge {
        self.ethereum.sstore(write)
    }
    fn selfdestruct(&mut self, met: &SelfDestruct) -> Charge {
        self.ethereum.selfdestruct(met)
    }
    fn call(
        &mut self,
        kind: CallKind,
        requested: &U256,
        has_value: bool,
        target: &CallTarget,
    ) -> Result<u64, Halt> {
        self.ethereum.call(kind, requested, has_value, target)
    }
    fn init_code(&mut self, bytes: u64, hashed: bool) -> Charge {
        let bytes = if self.any_init_code {
            bytes.min(MAX_INIT_CODE)
        } else {
            bytes
        };
        self.ethereum.init_code(bytes, hashed)
    }
    fn create_gas(&mut self) -> u64 {
        self.ethereum.create_gas()
    }
    fn callee_returned(&mut self, gas_left: u64, refund: i64) {
        self.ethereum.callee_returned(gas_left, refund);
    }
}

/// No gas: what costs too much elsewhere is known from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Free {
    set: Set,
    steps: u64,
    /// How a frame ends that wants more memory than an instance has.
    memory_fault: Halt,
}

impl Free {
    pub(super) fn new(rules: &Rules<'_>, fork: Fork) -> Self {
        // The run cannot go on without the limit: out of gas, it has lost its way.
        let limited = rules.has(Switch::MemoryLimit);
        let memory_fault = if limited {
            Halt::IllegalMemoryAccess
        } else {
            Halt::OutOfGas
        };
        Self {
            set: instructions(rules, fork),
            steps: rules.steps,
            memory_fault,
        }
    }

    /// Steps left.
    pub(super) const fn steps(&self) -> u64 {
        self.steps
    }
}

impl Metering for Free {
    const METERED: bool = false;
    const INSTRUCTION_SET: [bool; 256] = [true; 256];
    const ADDRESS_FAULT: Halt = Halt::IllegalMemoryAccess;

    fn instruction(&mut self, op: u8) -> Charge {
        if !contains(&self.set, op) {
            return Err(Halt::UndefinedInstruction);
        }
        self.steps = self.steps.checked_sub(1).ok_or(Halt::OutOfGas)?;
        Ok(())
    }
    fn defines(&self, op: u8) -> bool {
        contains(&self.set, op)
    }
    fn gas_left(&self) -> u64 {
        0
    }
    fn refund(&self) -> i64 {
        0
    }
    fn memory(&mut self, _: u64, new_words: u64) -> Charge {
        if new_words > INSTANCE / 32 {
            Err(self.memory_fault)
        } else {
            Ok(())
        }
    }
    fn copy(&mut self, _: u64) -> Charge {
        Ok(())
    }
    fn keccak256(&mut self, _: u64) -> Charge {
        Ok(())
    }
    fn exp(&mut self, _: u32) -> Charge {
        Ok(())
    }
    fn log(&mut self, _: u64) -> Charge {
        Ok(())
    }
    fn account_access(&mut self, _: bool) -> Charge {
        Ok(())
    }
    fn sload(&mut self, _: bool) -> Charge {
        Ok(())
    }
    fn sstore_sentry(&self) -> Charge {
        Ok(())
    }
    fn sstore(&mut self, _: &StorageWrite) -> Charge {
        Ok(())
    }
    fn selfdestruct(&mut self, _: &SelfDestruct) -> Charge {
        Ok(())
    }
    fn call(
        &mut self,
        _: CallKind,
        requested: &U256,
        _: bool,
        _: &CallTarget,
    ) -> Result<u64, Halt> {
        Ok(u64::try_from(*requested).unwrap_or(u64::MAX))
    }
    fn init_code(&mut self, _: u64, _: bool) -> Charge {
        Ok(())
    }
    fn create_gas(&mut self) -> u64 {
        0
    }
    fn callee_returned(&mut self, _: u64, _: i64) {}
}
