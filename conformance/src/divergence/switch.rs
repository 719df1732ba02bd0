//! What the native world can do in Filecoin's way, difference by difference.

use super::Divergence;
use core::fmt;

/// A rule of the native world that can be Filecoin's instead of Ethereum's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Switch {
    /// No price on instructions; what GAS shows, and which frames run out of gas, are an FVM run's.
    Gas,
    /// Memory ends where a WebAssembly instance's does.
    MemoryLimit,
    /// Calls nest as deep as the FVM's do.
    CallDepth,
    /// Blocks of data end at 1 MiB.
    BlockSize,
    /// COINBASE is zero.
    Coinbase,
    /// GASLIMIT is that of a Filecoin block.
    GasLimit,
    /// PREVRANDAO is drawn from the beacon.
    Randomness,
    /// One set of rules, whatever the fork.
    Fork,
    /// CALLCODE is undefined.
    CallCode,
    /// BLOBHASH and BLOBBASEFEE are undefined.
    BlobOpcodes,
    /// Reserved addresses succeed with nothing.
    Precompiles,
    /// KZG's address succeeds with nothing.
    Kzg,
    /// MODEXP knows no bound but 32-bit lengths.
    ModExp,
    /// EXTCODEHASH of precompiles is that of accounts.
    PrecompileHash,
    /// A transaction to a precompile's address reaches an account.
    PrecompileTransaction,
    /// SELFDESTRUCT leaves a dead contract behind, always.
    SelfDestruct,
    /// Accounts that are touched stay.
    EmptyAccounts,
    /// Masked IDs and native actors.
    NativeActors,
    /// Delegation designators (EIP-7702) are code like any other.
    Delegations,
    /// Creation with a nonce that cannot grow ends the frame.
    NonceOverflow,
    /// Init code of any length.
    InitCode,
    /// Transactions that create need init code.
    EmptyCreation,
    /// Only what an actor holds stands in the way of a creation.
    Collision,
    /// Logs of at most 8 KiB.
    LogSize,
    /// A transaction is refused for its nonce and for nothing else that state tests can show.
    Admission,
    /// Fees stay out of the comparison.
    Fees,
}

impl Switch {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::Gas,
        Self::MemoryLimit,
        Self::CallDepth,
        Self::BlockSize,
        Self::Coinbase,
        Self::GasLimit,
        Self::Randomness,
        Self::Fork,
        Self::CallCode,
        Self::BlobOpcodes,
        Self::Precompiles,
        Self::Kzg,
        Self::ModExp,
        Self::PrecompileHash,
        Self::PrecompileTransaction,
        Self::SelfDestruct,
        Self::EmptyAccounts,
        Self::NativeActors,
        Self::Delegations,
        Self::NonceOverflow,
        Self::InitCode,
        Self::EmptyCreation,
        Self::Collision,
        Self::LogSize,
        Self::Admission,
        Self::Fees,
    ];

    /// Name of the difference in the table.
    #[must_use]
    pub fn id(self) -> &'static str {
        Divergence::of(self).map_or("", |row| row.id)
    }
}

/// A set of switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Switches(u32);

impl Switches {
    /// None: Ethereum.
    pub const NONE: Self = Self(0);

    /// Whether a switch is on.
    #[inline]
    #[must_use]
    pub const fn has(self, switch: Switch) -> bool {
        self.0 & 1 << switch as u32 != 0
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, switch: Switch) -> Self {
        Self(self.0 | 1 << switch as u32)
    }

    /// The set without one.
    #[must_use]
    pub const fn without(self, switch: Switch) -> Self {
        Self(self.0 & !(1 << switch as u32))
    }

    /// The switches of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether instructions or their limits are not Ethereum's.
    #[must_use]
    pub const fn other_instructions(self) -> bool {
        self.has(Switch::CallCode) || self.has(Switch::BlobOpcodes) || self.has(Switch::InitCode)
    }

    /// How many are on.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether none is on.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are on, in order.
    pub fn iter(self) -> impl Iterator<Item = Switch> {
        Switch::ALL
            .into_iter()
            .filter(move |switch| self.has(*switch))
    }
}

impl FromIterator<Switch> for Switches {
    fn from_iter<I: IntoIterator<Item = Switch>>(switches: I) -> Self {
        switches.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, switch) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}", switch.id())?;
        }
        Ok(())
    }
}
