//! Golden vectors: message sequences recorded from Filecoin's own actors, with
//! everything that each message did, and their replay on any bundle.
//!
//! * [`format`]: the vectors as JSON
//! * [`archive`]: the vectors of this repository, and others from a path
//! * [`replay`]: a vector's messages applied to a machine, and what they did
//! * [`compare`]: what was expected against what happened
//! * [`switch`]: changing the bundle in the middle of a vector
//! * [`record`]: vectors from messages, by what a bundle's actors do
//! * [`divergence`]: steps that may differ, each with its reason
//! * [`runner`]: many vectors in parallel
//! * [`report`]: results as text

pub mod archive;
pub mod compare;
pub mod divergence;
pub mod format;
pub mod record;
pub mod replay;
pub mod report;
pub mod runner;
pub mod switch;
