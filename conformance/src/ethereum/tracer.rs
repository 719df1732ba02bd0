//! Observation of a transaction: the interpreter's inspector, and the frames besides.

use evm_interpreter::host::CallTarget;
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, Halt, Inspector};

/// Watches a transaction. Called only if [`Inspector::ENABLED`].
pub trait Tracer: Inspector {
    /// Whether the protocol's own calls at the ends of a block are watched, too.
    const SYSTEM_CALLS: bool = false;

    /// A block under these rules begins.
    fn block(&mut self, _fork: Fork) {}

    /// A call of the protocol itself begins, or ends; only if [`SYSTEM_CALLS`](Self::SYSTEM_CALLS).
    fn system_call(&mut self, _begins: bool) {}

    /// The first frame is about to begin; the refund counter may have moved already (EIP-7702).
    fn begin(&mut self, _refund: i64) {}

    /// A call instruction is about to be paid; what its price depends on.
    fn call_target(&mut self, _target: &CallTarget) {}

    /// EXTCODESIZE or EXTCODECOPY is about to be paid; whether the account is met for the first time (EIP-2929).
    fn code_access(&mut self, _cold: bool) {}

    /// A call or creation begins.
    fn enter(&mut self) {}

    /// It runs code of so many bytes.
    fn code(&mut self, _length: usize) {}

    /// It ended. The error is in go-ethereum's words.
    fn exit(&mut self, _output: &[u8], _gas_used: u64, _error: Option<&str>) {}
}

impl Tracer for NoInspector {}

/// An end that is no success, in go-ethereum's words.
#[must_use]
pub const fn error_text(halt: Halt) -> Option<&'static str> {
    Some(match halt {
        Halt::Stop | Halt::Return | Halt::SelfDestruct => return None,
        Halt::Revert => "execution reverted",
        Halt::InvalidInstruction | Halt::UndefinedInstruction => "invalid opcode",
        Halt::StackUnderflow => "stack underflow",
        Halt::StackOverflow => "stack limit reached 1024",
        Halt::BadJumpDestination => "invalid jump destination",
        Halt::IllegalMemoryAccess => "gas uint64 overflow",
        Halt::ReturnDataOutOfBounds => "return data out of bounds",
        Halt::StaticViolation => "write protection",
        Halt::OutOfGas => "out of gas",
        Halt::InitCodeTooLarge => "max initcode size exceeded",
        Halt::Fault => "fault",
    })
}
