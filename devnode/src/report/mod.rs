//! What the node tells its user about transactions: their names, their gas, what they print, and
//! where Filecoin surprises.

pub mod artifacts;
pub mod console;
pub mod lines;
pub mod warnings;

pub use artifacts::Artifacts;
pub use warnings::Warning;
