//! `evm_`, `hardhat_`, `anvil_`: helpers of development networks; and `txpool_`.

mod accounts;
mod mining;
mod node_info;
mod reorganisation;
mod state_files;
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
    state_files::METHODS,
    txpool::METHODS,
];
