//! A build of an actor that tells what it does.

use cid::Cid;

use crate::bundle::{Actor, Bundle};

/// A build of an EVM actor that reports its steps to a tracing kernel, which puts it in the place of the
/// actor that ships.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TracingActor<'a> {
    /// Its WASM module; empty where there is none.
    pub module: &'a [u8],
    /// Code CID of the shipping actor that was built from the same source.
    pub shipping: Cid,
}

impl<'a> TracingActor<'a> {
    /// A module of the same source as a bundle's EVM actor.
    #[must_use]
    pub fn of(module: &'a [u8], bundle: &Bundle) -> Self {
        Self {
            module,
            shipping: bundle.actor("evm").map(Actor::cid).unwrap_or_default(),
        }
    }
}

impl std::fmt::Debug for TracingActor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TracingActor")
            .field("size", &self.module.len())
            .field("shipping", &self.shipping.to_string())
            .finish()
    }
}
