//! Bundles of actors as Filecoin nodes load them.
//!
//! A bundle is a CARv1 file whose one root is the manifest: DAG-CBOR `[version, data]`, where
//! `version` is 1 and `data` links to the list of `[name, code]`. The position of a name, from 1, is
//! the type number that the virtual machine gives to actors. Code blocks have the raw codec. Every
//! CID is version 1 with a blake2b-256 digest.
//!
//! | module | what it holds |
//! |---|---|
//! | [`names`] | the 16 names of mainnet, in order |
//! | [`bundle`] | [`Bundle`]: building, reading and writing, composition |
//! | [`car`] | CARv1, strict |
//! | [`module`] | what a WASM module asks for: imports, exports, initial memory |
//! | [`tracing`] | [`TracingActor`]: the build of an EVM actor that reports its steps |
//! | [`error`] | what can be wrong with a bundle |

pub mod bundle;
pub mod car;
pub mod error;
pub mod module;
pub mod names;
pub mod tracing;

pub use bundle::{Actor, Bundle};
pub use cid::Cid;
pub use error::BundleError;
pub use module::ModuleInfo;
pub use tracing::TracingActor;
