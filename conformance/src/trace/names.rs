//! go-ethereum's names of opcodes.

use core::fmt::Write as _;
use evm_interpreter::opcode;

/// Opcodes that no fork to date has and go-ethereum names all the same: those of the EVM object
/// format (EIP-7692), and of later forks.
const NAMED_AHEAD: &[(u8, &str)] = &[
    (0x4b, "SLOTNUM"),
    (0xd0, "DATALOAD"),
    (0xd1, "DATALOADN"),
    (0xd2, "DATASIZE"),
    (0xd3, "DATACOPY"),
    (0xe0, "RJUMP"),
    (0xe1, "RJUMPI"),
    (0xe2, "RJUMPV"),
    (0xe3, "CALLF"),
    (0xe4, "RETF"),
    (0xe5, "JUMPF"),
    (0xe6, "DUPN"),
    (0xe7, "SWAPN"),
    (0xe8, "EXCHANGE"),
    (0xec, "EOFCREATE"),
    (0xee, "RETURNCONTRACT"),
    (0xf7, "RETURNDATALOAD"),
    (0xf8, "EXTCALL"),
    (0xf9, "EXTDELEGATECALL"),
    (0xfb, "EXTSTATICCALL"),
];

/// Appends the name of an opcode, whether or not the fork has it.
pub(super) fn push_name(out: &mut String, op: u8) {
    let ahead = || {
        NAMED_AHEAD
            .iter()
            .find(|(code, _)| *code == op)
            .map(|(_, name)| *name)
    };
    let name = match op {
        // The name from before the Merge.
        opcode::PREVRANDAO => Some("DIFFICULTY"),
        _ => opcode::instruction(op)
            .map(|instruction| instruction.name)
            .or_else(ahead),
    };
    match name {
        Some(name) => out.push_str(name),
        None => {
            let _ = write!(out, "opcode {op:#x} not defined");
        }
    }
}
