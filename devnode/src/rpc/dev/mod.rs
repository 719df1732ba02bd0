//! `evm_`, `hardhat_`, `anvil_`: helpers of development networks; and `txpool_`.

mod accounts;
mod mining;
mod node_info;
mod reorganisation;
mod tokens;
mod txpool;

use super::Method;

/// The methods of these modules.
pub const METHODS: &[&[Method]] = &[
    accounts::METHODS,
    mining::METHODS,
    node_info::METHODS,
    reorganisation::METHODS,
    tokens::METHODS,
    txpool::METHODS,
];
