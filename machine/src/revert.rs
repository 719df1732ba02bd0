//! Reasons in revert data.

use alloy_sol_types::{Panic, PanicKind, Revert, SolError};

/// What a contract reverted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevertReason {
    /// Nothing was returned.
    Empty,
    /// `Error(string)`: `revert("…")` and `require(…, "…")`.
    Message(String),
    /// `Panic(uint256)`: a failed assertion, an overflow, an index out of
    /// bounds. The code and its meaning.
    Panic(u64, &'static str),
    /// A custom error's selector and arguments, or any other bytes.
    Custom(Vec<u8>),
}

impl RevertReason {
    /// Decodes revert data, without the CBOR around it.
    pub fn decode(data: &[u8]) -> Self {
        if data.is_empty() {
            return Self::Empty;
        }
        if let Ok(revert) = Revert::abi_decode(data) {
            return Self::Message(revert.reason);
        }
        if let Ok(panic) = Panic::abi_decode(data)
            && let Ok(code) = u64::try_from(panic.code)
        {
            let meaning = panic.kind().map_or("unknown panic code", PanicKind::as_str);
            return Self::Panic(code, meaning);
        }
        Self::Custom(data.to_vec())
    }
}

impl std::fmt::Display for RevertReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("no reason given"),
            Self::Message(text) => f.write_str(text),
            Self::Panic(code, meaning) => write!(f, "panic 0x{code:02x}: {meaning}"),
            Self::Custom(data) => {
                write!(
                    f,
                    "custom error {}",
                    alloy_primitives::hex::encode_prefixed(data)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;

    use super::*;

    #[test]
    fn each_kind_of_reason() {
        let message = Revert::from("too late").abi_encode();
        assert_eq!(
            RevertReason::decode(&message),
            RevertReason::Message("too late".into())
        );
        let panic = Panic {
            code: U256::from(0x11),
        }
        .abi_encode();
        let RevertReason::Panic(0x11, meaning) = RevertReason::decode(&panic) else {
            panic!("no panic");
        };
        assert!(meaning.contains("overflow"), "{meaning}");
        assert_eq!(RevertReason::decode(&[]), RevertReason::Empty);
        let custom = RevertReason::decode(&[0xde, 0xad, 0xbe, 0xef]);
        assert_eq!(custom.to_string(), "custom error 0xdeadbeef");
    }

    #[test]
    fn truncated_reasons_are_custom_bytes() {
        let message = Revert::from("too late").abi_encode();
        for end in 1..message.len() - 32 {
            let reason = RevertReason::decode(&message[..end]);
            assert!(matches!(reason, RevertReason::Custom(_)), "{end}: {reason}");
        }
    }
}
