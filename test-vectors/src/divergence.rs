//! Steps that may differ from Filecoin's actors, each with its reason: where a
//! vector pins a limit of the other implementation and not a rule of the
//! network.

/// A step that may differ.
#[derive(Debug, Clone, Copy)]
pub struct Divergence {
    /// Vector, `group/topic`.
    pub vector: &'static str,
    /// Step's name.
    pub step: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// All of them.
pub const DIVERGENCES: &[Divergence] = &[];

/// The reason for which a step may differ, if it may.
pub fn allowed(vector: &str, step: &str) -> Option<&'static str> {
    let known = DIVERGENCES
        .iter()
        .find(|d| d.vector == vector && d.step == step);
    known.map(|d| d.reason)
}
