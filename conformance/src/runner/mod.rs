//! What the runners of test files have in common: their command line, the files, the threads, the
//! reports.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | arguments, and the run over files |
//! | `files` | the files that paths stand for |
//! | `parallel` | threads, results told in order |
//! | `report` | results as go-ethereum reports them |
//! | `human` | results for people |
//! | `dump` | a state as go-ethereum dumps it |
//! | `result` | what a case came to |

pub mod cli;
pub(crate) mod dump;
mod files;
mod human;
mod parallel;
mod report;
mod result;

pub(crate) use files::{collect, ranks};
#[cfg(feature = "fvm")]
pub(crate) use human::{group, progress};
pub use parallel::STACK_SIZE;
pub(crate) use parallel::in_order;
pub use result::{Bench, CaseResult, Cause};

/// What a panic has to say.
pub(crate) fn panic_text(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
