//! State tests in the Filecoin VM, by the WebAssembly actors.
//!
//! Each case is run natively, which must end in the fixture's state, and in the FVM. Where the two
//! end otherwise, a native run is looked for that ends as the FVM's: one with as few rules in
//! Filecoin's way as possible. Those are the case's differences; if there is no such run, something
//! is wrong.
//!
//! | module | what it holds |
//! |---|---|
//! | [`expressible`] | what Filecoin has no words for |
//! | [`setup`] | a fixture's state and block in the FVM |
//! | `send` | its transaction as a message, and the state after it |
//! | [`post`] | states to be compared |
//! | `script` | an execution as native runs can follow it |
//! | `explain` | the differences behind a case |
//! | [`case`](mod@case) | one case |
//! | [`run`] | files of cases |
//! | [`tally`] | results by group and class, as table and page |
//! | [`cli`] | the command line's part |

pub mod case;
pub mod cli;
mod explain;
pub mod expressible;
pub mod post;
pub mod run;
mod script;
mod send;
pub mod setup;
pub mod tally;

pub use case::{Class, Report};
