//! A small CBOR reader and writer, shaped for actors.
//!
//! The reader takes what mainnet's decoder takes, so that a message decodes here if and only if it
//! does there; the writer gives canonical DAG-CBOR.

mod reader;
mod writer;

pub use reader::{DecodeError, Reader, from_be_bytes};
pub use writer::{Writer, byte_string, to_be_bytes};
