//! EVM code from mnemonics.

use alloy_primitives::{Address, U256};
use evm_interpreter::opcode::INSTRUCTIONS;

/// Code from words: mnemonics, `0x…` and decimal numbers (pushed), `:name` (a jump target), `@name`
/// (its position, pushed), `=…` (bytes in hex, as they are).
pub(crate) fn assemble(text: &str) -> Vec<u8> {
    let mut code = Vec::new();
    let mut labels = std::collections::BTreeMap::new();
    let mut references = Vec::new();
    for word in text.split_whitespace() {
        if let Some(label) = word.strip_prefix(':') {
            labels.insert(label, code.len());
            code.push(0x5b);
        } else if let Some(label) = word.strip_prefix('@') {
            code.extend([0x61, 0, 0]);
            references.push((code.len() - 2, label));
        } else if let Some(digits) = word.strip_prefix('=') {
            code.extend(hex::decode(digits).unwrap_or_else(|e| panic!("{word}: {e}")));
        } else if word.starts_with(|c: char| c.is_ascii_digit()) {
            let number: U256 = word.parse().unwrap_or_else(|e| panic!("{word}: {e}"));
            let bytes = number.to_be_bytes_trimmed_vec();
            code.push(0x5f + bytes.len() as u8);
            code.extend(bytes);
        } else {
            code.push(opcode(word));
        }
    }
    for (at, label) in references {
        let target = labels
            .get(label)
            .unwrap_or_else(|| panic!("no label {label}"));
        code[at..at + 2].copy_from_slice(&(*target as u16).to_be_bytes());
    }
    code
}

fn opcode(mnemonic: &str) -> u8 {
    let is = |entry: &Option<evm_interpreter::opcode::Instruction>| {
        entry.as_ref().is_some_and(|i| i.name == mnemonic)
    };
    let found = INSTRUCTIONS.iter().position(is);
    found.unwrap_or_else(|| panic!("no instruction {mnemonic}")) as u8
}

/// Init code that deploys runtime code.
pub(crate) fn deployer(runtime: &[u8]) -> Vec<u8> {
    let [high, low] = (runtime.len() as u16).to_be_bytes();
    let mut code = vec![0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    code.extend_from_slice(runtime);
    code
}

/// The usual CBOR of a byte string.
pub(crate) fn byte_string(bytes: &[u8]) -> Vec<u8> {
    fvm_ipld_encoding::to_vec(&fvm_ipld_encoding::BytesSer(bytes)).expect("bytes can be encoded")
}

/// A word of the ABI.
pub(crate) fn word(number: u64) -> [u8; 32] {
    U256::from(number).to_be_bytes()
}

/// An address as a word of the ABI.
pub(crate) fn address_word(address: Address) -> [u8; 32] {
    address.into_word().0
}
