//! Ethereum's gas schedule by fork.

use crate::fork::Fork;
use crate::opcode;

/// Marks an opcode that the fork does not define; no frame can pay it.
pub(super) const UNDEFINED: u64 = u64::MAX;

/// How storage writes are priced and refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StorageRule {
    /// By the slot's current and new value alone.
    Flat,
    /// By the value at the start of the transaction too (EIP-1283, 2200).
    Net,
}

/// The prices of a fork.
#[derive(Debug)]
pub struct Schedule {
    pub(super) fork: Fork,
    /// Constant part by opcode; [`UNDEFINED`] where there is none.
    pub(super) instruction: [u64; 256],
    pub(super) exp_byte: u64,
    /// First access of an account, on top of the warm price (EIP-2929).
    pub(super) cold_account_extra: u64,
    pub(super) sload_cold: u64,
    pub(super) sload_warm: u64,
    pub(super) storage_rule: StorageRule,
    /// Gas that must remain for a storage write to be allowed (EIP-2200).
    pub(super) sstore_sentry: u64,
    pub(super) sstore_cold: u64,
    pub(super) sstore_noop: u64,
    pub(super) sstore_reset: u64,
    pub(super) sstore_clear_refund: i64,
    pub(super) selfdestruct_refund: i64,
    pub(super) selfdestruct_cold: u64,
    /// Price beside the constant part: from EIP-150 until EIP-2929 made it constant.
    pub(super) selfdestruct: u64,
}

/// Account price of a first access (EIP-2929).
pub(super) const COLD_ACCOUNT: u64 = 2600;
/// Account or slot price of a later access (EIP-2929).
pub(super) const WARM_ACCESS: u64 = 100;
const COLD_SLOT: u64 = 2100;
/// A slot from zero to non-zero.
pub(super) const SSTORE_SET: u64 = 20_000;

static SCHEDULES: [Schedule; 15] = {
    let mut all = [const { Schedule::at(Fork::Frontier) }; 15];
    let mut i = 0;
    while i < 15 {
        all[i] = Schedule::at(Fork::ALL[i]);
        i += 1;
    }
    all
};

impl Schedule {
    /// The schedule of `fork`.
    #[must_use]
    pub fn of(fork: Fork) -> &'static Self {
        &SCHEDULES[fork as usize]
    }

    const fn at(fork: Fork) -> Self {
        let mut instruction = [UNDEFINED; 256];
        let mut op = 0;
        while op < 256 {
            if let Some(gas) = opcode::base_gas(op as u8, fork) {
                instruction[op] = gas as u64;
            }
            op += 1;
        }
        // INVALID exists to fail; it is no undefined instruction.
        instruction[opcode::INVALID as usize] = 0;

        let berlin = fork.has(Fork::Berlin);
        let istanbul = fork.has(Fork::Istanbul);
        // EIP-1283 was withdrawn by Petersburg and came back as EIP-2200.
        let net = istanbul || matches!(fork, Fork::Constantinople);
        Self {
            fork,
            instruction,
            exp_byte: if fork.has(Fork::SpuriousDragon) {
                50
            } else {
                10
            },
            cold_account_extra: if berlin {
                COLD_ACCOUNT - WARM_ACCESS
            } else {
                0
            },
            sload_cold: if berlin { COLD_SLOT } else { 0 },
            sload_warm: if berlin { WARM_ACCESS } else { 0 },
            storage_rule: if net {
                StorageRule::Net
            } else {
                StorageRule::Flat
            },
            sstore_sentry: if istanbul { 2300 } else { 0 },
            sstore_cold: if berlin { COLD_SLOT } else { 0 },
            sstore_noop: if berlin {
                WARM_ACCESS
            } else if istanbul {
                800
            } else {
                200
            },
            sstore_reset: if berlin { 5000 - COLD_SLOT } else { 5000 },
            sstore_clear_refund: if fork.has(Fork::London) { 4800 } else { 15_000 },
            selfdestruct_refund: if fork.has(Fork::London) { 0 } else { 24_000 },
            selfdestruct_cold: if berlin { COLD_ACCOUNT } else { 0 },
            selfdestruct: if fork.has(Fork::TangerineWhistle) && !berlin {
                5000
            } else {
                0
            },
        }
    }
}
