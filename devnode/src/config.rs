//! What a user can choose about a node, and what he gets without choosing.

use std::net::IpAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;

pub use fevm_machine::vm::NETWORK_VERSION;

pub use crate::store::Durability;

/// Chain id of Filecoin's local development networks (EIP-155).
pub const DEFAULT_CHAIN_ID: u64 = 31_415_926;

/// The mnemonic that every Ethereum development node starts with.
pub const DEFAULT_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// Gas limit of a Filecoin block.
pub const BLOCK_GAS_LIMIT: u64 = 10_000_000_000;

/// The lowest base fee that Filecoin's rule allows, in attoFIL per gas.
pub const MIN_BASE_FEE: u128 = 100;

/// One FIL in attoFIL.
pub const FIL: u128 = 1_000_000_000_000_000_000;

/// When blocks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mining {
    /// A block for each transaction, before the sender gets his answer.
    Automatic,
    /// A block every so many milliseconds, with whatever is ready then.
    Interval(u64),
    /// A block only on request (`evm_mine` and its like).
    Manual,
}

/// A block below this gas limit holds no transaction of the usual size.
pub const LEAST_BLOCK_GAS: u64 = 100_000_000;

/// Everything that shapes a node.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// BIP-39 phrase from which the accounts come (path `m/44'/60'/0'/0/i`).
    pub mnemonic: String,
    /// Number of prefunded accounts.
    pub accounts: u32,
    /// Balance of each account, in attoFIL.
    pub balance: u128,
    /// When blocks are made.
    pub mining: Mining,
    /// Gas limit of a block.
    pub block_gas_limit: u64,
    /// Base fee of the first block, in attoFIL per gas. An idle Filecoin chain falls to the
    /// minimum of 100, so a chain that starts there gives the same fees on every run, and a
    /// fee cap quoted from the latest block is enough for the next one.
    pub base_fee: u128,
    /// Timestamp of block 0 in seconds since 1970; none takes the clock.
    pub genesis_timestamp: Option<u64>,
    /// Filecoin network version, 21 to 29: gas prices and rules.
    pub network_version: u32,
    /// Folder that the chain is kept in; none forgets it at the end.
    pub data: Option<PathBuf>,
    /// When a block counts as kept in that folder.
    pub durability: Durability,
    /// Of how many last blocks the states are kept; none keeps all.
    pub prune: Option<u64>,
    /// State file that a new chain begins with.
    pub load_state: Option<PathBuf>,
    /// Limits that protect the server.
    pub limits: Limits,
    /// Whether the chain shows itself as Filecoin's own nodes show theirs: the newest block is
    /// not yet executed, receipts have their quirks, a value above the balance is mined.
    pub lotus: bool,
    /// The unit in which gas is shown and taken.
    pub gas_unit: GasUnit,
    /// Most blocks that one query for logs may cover; none for no limit.
    pub log_range_limit: Option<u64>,
    /// Directories with the artifacts of compilers, whose names the log shows.
    pub artifacts: Vec<PathBuf>,
}

/// The range of blocks that Filecoin's own nodes search for logs.
pub const LOTUS_LOG_RANGE: u64 = 2_880;

/// How much FVM gas one unit of gas is at the interface: 1 unless gas is scaled. It is a change
/// of unit: amounts of gas are divided by it on the way out and multiplied on the way in, prices
/// the other way round, so that gas times price is the same money on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasUnit(NonZeroU64);

impl GasUnit {
    /// The FVM's own unit.
    pub const FVM: Self = Self(NonZeroU64::MIN);

    /// A unit of so much FVM gas; none for 0.
    pub const fn new(fvm_gas: u64) -> Option<Self> {
        match NonZeroU64::new(fvm_gas) {
            Some(unit) => Some(Self(unit)),
            None => None,
        }
    }

    /// FVM gas in one unit.
    pub const fn fvm_gas(self) -> u64 {
        self.0.get()
    }

    /// Whether the unit is the FVM's own.
    pub fn is_fvm(self) -> bool {
        self == Self::FVM
    }

    /// FVM gas in units, rounded up so that it always suffices.
    pub const fn show(self, fvm_gas: u64) -> u64 {
        fvm_gas.div_ceil(self.0.get())
    }

    /// Units as FVM gas.
    pub const fn take(self, gas: u64) -> u64 {
        gas.saturating_mul(self.0.get())
    }

    /// attoFIL per FVM gas as attoFIL per unit.
    pub const fn show_price(self, price: u128) -> u128 {
        price.saturating_mul(self.0.get() as u128)
    }

    /// attoFIL per unit as attoFIL per FVM gas, rounded down.
    pub const fn take_price(self, price: u128) -> u128 {
        price / self.0.get() as u128
    }
}

/// Limits of the server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one request body or WebSocket message.
    pub body: usize,
    /// Calls in one batch.
    pub batch: usize,
    /// Bytes of all answers of one batch.
    pub batch_answer: usize,
    /// Subscriptions of one WebSocket connection.
    pub subscriptions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 10 * 1024 * 1024,
            batch: 1_000,
            batch_answer: 25 * 1024 * 1024,
            subscriptions: 1_000,
        }
    }
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8545,
            chain_id: DEFAULT_CHAIN_ID,
            mnemonic: DEFAULT_MNEMONIC.to_owned(),
            accounts: 10,
            balance: 10_000 * FIL,
            mining: Mining::Automatic,
            block_gas_limit: BLOCK_GAS_LIMIT,
            base_fee: MIN_BASE_FEE,
            genesis_timestamp: None,
            network_version: NETWORK_VERSION,
            data: None,
            durability: Durability::default(),
            prune: None,
            load_state: None,
            limits: Limits::default(),
            lotus: false,
            gas_unit: GasUnit::FVM,
            log_range_limit: None,
            artifacts: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GasUnit;

    #[test]
    fn a_unit_changes_amounts_and_not_money() {
        let unit = GasUnit::new(444).unwrap();
        assert_eq!((unit.show(1), unit.show(444), unit.show(445)), (1, 1, 2));
        assert_eq!(unit.take(unit.show(1_000_000)), 1_000_332);
        assert_eq!(unit.take_price(unit.show_price(100_100)), 100_100);
        let (gas, price) = (21_000, 44_400);
        assert_eq!(
            u128::from(gas) * price,
            u128::from(unit.take(gas)) * unit.take_price(price)
        );
        assert!(GasUnit::FVM.is_fvm() && GasUnit::new(0).is_none());
    }
}
