//! Actor bundles, and putting one into a store.

use std::path::Path;

pub use fevm_bundle_format::{Actor, Bundle, BundleError};
use fvm_ipld_blockstore::Blockstore;

use crate::error::MachineError;
use crate::store::Store;

/// Puts all blocks of a bundle into a store: manifest, its data, and code.
pub fn write(bundle: &Bundle, store: &Store) -> Result<(), MachineError> {
    let blocks = [bundle.manifest(), bundle.manifest_data()]
        .into_iter()
        .chain(bundle.actors().iter().map(|a| (a.cid(), a.code().to_vec())));
    store.put_many_keyed(blocks).map_err(MachineError::State)
}

/// Reads a bundle from a CAR file.
pub fn load(path: &Path) -> Result<Bundle, MachineError> {
    let file = std::fs::read(path).map_err(|e| {
        MachineError::InvalidInput(format!("cannot read bundle {}: {e}", path.display()))
    })?;
    Ok(Bundle::from_car(&file)?)
}
