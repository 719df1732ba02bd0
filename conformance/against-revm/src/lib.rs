//! The native interpreter beside others. Everything is in `tests/` and `benches/`.
//!
//! | where | what |
//! |---|---|
//! | `tests/differential` | random transactions on random states, against revm and go-ethereum |
//! | `benches/evm` | speed on the workloads of evm-benchmarks, beside revm's |
