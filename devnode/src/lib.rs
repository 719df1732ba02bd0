//! A local Filecoin chain that speaks Ethereum JSON-RPC.
//!
//! | room | what lives there |
//! |---|---|
//! | [`config`] | everything a user can choose, with its defaults |
//! | [`accounts`] | the prefunded development accounts and their keys |
//! | [`chain`] | blocks, receipts, logs, indexes, the base fee rule |
//! | [`pool`] | transactions waiting for a block, ordered by sender and nonce |
//! | [`executor`] | running transactions and calls in the FVM, gas estimates |
//! | [`store`] | the chain on disk: blocks, indexes, pool, states by CID |
//! | [`node`] | the rooms joined: admission, block production, snapshots, time |
//! | [`report`] | what the log tells: names, gas, console.log, warnings |
//! | [`rpc`] | the methods, by namespace, from one catalogue |
//! | [`server`] | HTTP and WebSocket on one port |

pub mod accounts;
pub mod chain;
pub mod config;
pub mod executor;
pub mod node;
pub mod pool;
pub mod report;
pub mod rpc;
pub mod server;
pub mod store;

pub use config::NodeConfig;
pub use node::Node;
pub use server::Server;
