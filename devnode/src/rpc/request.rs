//! What requests are made of: block references and call objects, with errors that name the field.

use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Map, Value};

use super::{Params, RpcError, RpcResult, decode_hex, invalid, parse_number};

/// Which block a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockRef {
    /// The newest block that is executed.
    Latest,
    /// A block that is hardly ever taken back: the newest, on a chain without forks.
    Safe,
    /// A block that is never taken back.
    Finalized,
    /// Block 0.
    Earliest,
    /// The block that would come next, made of the waiting transactions.
    Pending,
    /// The block of that number.
    Number(u64),
    /// The block of that hash.
    Hash(B256),
}

impl BlockRef {
    /// Reads parameter `index`: a tag, a number, a hash, or an object with `blockNumber` or
    /// `blockHash` (EIP-1898). Without it, `default`.
    ///
    /// # Errors
    /// It is none of these.
    pub fn from_param(params: &Params, index: usize, default: Self) -> RpcResult<Self> {
        match params.raw(index) {
            Some(value) => Self::parse(value).map_err(|error| invalid(index, error)),
            None => Ok(default),
        }
    }

    /// Reads a JSON value.
    ///
    /// # Errors
    /// Says what was wrong with it.
    pub fn parse(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Self::parse_text(text),
            Value::Number(_) => number_u64(value).map(Self::Number),
            Value::Object(object) => Self::parse_object(object),
            _ => Err("expected a block number, tag or hash".to_owned()),
        }
    }

    fn parse_text(text: &str) -> Result<Self, String> {
        Ok(match text {
            "latest" | "" => Self::Latest,
            "safe" => Self::Safe,
            "finalized" => Self::Finalized,
            "pending" => Self::Pending,
            "earliest" => Self::Earliest,
            _ if text.starts_with("0x") && text.len() == 66 => Self::Hash(fixed(text)?.into()),
            _ if text.starts_with("0x") => {
                Self::Number(number_u64(&Value::String(text.to_owned()))?)
            }
            _ => {
                return Err(format!(
                    "unknown block tag {text:?}: use latest, pending, earliest, safe, finalized or a hex number"
                ));
            }
        })
    }

    fn parse_object(object: &Map<String, Value>) -> Result<Self, String> {
        match (object.get("blockHash"), object.get("blockNumber")) {
            (Some(_), Some(_)) => Err(
                "cannot specify both blockHash and blockNumber, choose one or the other".to_owned(),
            ),
            (Some(Value::String(hash)), None) => Ok(Self::Hash(fixed(hash)?.into())),
            (None, Some(number)) => Self::parse(number),
            _ => Err("expected blockHash or blockNumber".to_owned()),
        }
    }
}

/// A call or transaction as clients describe it. Absent members are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallRequest {
    /// Sender.
    pub from: Option<Address>,
    /// Called address; none is a creation.
    pub to: Option<Address>,
    /// Gas limit.
    pub gas: Option<u64>,
    /// Fee of a legacy transaction, attoFIL per gas.
    pub gas_price: Option<u128>,
    /// Fee cap, attoFIL per gas.
    pub max_fee_per_gas: Option<u128>,
    /// Premium, attoFIL per gas.
    pub max_priority_fee_per_gas: Option<u128>,
    /// Value in attoFIL.
    pub value: U256,
    /// Call data, or init code.
    pub input: Bytes,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Chain id.
    pub chain_id: Option<u64>,
    /// Transaction type.
    pub kind: Option<u8>,
    /// Whether it has an access list that is not empty.
    pub access_list: bool,
}

impl CallRequest {
    /// Reads parameter `index`.
    ///
    /// # Errors
    /// It is missing, or a member is malformed or contradicts another.
    pub fn from_param(params: &Params, index: usize) -> RpcResult<Self> {
        let Value::Object(object) = params.required_raw(index)? else {
            return Err(invalid(index, "expected a transaction object"));
        };
        Self::parse(object).map_err(|error| invalid(index, error))
    }

    /// Reads an object's members.
    ///
    /// # Errors
    /// Says which member is wrong, and how.
    pub fn parse(object: &Map<String, Value>) -> Result<Self, String> {
        let member = Members(object);
        if member.is_full_list("blobVersionedHashes") || member.get("maxFeePerBlobGas").is_some() {
            return Err("Filecoin has no blobs (EIP-4844)".to_owned());
        }
        if member.is_full_list("authorizationList") {
            return Err(
                "set-code authorizations (EIP-7702) are not on Filecoin mainnet".to_owned(),
            );
        }
        let (data, input) = (member.bytes("data")?, member.bytes("input")?);
        if let (Some(data), Some(input)) = (&data, &input)
            && data != input
        {
            return Err("both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data".to_owned());
        }
        let request = Self {
            from: member.address("from")?,
            to: member.address("to")?,
            gas: member.u64("gas")?.or(member.u64("gasLimit")?),
            gas_price: member.u128("gasPrice")?,
            max_fee_per_gas: member.u128("maxFeePerGas")?,
            max_priority_fee_per_gas: member.u128("maxPriorityFeePerGas")?,
            value: member.number("value")?.unwrap_or_default(),
            input: input.or(data).unwrap_or_default(),
            nonce: member.u64("nonce")?,
            chain_id: member.u64("chainId")?,
            kind: member
                .u64("type")?
                .map(|kind| u8::try_from(kind).unwrap_or(u8::MAX)),
            access_list: member.is_full_list("accessList"),
        };
        request.check_fees()?;
        Ok(request)
    }

    /// Whether a transaction is what the request describes. What is left out, but for recipient, value and call
    /// data, is any.
    pub fn describes(&self, transaction: &TxEnvelope) -> bool {
        let is = |wanted: Option<u128>, found: u128| wanted.is_none_or(|wanted| wanted == found);
        let premium = transaction.max_priority_fee_per_gas();
        self.to == transaction.to()
            && self.value == transaction.value()
            && self.input == *transaction.input()
            && self.gas.is_none_or(|gas| gas == transaction.gas_limit())
            && is(self.gas_price, transaction.max_fee_per_gas())
            && is(self.max_fee_per_gas, transaction.max_fee_per_gas())
            && is(
                self.max_priority_fee_per_gas,
                premium.unwrap_or_else(|| transaction.max_fee_per_gas()),
            )
    }

    /// A transaction once more, with another price or gas limit where one is given. The price is that of a legacy
    /// transaction; of an EIP-1559 transaction it is both fee cap and premium, which amounts to the same.
    pub fn repeating(
        from: Address,
        transaction: &TxEnvelope,
        price: Option<u128>,
        gas: Option<u64>,
    ) -> Self {
        let fee_cap = price.unwrap_or_else(|| transaction.max_fee_per_gas());
        let premium = transaction.max_priority_fee_per_gas();
        Self {
            from: Some(from),
            to: transaction.to(),
            gas: Some(gas.unwrap_or_else(|| transaction.gas_limit())),
            gas_price: premium.is_none().then_some(fee_cap),
            max_fee_per_gas: premium.map(|_| fee_cap),
            max_priority_fee_per_gas: premium.map(|premium| price.unwrap_or(premium)),
            value: transaction.value(),
            input: transaction.input().clone(),
            nonce: Some(transaction.nonce()),
            ..Self::default()
        }
    }

    fn check_fees(&self) -> Result<(), String> {
        let dynamic = self.max_fee_per_gas.is_some() || self.max_priority_fee_per_gas.is_some();
        if self.gas_price.is_some() && dynamic {
            return Err(
                "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified".to_owned(),
            );
        }
        match (self.max_fee_per_gas, self.max_priority_fee_per_gas) {
            (Some(cap), Some(premium)) if cap < premium => Err(format!(
                "maxFeePerGas ({cap}) < maxPriorityFeePerGas ({premium})"
            )),
            _ => Ok(()),
        }
    }
}

/// The members of an object, null ones as absent.
struct Members<'a>(&'a Map<String, Value>);

impl Members<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn is_full_list(&self, name: &str) -> bool {
        self.get(name)
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty())
    }

    fn read<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.get(name)
            .map(read)
            .transpose()
            .map_err(|error| format!("field \"{name}\": {error}"))
    }

    fn address(&self, name: &str) -> Result<Option<Address>, String> {
        self.read(name, |value| match value.as_str() {
            // Some clients give an empty recipient for a creation.
            Some("" | "0x") => Ok(None),
            Some(text) => fixed(text).map(Address::from).map(Some),
            None => Err("expected a string".to_owned()),
        })
        .map(Option::flatten)
    }

    fn bytes(&self, name: &str) -> Result<Option<Bytes>, String> {
        self.read(name, |value| match value.as_str() {
            Some("") => Ok(Bytes::new()),
            Some(text) => decode_hex(text).map(Bytes::from),
            None => Err("expected a string".to_owned()),
        })
    }

    fn number(&self, name: &str) -> Result<Option<U256>, String> {
        self.read(name, parse_number)
    }

    fn u64(&self, name: &str) -> Result<Option<u64>, String> {
        self.read(name, number_u64)
    }

    fn u128(&self, name: &str) -> Result<Option<u128>, String> {
        self.read(name, |value| {
            u128::try_from(parse_number(value)?)
                .map_err(|_| format!("{value} does not fit 128 bits"))
        })
    }
}

fn number_u64(value: &Value) -> Result<u64, String> {
    u64::try_from(parse_number(value)?).map_err(|_| format!("{value} does not fit 64 bits"))
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let bytes = decode_hex(text)?;
    let digits = bytes.len() * 2;
    bytes
        .try_into()
        .map_err(|_| format!("hex string has {digits} digits, want {}", N * 2))
}

/// A boolean parameter; false if absent.
///
/// # Errors
/// It is no boolean.
pub fn flag(params: &Params, index: usize) -> RpcResult<bool> {
    match params.raw(index) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(invalid(index, "expected true or false")),
    }
}

/// The error for a block that is not there, in geth's words.
pub fn unknown_block(block: BlockRef) -> RpcError {
    match block {
        BlockRef::Hash(_) => RpcError::server("header for hash not found"),
        _ => RpcError::server("header not found"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(value: Value) -> Result<CallRequest, String> {
        CallRequest::parse(value.as_object().unwrap())
    }

    #[test]
    fn blocks_are_named_in_many_ways() {
        let hash = format!("0x{}", "ab".repeat(32));
        assert_eq!(
            BlockRef::parse(&json!("finalized")),
            Ok(BlockRef::Finalized)
        );
        assert_eq!(BlockRef::parse(&json!("earliest")), Ok(BlockRef::Earliest));
        assert_eq!(BlockRef::parse(&json!("0x10")), Ok(BlockRef::Number(16)));
        assert_eq!(
            BlockRef::parse(&json!({"blockNumber": "0x10"})),
            Ok(BlockRef::Number(16))
        );
        assert_eq!(
            BlockRef::parse(&json!({ "blockHash": hash })),
            Ok(BlockRef::Hash(B256::repeat_byte(0xab)))
        );
        for bad in [
            json!("newest"),
            json!("-1"),
            json!(-1),
            json!("0xzz"),
            json!([]),
            json!({}),
            json!("0x1ffffffffffffffff"),
        ] {
            assert!(BlockRef::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn data_and_input_may_both_be_given_if_equal() {
        assert_eq!(
            call(json!({"data": "0x12", "input": "0x12"}))
                .unwrap()
                .input,
            Bytes::from([0x12])
        );
        assert!(
            call(json!({"data": "0x12", "input": "0x13"}))
                .unwrap_err()
                .starts_with("both \"data\" and \"input\"")
        );
    }

    #[test]
    fn a_bad_member_is_named() {
        assert_eq!(
            call(json!({"data": "0x123"})).unwrap_err(),
            "field \"data\": hex string of odd length (3 digits)"
        );
        assert_eq!(
            call(json!({"to": "0x12"})).unwrap_err(),
            "field \"to\": hex string has 2 digits, want 40"
        );
        assert_eq!(
            call(json!({"value": "12x"})).unwrap_err(),
            "field \"value\": hex string without 0x prefix"
        );
        assert!(
            call(json!({"gasPrice": "0x1", "maxFeePerGas": "0x1"}))
                .unwrap_err()
                .starts_with("both gasPrice")
        );
        assert!(
            call(json!({"blobVersionedHashes": ["0x"]}))
                .unwrap_err()
                .contains("EIP-4844")
        );
    }
}
