//! What go-ethereum shows as the price of a call that cannot be paid.

use super::memory::growth;
use evm_interpreter::host::CallTarget;
use evm_interpreter::opcode::{CALL, CALLCODE, DELEGATECALL, STATICCALL};
use evm_interpreter::{Fork, U256};

/// For a first access, beside the warm price (EIP-2929).
const COLD_EXTRA: u64 = 2_500;
/// For moving value.
const VALUE: u64 = 9_000;
/// For an account that comes into being.
const NEW_ACCOUNT: u64 = 25_000;

/// A call whose price was not paid.
#[derive(Debug)]
pub(super) struct Unpaid<'a> {
    /// Before the call.
    pub(super) stack: &'a [U256],
    /// Bytes.
    pub(super) memory_size: u64,
    /// Gas left before the call.
    pub(super) gas: u64,
    /// What the instruction costs whatever its operands are.
    pub(super) constant: u64,
    pub(super) target: CallTarget,
    pub(super) fork: Fork,
}

/// Whether the instruction is a call.
pub(super) const fn is_call(op: u8) -> bool {
    matches!(op, CALL | CALLCODE | DELEGATECALL | STATICCALL)
}

/// The price that is shown: the constant part if the rest did not come to be known, else all of it
/// with the gas for the callee. That is taken of the gas left, which may have wrapped below zero.
pub(super) fn unpaid_cost(op: u8, call: &Unpaid<'_>) -> u64 {
    match variable_cost(op, call) {
        Some(cost) => call.constant.wrapping_add(cost),
        None => call.constant,
    }
}

fn variable_cost(op: u8, call: &Unpaid<'_>) -> Option<u64> {
    // Prague's calls are paid piece by piece (EIP-7702).
    if call.fork >= Fork::Prague {
        return None;
    }
    let operand = |at: usize| call.stack.iter().rev().nth(at).copied();
    let carries_value = matches!(op, CALL | CALLCODE);
    let data = if carries_value { 3 } else { 2 };
    let input = (operand(data)?, operand(data + 1)?);
    let output = (operand(data + 2)?, operand(data + 3)?);
    let has_value = carries_value && !operand(2)?.is_zero();
    let cold = if call.fork >= Fork::Berlin && call.target.cold {
        COLD_EXTRA
    } else {
        0
    };
    let available = call.gas.checked_sub(call.constant)?.checked_sub(cold)?;

    let mut base = growth(&[input, output], call.memory_size)?;
    if has_value {
        base += VALUE;
    }
    if op == CALL {
        // Here alone the look at the account has to be affordable.
        if available < base {
            return None;
        }
        if call.target.absent && (has_value || call.fork < Fork::SpuriousDragon) {
            base += NEW_ACCOUNT;
        }
    }
    let requested = u64::try_from(operand(0)?).ok();
    let given = if call.fork >= Fork::TangerineWhistle {
        let left = available.wrapping_sub(base);
        let most = left - left / 64;
        requested.map_or(most, |requested| requested.min(most))
    } else {
        requested?
    };
    base.checked_add(given)?.checked_add(cold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(words: [u64; 7]) -> [U256; 7] {
        words.map(U256::from)
    }

    // Seen in go-ethereum 1.17.10.
    #[test]
    fn value_that_cannot_be_paid() {
        let stack = stack([0x2f, 0x24, 9, 1, 0x27, 0xc1, 0xad0]);
        let target = CallTarget {
            cold: false,
            absent: false,
            delegate_cold: None,
        };
        let mut call = Unpaid {
            stack: &stack,
            memory_size: 0,
            gas: 0xad0,
            constant: 700,
            target,
            fork: Fork::SpuriousDragon,
        };
        assert_eq!(unpaid_cost(CALLCODE, &call), 0x30bd);
        assert_eq!(unpaid_cost(CALL, &call), 700);
        call.fork = Fork::Prague;
        assert_eq!(unpaid_cost(CALLCODE, &call), 700);
    }
}
