//! Ethereum's hard forks, in order of activation.

/// A hard fork of Ethereum mainnet that changes execution rules.
///
/// Ordered: `fork >= Fork::Berlin` reads "Berlin's rules are in force".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Fork {
    /// Genesis, July 2015.
    Frontier,
    /// EIP-2 and EIP-7, March 2016.
    Homestead,
    /// EIP-150, October 2016.
    TangerineWhistle,
    /// EIP-155, 160, 161 and 170, November 2016.
    SpuriousDragon,
    /// EIP-140, 196, 197, 198, 211, 214, 649 and 658, October 2017.
    Byzantium,
    /// EIP-145, 1014, 1052, 1234 and 1283; never ran on mainnet alone.
    Constantinople,
    /// Constantinople without EIP-1283, February 2019.
    Petersburg,
    /// EIP-152, 1108, 1344, 1884, 2028 and 2200, December 2019.
    Istanbul,
    /// EIP-2565, 2718, 2929 and 2930, April 2021.
    Berlin,
    /// EIP-1559, 3198, 3529 and 3541, August 2021.
    London,
    /// The Merge: EIP-3675 and 4399, September 2022.
    Paris,
    /// EIP-3651, 3855, 3860 and 4895, April 2023.
    Shanghai,
    /// EIP-1153, 4788, 4844, 5656, 6780 and 7516, March 2024.
    Cancun,
    /// EIP-2537, 2935, 6110, 7002, 7251, 7623, 7685, 7691 and 7702, May 2025.
    Prague,
    /// EIP-7594, 7823, 7825, 7883, 7892, 7918, 7934, 7939 and 7951, December 2025.
    Osaka,
}

impl Fork {
    /// Every fork, oldest first.
    pub const ALL: [Self; 15] = [
        Self::Frontier,
        Self::Homestead,
        Self::TangerineWhistle,
        Self::SpuriousDragon,
        Self::Byzantium,
        Self::Constantinople,
        Self::Petersburg,
        Self::Istanbul,
        Self::Berlin,
        Self::London,
        Self::Paris,
        Self::Shanghai,
        Self::Cancun,
        Self::Prague,
        Self::Osaka,
    ];

    /// The newest fork that this crate implements.
    pub const LATEST: Self = Self::Osaka;

    /// Whether the rules of `other` are in force under `self`; `>=` that a const context can use.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self as u8 >= other as u8
    }
}
