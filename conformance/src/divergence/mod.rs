//! Every deliberate difference of Filecoin's EVM from Ethereum's: the one table that the FVM runner,
//! the differ and `docs/differences.md` read.
//!
//! | module | what it holds |
//! |---|---|
//! | `table` | the rows, by subject |
//! | `switch` | what the native world can do in Filecoin's way |
//! | [`page`] | the table as documentation |

pub mod page;
mod switch;
mod table;

pub use switch::{Switch, Switches};
pub use table::TABLE;

/// A deliberate difference.
#[derive(Clone, Copy, Debug)]
pub struct Divergence {
    /// Name, in small letters and hyphens: what reports say.
    pub id: &'static str,
    /// Subject, under which the documentation groups it.
    pub group: Group,
    /// What Ethereum does.
    pub ethereum: &'static str,
    /// What Filecoin does.
    pub filecoin: &'static str,
    /// FIP, or the rule of the FVM that it follows from.
    pub why: &'static str,
    /// How a contract or a user meets it.
    pub shows: &'static str,
    /// What it is about.
    pub concerns: &'static [Concern],
    /// The switch by which the native world does it in Filecoin's way. Rows that share one are one
    /// cause; the first names it. `None` if no state test can show the difference.
    pub switch: Option<Switch>,
    /// The test that pins it.
    pub test: Pin,
}

/// Subjects of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Gas and limits of execution.
    Gas,
    /// What opcodes see of block and transaction.
    Environment,
    /// Opcodes and precompiles.
    Instructions,
    /// Accounts, contracts, their life.
    Accounts,
    /// Transactions and fees.
    Transactions,
}

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// An instruction.
    Opcode(u8),
    /// Ethereum's precompile at an address of this number.
    Precompile(u16),
    /// A rule, in a few words.
    Rule(&'static str),
}

/// Where a difference is pinned by a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// A golden vector, `group/topic`: recorded from Filecoin's own actors.
    Vector(&'static str),
    /// A test function: file in this repository, name.
    Function(&'static str, &'static str),
}

impl Divergence {
    /// The difference of this name.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.id == id)
    }

    /// The difference that a switch stands for.
    #[must_use]
    pub fn of(switch: Switch) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.switch == Some(switch))
    }
}

impl Group {
    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gas => "Gas and limits",
            Self::Environment => "Block and transaction as code sees them",
            Self::Instructions => "Instructions and precompiles",
            Self::Accounts => "Accounts and contracts",
            Self::Transactions => "Transactions and fees",
        }
    }
}

#[cfg(test)]
mod tests;
