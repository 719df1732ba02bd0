//! Rules that may be Filecoin's instead of Ethereum's.

use super::script::{Cursor, Script};
use crate::divergence::{Switch, Switches};
use evm_interpreter::{Halt, U256};

/// Steps that a run without gas may take: the FVM's gas for a block pays for fewer.
const MOST_STEPS: u64 = 1 << 29;

/// The rules of a run.
#[derive(Debug)]
pub struct Rules<'s> {
    /// What is done in Filecoin's way.
    pub switches: Switches,
    /// What PREVRANDAO shows with [`Switch::Randomness`].
    pub randomness: U256,
    /// Where the two ways could differ: the switches that were asked for.
    pub(super) met: Switches,
    pub(super) cursor: Cursor<'s>,
    /// How the first frame ended elsewhere, and what it did.
    pub(super) first: Option<(bool, &'s Script)>,
    /// Steps left to a run without gas.
    pub(super) steps: u64,
}

impl Default for Rules<'_> {
    fn default() -> Self {
        Self::ethereum()
    }
}

impl<'s> Rules<'s> {
    /// Ethereum's.
    #[must_use]
    pub const fn ethereum() -> Self {
        Self::new(Switches::NONE)
    }

    /// Ethereum's but for these.
    #[must_use]
    pub const fn new(switches: Switches) -> Self {
        Self {
            switches,
            randomness: U256::zero(),
            met: Switches::NONE,
            cursor: Cursor::new(),
            first: None,
            steps: MOST_STEPS,
        }
    }

    /// With what frames of the FVM saw, for [`Switch::Gas`]. `out_of_gas`: the message ended so.
    #[must_use]
    pub const fn following(mut self, script: &'s Script, out_of_gas: bool) -> Self {
        self.first = Some((out_of_gas, script));
        self
    }

    /// Whether this is done in Filecoin's way, where that could make a difference.
    #[inline]
    pub(super) const fn meets(&mut self, switch: Switch) -> bool {
        self.met = self.met.with(switch);
        self.switches.has(switch)
    }

    /// Whether this is done in Filecoin's way.
    #[inline]
    pub(super) const fn has(&self, switch: Switch) -> bool {
        self.switches.has(switch)
    }

    /// Whether calls may nest deeper than on Ethereum: as far as the FVM's have.
    pub(super) const fn deeper(&mut self) -> bool {
        self.meets(Switch::CallDepth) && self.has(Switch::Gas)
    }

    /// Notes what the end of a frame says about differences.
    pub(super) const fn note(&mut self, halt: Halt) {
        self.met = match halt {
            Halt::UndefinedInstruction => self.met.with(Switch::CallCode).with(Switch::BlobOpcodes),
            Halt::InitCodeTooLarge => self.met.with(Switch::InitCode),
            Halt::IllegalMemoryAccess => self.met.with(Switch::MemoryLimit),
            _ => self.met,
        };
    }

    /// The switches that could make a difference in the run.
    #[must_use]
    pub const fn met(&self) -> Switches {
        self.met
    }

    /// Where the run departed from what it was to follow.
    #[must_use]
    pub fn lost(&self) -> Option<&str> {
        self.cursor.lost.as_deref()
    }
}
