//! What can be wrong with a bundle. CIDs are in their text form.

use std::path::PathBuf;

/// Why bytes are not a bundle, or cannot become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A file cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The file ends within something.
    #[error("CAR file is truncated: {what} at byte {offset} needs {needed} bytes, {left} are left")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where it starts.
        offset: usize,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that there are.
        left: usize,
    },
    /// Something in the file is not what it should be.
    #[error("CAR file is invalid at byte {offset}: {reason}")]
    Invalid {
        /// Where.
        offset: usize,
        /// What is wrong.
        reason: String,
    },
    /// The CAR header has another version.
    #[error("CAR version {0} is not supported, only version 1")]
    CarVersion(u64),
    /// A bundle has exactly one root.
    #[error("a bundle has one root, its manifest; this CAR file has {0}")]
    Roots(usize),
    /// A block's bytes do not hash to its CID.
    #[error("block {cid} at byte {offset} has other content: its bytes hash to {actual}")]
    Digest {
        /// The CID in the file.
        cid: String,
        /// The CID of the bytes.
        actual: String,
        /// Where the block's data starts.
        offset: usize,
    },
    /// A CID of a kind that bundles do not have.
    #[error("{what} has CID {cid}, which is not version 1, codec 0x{codec:x}, blake2b-256")]
    CidKind {
        /// Whose CID.
        what: String,
        /// The CID.
        cid: String,
        /// The codec expected.
        codec: u64,
    },
    /// A block that the manifest names is not in the file.
    #[error("{what} {cid} is not in the CAR file")]
    MissingBlock {
        /// What the block is.
        what: String,
        /// Its CID.
        cid: String,
    },
    /// A block of the manifest does not decode.
    #[error("{what} {cid} does not decode: {reason}")]
    Decode {
        /// What the block is.
        what: &'static str,
        /// Its CID.
        cid: String,
        /// Why not.
        reason: String,
    },
    /// The manifest has another version.
    #[error("manifest version {0} is not supported, only version 1")]
    ManifestVersion(u64),
    /// No actors at all.
    #[error("the manifest lists no actors")]
    Empty,
    /// A name that is not lower-case letters and digits.
    #[error("actor name {0:?} is not made of lower-case letters and digits")]
    Name(String),
    /// A name stands twice.
    #[error("actor name {0:?} stands twice in the manifest")]
    DuplicateName(String),
    /// Two names with one code would be one type to the virtual machine.
    #[error("actors {0:?} and {1:?} have the same code, so their types could not be told apart")]
    DuplicateCode(String, String),
    /// A composition needs a name that the bundle lacks.
    #[error("the {which} bundle has no actor named {name:?}")]
    NoSuchActor {
        /// Which bundle of a composition.
        which: &'static str,
        /// The name.
        name: String,
    },
    /// The code is not a WASM module that the virtual machine can run.
    #[error("code of actor {name:?} is no actor: {reason}")]
    Module {
        /// The actor.
        name: String,
        /// Why not.
        reason: String,
    },
}
