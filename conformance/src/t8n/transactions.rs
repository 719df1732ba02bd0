//! Transactions, read and signed.

use super::error::{Error, Kind};
use super::number::Number;
use crate::ethereum::signed::{encode, sign_and_encode};
use crate::ethereum::{AccessListItem, Authorization, Transaction, TransactionKind};
use crate::fixture::Quantity;
use alloy_primitives::hex;
use alloy_rlp::Header as Rlp;
use evm_interpreter::{H160, H256, U256};
use serde::Deserialize;

/// Order of secp256k1.
const ORDER: U256 = U256([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// A transaction as it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Given {
    #[serde(default, rename = "type")]
    kind: Number<u64>,
    chain_id: Option<Number<U256>>,
    nonce: Option<Number<u64>>,
    to: Option<Quantity<Option<H160>>>,
    #[serde(alias = "gasLimit")]
    gas: Option<Number<u64>>,
    gas_price: Option<Number<U256>>,
    max_priority_fee_per_gas: Option<Number<U256>>,
    max_fee_per_gas: Option<Number<U256>>,
    max_fee_per_blob_gas: Option<Number<U256>>,
    value: Option<Number<U256>>,
    #[serde(alias = "data")]
    input: Option<Quantity<Vec<u8>>>,
    access_list: Option<Vec<GivenAccess>>,
    blob_versioned_hashes: Option<Vec<Quantity<H256>>>,
    authorization_list: Option<Vec<GivenAuthorization>>,
    v: Option<Number<U256>>,
    r: Option<Number<U256>>,
    s: Option<Number<U256>>,
    y_parity: Option<Number<u64>>,
    secret_key: Option<Quantity<H256>>,
    protected: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenAccess {
    address: Quantity<H160>,
    storage_keys: Option<Vec<Quantity<H256>>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenAuthorization {
    chain_id: Number<U256>,
    address: Quantity<H160>,
    nonce: Number<u64>,
    y_parity: Option<Number<u64>>,
    v: Option<Number<u64>>,
    r: Number<U256>,
    s: Number<U256>,
}

/// The wire form of the transactions; those that are not signed are, with their keys.
///
/// # Errors
/// A field that is missing or cannot be; names the transaction.
pub(super) fn sign_all(given: &[Given], chain_id: u64) -> Result<Vec<Vec<u8>>, Error> {
    given
        .iter()
        .enumerate()
        .map(|(index, given)| {
            given
                .wire_form(chain_id)
                .map_err(|message| Error::new(Kind::Json, format!("tx {index}: {message}")))
        })
        .collect()
}

/// The transactions of a block's body, an RLP list.
///
/// # Errors
/// If it is no list, or an item is cut short.
pub(super) fn of_body(mut body: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let malformed =
        |error| Error::new(Kind::Rlp, format!("unable to decode transactions: {error}"));
    let mut items = Rlp::decode_bytes(&mut body, true).map_err(malformed)?;
    let mut transactions = Vec::new();
    while !items.is_empty() {
        let start = items;
        let rlp = Rlp::decode(&mut items).map_err(malformed)?;
        let (payload, rest) = items
            .split_at_checked(rlp.payload_length)
            .ok_or_else(|| malformed(alloy_rlp::Error::InputTooShort))?;
        items = rest;
        transactions.push(if rlp.list {
            start[..start.len() - rest.len()].to_vec()
        } else {
            payload.to_vec()
        });
    }
    Ok(transactions)
}

/// Bytes in hexadecimal, between quotes or not.
///
/// # Errors
/// If they are none.
pub(super) fn body_bytes(text: &str) -> Result<Vec<u8>, Error> {
    let text = text.trim().trim_matches('"');
    hex::decode(text)
        .map_err(|error| Error::new(Kind::Json, format!("transactions as RLP: {error}")))
}

impl Given {
    fn kind(&self) -> Result<TransactionKind, String> {
        Ok(match self.kind.0 {
            0 => TransactionKind::Legacy,
            1 => TransactionKind::AccessList,
            2 => TransactionKind::DynamicFee,
            3 => TransactionKind::Blob,
            4 => TransactionKind::SetCode,
            _ => return Err("transaction type not supported".into()),
        })
    }

    fn wire_form(&self, chain_id: u64) -> Result<Vec<u8>, String> {
        let mut transaction = self.transaction()?;
        let kind = transaction.kind;
        let zero = Number(U256::zero());
        let (r, s) = if self.secret_key.is_some() {
            (self.r.unwrap_or(zero).0, self.s.unwrap_or(zero).0)
        } else {
            (field(self.r, "r")?, field(self.s, "s")?)
        };
        let v = self.v(kind)?;
        if let Some(key) = self.secret_key
            && v.is_zero()
            && r.is_zero()
            && s.is_zero()
        {
            let own = transaction.chain_id.filter(|id| *id != 0);
            if let Some(own) = own.filter(|own| kind != TransactionKind::Legacy && *own != chain_id)
            {
                return Err(format!(
                    "failed to sign tx: invalid chain id for signer: have {own} want {chain_id}"
                ));
            }
            let protected = kind != TransactionKind::Legacy || self.protected.unwrap_or(true);
            transaction.chain_id = protected.then_some(chain_id);
            return sign_and_encode(&transaction, &key.0)
                .ok_or_else(|| "secretKey: no key of secp256k1".into());
        }
        if !(v.is_zero() && r.is_zero() && s.is_zero()) {
            check_signature(kind, v, r, s)?;
        }
        Ok(encode(&transaction, v, r, s))
    }

    fn v(&self, kind: TransactionKind) -> Result<U256, String> {
        if kind != TransactionKind::Legacy
            && let Some(Number(parity)) = self.y_parity
        {
            if parity > 1 {
                return Err("'yParity' field must be 0 or 1".into());
            }
            if self.v.is_some_and(|v| v.0 != parity.into()) {
                return Err("'v' and 'yParity' fields do not match".into());
            }
            return Ok(parity.into());
        }
        match self.v {
            Some(v) => Ok(v.0),
            None if self.secret_key.is_some() => Ok(U256::zero()),
            None if kind == TransactionKind::Legacy => {
                Err("missing required field 'v' in transaction".into())
            }
            None => Err("missing 'yParity' or 'v' field in transaction".into()),
        }
    }

    fn transaction(&self) -> Result<Transaction, String> {
        let kind = self.kind()?;
        let typed = kind != TransactionKind::Legacy;
        let chain_id = match self.chain_id {
            Some(id) if typed => {
                Some(u64::try_from(id.0).map_err(|_| "'chainId' value overflows 64 bits")?)
            }
            None if typed => return Err("missing required field 'chainId' in transaction".into()),
            _ => None,
        };
        let to = self.to.and_then(|to| to.0);
        if kind >= TransactionKind::Blob && to.is_none() {
            return Err("missing required field 'to' in transaction".into());
        }
        let (max_fee, max_priority_fee) = if kind >= TransactionKind::DynamicFee {
            (
                field(self.max_fee_per_gas, "maxFeePerGas")?,
                field(self.max_priority_fee_per_gas, "maxPriorityFeePerGas")?,
            )
        } else {
            let price = field(self.gas_price, "gasPrice")?;
            (price, price)
        };
        let blob = kind == TransactionKind::Blob;
        let input = self
            .input
            .as_ref()
            .ok_or("missing required field 'input' in transaction")?;
        Ok(Transaction {
            kind,
            chain_id,
            sender: H160::zero(),
            nonce: field(self.nonce, "nonce")?,
            gas_limit: field(self.gas, "gas")?,
            to,
            value: field(self.value, "value")?,
            data: input.0.as_slice().into(),
            max_fee,
            max_priority_fee,
            access_list: self
                .access_list
                .iter()
                .flatten()
                .filter(|_| typed)
                .map(|item| AccessListItem {
                    address: item.address.0,
                    storage_keys: item
                        .storage_keys
                        .iter()
                        .flatten()
                        .map(|key| key.0)
                        .collect(),
                })
                .collect(),
            blob_hashes: if blob {
                self.blob_hashes()?
            } else {
                Vec::new()
            }
            .into(),
            max_blob_fee: if blob {
                field(self.max_fee_per_blob_gas, "maxFeePerBlobGas")?
            } else {
                U256::zero()
            },
            authorizations: if kind == TransactionKind::SetCode {
                self.authorizations()?
            } else {
                Vec::new()
            }
            .into(),
        })
    }

    fn blob_hashes(&self) -> Result<Vec<H256>, String> {
        match &self.blob_versioned_hashes {
            None => Err("missing required field 'blobVersionedHashes' in transaction".into()),
            Some(hashes) if hashes.is_empty() => {
                Err("'blobVersionedHashes' must contain at least one hash".into())
            }
            Some(hashes) => Ok(hashes.iter().map(|hash| hash.0).collect()),
        }
    }

    fn authorizations(&self) -> Result<Vec<Authorization>, String> {
        let list = self
            .authorization_list
            .as_ref()
            .ok_or("missing required field 'authorizationList' in transaction")?;
        list.iter()
            .map(|given| {
                let parity = given
                    .y_parity
                    .or(given.v)
                    .ok_or("authorization without 'yParity'")?;
                Ok(Authorization {
                    chain_id: given.chain_id.0,
                    address: given.address.0,
                    nonce: given.nonce.0,
                    y_parity: u8::try_from(parity.0)
                        .map_err(|_| "'yParity' of an authorization is beyond 8 bits")?,
                    r: given.r.0,
                    s: given.s.0,
                })
            })
            .collect()
    }
}

fn field<T>(value: Option<Number<T>>, name: &str) -> Result<T, String> {
    value
        .map(|value| value.0)
        .ok_or_else(|| format!("missing required field '{name}' in transaction"))
}

/// A signature has to be one, whoever has signed.
fn check_signature(kind: TransactionKind, v: U256, r: U256, s: U256) -> Result<(), String> {
    let parity = match (kind, u64::try_from(v)) {
        (TransactionKind::Legacy, Ok(27 | 28)) => true,
        (TransactionKind::Legacy, Ok(v)) => v >= 35,
        (TransactionKind::Legacy, Err(_)) => true,
        (_, Ok(0 | 1)) => true,
        _ => false,
    };
    let in_group = |word: U256| !word.is_zero() && word < ORDER;
    if parity && in_group(r) && in_group(s) {
        Ok(())
    } else {
        Err("invalid transaction v, r, s values".into())
    }
}
