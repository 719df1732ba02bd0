//! What a message did.

use cid::Cid;
use fvm::call_manager::Backtrace;
use fvm::trace::ExecutionTrace;
use fvm_shared::econ::TokenAmount;
use fvm_shared::error::ExitCode;
use fvm_shared::event::StampedEvent;

use crate::effects::Effect;
use crate::gas::GasBreakdown;
use crate::trace::CallFrame;

/// The result of applying one message.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// 0 for success; see [`exit`](crate::exit).
    pub exit_code: ExitCode,
    /// The returned block's bytes as they are: a CBOR byte string from
    /// `InvokeEVM`. Empty if there is no block.
    pub return_data: Vec<u8>,
    /// The returned block's codec; `None` without a block.
    pub return_codec: Option<u64>,
    /// Gas and fees.
    pub gas: GasOutcome,
    /// The events, in order, of all frames that succeeded.
    pub events: Vec<StampedEvent>,
    /// Root of the events' AMT; `None` without events.
    pub events_root: Option<Cid>,
    /// Why the message failed, where the exit code is not 0.
    pub failure: Option<Failure>,
    /// Every charge, call and block access in order, if the block context asks
    /// for tracing.
    pub trace: ExecutionTrace,
}

/// Gas and fees of a message. Fees are in attoFIL and 0 for implicit messages.
#[derive(Debug, Clone, Default)]
pub struct GasOutcome {
    /// Gas used, inclusion and return value counted in.
    pub used: u64,
    /// The message's gas limit.
    pub limit: u64,
    /// Burnt: base fee times gas used.
    pub base_fee_burn: TokenAmount,
    /// Burnt for a limit far above what was used.
    pub over_estimation_burn: TokenAmount,
    /// Paid to the block's producer: premium times limit.
    pub tip: TokenAmount,
    /// Given back to the sender.
    pub refund: TokenAmount,
    /// What the block's producer pays if the message could not be included.
    pub penalty: TokenAmount,
}

/// Why a message failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// No block can include it: wrong nonce, unknown sender, too little money
    /// for the gas or too low a limit for the inclusion. Nothing has changed.
    NotIncluded(String),
    /// It was included and failed: the actors that passed the error on, from
    /// the one where it began.
    Execution(Backtrace),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotIncluded(reason) => f.write_str(reason),
            Self::Execution(backtrace) => write!(f, "{backtrace}"),
        }
    }
}

impl Outcome {
    /// Whether a block could include the message, whatever it did then.
    pub const fn is_included(&self) -> bool {
        !matches!(self.failure, Some(Failure::NotIncluded(_)))
    }

    /// Whether the message succeeded.
    pub fn is_success(&self) -> bool {
        self.exit_code.is_success()
    }

    /// The bytes that an Ethereum caller sees: the content of a CBOR byte
    /// string, or the returned bytes as they are if they are none.
    pub fn return_bytes(&self) -> &[u8] {
        crate::message::unwrap_bytes(&self.return_data).unwrap_or(&self.return_data)
    }

    /// The tree of calls. `None` if the message was not traced or not run.
    pub fn call_tree(&self) -> Option<CallFrame> {
        CallFrame::from_trace(&self.trace)
    }

    /// Values moved and events made, in order. Empty if the message was not traced.
    pub fn effects(&self) -> Vec<Effect> {
        crate::effects::effects(&self.trace)
    }

    /// Gas by class of charge; all zero if the message was not traced.
    pub fn gas_breakdown(&self) -> GasBreakdown {
        GasBreakdown::from_trace(&self.trace)
    }
}
