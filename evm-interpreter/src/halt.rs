//! The ways in which a frame ends.

/// Why a frame stopped executing.
///
/// The first four are ordinary ends; all others are exceptional halts (Yellow Paper section 9.4.2)
/// that undo the frame's effects and, where gas is metered, consume all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Halt {
    /// STOP, or the end of the code.
    Stop,
    /// RETURN.
    Return,
    /// SELFDESTRUCT.
    SelfDestruct,
    /// REVERT (EIP-140): effects are undone, remaining gas and output are kept.
    Revert,
    /// The designated INVALID instruction 0xfe (EIP-141).
    InvalidInstruction,
    /// An opcode that is undefined under the rules in force.
    UndefinedInstruction,
    /// The instruction needs more operands than the stack holds.
    StackUnderflow,
    /// The stack would exceed 1,024 items.
    StackOverflow,
    /// Jump to a position that is not a JUMPDEST instruction.
    BadJumpDestination,
    /// A memory offset or size that no machine could address.
    IllegalMemoryAccess,
    /// RETURNDATACOPY beyond the end of the return data (EIP-211).
    ReturnDataOutOfBounds,
    /// A state-changing instruction inside a static call (EIP-214).
    StaticViolation,
    /// Not enough gas.
    OutOfGas,
    /// Init code above the limit (EIP-3860).
    InitCodeTooLarge,
    /// The host could not go on; it holds the reason.
    Fault,
}

impl Halt {
    /// Whether the frame's effects are kept.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Stop | Self::Return | Self::SelfDestruct)
    }

    /// Whether the frame ended by REVERT.
    #[must_use]
    pub const fn is_revert(self) -> bool {
        matches!(self, Self::Revert)
    }
}
