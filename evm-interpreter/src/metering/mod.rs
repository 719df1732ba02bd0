//! What instructions cost.
//!
//! A [`Metering`] is a small value that lives in the dispatch loop's registers. [`Unmetered`] costs
//! nothing: inside the FVM, WebAssembly itself is metered. [`Ethereum`] is Ethereum's schedule for a
//! fork chosen at run time, one table look-up an instruction.

mod ethereum;
mod schedule;

pub use ethereum::Ethereum;
pub use schedule::Schedule;

use crate::halt::Halt;
use crate::host::{CallKind, CallTarget, SelfDestruct, StorageWrite};
use crate::opcode;
use primitive_types::U256;

/// Nothing, or the reason why the frame ends.
pub type Charge = Result<(), Halt>;

/// The price of instructions, and the gas to pay it.
///
/// Every method charges what its name says and fails with [`Halt::OutOfGas`] if there is too little.
pub trait Metering: Copy {
    /// Whether anything is charged. If not, the GAS instruction asks the host and calls are not
    /// priced, so that the host is not asked what only pricing needs.
    const METERED: bool;

    /// The instructions that exist at all in this world, by opcode.
    const INSTRUCTION_SET: [bool; 256];

    /// How a frame ends that addresses memory beyond what any machine could hold.
    const ADDRESS_FAULT: Halt;

    /// The constant part of `op`; [`Halt::UndefinedInstruction`] if the rules do not have it.
    fn instruction(&mut self, op: u8) -> Charge;

    /// Whether the rules in force have `op`.
    fn defines(&self, op: u8) -> bool;

    /// Gas left.
    fn gas_left(&self) -> u64;

    /// Change of the refund counter by this frame and its callees so far.
    fn refund(&self) -> i64;

    /// Growth of memory, in words of 32 bytes.
    fn memory(&mut self, old_words: u64, new_words: u64) -> Charge;

    /// Copying `bytes` bytes.
    fn copy(&mut self, bytes: u64) -> Charge;

    /// Hashing `bytes` bytes.
    fn keccak256(&mut self, bytes: u64) -> Charge;

    /// An exponent of `bytes` significant bytes.
    fn exp(&mut self, bytes: u32) -> Charge;

    /// `bytes` bytes of log data.
    fn log(&mut self, bytes: u64) -> Charge;

    /// What a first access to an account adds to the warm price.
    fn account_access(&mut self, cold: bool) -> Charge;

    /// A storage read.
    fn sload(&mut self, cold: bool) -> Charge;

    /// The gas that a storage write demands to be left before anything else (EIP-2200).
    fn sstore_sentry(&self) -> Charge;

    /// A storage write, with its refund.
    fn sstore(&mut self, write: &StorageWrite) -> Charge;

    /// A self-destruct, with its refund.
    fn selfdestruct(&mut self, met: &SelfDestruct) -> Charge;

    /// A call: its extras and the callee's gas (EIP-150's 63/64). Returns the callee's gas with the
    /// stipend that comes with value; the stipend is a gift, not charged.
    fn call(
        &mut self,
        kind: CallKind,
        requested: &U256,
        has_value: bool,
        target: &CallTarget,
    ) -> Result<u64, Halt>;

    /// A creation's init code (EIP-1014, 3860), before its own gas is set aside.
    fn init_code(&mut self, bytes: u64, hashed: bool) -> Charge;

    /// Sets the init code's gas aside and returns it.
    fn create_gas(&mut self) -> u64;

    /// Takes back what a callee left.
    fn callee_returned(&mut self, gas_left: u64, refund: i64);
}

/// No metering, and Filecoin mainnet's instruction set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unmetered;

impl Metering for Unmetered {
    const METERED: bool = false;
    const INSTRUCTION_SET: [bool; 256] = filecoin_instruction_set();
    const ADDRESS_FAULT: Halt = Halt::IllegalMemoryAccess;

    #[inline(always)]
    fn instruction(&mut self, _op: u8) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn defines(&self, op: u8) -> bool {
        Self::INSTRUCTION_SET[usize::from(op)]
    }
    #[inline(always)]
    fn gas_left(&self) -> u64 {
        0
    }
    #[inline(always)]
    fn refund(&self) -> i64 {
        0
    }
    #[inline(always)]
    fn memory(&mut self, _old_words: u64, _new_words: u64) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn copy(&mut self, _bytes: u64) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn keccak256(&mut self, _bytes: u64) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn exp(&mut self, _bytes: u32) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn log(&mut self, _bytes: u64) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn account_access(&mut self, _cold: bool) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn sload(&mut self, _cold: bool) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn sstore_sentry(&self) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn sstore(&mut self, _write: &StorageWrite) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn selfdestruct(&mut self, _met: &SelfDestruct) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn call(
        &mut self,
        _kind: CallKind,
        requested: &U256,
        _has_value: bool,
        _target: &CallTarget,
    ) -> Result<u64, Halt> {
        Ok(crate::arithmetic::saturating_u64(requested))
    }
    #[inline(always)]
    fn init_code(&mut self, _bytes: u64, _hashed: bool) -> Charge {
        Ok(())
    }
    #[inline(always)]
    fn create_gas(&mut self) -> u64 {
        0
    }
    #[inline(always)]
    fn callee_returned(&mut self, _gas_left: u64, _refund: i64) {}
}

const fn filecoin_instruction_set() -> [bool; 256] {
    let mut set = [false; 256];
    let mut op = 0;
    while op < 256 {
        if let Some(entry) = opcode::instruction(op as u8) {
            set[op] = entry.filecoin;
        }
        op += 1;
    }
    set
}
