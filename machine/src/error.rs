//! The classes of failure, by whose fault it is.

use cid::Cid;

/// Why the machine could not do what it was asked to. What a message does to
/// itself (a revert, an exit code, too little gas) is an
/// [`Outcome`](crate::Outcome), not an error.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// The message cannot be applied by any chain: a field is out of range.
    #[error("invalid message: {0}")]
    InvalidMessage(String),

    /// An input of genesis or of a state change is wrong.
    #[error("{0}")]
    InvalidInput(String),

    /// A file is not an actor bundle, or a damaged one.
    #[error("actor bundle: {0}")]
    Bundle(#[from] fevm_bundle_format::BundleError),

    /// The run that was to give a message's steps was another one.
    #[error(transparent)]
    Steps(#[from] crate::steps::UnfaithfulSteps),

    /// A block that a state refers to is not in the store.
    #[error("block {0} is missing from the store")]
    MissingBlock(Cid),

    /// A state is not what it should be, or the store failed.
    #[error("state: {0:#}")]
    State(anyhow::Error),

    /// The virtual machine itself failed while executing. No receipt exists;
    /// the session holds no usable state any more.
    #[error("fatal error of the virtual machine: {0:#}")]
    Fatal(anyhow::Error),

    /// The virtual machine panicked while executing.
    #[error("the virtual machine panicked: {0}")]
    Panicked(String),

    /// An earlier fatal error left this session without a state.
    #[error("the session ended with an earlier fatal error")]
    Poisoned,
}

impl MachineError {
    /// Wraps an execution error of the FVM that came from state access.
    pub(crate) fn state(error: fvm::kernel::ExecutionError) -> Self {
        Self::State(error.into())
    }
}
