//! Where blocks come from.

use core::fmt;
use fevm_runtime::Cid;

/// A store of DAG-CBOR blocks.
pub trait Blocks {
    /// Why a block could not be read or written.
    type Error;

    /// Reads a block.
    fn get(&mut self, cid: &Cid) -> Result<Vec<u8>, Self::Error>;
    /// Writes a block; gives its CID (DAG-CBOR, blake2b-256).
    fn put(&mut self, data: &[u8]) -> Result<Cid, Self::Error>;
}

/// Why the tree could not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// The store failed.
    Blocks(E),
    /// A block is no node of such a tree, for this reason.
    Malformed(&'static str),
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Self::Blocks(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks(error) => write!(f, "block store: {error}"),
            Self::Malformed(reason) => write!(f, "malformed storage node: {reason}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Error<E> {}
