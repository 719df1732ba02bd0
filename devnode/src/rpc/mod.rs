//! The methods, by namespace, from one catalogue.
//!
//! [`catalogue`] lists every method with its parameters and what it does; dispatch reads it, and
//! whatever describes the node's interface reads it too.

pub mod catalogue;
pub mod debug;
pub mod dev;
pub mod dispatch;
mod error;
pub mod eth;
pub mod explorers;
pub mod filecoin;
pub mod net;
pub mod page;
mod params;
pub mod request;
pub mod trace;
pub mod views;
pub mod web3;

pub use catalogue::{Catalogue, Cost, Method, Param};
pub use error::{RpcError, RpcResult};
pub use params::{Params, decode_hex, invalid, parse_number};
