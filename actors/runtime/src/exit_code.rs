//! Exit codes of actors and how they propagate.

use core::fmt;

/// Exit code of an invocation, as it stands in a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitCode(u32);

impl ExitCode {
    /// Success.
    pub const OK: Self = Self(0);
    /// The virtual machine: a WASM trap.
    pub const SYS_ILLEGAL_INSTRUCTION: Self = Self(4);
    /// The virtual machine: out of gas.
    pub const SYS_OUT_OF_GAS: Self = Self(7);
    /// The virtual machine: an actor ended with a code that it may not use.
    pub const SYS_ILLEGAL_EXIT_CODE: Self = Self(9);
    /// The virtual machine: the actor returned a block that does not exist.
    pub const SYS_MISSING_RETURN: Self = Self(11);
    /// Parameters are invalid.
    pub const ILLEGAL_ARGUMENT: Self = Self(16);
    /// What was asked for does not exist.
    pub const NOT_FOUND: Self = Self(17);
    /// The caller may not do this.
    pub const FORBIDDEN: Self = Self(18);
    /// Not enough funds.
    pub const INSUFFICIENT_FUNDS: Self = Self(19);
    /// The actor's state is invalid.
    pub const ILLEGAL_STATE: Self = Self(20);
    /// Bytes could not be encoded or decoded.
    pub const SERIALIZATION: Self = Self(21);
    /// No such method.
    pub const UNHANDLED_MESSAGE: Self = Self(22);
    /// Unspecified failure; also what a trap of a callee becomes.
    pub const UNSPECIFIED: Self = Self(23);
    /// An assertion failed; also what a panic ends with.
    pub const ASSERTION_FAILED: Self = Self(24);
    /// Not in read-only mode.
    pub const READ_ONLY: Self = Self(25);
    /// The method takes no value.
    pub const NOT_PAYABLE: Self = Self(26);
    /// EVM: the contract reverted; the return block is a CBOR byte string with the revert data.
    pub const EVM_CONTRACT_REVERTED: Self = Self(33);
    /// EVM: the designated INVALID instruction.
    pub const EVM_INVALID_INSTRUCTION: Self = Self(34);
    /// EVM: an undefined instruction.
    pub const EVM_UNDEFINED_INSTRUCTION: Self = Self(35);
    /// EVM: stack underflow.
    pub const EVM_STACK_UNDERFLOW: Self = Self(36);
    /// EVM: stack overflow.
    pub const EVM_STACK_OVERFLOW: Self = Self(37);
    /// EVM: memory or return data out of bounds.
    pub const EVM_ILLEGAL_MEMORY_ACCESS: Self = Self(38);
    /// EVM: jump to something that is no JUMPDEST.
    pub const EVM_BAD_JUMPDEST: Self = Self(39);
    /// EVM: SELFDESTRUCT could not send the balance.
    pub const EVM_SELFDESTRUCT_FAILED: Self = Self(40);

    /// Lowest code that an actor may end with.
    pub const FIRST_USER: u32 = 16;

    /// An exit code of this value.
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number in the receipt.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// Whether this is success.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }

    /// The code with which an actor passes on the failure `self` of its callee: traps and other
    /// faults of the callee itself become 23, other codes of the machine 24, codes of actors stay.
    #[must_use]
    pub const fn propagated(self) -> Self {
        match self {
            Self::SYS_ILLEGAL_INSTRUCTION
            | Self::SYS_ILLEGAL_EXIT_CODE
            | Self::SYS_MISSING_RETURN => Self::UNSPECIFIED,
            Self(code) if code < Self::FIRST_USER => Self::ASSERTION_FAILED,
            code => code,
        }
    }
}

impl fmt::Display for ExitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn propagation_of_every_class() {
        for code in [4, 9, 11] {
            assert_eq!(ExitCode::new(code).propagated(), ExitCode::UNSPECIFIED);
        }
        for code in [1, 2, 5, 6, 7, 10, 15] {
            assert_eq!(ExitCode::new(code).propagated(), ExitCode::ASSERTION_FAILED);
        }
        for code in [16, 24, 33, 40, 1 << 20] {
            assert_eq!(ExitCode::new(code).propagated(), ExitCode::new(code));
        }
    }
}
