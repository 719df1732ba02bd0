//! Metering by Ethereum's schedule.

use super::schedule::{COLD_ACCOUNT, SSTORE_SET, StorageRule, UNDEFINED, WARM_ACCESS};
use super::{Charge, Metering, Schedule};
use crate::arithmetic::{as_u64, eq, is_zero};
use crate::fork::Fork;
use crate::halt::Halt;
use crate::host::{CallKind, CallTarget, SelfDestruct, StorageWrite};
use primitive_types::U256;

const CALL_VALUE: u64 = 9000;
const CALL_STIPEND: u64 = 2300;
const NEW_ACCOUNT: u64 = 25_000;
const COPY_WORD: u64 = 3;
const KECCAK_WORD: u64 = 6;
const INIT_CODE_WORD: u64 = 2;
const LOG_BYTE: u64 = 8;
/// Init code limit of EIP-3860, twice the code limit of EIP-170.
const MAX_INIT_CODE: u64 = 2 * 24_576;

/// Ethereum's gas of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Ethereum {
    schedule: &'static Schedule,
    left: u64,
    refund: i64,
}

impl Ethereum {
    /// `gas` to spend under the rules of `fork`.
    #[must_use]
    pub fn new(fork: Fork, gas: u64) -> Self {
        Self {
            schedule: Schedule::of(fork),
            left: gas,
            refund: 0,
        }
    }

    /// Out of gas, the gas left is what is missing, wrapped: traces tell what could not be paid.
    #[inline(always)]
    const fn charge(&mut self, gas: u64) -> Charge {
        let (left, missing) = self.left.overflowing_sub(gas);
        self.left = left;
        if missing { Err(Halt::OutOfGas) } else { Ok(()) }
    }

    #[inline(always)]
    const fn charge_words(&mut self, bytes: u64, price: u64) -> Charge {
        self.charge(bytes.div_ceil(32).saturating_mul(price))
    }

    /// `gas` less a 64th (EIP-150).
    const fn all_but_one_64th(gas: u64) -> u64 {
        gas - gas / 64
    }
}

const fn memory_cost(words: u64) -> u64 {
    // Yellow Paper, equation 328; words stay below 2^32, so nothing wraps.
    3 * words + words * words / 512
}

impl Metering for Ethereum {
    const METERED: bool = true;
    const INSTRUCTION_SET: [bool; 256] = [true; 256];
    const ADDRESS_FAULT: Halt = Halt::OutOfGas;

    #[inline(always)]
    fn instruction(&mut self, op: u8) -> Charge {
        let price = self.schedule.instruction[usize::from(op)];
        match self.left.checked_sub(price) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None if price == UNDEFINED => Err(Halt::UndefinedInstruction),
            None => Err(Halt::OutOfGas),
        }
    }

    fn defines(&self, op: u8) -> bool {
        self.schedule.instruction[usize::from(op)] != UNDEFINED
    }

    #[inline(always)]
    fn gas_left(&self) -> u64 {
        self.left
    }

    #[inline(always)]
    fn refund(&self) -> i64 {
        self.refund
    }

    #[inline(always)]
    fn memory(&mut self, old_words: u64, new_words: u64) -> Charge {
        self.charge(memory_cost(new_words) - memory_cost(old_words))
    }

    #[inline(always)]
    fn copy(&mut self, bytes: u64) -> Charge {
        self.charge_words(bytes, COPY_WORD)
    }

    #[inline(always)]
    fn keccak256(&mut self, bytes: u64) -> Charge {
        self.charge_words(bytes, KECCAK_WORD)
    }

    #[inline(always)]
    fn exp(&mut self, bytes: u32) -> Charge {
        self.charge(u64::from(bytes) * self.schedule.exp_byte)
    }

    #[inline(always)]
    fn log(&mut self, bytes: u64) -> Charge {
        self.charge(bytes.saturating_mul(LOG_BYTE))
    }

    #[inline(always)]
    fn account_access(&mut self, cold: bool) -> Charge {
        if cold {
            self.charge(self.schedule.cold_account_extra)
        } else {
            Ok(())
        }
    }

    #[inline(always)]
    fn sload(&mut self, cold: bool) -> Charge {
        self.charge(if cold {
            self.schedule.sload_cold
        } else {
            self.schedule.sload_warm
        })
    }

    #[inline(always)]
    fn sstore_sentry(&self) -> Charge {
        if self.schedule.sstore_sentry != 0 && self.left <= self.schedule.sstore_sentry {
            Err(Halt::OutOfGas)
        } else {
            Ok(())
        }
    }

    fn sstore(&mut self, write: &StorageWrite) -> Charge {
        let s = self.schedule;
        let StorageWrite {
            original,
            current,
            new,
            cold,
        } = write;
        let cold = if *cold { s.sstore_cold } else { 0 };
        if s.storage_rule == StorageRule::Flat {
            let sets = is_zero(current) && !is_zero(new);
            if !is_zero(current) && is_zero(new) {
                self.refund += s.sstore_clear_refund;
            }
            return self.charge(if sets { SSTORE_SET } else { s.sstore_reset });
        }
        if eq(current, new) {
            return self.charge(cold + s.sstore_noop);
        }
        if eq(original, current) {
            if is_zero(original) {
                return self.charge(cold + SSTORE_SET);
            }
            if is_zero(new) {
                self.refund += s.sstore_clear_refund;
            }
            return self.charge(cold + s.sstore_reset);
        }
        // The slot is dirty already: its first change has been paid.
        if !is_zero(original) {
            if is_zero(current) {
                self.refund -= s.sstore_clear_refund;
            }
            if is_zero(new) {
                self.refund += s.sstore_clear_refund;
            }
        }
        if eq(original, new) {
            let paid = if is_zero(original) {
                SSTORE_SET
            } else {
                s.sstore_reset
            };
            self.refund += (paid - s.sstore_noop) as i64;
        }
        self.charge(cold + s.sstore_noop)
    }

    fn selfdestruct(&mut self, met: &SelfDestruct) -> Charge {
        let s = self.schedule;
        let creates = met.beneficiary_absent
            && if s.fork.has(Fork::SpuriousDragon) {
                met.had_balance
            } else {
                s.fork.has(Fork::TangerineWhistle)
            };
        if !met.repeated {
            self.refund += s.selfdestruct_refund;
        }
        let cold = if met.cold { s.selfdestruct_cold } else { 0 };
        self.charge(s.selfdestruct + cold + if creates { NEW_ACCOUNT } else { 0 })
    }

    fn call(
        &mut self,
        kind: CallKind,
        requested: &U256,
        has_value: bool,
        target: &CallTarget,
    ) -> Result<u64, Halt> {
        let s = self.schedule;
        let mut extra = 0;
        if target.cold {
            extra += s.cold_account_extra;
        }
        match target.delegate_cold {
            Some(true) => extra += COLD_ACCOUNT,
            Some(false) => extra += WARM_ACCESS,
            None => {}
        }
        if has_value {
            extra += CALL_VALUE;
        }
        // EIP-161: only a transfer of value brings an account into being.
        let creates = kind == CallKind::Call
            && target.absent
            && (has_value || !s.fork.has(Fork::SpuriousDragon));
        if creates {
            extra += NEW_ACCOUNT;
        }
        self.charge(extra)?;

        let requested = as_u64(requested);
        let gas = if s.fork.has(Fork::TangerineWhistle) {
            let cap = Self::all_but_one_64th(self.left);
            requested.map_or(cap, |gas| gas.min(cap))
        } else {
            requested.ok_or(Halt::OutOfGas)?
        };
        self.charge(gas)?;
        Ok(if has_value { gas + CALL_STIPEND } else { gas })
    }

    fn init_code(&mut self, bytes: u64, hashed: bool) -> Charge {
        if self.schedule.fork.has(Fork::Shanghai) {
            if bytes > MAX_INIT_CODE {
                return Err(Halt::InitCodeTooLarge);
            }
            self.charge_words(bytes, INIT_CODE_WORD)?;
        }
        if hashed {
            self.charge_words(bytes, KECCAK_WORD)?;
        }
        Ok(())
    }

    fn create_gas(&mut self) -> u64 {
        let gas = if self.schedule.fork.has(Fork::TangerineWhistle) {
            Self::all_but_one_64th(self.left)
        } else {
            self.left
        };
        self.left -= gas;
        gas
    }

    #[inline(always)]
    fn callee_returned(&mut self, gas_left: u64, refund: i64) {
        self.left += gas_left;
        self.refund += refund;
    }
}
