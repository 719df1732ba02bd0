//! The price of what an instruction does with its operands, where it depends on nothing else, memory
//! above all: go-ethereum shows it whole where gas runs out half-way.

use evm_interpreter::opcode::{
    CALLDATACOPY, CODECOPY, CREATE, CREATE2, EXP, EXTCODECOPY, KECCAK256, LOG0, LOG1, LOG2, LOG3,
    LOG4, MCOPY, RETURN, RETURNDATACOPY, REVERT,
};
use evm_interpreter::{Fork, U256};

/// Memory that go-ethereum can price at most, bytes.
const MAX_SIZE: u64 = 0x1f_ffff_ffe0;

/// What an instruction does with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemoryUse {
    /// Gas beside the instruction's constant price.
    pub(super) gas: u64,
    /// Size of the memory afterwards, bytes.
    pub(super) size: u64,
}

/// Whether [`memory_use`] knows the instruction, and its operands decide how much memory it takes.
pub(super) const fn sizes_memory(op: u8) -> bool {
    matches!(
        op,
        KECCAK256
            | CALLDATACOPY
            | CODECOPY
            | EXTCODECOPY
            | RETURNDATACOPY
            | MCOPY
            | CREATE
            | CREATE2
            | RETURN
            | REVERT
            | LOG0..=LOG4
    )
}

/// What `op` with `stack` does with a memory of `size` bytes; `None` if it is no such instruction,
/// or asks for more than can be priced.
pub(super) fn memory_use(op: u8, stack: &[U256], size: u64, fork: Fork) -> Option<MemoryUse> {
    let operand = |at: usize| stack.iter().rev().nth(at).copied();
    if op == EXP {
        let bytes = operand(1)?.bits().div_ceil(8) as u64;
        // EIP-160.
        let price = if fork >= Fork::SpuriousDragon { 50 } else { 10 };
        return Some(MemoryUse {
            gas: price * bytes,
            size,
        });
    }
    let (offset, length) = match op {
        KECCAK256 | RETURN | REVERT | LOG0 | LOG1 | LOG2 | LOG3 | LOG4 => {
            (operand(0)?, operand(1)?)
        }
        CALLDATACOPY | CODECOPY | RETURNDATACOPY => (operand(0)?, operand(2)?),
        // The account's access apart.
        EXTCODECOPY => (operand(1)?, operand(3)?),
        MCOPY => (operand(0)?.max(operand(1)?), operand(2)?),
        CREATE | CREATE2 => (operand(1)?, operand(2)?),
        _ => return None,
    };
    let length = u64::try_from(length).ok()?;
    let size_after = if length == 0 {
        size
    } else {
        let end = u64::try_from(offset).ok()?.checked_add(length)?;
        if end > MAX_SIZE {
            return None;
        }
        size.max(end.div_ceil(32) * 32)
    };
    let words = length.div_ceil(32);
    let init_code = if fork >= Fork::Shanghai { 2 } else { 0 };
    let work = match op {
        KECCAK256 => 6 * words,
        CALLDATACOPY | CODECOPY | EXTCODECOPY | RETURNDATACOPY | MCOPY => 3 * words,
        LOG0 | LOG1 | LOG2 | LOG3 | LOG4 => 8 * length,
        CREATE => init_code * words,
        CREATE2 => (6 + init_code) * words,
        _ => 0,
    };
    Some(MemoryUse {
        gas: work + price(size_after) - price(size),
        size: size_after,
    })
}

/// Price of growing a memory of `size` bytes to hold all ranges of offset and length; `None` if
/// that is beyond what can be priced.
pub(super) fn growth(ranges: &[(U256, U256)], size: u64) -> Option<u64> {
    let mut size_after = size;
    for (offset, length) in ranges.iter().filter(|(_, length)| !length.is_zero()) {
        let end = u64::try_from(*offset)
            .ok()?
            .checked_add(u64::try_from(*length).ok()?)?;
        if end > MAX_SIZE {
            return None;
        }
        size_after = size_after.max(end.div_ceil(32) * 32);
    }
    Some(price(size_after) - price(size))
}

/// Price of memory of so many bytes (Yellow Paper, equation 328); at most 2^37 bytes, so nothing
/// wraps.
const fn price(size: u64) -> u64 {
    let words = size / 32;
    3 * words + words * words / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_three_mebibytes() {
        let stack = [U256::from(0x2f_ffff), U256::zero()];
        let used = memory_use(KECCAK256, &stack, 0, Fork::Cancun).unwrap();
        // Seen in go-ethereum's trace of static_CallGoesOOGOnSecondLevel, less the constant 30.
        assert_eq!(
            used,
            MemoryUse {
                gas: 19_759_104,
                size: 0x30_0000
            }
        );
    }

    #[test]
    fn nothing_asked_for() {
        let stack = [U256::zero(), U256::MAX];
        let used = memory_use(REVERT, &stack, 64, Fork::Cancun).unwrap();
        assert_eq!(used, MemoryUse { gas: 0, size: 64 });
    }

    #[test]
    fn beyond_price() {
        for stack in [[U256::one(), U256::MAX], [U256::MAX, U256::zero()]] {
            assert_eq!(memory_use(RETURN, &stack, 0, Fork::Cancun), None);
        }
        assert_eq!(memory_use(RETURN, &[], 0, Fork::Cancun), None);
    }
}
