//! Opcodes by the names that struct logs use.

use std::collections::HashMap;
use std::sync::LazyLock;

use evm_interpreter::opcode;

/// The opcode of a name, as any common client writes it.
pub(super) fn by_name(name: &str) -> Option<u8> {
    static NAMES: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
        let table = (0..=u8::MAX).filter_map(|op| Some((opcode::instruction(op)?.name, op)));
        let other = [
            ("DIFFICULTY", opcode::PREVRANDAO),
            ("RANDOM", opcode::PREVRANDAO),
            ("SHA3", opcode::KECCAK256),
            ("SUICIDE", opcode::SELFDESTRUCT),
        ];
        table.chain(other).collect()
    });
    NAMES.get(name).copied().or_else(|| undefined(name))
}

/// `opcode 0xc not defined`, as go-ethereum says it.
fn undefined(name: &str) -> Option<u8> {
    let digits = name
        .strip_prefix("opcode 0x")?
        .strip_suffix(" not defined")?;
    u8::from_str_radix(digits, 16).ok()
}
