//! Compiled actors, shared by the whole process.
//!
//! Compiling a module takes far longer than running it, each engine reserves
//! more than a thousand instance slots of address space, and the pool behind
//! an engine lets only so many messages run at once. So there is one
//! multi-engine and one pool of message threads of the same size: a thread
//! that runs a message always finds an engine free.

use std::sync::{Arc, OnceLock};

use cid::Cid;
use fvm::engine::{EnginePool, MultiEngine};
use fvm::machine::NetworkConfig;

use crate::error::MachineError;
use crate::store::Store;
use crate::worker::Workers;

/// The engines and the message threads of this process.
pub struct Engines {
    engines: MultiEngine,
    workers: Arc<Workers>,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

static PROCESS: OnceLock<Result<Engines, String>> = OnceLock::new();

impl Engines {
    /// The engines of this process, started at the first call with as many
    /// message threads as there are processors, two at least.
    pub fn process() -> Result<&'static Self, MachineError> {
        PROCESS
            .get_or_init(|| {
                let count = std::thread::available_parallelism().map_or(2, usize::from);
                Self::with_concurrency(count.clamp(2, 64)).map_err(|e| e.to_string())
            })
            .as_ref()
            .map_err(|e| MachineError::Fatal(anyhow::anyhow!("no message threads: {e}")))
    }

    fn with_concurrency(count: usize) -> std::io::Result<Self> {
        Ok(Self {
            engines: MultiEngine::new(count as u32),
            workers: Arc::new(Workers::start(count)?),
        })
    }

    /// The message threads.
    pub const fn workers(&self) -> &Arc<Workers> {
        &self.workers
    }

    /// The engine for a network configuration, made at its first use.
    pub(crate) fn pool(&self, network: &NetworkConfig) -> Result<EnginePool, MachineError> {
        self.engines.get(network).map_err(MachineError::Fatal)
    }
}

/// Compiles modules in the background, in the given order, each as a job of
/// its own so that messages get their turn in between. A module that is
/// needed before its turn is compiled on the spot.
pub(crate) fn compile_in_background(
    workers: &Workers,
    pool: &EnginePool,
    store: &Store,
    codes: Vec<Cid>,
) -> Result<(), MachineError> {
    for code in codes {
        let (pool, store) = (pool.clone(), store.clone());
        workers.spawn(move || {
            // What does not compile is reported by the message that calls it.
            let _ = pool.acquire().preload(&code, &store);
        })?;
    }
    Ok(())
}
