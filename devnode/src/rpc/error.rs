//! JSON-RPC errors: codes and words as geth's, so that clients recognise them.

use alloy_primitives::Bytes;
use fevm_machine::revert::RevertReason;
use serde::Serialize;
use serde_json::Value;

/// What a handler gives.
pub type RpcResult<T = Value> = Result<T, RpcError>;

/// An error as it goes to the client.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// JSON-RPC code.
    pub code: i64,
    /// The words that a user sees.
    pub message: String,
    /// Further data, such as the revert data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    /// The call reverted; `data` holds what it returned.
    pub const EXECUTION_REVERTED: i64 = 3;
    /// What Filecoin's nodes say where they have no code of their own.
    pub const LOTUS: i64 = 1;
    /// The epoch is a null round.
    pub const NULL_ROUND: i64 = 12;
    /// Any refusal that has no code of its own.
    pub const SERVER: i64 = -32000;
    /// Not JSON.
    pub const PARSE: i64 = -32700;
    /// JSON, but no JSON-RPC request.
    pub const INVALID_REQUEST: i64 = -32600;
    /// No such method.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// A parameter is missing, superfluous or malformed.
    pub const INVALID_PARAMS: i64 = -32602;
    /// A fault of the node.
    pub const INTERNAL: i64 = -32603;

    /// An error without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// A refusal.
    pub fn server(message: impl Into<String>) -> Self {
        Self::new(Self::SERVER, message)
    }

    /// A parameter is missing, superfluous or malformed.
    pub fn params(message: impl Into<String>) -> Self {
        Self::new(Self::INVALID_PARAMS, message)
    }

    /// A fault of the node, with what it was about.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Self::INTERNAL, message)
    }

    /// JSON, but no JSON-RPC request.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(Self::INVALID_REQUEST, message)
    }

    /// No such method.
    pub fn method_not_found(method: &str) -> Self {
        let shown: String = method.chars().take(100).collect();
        Self::new(
            Self::METHOD_NOT_FOUND,
            format!("the method {shown} does not exist/is not available"),
        )
    }

    /// A method that Ethereum has and Filecoin cannot have, with the reason.
    pub fn not_on_filecoin(method: &str, reason: &str) -> Self {
        Self::new(
            Self::METHOD_NOT_FOUND,
            format!("the method {method} is not available on Filecoin: {reason}"),
        )
    }

    /// The epoch has no block, in the words of Filecoin's nodes.
    pub fn null_round(epoch: u64) -> Self {
        Self {
            code: Self::NULL_ROUND,
            message: format!("requested epoch was a null round ({epoch})"),
            data: Some(Value::from(epoch)),
        }
    }

    /// A call that reverted, with its decoded reason and raw data.
    pub fn reverted(data: &Bytes) -> Self {
        Self {
            code: Self::EXECUTION_REVERTED,
            message: revert_message(data),
            data: Some(Value::String(data.to_string())),
        }
    }

    /// The same error with data.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }
}

/// `execution reverted`, followed by the reason where the data holds one.
fn revert_message(data: &[u8]) -> String {
    match RevertReason::decode(data) {
        RevertReason::Message(reason) => format!("execution reverted: {reason}"),
        RevertReason::Panic(_, meaning) => format!("execution reverted: {meaning}"),
        RevertReason::Empty | RevertReason::Custom(_) => "execution reverted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{U256, hex};
    use alloy_sol_types::{Panic, Revert, SolError};

    #[test]
    fn reasons_are_in_the_message_and_raw_bytes_in_the_data() {
        let data = Bytes::from(Revert::from("not owner").abi_encode());
        let error = RpcError::reverted(&data);
        assert_eq!(
            (error.code, error.message.as_str()),
            (3, "execution reverted: not owner")
        );
        assert_eq!(error.data, Some(Value::String(hex::encode_prefixed(&data))));
        let panic = Panic {
            code: U256::from(0x11),
        }
        .abi_encode();
        assert!(revert_message(&panic).starts_with("execution reverted: "));
        assert_eq!(revert_message(&hex!("e450d38c")), "execution reverted");
        assert_eq!(revert_message(&[]), "execution reverted");
    }
}
