//! Positional parameters of a call, read with errors that name the place.

use alloy_primitives::{Address, B256, Bytes, U256};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{RpcError, RpcResult};

/// The parameters of one call.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: Vec<Value>,
}

impl Params {
    /// Takes the `params` member of a request: an array, null, or nothing.
    ///
    /// # Errors
    /// Anything else, as named parameters.
    pub fn new(params: Option<Value>) -> RpcResult<Self> {
        match params {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::Array(values)) => Ok(Self { values }),
            Some(_) => Err(RpcError::params("non-array args")),
        }
    }

    /// Number of parameters given.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no parameter was given.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The raw value at `index`; null counts as absent.
    pub fn raw(&self, index: usize) -> Option<&Value> {
        self.values.get(index).filter(|value| !value.is_null())
    }

    /// The raw value at `index`, which must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn required_raw(&self, index: usize) -> RpcResult<&Value> {
        self.raw(index)
            .ok_or_else(|| RpcError::params(format!("missing value for required argument {index}")))
    }

    /// The value at `index` by its type's own reading; none if absent or null.
    ///
    /// # Errors
    /// It is malformed.
    pub fn optional<T: DeserializeOwned>(&self, index: usize) -> RpcResult<Option<T>> {
        let read = |value: &Value| {
            serde_json::from_value(value.clone()).map_err(|error| invalid(index, error))
        };
        self.raw(index).map(read).transpose()
    }

    /// The value at `index`, which must be there.
    ///
    /// # Errors
    /// It is missing or malformed.
    pub fn required<T: DeserializeOwned>(&self, index: usize) -> RpcResult<T> {
        self.required_raw(index)?;
        self.optional(index)?
            .ok_or_else(|| RpcError::params(format!("missing value for required argument {index}")))
    }

    /// A 20-byte address.
    ///
    /// # Errors
    /// It is missing or not `0x` and 40 hex digits.
    pub fn address(&self, index: usize) -> RpcResult<Address> {
        Ok(Address::from(self.fixed::<20>(index, "an address")?))
    }

    /// A 32-byte hash.
    ///
    /// # Errors
    /// It is missing or not `0x` and 64 hex digits.
    pub fn hash(&self, index: usize) -> RpcResult<B256> {
        Ok(B256::from(self.fixed::<32>(index, "a hash")?))
    }

    /// A byte string.
    ///
    /// # Errors
    /// It is missing, or not `0x` and an even number of hex digits.
    pub fn bytes(&self, index: usize) -> RpcResult<Bytes> {
        let text = self.text(index)?;
        decode_hex(text)
            .map(Bytes::from)
            .map_err(|error| invalid(index, error))
    }

    /// A string.
    ///
    /// # Errors
    /// It is missing or no string.
    pub fn text(&self, index: usize) -> RpcResult<&str> {
        self.required_raw(index)?
            .as_str()
            .ok_or_else(|| invalid(index, "expected a string"))
    }

    /// A number: a hex quantity, a JSON number or a decimal string.
    ///
    /// # Errors
    /// It is missing, negative, fractional or too large for 256 bits.
    pub fn number(&self, index: usize) -> RpcResult<U256> {
        parse_number(self.required_raw(index)?).map_err(|error| invalid(index, error))
    }

    /// A number below 2^64, none if absent.
    ///
    /// # Errors
    /// It is malformed or too large.
    pub fn optional_u64(&self, index: usize) -> RpcResult<Option<u64>> {
        self.optional_uint(index, 64)
    }

    /// A number below 2^128, none if absent.
    ///
    /// # Errors
    /// It is malformed or too large.
    pub fn optional_u128(&self, index: usize) -> RpcResult<Option<u128>> {
        self.optional_uint(index, 128)
    }

    fn optional_uint<T: TryFrom<U256>>(&self, index: usize, bits: u32) -> RpcResult<Option<T>> {
        let Some(value) = self.raw(index) else {
            return Ok(None);
        };
        let number = parse_number(value).map_err(|error| invalid(index, error))?;
        T::try_from(number)
            .map(Some)
            .map_err(|_| invalid(index, format!("number does not fit {bits} bits")))
    }

    /// A number below 2^64.
    ///
    /// # Errors
    /// It is missing, malformed or too large.
    pub fn u64(&self, index: usize) -> RpcResult<u64> {
        self.required_raw(index)?;
        self.optional_u64(index)?
            .ok_or_else(|| invalid(index, "expected a number"))
    }

    fn fixed<const N: usize>(&self, index: usize, what: &str) -> RpcResult<[u8; N]> {
        let bytes = decode_hex(self.text(index)?).map_err(|error| invalid(index, error))?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| {
            invalid(
                index,
                format!(
                    "hex string has {} digits, want {} for {what}",
                    length * 2,
                    N * 2
                ),
            )
        })
    }
}

/// The error for a parameter that cannot be read.
pub fn invalid(index: usize, reason: impl std::fmt::Display) -> RpcError {
    RpcError::params(format!("invalid argument {index}: {reason}"))
}

/// Reads `0x` and an even number of hex digits.
///
/// # Errors
/// Says which of the rules is broken, and where.
pub fn decode_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits = hex_digits(text)?;
    if digits.len() % 2 == 1 {
        return Err(format!(
            "hex string of odd length ({} digits)",
            digits.len()
        ));
    }
    alloy_primitives::hex::decode(digits).map_err(|error| error.to_string())
}

fn hex_digits(text: &str) -> Result<&str, String> {
    let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) else {
        return Err(if text.is_empty() {
            "empty hex string"
        } else {
            "hex string without 0x prefix"
        }
        .to_owned());
    };
    match digits
        .char_indices()
        .find(|(_, digit)| !digit.is_ascii_hexdigit())
    {
        Some((place, digit)) => Err(format!(
            "invalid hex digit {digit:?} at position {}",
            place + 2
        )),
        None => Ok(digits),
    }
}

/// Reads a quantity: hex with `0x`, a JSON number, or decimal digits in a string.
///
/// # Errors
/// Says what was wrong.
pub fn parse_number(value: &Value) -> Result<U256, String> {
    match value {
        Value::Number(number) if number.is_u64() => {
            Ok(U256::from(number.as_u64().unwrap_or_default()))
        }
        Value::Number(number) => Err(format!("{number} is not a whole number from 0 on")),
        Value::String(text) if text.starts_with("0x") || text.starts_with("0X") => {
            let digits = hex_digits(text)?;
            if digits.is_empty() {
                return Err("hex number without digits".to_owned());
            }
            U256::from_str_radix(digits, 16).map_err(|_| format!("{text} does not fit 256 bits"))
        }
        Value::String(text)
            if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            U256::from_str_radix(text, 10).map_err(|_| format!("{text} does not fit 256 bits"))
        }
        Value::String(_) => Err("hex string without 0x prefix".to_owned()),
        _ => Err("expected a number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(value: Value) -> Params {
        Params::new(Some(value)).unwrap()
    }

    #[test]
    fn errors_name_the_argument_and_the_fault() {
        let message = |value: Value| params(value).bytes(0).unwrap_err().message;
        assert_eq!(
            message(json!(["0x123"])),
            "invalid argument 0: hex string of odd length (3 digits)"
        );
        assert_eq!(
            message(json!(["1234"])),
            "invalid argument 0: hex string without 0x prefix"
        );
        assert_eq!(
            message(json!(["0x12zz"])),
            "invalid argument 0: invalid hex digit 'z' at position 4"
        );
        assert_eq!(
            message(json!([12])),
            "invalid argument 0: expected a string"
        );
        assert_eq!(message(json!([])), "missing value for required argument 0");
        assert_eq!(
            message(json!([null])),
            "missing value for required argument 0"
        );
        let short = params(json!(["0x1234"])).address(0).unwrap_err().message;
        assert_eq!(
            short,
            "invalid argument 0: hex string has 4 digits, want 40 for an address"
        );
    }

    #[test]
    fn numbers_come_in_three_forms() {
        for value in [json!(["0x10"]), json!([16]), json!(["16"])] {
            assert_eq!(params(value).u64(0).unwrap(), 16);
        }
        for value in [
            json!([-1]),
            json!([1.5]),
            json!(["0x"]),
            json!(["-0x1"]),
            json!([true]),
            json!(["0x1ffffffffffffffff"]),
        ] {
            assert_eq!(
                params(value).u64(0).unwrap_err().code,
                RpcError::INVALID_PARAMS
            );
        }
    }

    #[test]
    fn only_arrays_are_parameters() {
        assert_eq!(
            Params::new(Some(json!({"a": 1}))).unwrap_err().message,
            "non-array args"
        );
        assert!(Params::new(Some(Value::Null)).unwrap().is_empty());
    }
}
