//! The wire form of transactions (EIP-2718 and the EIPs of each kind).

use super::authorization::signer;
use super::hash::{keccak, rlp_list};
use super::rejection::Rejection;
use super::transaction::{AccessListItem, Authorization, Transaction, TransactionKind};
use alloy_rlp::{Encodable, Header};
use evm_interpreter::{Fork, H160, H256, U256};
use std::sync::Arc;

/// A decoded transaction whose signer is not known yet.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The transaction; its sender is zero.
    unsigned: Transaction,
    signing_hash: H256,
    y_parity: u8,
    r: U256,
    s: U256,
}

impl Envelope {
    /// Decodes a transaction as blocks hold it: a list if it is legacy, otherwise its type and a
    /// list.
    ///
    /// # Errors
    /// [`Rejection::TypeNotSupported`] before the kind's fork, [`Rejection::MalformedEncoding`] for
    /// anything that cannot be a transaction.
    pub fn decode(bytes: &[u8], fork: Fork) -> Result<Self, Rejection> {
        let (kind, list) = match bytes {
            [0xc0..=0xff, ..] => (TransactionKind::Legacy, bytes),
            [1, list @ ..] => (TransactionKind::AccessList, list),
            [2, list @ ..] => (TransactionKind::DynamicFee, list),
            [3, list @ ..] => (TransactionKind::Blob, list),
            [4, list @ ..] => (TransactionKind::SetCode, list),
            [other, ..] => return Err(malformed(format!("unknown transaction type {other}"))),
            [] => return Err(malformed("no bytes".into())),
        };
        if fork < kind.since() {
            return Err(Rejection::TypeNotSupported(kind));
        }
        let mut fields = Fields::list(list, "transaction")?;
        let envelope = if kind == TransactionKind::Legacy {
            legacy(&mut fields)
        } else {
            typed(kind, &mut fields)
        }?;
        fields.end("transaction")?;
        Ok(envelope)
    }

    /// Kind of the transaction.
    #[must_use]
    pub const fn kind(&self) -> TransactionKind {
        self.unsigned.kind
    }

    /// Versioned hashes of its blobs (EIP-4844).
    #[must_use]
    pub fn blob_hashes(&self) -> &[H256] {
        &self.unsigned.blob_hashes
    }

    /// The transaction with its sender, by the rules of a fork on a chain.
    ///
    /// # Errors
    /// If it is for another chain, or nobody has signed it.
    pub fn recover(self, fork: Fork, chain: u64) -> Result<Transaction, Rejection> {
        if let Some(transaction) = self.unsigned.chain_id {
            // Replay protection came with EIP-155.
            if fork < Fork::SpuriousDragon {
                return Err(Rejection::InvalidSignature);
            }
            if transaction != chain {
                return Err(Rejection::WrongChain { transaction, chain });
            }
        }
        let low_s = fork >= Fork::Homestead;
        let sender = signer(self.signing_hash, self.y_parity, self.r, self.s, low_s)
            .ok_or(Rejection::InvalidSignature)?;
        Ok(Transaction {
            sender,
            ..self.unsigned
        })
    }
}

const fn malformed(what: String) -> Rejection {
    Rejection::MalformedEncoding(what)
}

fn legacy(fields: &mut Fields<'_>) -> Result<Envelope, Rejection> {
    let whole = fields.rest;
    let nonce = fields.long("nonce")?;
    let gas_price = fields.word("gasPrice")?;
    let gas_limit = fields.long("gasLimit")?;
    let to = fields.receiver()?;
    let value = fields.word("value")?;
    let data = fields.bytes("data")?;
    let mut signed = whole[..whole.len() - fields.rest.len()].to_vec();
    let v = fields.word("v")?;
    let (r, s) = (fields.word("r")?, fields.word("s")?);
    let (chain_id, y_parity) = match u64::try_from(v) {
        Ok(27) => (None, 0),
        Ok(28) => (None, 1),
        Ok(v @ 35..) => (Some((v - 35) / 2), ((v - 35) % 2) as u8),
        _ => return Err(Rejection::InvalidSignature),
    };
    if let Some(chain) = chain_id {
        chain.encode(&mut signed);
        signed.extend_from_slice(&[0x80, 0x80]);
    }
    Ok(Envelope {
        unsigned: Transaction {
            kind: TransactionKind::Legacy,
            chain_id,
            sender: H160::zero(),
            nonce,
            gas_limit,
            to,
            value,
            data: data.into(),
            max_fee: gas_price,
            max_priority_fee: gas_price,
            access_list: Arc::default(),
            blob_hashes: Arc::default(),
            max_blob_fee: U256::zero(),
            authorizations: Arc::default(),
        },
        signing_hash: keccak(&rlp_list(&signed)),
        y_parity,
        r,
        s,
    })
}

fn typed(kind: TransactionKind, fields: &mut Fields<'_>) -> Result<Envelope, Rejection> {
    let whole = fields.rest;
    let chain_id = fields.long("chainId")?;
    let nonce = fields.long("nonce")?;
    let (max_priority_fee, max_fee) = if kind == TransactionKind::AccessList {
        let price = fields.word("gasPrice")?;
        (price, price)
    } else {
        (
            fields.word("maxPriorityFeePerGas")?,
            fields.word("maxFeePerGas")?,
        )
    };
    let gas_limit = fields.long("gasLimit")?;
    let to = fields.receiver()?;
    match kind {
        TransactionKind::Blob if to.is_none() => return Err(Rejection::BlobCreation),
        TransactionKind::SetCode if to.is_none() => return Err(Rejection::SetCodeCreation),
        _ => {}
    }
    let value = fields.word("value")?;
    let data = fields.bytes("data")?;
    let access_list = access_list(fields)?;
    let mut max_blob_fee = U256::zero();
    let mut blob_hashes = Vec::new();
    if kind == TransactionKind::Blob {
        max_blob_fee = fields.word("maxFeePerBlobGas")?;
        let mut hashes = fields.inner("blobVersionedHashes")?;
        while !hashes.rest.is_empty() {
            blob_hashes.push(H256(hashes.array("blobVersionedHashes")?));
        }
    }
    let mut authorizations = Vec::new();
    if kind == TransactionKind::SetCode {
        let mut list = fields.inner("authorizationList")?;
        while !list.rest.is_empty() {
            authorizations.push(authorization(&mut list)?);
        }
    }
    let mut signed = vec![kind as u8];
    signed.extend_from_slice(&rlp_list(&whole[..whole.len() - fields.rest.len()]));
    let y_parity = fields.long("yParity")?;
    let y_parity = u8::try_from(y_parity).map_err(|_| Rejection::InvalidSignature)?;
    let (r, s) = (fields.word("r")?, fields.word("s")?);
    Ok(Envelope {
        unsigned: Transaction {
            kind,
            chain_id: Some(chain_id),
            sender: H160::zero(),
            nonce,
            gas_limit,
            to,
            value,
            data: data.into(),
            max_fee,
            max_priority_fee,
            access_list: access_list.into(),
            blob_hashes: blob_hashes.into(),
            max_blob_fee,
            authorizations: authorizations.into(),
        },
        signing_hash: keccak(&signed),
        y_parity,
        r,
        s,
    })
}

fn access_list(fields: &mut Fields<'_>) -> Result<Vec<AccessListItem>, Rejection> {
    const NAME: &str = "accessList";
    let mut list = fields.inner(NAME)?;
    let mut items = Vec::new();
    while !list.rest.is_empty() {
        let mut item = list.inner(NAME)?;
        let address = H160(item.array(NAME)?);
        let mut keys = item.inner(NAME)?;
        let mut storage_keys = Vec::new();
        while !keys.rest.is_empty() {
            storage_keys.push(H256(keys.array(NAME)?));
        }
        item.end(NAME)?;
        items.push(AccessListItem {
            address,
            storage_keys,
        });
    }
    Ok(items)
}

fn authorization(list: &mut Fields<'_>) -> Result<Authorization, Rejection> {
    const NAME: &str = "authorizationList";
    let mut item = list.inner(NAME)?;
    let authorization = Authorization {
        chain_id: item.word(NAME)?,
        address: H160(item.array(NAME)?),
        nonce: item.long(NAME)?,
        y_parity: u8::try_from(item.long(NAME)?)
            .map_err(|_| malformed(format!("{NAME}: yParity above 255")))?,
        r: item.word(NAME)?,
        s: item.word(NAME)?,
    };
    item.end(NAME)?;
    Ok(authorization)
}

/// The items of an RLP list that are still to come.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The items of the list that `bytes` is.
    fn list(mut bytes: &'a [u8], name: &str) -> Result<Self, Rejection> {
        let rest = Header::decode_bytes(&mut bytes, true)
            .map_err(|error| malformed(format!("{name}: {error}")))?;
        if !bytes.is_empty() {
            return Err(malformed(format!(
                "{name}: {} bytes behind its end",
                bytes.len()
            )));
        }
        Ok(Self { rest })
    }

    /// The next item, a list.
    fn inner(&mut self, name: &str) -> Result<Self, Rejection> {
        Header::decode_bytes(&mut self.rest, true)
            .map(|rest| Self { rest })
            .map_err(|error| malformed(format!("{name}: {error}")))
    }

    /// The next item, a string.
    fn bytes(&mut self, name: &str) -> Result<&'a [u8], Rejection> {
        Header::decode_bytes(&mut self.rest, false)
            .map_err(|error| malformed(format!("{name}: {error}")))
    }

    fn word(&mut self, name: &str) -> Result<U256, Rejection> {
        let bytes = self.bytes(name)?;
        if bytes.len() > 32 {
            return Err(malformed(format!(
                "{name}: {} bytes, at most 32",
                bytes.len()
            )));
        }
        if bytes.first() == Some(&0) {
            return Err(malformed(format!("{name}: leading zeros")));
        }
        Ok(U256::from_big_endian(bytes))
    }

    fn long(&mut self, name: &str) -> Result<u64, Rejection> {
        u64::try_from(self.word(name)?).map_err(|_| malformed(format!("{name}: beyond 64 bits")))
    }

    fn array<const N: usize>(&mut self, name: &str) -> Result<[u8; N], Rejection> {
        let bytes = self.bytes(name)?;
        bytes
            .try_into()
            .map_err(|_| malformed(format!("{name}: {} bytes instead of {N}", bytes.len())))
    }

    fn receiver(&mut self) -> Result<Option<H160>, Rejection> {
        let bytes = self.bytes("to")?;
        match bytes.len() {
            0 => Ok(None),
            20 => Ok(Some(H160::from_slice(bytes))),
            n => Err(malformed(format!("to: {n} bytes instead of 0 or 20"))),
        }
    }

    fn end(&self, name: &str) -> Result<(), Rejection> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(malformed(format!("{name}: too many fields")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::quantity::FromText;

    /// The example of EIP-155: sender known, chain 1.
    const EIP_155: &str = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn eip_155_example() {
        let envelope = Envelope::decode(&bytes(EIP_155), Fork::London).unwrap();
        let transaction = envelope.clone().recover(Fork::London, 1).unwrap();
        assert_eq!(
            transaction.sender,
            H160::from_text("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f").unwrap()
        );
        assert_eq!(transaction.nonce, 9);
        assert_eq!(transaction.value, U256::from(10).pow(18.into()));
        assert_eq!(
            envelope.clone().recover(Fork::London, 2).unwrap_err(),
            Rejection::WrongChain {
                transaction: 1,
                chain: 2
            }
        );
        // No replay protection yet.
        assert_eq!(
            envelope.recover(Fork::TangerineWhistle, 1).unwrap_err(),
            Rejection::InvalidSignature
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = bytes(EIP_155);
        for end in 0..whole.len() {
            let error = Envelope::decode(&whole[..end], Fork::London).unwrap_err();
            assert!(
                matches!(error, Rejection::MalformedEncoding(_)),
                "{end}: {error}"
            );
        }
        let mut longer = whole;
        longer.push(0);
        assert!(Envelope::decode(&longer, Fork::London).is_err());
    }

    #[test]
    fn kinds_begin_with_their_fork() {
        for (kind, before) in [
            (1u8, Fork::Istanbul),
            (2, Fork::Berlin),
            (3, Fork::Shanghai),
            (4, Fork::Cancun),
        ] {
            let error = Envelope::decode(&[kind, 0xc0], before).unwrap_err();
            assert!(matches!(error, Rejection::TypeNotSupported(k) if k as u8 == kind));
            let error = Envelope::decode(&[kind, 0xc0], Fork::LATEST).unwrap_err();
            assert!(matches!(error, Rejection::MalformedEncoding(_)));
        }
    }
}
