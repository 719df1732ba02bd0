//! One block on one state: the command lines of go-ethereum's `evm t8n` and `evm b11r`, which tools
//! such as `fill` of execution-spec-tests make their tests with.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | the command line of `t8n` |
//! | [`b11r`] | the command line of `b11r`: a block of its parts |
//! | [`env`] | the block's environment |
//! | `alloc` | the state, read and written |
//! | `transactions` | transactions, read and signed |
//! | `apply` | the block on the state |
//! | `words` | why a transaction is rejected, in go-ethereum's words |
//! | `result` | what the block came to, as JSON |
//! | `observe` | traces to files, and counts of opcodes |
//! | `output` | where things go |
//! | [`error`] | errors with the status that the process ends with |

mod alloc;
mod apply;
pub mod b11r;
pub mod cli;
pub mod env;
pub mod error;
mod number;
mod observe;
mod output;
mod result;
mod transactions;
mod words;

pub use error::Error;
