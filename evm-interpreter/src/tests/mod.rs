//! Tests of the whole machine, on a small world in memory. They run natively and on wasm32.

mod control;
mod data;
mod fused;
mod gas;
mod program;
mod table;
mod world;
