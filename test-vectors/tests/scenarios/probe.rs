//! A contract that does what its call data say, and the call data.

use alloy_primitives::Address;

use super::assembler::{address_word, assemble, word};

/// Its runtime code: the first word of the call data chooses, see the functions below.
pub(crate) fn runtime() -> Vec<u8> {
    let ops = "write write-revert delegate call static log create2 destroy examine create batch";
    let mut text = "0 CALLDATALOAD ".to_owned();
    for (n, op) in (1..).zip(ops.split(' ')) {
        text += &format!("DUP1 {n} EQ @{op} JUMPI ");
    }
    text += READ;
    text += WRITE;
    for (op, value, instruction) in [
        ("delegate", "", "DELEGATECALL"),
        ("call", "0x40 CALLDATALOAD", "CALL"),
        ("static", "", "STATICCALL"),
    ] {
        text += &format!(
            ":{op} 0x60 CALLDATASIZE SUB 0x60 0 CALLDATACOPY
             0 0 0x60 CALLDATASIZE SUB 0 {value} 0x20 CALLDATALOAD GAS {instruction}
             0 MSTORE RETURNDATASIZE 0 0x20 RETURNDATACOPY RETURNDATASIZE 0x20 ADD 0 RETURN "
        );
    }
    text += LOG;
    text += CREATE;
    text += OTHERS;
    text += BATCH;
    assemble(&text)
}

const READ: &str = "
    0x20 CALLDATALOAD TLOAD 0 MSTORE 0x20 CALLDATALOAD SLOAD 0x20 MSTORE 0x40 0 RETURN ";

const WRITE: &str = "
    :write 0x40 CALLDATALOAD 0x20 CALLDATALOAD TSTORE
           0x40 CALLDATALOAD 0x20 CALLDATALOAD SSTORE STOP
    :write-revert 0x40 CALLDATALOAD 0x20 CALLDATALOAD TSTORE
           0x40 CALLDATALOAD 0x20 CALLDATALOAD SSTORE 0x20 0 REVERT ";

const LOG: &str = "
    :log 0x20 CALLDATALOAD DUP1 1 EQ @log1 JUMPI DUP1 2 EQ @log2 JUMPI DUP1 3 EQ @log3 JUMPI
         DUP1 4 EQ @log4 JUMPI 0x40 CALLDATALOAD 0 LOG0 STOP
    :log1 11 0x40 CALLDATALOAD 0 LOG1 STOP
    :log2 12 11 0x40 CALLDATALOAD 0 LOG2 STOP
    :log3 13 12 11 0x40 CALLDATALOAD 0 LOG3 STOP
    :log4 14 13 12 11 0x40 CALLDATALOAD 0 LOG4 STOP ";

const CREATE: &str = "
    :create2 0x40 CALLDATASIZE SUB 0x40 0 CALLDATACOPY
             0x20 CALLDATALOAD 0x40 CALLDATASIZE SUB 0 CALLVALUE CREATE2 @created JUMP
    :create 0x40 CALLDATASIZE SUB 0x40 0 CALLDATACOPY
            0x40 CALLDATASIZE SUB 0 CALLVALUE CREATE @created JUMP
    :created 0 MSTORE RETURNDATASIZE 0x20 MSTORE RETURNDATASIZE 0 0x40 RETURNDATACOPY
             RETURNDATASIZE 0x40 ADD 0 RETURN ";

const OTHERS: &str = "
    :destroy 0x20 CALLDATALOAD SELFDESTRUCT
    :examine 0x20 CALLDATALOAD DUP1 BALANCE 0 MSTORE DUP1 EXTCODESIZE 0x20 MSTORE
             DUP1 EXTCODEHASH 0x40 MSTORE 0x20 0 0x60 DUP4 EXTCODECOPY 0x80 0 RETURN ";

/// Each part by a DELEGATECALL of the contract's own; success and the first word of each are the
/// result.
const BATCH: &str = "
    :batch 0x20 0x1000
    :loop DUP2 CALLDATASIZE GT ISZERO @done JUMPI
          DUP2 CALLDATALOAD DUP1 DUP4 0x20 ADD 0 CALLDATACOPY
          0 0 DUP3 0 ADDRESS GAS DELEGATECALL DUP3 MSTORE
          0 DUP3 0x20 ADD MSTORE
          RETURNDATASIZE 0x20 GT @short JUMPI
          0x20 0 DUP4 0x20 ADD RETURNDATACOPY
    :short SWAP1 0x40 ADD SWAP1 DUP3 ADD 0x20 ADD SWAP2 POP @loop JUMP
    :done 0x1000 SWAP1 SUB 0x1000 RETURN ";

fn op(number: u64, words: &[[u8; 32]], rest: &[u8]) -> Vec<u8> {
    let mut data = word(number).to_vec();
    data.extend(words.concat());
    data.extend_from_slice(rest);
    data
}

/// Transient slot and slot.
pub(crate) fn read(key: u64) -> Vec<u8> {
    op(0, &[word(key)], &[])
}

/// Writes both.
pub(crate) fn write(key: u64, value: u64) -> Vec<u8> {
    op(1, &[word(key), word(value)], &[])
}

/// Writes both and reverts with a word.
pub(crate) fn write_revert(key: u64, value: u64) -> Vec<u8> {
    op(2, &[word(key), word(value)], &[])
}

pub(crate) fn delegate(to: Address, data: &[u8]) -> Vec<u8> {
    op(3, &[address_word(to), word(0)], data)
}

pub(crate) fn call(to: Address, value: u64, data: &[u8]) -> Vec<u8> {
    op(4, &[address_word(to), word(value)], data)
}

pub(crate) fn static_call(to: Address, data: &[u8]) -> Vec<u8> {
    op(5, &[address_word(to), word(0)], data)
}

/// A log with `topics` topics and `len` zeros.
pub(crate) fn log(topics: u64, len: u64) -> Vec<u8> {
    op(6, &[word(topics), word(len)], &[])
}

/// Address or 0, length of what came back, what came back.
pub(crate) fn create2(salt: u64, init_code: &[u8]) -> Vec<u8> {
    op(7, &[word(salt)], init_code)
}

pub(crate) fn destroy(beneficiary: Address) -> Vec<u8> {
    op(8, &[address_word(beneficiary)], &[])
}

/// Balance, code size, code hash, first word of code.
pub(crate) fn examine(account: Address) -> Vec<u8> {
    op(9, &[address_word(account)], &[])
}

pub(crate) fn create(init_code: &[u8]) -> Vec<u8> {
    op(10, &[word(0)], init_code)
}

pub(crate) fn batch(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut data = word(11).to_vec();
    for part in parts {
        data.extend(word(part.len() as u64));
        data.extend_from_slice(part);
    }
    data
}
