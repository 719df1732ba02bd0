//! SHL, SHR, SAR.

use crate::world::*;
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, U256};

#[test]
fn begin_with_constantinople() {
    for op in [SHL, SHR, SAR] {
        begins(Fork::Constantinople, &apply(op, &[1.into(), 1.into()]));
    }
}

fn bit(at: usize) -> U256 {
    U256::one() << at
}

#[test]
fn examples() {
    let (min, max) = (bit(255), bit(255) - 1);
    let all = U256::MAX;
    // Instruction, value, shift, result: from the tables of the EIP.
    for (op, value, shift, expected) in [
        (SHL, 1.into(), 0, 1.into()),
        (SHL, 1.into(), 1, 2.into()),
        (SHL, 1.into(), 255, min),
        (SHL, 1.into(), 256, 0.into()),
        (SHL, 1.into(), 257, 0.into()),
        (SHL, all, 0, all),
        (SHL, all, 1, all - 1),
        (SHL, all, 255, min),
        (SHL, all, 256, 0.into()),
        (SHL, 0.into(), 1, 0.into()),
        (SHL, max, 1, all - 1),
        (SHR, 1.into(), 0, 1.into()),
        (SHR, 1.into(), 1, 0.into()),
        (SHR, min, 1, bit(254)),
        (SHR, min, 255, 1.into()),
        (SHR, min, 256, 0.into()),
        (SHR, all, 1, max),
        (SHR, all, 255, 1.into()),
        (SAR, 1.into(), 0, 1.into()),
        (SAR, 1.into(), 1, 0.into()),
        (SAR, min, 1, min | bit(254)),
        (SAR, min, 255, all),
        (SAR, min, 256, all),
        (SAR, min, 257, all),
        (SAR, all, 1, all),
        (SAR, all, 256, all),
        (SAR, 0.into(), 1, 0.into()),
        (SAR, bit(254), 254, 1.into()),
        (SAR, max, 248, 0x7f.into()),
        (SAR, max, 254, 1.into()),
        (SAR, max, 255, 0.into()),
        (SAR, max, 256, 0.into()),
    ] {
        let code = apply(op, &[shift.into(), value]).return_top();
        let name = instruction(op).unwrap().name;
        assert_eq!(
            World::calling(Fork::Constantinople, code).word(),
            expected,
            "{name} {shift}"
        );
    }
}

#[test]
fn shifts_beyond_64_bits() {
    for (op, expected) in [(SHL, 0.into()), (SHR, 0.into()), (SAR, U256::MAX)] {
        for shift in [bit(64), bit(128), bit(255), U256::MAX] {
            let code = apply(op, &[shift, U256::MAX]).return_top();
            assert_eq!(World::calling(Fork::Constantinople, code).word(), expected);
        }
    }
}

#[test]
fn cost_three() {
    for op in [SHL, SHR, SAR] {
        assert_eq!(
            gas_of(Fork::Constantinople, apply(op, &[1.into(), 1.into()])),
            3 + 3 + 3
        );
    }
}
