//! Blocks of the machine, for the storage tree.

use fevm_kamt::Blocks;
use fevm_runtime::{Cid, ErrorNumber, Runtime, cid};

/// The blockstore of an invocation.
#[derive(Debug)]
pub(crate) struct RuntimeBlocks<'r, R>(pub(crate) &'r R);

impl<R: Runtime> Blocks for RuntimeBlocks<'_, R> {
    type Error = ErrorNumber;

    fn get(&mut self, cid: &Cid) -> Result<Vec<u8>, ErrorNumber> {
        self.0.get_block(cid)
    }

    fn put(&mut self, data: &[u8]) -> Result<Cid, ErrorNumber> {
        self.0.put_block(cid::DAG_CBOR, data)
    }
}
