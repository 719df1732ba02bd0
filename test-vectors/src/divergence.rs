//! Steps that differ from Filecoin's actors, each with its reason: where a
//! vector pins a limit of the other implementation and not a rule of the
//! network. What happens instead is pinned here, so that nothing else passes.

use crate::compare::Difference;

/// A step that differs.
#[derive(Debug, Clone, Copy)]
pub struct Divergence {
    /// Vector, `group/topic`.
    pub vector: &'static str,
    /// The message, from 0.
    pub message: usize,
    /// What differs, and what it is instead.
    pub instead: (&'static str, &'static str),
    /// Why.
    pub reason: &'static str,
}

const MEMORY: &str = "memory that the instance cannot grow to ends the frame with 24, at whatever \
                      size; Filecoin's actor traps on it below 2 GiB, which a creation reports as 23";
const DEPTH: &str = "code of a contract is read without a send, so it can be read at the depth \
                     limit, where Filecoin's actor fails to send";

const fn memory(message: usize) -> Divergence {
    Divergence {
        vector: "ops/memory-large",
        message,
        instead: ("exit code", "24"),
        reason: MEMORY,
    }
}

const fn depth(message: usize) -> Divergence {
    Divergence {
        vector: "call/depth",
        message,
        instead: (
            "return",
            "58200000000000000000000000000000000000000000000000000000000000000400",
        ),
        reason: DEPTH,
    }
}

/// All of them.
pub const DIVERGENCES: &[Divergence] = &[
    memory(3),
    memory(4),
    // DELEGATECALL of itself.
    depth(5),
    // EXTCODESIZE of itself.
    depth(12),
];

/// The reason for which a message differs in just this way, if it is listed.
pub fn allowed(vector: &str, message: usize, found: &[Difference]) -> Option<&'static str> {
    let [difference] = found else {
        return None;
    };
    let known = DIVERGENCES.iter().find(|d| {
        d.vector == vector
            && d.message == message
            && d.instead == (difference.what.as_str(), difference.actual.as_str())
    });
    known.map(|d| d.reason)
}
