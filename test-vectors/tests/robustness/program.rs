//! Random EVM code: mostly instructions whose operands are there and in reach, so that it gets
//! somewhere, with plain noise between.

use alloy_primitives::{Address, U256};
use evm_interpreter::opcode::{self, INSTRUCTIONS};

use super::rng::Rng;

/// What is put on the stack for instructions that take addresses.
pub(crate) fn address(rng: &mut Rng, known: &[Address]) -> U256 {
    let mut bytes = [0; 20];
    match rng.below(10) {
        0..=4 => return word(*rng.pick(known)),
        // Precompiles of Ethereum, and those of Filecoin.
        5 => bytes[19] = rng.below(0x14) as u8,
        6 => bytes[18..].copy_from_slice(&[1, 0]),
        7 => (bytes[0], bytes[19]) = (0xfe, rng.below(9) as u8),
        // Masked IDs.
        8 => {
            bytes[0] = 0xff;
            bytes[12..].copy_from_slice(&(rng.next() % 120).to_be_bytes());
        }
        _ => return U256::from_limbs([rng.next(), rng.next(), rng.next(), rng.next()]),
    }
    word(Address::from(bytes))
}

fn word(address: Address) -> U256 {
    U256::from_be_bytes(address.into_word().0)
}

/// A small offset or length, seldom one at an edge.
fn small(rng: &mut Rng) -> U256 {
    match rng.below(40) {
        0 => U256::from(rng.number()),
        1 => U256::from(u32::MAX) + U256::from(rng.below(3)) - U256::from(1),
        2 => U256::from(1) << 255,
        3 => U256::from(8_192),
        4 => U256::from(24_577),
        _ => U256::from(rng.below(100)),
    }
}

fn any(rng: &mut Rng) -> U256 {
    match rng.below(5) {
        0 => U256::from(rng.below(5)),
        1 => U256::from(rng.number()),
        2 => U256::MAX - U256::from(rng.below(3)),
        3 => U256::from(1) << rng.below(256),
        _ => U256::from_limbs([rng.next(), rng.next(), rng.next(), rng.next()]),
    }
}

/// Random code. With `gas_blind` it never looks at its gas nor limits that of callees, so that it does
/// the same on actors that use another amount.
pub(crate) fn random(rng: &mut Rng, known: &[Address], gas_blind: bool) -> Vec<u8> {
    if !gas_blind && rng.chance(10) {
        let len = rng.length(400);
        return rng.bytes(len);
    }
    let mut code = Vec::new();
    let mut destinations = Vec::new();
    for _ in 0..1 + rng.below(40) {
        if rng.chance(6) {
            destinations.push(code.len());
            code.push(opcode::JUMPDEST);
        }
        let op = match rng.below(10) {
            // Calls and what is the host's deserve more than their share of 256.
            0..=3 => *rng.pick(HOST),
            _ => rng.next() as u8,
        };
        if gas_blind && op == opcode::GAS {
            continue;
        }
        let Some(instruction) = &INSTRUCTIONS[usize::from(op)] else {
            if rng.chance(5) {
                code.push(op);
            }
            continue;
        };
        if ends(op) && !rng.chance(10) {
            continue;
        }
        if instruction.immediates > 0 {
            code.push(op);
            code.extend(rng.bytes(usize::from(instruction.immediates)));
            continue;
        }
        let inputs = usize::from(instruction.inputs);
        if rng.chance(95) && inputs <= 7 {
            let operands = operands(op, inputs, rng, known, &destinations, gas_blind);
            for operand in operands.iter().rev() {
                push(&mut code, *operand);
            }
        }
        code.push(op);
    }
    // What it knows at the end is its result.
    match rng.below(4) {
        0 => code.push(opcode::STOP),
        1 => code.extend([0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]),
        2 => code.extend([0x60, 0x40, 0x60, 0x20, 0xf3]),
        _ => code.extend([0x60, 0x40, 0x5f, 0xfd]),
    }
    code
}

const HOST: &[u8] = &[
    opcode::SLOAD,
    opcode::SSTORE,
    opcode::TLOAD,
    opcode::TSTORE,
    opcode::BALANCE,
    opcode::EXTCODESIZE,
    opcode::EXTCODECOPY,
    opcode::EXTCODEHASH,
    opcode::BLOCKHASH,
    opcode::CALL,
    opcode::DELEGATECALL,
    opcode::STATICCALL,
    opcode::CREATE,
    opcode::CREATE2,
    opcode::LOG0,
    opcode::LOG2,
    opcode::SELFDESTRUCT,
    opcode::CALLDATACOPY,
    opcode::RETURNDATACOPY,
    opcode::MCOPY,
    opcode::MSTORE,
];

const fn ends(op: u8) -> bool {
    matches!(
        op,
        opcode::STOP
            | opcode::RETURN
            | opcode::REVERT
            | opcode::INVALID
            | opcode::SELFDESTRUCT
            | opcode::JUMP
    )
}

fn operands(
    op: u8,
    inputs: usize,
    rng: &mut Rng,
    known: &[Address],
    destinations: &[usize],
    gas_blind: bool,
) -> Vec<U256> {
    let mut list: Vec<U256> = match op {
        opcode::KECCAK256
        | opcode::CALLDATACOPY
        | opcode::CODECOPY
        | opcode::RETURNDATACOPY
        | opcode::MCOPY
        | opcode::MLOAD
        | opcode::RETURN
        | opcode::REVERT
        | opcode::LOG0
        | opcode::LOG1
        | opcode::LOG2
        | opcode::LOG3
        | opcode::LOG4
        | opcode::CREATE
        | opcode::CREATE2
        | opcode::EXTCODECOPY
        | opcode::CALLDATALOAD => (0..inputs).map(|_| small(rng)).collect(),
        opcode::CALL | opcode::STATICCALL | opcode::DELEGATECALL => {
            (0..inputs).map(|_| small(rng)).collect()
        }
        opcode::SLOAD | opcode::SSTORE | opcode::TLOAD | opcode::TSTORE => {
            (0..inputs).map(|_| U256::from(rng.below(4))).collect()
        }
        _ => (0..inputs).map(|_| any(rng)).collect(),
    };
    match op {
        opcode::MSTORE | opcode::MSTORE8 => list[0] = small(rng),
        opcode::BALANCE
        | opcode::EXTCODESIZE
        | opcode::EXTCODECOPY
        | opcode::EXTCODEHASH
        | opcode::SELFDESTRUCT => list[0] = address(rng, known),
        opcode::CALL | opcode::STATICCALL | opcode::DELEGATECALL => {
            list[0] = match rng.below(4) {
                0 if !gas_blind => U256::from(rng.number()),
                1 => U256::ZERO,
                _ => U256::MAX,
            };
            list[1] = address(rng, known);
            if op == opcode::CALL && rng.chance(70) {
                list[2] = U256::ZERO;
            }
        }
        opcode::CREATE | opcode::CREATE2 if rng.chance(70) => list[0] = U256::ZERO,
        opcode::BLOCKHASH => list[0] = U256::from(rng.below(1_100)),
        opcode::JUMP | opcode::JUMPI if !destinations.is_empty() && rng.chance(80) => {
            list[0] = U256::from(*rng.pick(destinations));
        }
        _ => {}
    }
    list
}

fn push(code: &mut Vec<u8>, value: U256) {
    let bytes = value.to_be_bytes_trimmed_vec();
    code.push(opcode::PUSH0 + bytes.len() as u8);
    code.extend(bytes);
}

/// Init code that returns the given runtime code.
pub(crate) fn deployer(runtime: &[u8]) -> Vec<u8> {
    let [high, low] = (runtime.len() as u16).to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN
    let mut code = vec![0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    code.extend_from_slice(runtime);
    code
}
