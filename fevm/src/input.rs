//! Values that people type: hex, code, amounts.

use std::path::Path;

use alloy_primitives::{U256, hex};
use anyhow::{Context, bail, ensure};

/// Bytes from hex digits, with or without `0x`. The error says what is wrong
/// and where.
pub(crate) fn bytes(text: &str) -> anyhow::Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if let Some((at, bad)) = digits.char_indices().find(|(_, c)| !c.is_ascii_hexdigit()) {
        bail!("'{bad}' at digit {} is not hexadecimal", at + 1);
    }
    ensure!(
        digits.len().is_multiple_of(2),
        "{} hex digits: a byte takes two, so one is missing",
        digits.len()
    );
    Ok(hex::decode(digits)?)
}

/// Code from a file or from hex digits. A file holds hex digits, the JSON
/// artifact of a Solidity compiler, or else the bytes themselves.
pub(crate) fn code(text: &str) -> anyhow::Result<Vec<u8>> {
    let path = Path::new(text);
    if path.is_file() {
        let content =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        return code_in_file(&content).with_context(|| format!("code in {}", path.display()));
    }
    let looks_like_path = text.contains(['/', '\\', '.']);
    ensure!(!looks_like_path, "code: there is no file '{text}'");
    bytes(text).context("code is neither a file nor hex")
}

fn code_in_file(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(content) else {
        return Ok(content.to_vec());
    };
    let text = text.trim();
    if text.starts_with('{') {
        return artifact(text);
    }
    if text
        .strip_prefix("0x")
        .unwrap_or(text)
        .bytes()
        .any(|b| b.is_ascii_control() && !b.is_ascii_whitespace())
    {
        return Ok(content.to_vec());
    }
    let joined: String = text.split_ascii_whitespace().collect();
    bytes(&joined)
}

/// The init code in an artifact of Hardhat, Foundry or solc.
fn artifact(json: &str) -> anyhow::Result<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_str(json).context("malformed JSON")?;
    let places = ["/bytecode", "/bytecode/object", "/evm/bytecode/object"];
    let found = places
        .iter()
        .find_map(|place| value.pointer(place)?.as_str())
        .context("the JSON has no bytecode: no compiler artifact")?;
    ensure!(
        !found.contains("__"),
        "the bytecode has placeholders of libraries that are not linked"
    );
    bytes(found)
}

/// An amount in attoFIL: decimal or `0x` hex, or decimal FIL with the unit.
pub(crate) fn amount(text: &str) -> anyhow::Result<U256> {
    let number = text.strip_suffix("FIL").or(text.strip_suffix("fil"));
    let Some(number) = number else {
        return text
            .parse()
            .map_err(|e| anyhow::anyhow!("'{text}' is no amount in attoFIL: {e}"));
    };
    alloy_primitives::utils::parse_ether(number.trim())
        .map_err(|e| anyhow::anyhow!("'{text}' is no amount in FIL: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_hex_is_located() {
        let error = bytes("0x12zz").unwrap_err().to_string();
        assert_eq!(error, "'z' at digit 3 is not hexadecimal");
        let error = bytes("123").unwrap_err().to_string();
        assert!(error.starts_with("3 hex digits"), "{error}");
        assert_eq!(bytes("0x").unwrap(), [0u8; 0]);
        assert_eq!(bytes("a0B1").unwrap(), [0xa0, 0xb1]);
    }

    #[test]
    fn code_comes_in_several_forms() {
        assert_eq!(code_in_file(b" 0x60\n 01\n").unwrap(), [0x60, 1]);
        assert_eq!(
            code_in_file(&[0x60, 0xff, 0xfe]).unwrap(),
            [0x60, 0xff, 0xfe]
        );
        let hardhat = br#"{"bytecode": "0x6001"}"#;
        assert_eq!(code_in_file(hardhat).unwrap(), [0x60, 1]);
        let foundry = br#"{"bytecode": {"object": "0x6002"}}"#;
        assert_eq!(code_in_file(foundry).unwrap(), [0x60, 2]);
        let unlinked = br#"{"bytecode": "0x60__$abc$__"}"#;
        let error = code_in_file(unlinked).unwrap_err().to_string();
        assert!(error.contains("not linked"), "{error}");
        assert!(code_in_file(b"{}").is_err());
        assert!(
            code("no/such/file.hex")
                .unwrap_err()
                .to_string()
                .contains("no file")
        );
    }

    #[test]
    fn amounts_have_units() {
        assert_eq!(amount("17").unwrap(), U256::from(17));
        assert_eq!(amount("0x11").unwrap(), U256::from(17));
        assert_eq!(
            amount("1.5 FIL").unwrap(),
            U256::from(1_500_000_000_000_000_000u64)
        );
        assert!(amount("-1").is_err());
        assert!(amount("much").is_err());
    }
}
