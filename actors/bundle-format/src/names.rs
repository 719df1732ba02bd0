//! Names of the built-in actors.

/// Mainnet's names in mainnet's order: the type number of a name is its position, from 1.
pub const MAINNET: [&str; 16] = [
    "system",
    "init",
    "cron",
    "account",
    "storagepower",
    "storageminer",
    "storagemarket",
    "paymentchannel",
    "multisig",
    "reward",
    "verifiedregistry",
    "datacap",
    "placeholder",
    "evm",
    "eam",
    "ethaccount",
];

/// The EVM suite: what takes the place of another bundle's own in a composition.
pub const EVM_SUITE: [&str; 4] = ["placeholder", "evm", "eam", "ethaccount"];
