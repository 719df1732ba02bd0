//! What a step trace consists of.

use alloy_primitives::{Address as EthAddress, B256, U256};
use fvm_shared::error::ExitCode;
use fvm_shared::{ActorID, MethodNum};

/// Where a trace goes, event by event, so that nobody has to hold all of it.
pub trait StepSink: Send + 'static {
    /// An invocation of an actor begins.
    fn enter(&mut self, frame: &FrameInfo) {
        let _ = frame;
    }

    /// An EVM instruction was executed, or failed. Comes between its frame's [`enter`](Self::enter) and
    /// [`leave`](Self::leave), and before the frames that it calls.
    fn step(&mut self, step: &Step);

    /// The innermost invocation ended.
    fn leave(&mut self, end: &FrameEnd) {
        let _ = end;
    }
}

/// One event of a trace that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// See [`StepSink::enter`].
    Enter(FrameInfo),
    /// See [`StepSink::step`].
    Step(Step),
    /// See [`StepSink::leave`].
    Leave(FrameEnd),
}

/// Keeps everything.
impl StepSink for Vec<Event> {
    fn enter(&mut self, frame: &FrameInfo) {
        self.push(Event::Enter(frame.clone()));
    }

    fn step(&mut self, step: &Step) {
        self.push(Event::Step(step.clone()));
    }

    fn leave(&mut self, end: &FrameEnd) {
        self.push(Event::Leave(end.clone()));
    }
}

/// What made an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// CALL, or a message from outside.
    Call,
    /// STATICCALL.
    StaticCall,
    /// DELEGATECALL.
    DelegateCall,
    /// CREATE, or a creation from outside.
    Create,
    /// CREATE2.
    Create2,
    /// Any other method of an EVM actor: those that read code or storage, and
    /// `handle_filecoin_method`.
    Method,
    /// An actor that is no EVM contract: accounts, the address manager, init, ...
    Native,
}

/// An invocation of an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameInfo {
    /// What made it.
    pub kind: FrameKind,
    /// Depth among EVM frames, 1 for the outermost; a native actor's is that of the EVM frame that it
    /// would call.
    pub depth: u32,
    /// The actor.
    pub actor: ActorID,
    /// Its Ethereum address: whose storage the frame works on.
    pub address: EthAddress,
    /// Where the code comes from: `address`, but for DELEGATECALL.
    pub code_address: EthAddress,
    /// Ethereum address of the actor that called.
    pub caller: EthAddress,
    /// Filecoin method.
    pub method: MethodNum,
    /// attoFIL received.
    pub value: U256,
    /// Call data, or init code with its arguments; parameters as they are for native actors.
    pub input: Vec<u8>,
    /// Gas that the frame may use, the start of its actor counted in.
    pub gas: u64,
    /// Whether it may change nothing.
    pub read_only: bool,
}

/// The end of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameEnd {
    /// 0 for success; see [`exit`](crate::exit).
    pub exit_code: ExitCode,
    /// Output or revert data; for native actors the returned block as it is.
    pub output: Vec<u8>,
    /// Gas that the frame used, that of its callees counted in.
    pub gas_used: u64,
}

/// One EVM instruction: the machine before it, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Position in the code.
    pub pc: u64,
    /// Opcode.
    pub op: u8,
    /// Depth among EVM frames, 1 for the outermost.
    pub depth: u32,
    /// FVM gas left before the instruction, as GAS would give it.
    pub gas: u64,
    /// FVM gas of the instruction. For calls and creations what they cost before the callee begins: what the
    /// callee uses, and what taking its answer costs, is between this step's gas and the next one's.
    pub gas_cost: u64,
    /// Operand stack, bottom first.
    pub stack: Vec<U256>,
    /// Size of memory, bytes.
    pub memory_size: usize,
    /// What changed in memory since the frame's last step; bytes beyond that are zero where memory has
    /// grown. [`MemoryView`] follows it.
    pub memory: Option<MemoryChange>,
    /// Return data of the last call, where it is another than at the frame's last step.
    pub return_data: Option<Vec<u8>>,
    /// The STOP behind the end of the code that is not there.
    pub implicit: bool,
    /// Why the frame ended in this instruction, if it did.
    pub halt: Option<StepHalt>,
}

/// A run of bytes of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryChange {
    /// Where it begins.
    pub offset: usize,
    /// The new bytes.
    pub bytes: Vec<u8>,
}

/// Why a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepHalt {
    /// STOP, or the end of the code.
    Stop,
    /// RETURN.
    Return,
    /// SELFDESTRUCT.
    SelfDestruct,
    /// REVERT.
    Revert,
    /// The INVALID instruction.
    InvalidInstruction,
    /// An opcode that is none.
    UndefinedInstruction,
    /// Too few operands.
    StackUnderflow,
    /// More than 1,024 items.
    StackOverflow,
    /// A jump to no JUMPDEST.
    BadJumpDestination,
    /// A memory offset or size that no machine could address.
    IllegalMemoryAccess,
    /// RETURNDATACOPY beyond the return data.
    ReturnDataOutOfBounds,
    /// A change of state in a static call.
    StaticViolation,
    /// More memory than the machine has.
    OutOfMemory,
    /// Init code above the limit.
    InitCodeTooLarge,
    /// The actor could not go on; the frame's end says why.
    Fault,
    /// Gas ran out.
    OutOfGas,
}

impl StepHalt {
    /// From the number that the tracing actor reports.
    pub(super) const fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Stop,
            1 => Self::Return,
            2 => Self::SelfDestruct,
            3 => Self::Revert,
            4 => Self::InvalidInstruction,
            5 => Self::UndefinedInstruction,
            6 => Self::StackUnderflow,
            7 => Self::StackOverflow,
            8 => Self::BadJumpDestination,
            9 => Self::IllegalMemoryAccess,
            10 => Self::ReturnDataOutOfBounds,
            11 => Self::StaticViolation,
            12 => Self::OutOfMemory,
            13 => Self::InitCodeTooLarge,
            _ => Self::Fault,
        }
    }

    /// The end in go-ethereum's words; `None` for a success.
    pub const fn error(self) -> Option<&'static str> {
        Some(match self {
            Self::Stop | Self::Return | Self::SelfDestruct => return None,
            Self::Revert => "execution reverted",
            Self::InvalidInstruction | Self::UndefinedInstruction => "invalid opcode",
            Self::StackUnderflow => "stack underflow",
            Self::StackOverflow => "stack limit reached 1024",
            Self::BadJumpDestination => "invalid jump destination",
            Self::IllegalMemoryAccess => "gas uint64 overflow",
            Self::ReturnDataOutOfBounds => "return data out of bounds",
            Self::StaticViolation => "write protection",
            Self::OutOfMemory => "out of memory",
            Self::InitCodeTooLarge => "max initcode size exceeded",
            Self::Fault => "fault",
            Self::OutOfGas => "out of gas",
        })
    }
}

/// Follows the changes of one frame's memory and return data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryView {
    /// Memory before the step that was followed last.
    pub memory: Vec<u8>,
    /// Return data before that step.
    pub return_data: Vec<u8>,
}

impl MemoryView {
    /// Takes over what a step of the frame says. Steps must come in their order and without a gap.
    pub fn follow(&mut self, step: &Step) {
        self.memory.resize(step.memory_size, 0);
        if let Some(change) = &step.memory {
            let end = change.offset.saturating_add(change.bytes.len());
            if let Some(place) = self.memory.get_mut(change.offset..end) {
                place.copy_from_slice(&change.bytes);
            }
        }
        if let Some(data) = &step.return_data {
            self.return_data.clone_from(data);
        }
    }
}

/// A storage slot that a step touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageAccess {
    /// The slot.
    pub slot: B256,
    /// What SSTORE writes; `None` for SLOAD, whose value is on top of the next step's stack.
    pub written: Option<B256>,
}

impl Step {
    /// The storage slot that SLOAD or SSTORE touches; `None` for other instructions and where operands
    /// are missing.
    pub fn storage(&self) -> Option<StorageAccess> {
        const SLOAD: u8 = 0x54;
        const SSTORE: u8 = 0x55;
        let mut top = self.stack.iter().rev().map(|word| B256::from(*word));
        match self.op {
            SLOAD => Some(StorageAccess {
                slot: top.next()?,
                written: None,
            }),
            SSTORE => Some(StorageAccess {
                slot: top.next()?,
                written: Some(top.next()?),
            }),
            _ => None,
        }
    }
}
