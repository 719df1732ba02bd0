//! The node as its clients meet it: a real server on a free port, spoken to over real HTTP.

mod accesses;
mod bad_input;
mod blocks;
mod code;
mod common;
mod debugger;
mod dev;
mod durable;
mod estimates;
mod filecoin;
mod lotus;
mod methods;
mod report;
mod server;
mod simulate;
mod traces;
mod transactions;
mod units;
