//! Sets of deliberate differences, by their names in the table of `fevm-conformance`.

use core::fmt;

/// The differences that the rules of this crate know, in the order of their bits.
pub const NAMES: [&str; 20] = [
    "gas",
    "coinbase",
    "gas-limit",
    "prevrandao",
    "block-hash",
    "fork",
    "callcode",
    "blob-opcodes",
    "kzg",
    "reserved-addresses",
    "modexp-bounds",
    "precompile-hash",
    "empty-accounts",
    "native-actors",
    "init-code-size",
    "log-size",
    "memory-limit",
    "call-depth",
    "self-destruct",
    "fees",
];

/// A set of differences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Ids(u32);

impl Ids {
    /// None.
    pub const NONE: Self = Self(0);

    /// The set of one; none if it is not known.
    #[must_use]
    pub fn of(name: &str) -> Self {
        NAMES
            .iter()
            .position(|known| *known == name)
            .map_or(Self::NONE, |at| Self(1 << at))
    }

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| self.0 >> at & 1 == 1)
            .map(|(_, name)| name)
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use fevm_conformance::divergence::Divergence;

    #[test]
    fn every_name_is_in_the_table() {
        for name in NAMES {
            assert!(Divergence::by_id(name).is_some(), "{name}");
        }
    }
}
