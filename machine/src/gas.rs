//! Gas by class of charge.

use fvm::gas::Gas;
use fvm::trace::ExecutionEvent;

/// What gas was charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GasClass {
    /// The message's bytes on chain.
    Inclusion,
    /// WASM instructions.
    WasmExec,
    /// Memory and tables that instances start with.
    MemoryInit,
    /// Memory that instances grow to.
    MemoryGrow,
    /// The flat price of each host call.
    HostCalls,
    /// Calls of actors, and values sent along.
    Invocation,
    /// Opening and reading blocks.
    BlockReads,
    /// Making and linking blocks.
    BlockWrites,
    /// Look-ups and updates of the state tree, new actors and addresses.
    StateTree,
    /// Hashes and signatures.
    Crypto,
    /// Actor events.
    Events,
    /// The returned bytes on chain.
    Return,
    /// All else: contexts, randomness, tipset CIDs, roots.
    Other,
}

impl GasClass {
    /// All classes, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Inclusion,
        Self::WasmExec,
        Self::MemoryInit,
        Self::MemoryGrow,
        Self::HostCalls,
        Self::Invocation,
        Self::BlockReads,
        Self::BlockWrites,
        Self::StateTree,
        Self::Crypto,
        Self::Events,
        Self::Return,
        Self::Other,
    ];

    /// The class of a charge by the name that the FVM gives it.
    pub fn of(charge: &str) -> Self {
        match charge {
            "OnChainMessage" => Self::Inclusion,
            "wasm_exec" => Self::WasmExec,
            "wasm_memory_init" | "wasm_table_init" => Self::MemoryInit,
            "wasm_memory_grow" => Self::MemoryGrow,
            "OnSyscall" => Self::HostCalls,
            "OnMethodInvocation" | "OnValueTransfer" => Self::Invocation,
            "OnBlockOpenBase" | "OnBlockOpen" | "OnBlockRead" | "OnBlockStat"
            | "OnScanIpldLinks" => Self::BlockReads,
            "OnBlockCreate" | "OnBlockLink" => Self::BlockWrites,
            "OnActorLookup" | "OnActorUpdate" | "OnActorCreate" | "OnCreateActor"
            | "OnDeleteActor" | "OnResolveAddress" | "OnLookupAddress" | "OnGetActorCodeCid" => {
                Self::StateTree
            }
            "OnHashing"
            | "OnRecoverSecpPublicKey"
            | "OnVerifySignature"
            | "OnVerifyBlsAggregateSignature" => Self::Crypto,
            "OnActorEvent" | "OnUtf8Validation" => Self::Events,
            "OnChainReturnValue" | "OnReturnValue" => Self::Return,
            _ => Self::Other,
        }
    }

    /// The name of the class in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inclusion => "inclusion",
            Self::WasmExec => "wasm_exec",
            Self::MemoryInit => "memory_init",
            Self::MemoryGrow => "memory_grow",
            Self::HostCalls => "host_calls",
            Self::Invocation => "invocation",
            Self::BlockReads => "block_reads",
            Self::BlockWrites => "block_writes",
            Self::StateTree => "state_tree",
            Self::Crypto => "crypto",
            Self::Events => "events",
            Self::Return => "return",
            Self::Other => "other",
        }
    }
}

/// Every charge of a trace in order: its name and its milligas.
pub fn charges(trace: &[ExecutionEvent]) -> impl Iterator<Item = (&str, u64)> {
    trace.iter().filter_map(|event| match event {
        ExecutionEvent::GasCharge(c) => Some((&*c.name, c.total().as_milligas())),
        _ => None,
    })
}

/// Gas by class, and how often the dear things happened.
#[derive(Debug, Clone, Default)]
pub struct GasBreakdown {
    // By class, in milligas so that the sum does not drift.
    milligas: [u64; GasClass::ALL.len()],
    /// Host calls made.
    pub host_calls: u64,
    /// Actors' code entered.
    pub invocations: u64,
    /// Blocks opened.
    pub block_reads: u64,
    /// Blocks linked.
    pub block_writes: u64,
}

impl GasBreakdown {
    /// Sums up the charges of a trace.
    pub fn from_trace(trace: &[ExecutionEvent]) -> Self {
        let mut sums = Self::default();
        for (name, milligas) in charges(trace) {
            sums.milligas[GasClass::of(name) as usize] += milligas;
            match name {
                "OnSyscall" => sums.host_calls += 1,
                "OnMethodInvocation" => sums.invocations += 1,
                "OnBlockOpenBase" => sums.block_reads += 1,
                "OnBlockLink" => sums.block_writes += 1,
                _ => {}
            }
        }
        sums
    }

    /// Gas of one class, rounded up.
    pub const fn gas(&self, class: GasClass) -> u64 {
        Gas::from_milligas(self.milligas[class as usize]).round_up()
    }

    /// All classes with their gas, in the order in which they are shown.
    pub fn classes(&self) -> impl Iterator<Item = (GasClass, u64)> + '_ {
        GasClass::ALL.into_iter().map(|c| (c, self.gas(c)))
    }

    /// The sum of all charges, rounded up: the gas used, unless the message
    /// ran out of gas.
    pub fn total(&self) -> u64 {
        Gas::from_milligas(self.milligas.iter().sum()).round_up()
    }
}

#[cfg(test)]
mod tests {
    use fvm::gas::GasCharge;
    use num_traits::Zero;

    use super::*;

    #[test]
    fn classes_index_their_own_sums() {
        for (n, class) in GasClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, n, "{}", class.name());
        }
    }

    #[test]
    fn sums_by_class_and_counts() {
        let charge = |name: &'static str, milli| {
            ExecutionEvent::GasCharge(GasCharge::new(name, Gas::from_milligas(milli), Gas::zero()))
        };
        let sums = GasBreakdown::from_trace(&[
            charge("wasm_exec", 4_500),
            charge("wasm_exec", 4_500),
            charge("OnSyscall", 14_000_000),
            charge("unheard of", 1),
        ]);
        assert_eq!(sums.gas(GasClass::WasmExec), 9);
        assert_eq!(sums.gas(GasClass::HostCalls), 14_000);
        assert_eq!(sums.gas(GasClass::Other), 1);
        assert_eq!(sums.host_calls, 1);
        assert_eq!(sums.total(), 14_010);
    }
}
