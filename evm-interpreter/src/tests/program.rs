//! A tiny assembler, so that tests read as programs.

use crate::opcode::{MSTORE, PUSH0, PUSH1, RETURN};
use alloc::vec::Vec;
use primitive_types::U256;

/// Code under construction.
#[derive(Clone, Default)]
pub(super) struct Program(Vec<u8>);

impl Program {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends opcodes or raw bytes.
    pub(super) fn op(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    /// Appends the shortest PUSH of a number; PUSH1 for zero, as all forks have it.
    pub(super) fn push(mut self, value: impl Into<U256>) -> Self {
        let value = value.into();
        let n = value.bits().div_ceil(8).max(1);
        self.0.push(PUSH0 + n as u8);
        self.0.extend_from_slice(&value.to_big_endian()[32 - n..]);
        self
    }

    /// Returns the word on top of the stack.
    pub(super) fn return_word(self) -> Vec<u8> {
        self.op([PUSH1, 0, MSTORE, PUSH1, 32, PUSH1, 0, RETURN])
            .end()
    }

    pub(super) fn end(self) -> Vec<u8> {
        self.0
    }
}
