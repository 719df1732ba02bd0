//! Where and why two executions part.
//!
//! Two sides execute one transaction, or have executed it; their traces are read as streams, step against step,
//! until the first difference that counts. The verdict is one of four: equal, by design (with the ids of
//! Filecoin's deliberate differences), gas only, or unexplained.
//!
//! | module | what it holds |
//! |---|---|
//! | [`subject`] | what is executed |
//! | [`side`] | who executes |
//! | [`read`] | traces of all forms |
//! | [`normal`] | steps in one form |
//! | [`step`] | a step |
//! | [`compare`] | the comparison |
//! | [`state`] | states behind the executions |
//! | [`run`] | a comparison from its subject to its verdict |
//! | [`minimize`] | smaller subjects with the same verdict |
//! | [`report`] | the verdict, told |
//! | [`cli`] | the command line |
//! | [`error`] | what can go wrong, and with which side |

pub mod cli;
pub mod compare;
pub mod error;
pub mod minimize;
pub mod normal;
pub mod read;
pub mod report;
pub mod run;
pub mod side;
pub mod state;
pub mod step;
pub mod subject;
