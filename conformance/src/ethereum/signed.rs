//! The wire form of transactions, signed and written (EIP-155, EIP-2718 and the EIPs of each kind).

use super::authorization::sign;
use super::hash::{encode_word, keccak, rlp_list};
use super::transaction::{AccessListItem, Authorization, Transaction, TransactionKind};
use alloy_rlp::{EMPTY_STRING_CODE, Encodable};
use evm_interpreter::{H160, H256, U256};

/// What a transaction's signature is over. A legacy transaction with a chain id is protected
/// (EIP-155).
#[must_use]
pub fn signing_hash(transaction: &Transaction) -> H256 {
    let mut payload = fields(transaction);
    if transaction.kind == TransactionKind::Legacy {
        if let Some(chain) = transaction.chain_id {
            chain.encode(&mut payload);
            payload.extend_from_slice(&[EMPTY_STRING_CODE, EMPTY_STRING_CODE]);
        }
        return keccak(&rlp_list(&payload));
    }
    keccak(&typed(transaction.kind, &payload))
}

/// The wire form with a signature: `v` of a legacy transaction, the parity of the other kinds.
#[must_use]
pub fn encode(transaction: &Transaction, v: U256, r: U256, s: U256) -> Vec<u8> {
    let mut payload = fields(transaction);
    for word in [v, r, s] {
        encode_word(word, &mut payload);
    }
    match transaction.kind {
        TransactionKind::Legacy => rlp_list(&payload),
        kind => typed(kind, &payload),
    }
}

/// Signs a transaction; the wire form, or `None` if the key is none.
#[must_use]
pub fn sign_and_encode(transaction: &Transaction, key: &H256) -> Option<Vec<u8>> {
    let (parity, r, s) = sign(key, signing_hash(transaction))?;
    let v = match (transaction.kind, transaction.chain_id) {
        (TransactionKind::Legacy, None) => U256::from(27 + parity),
        (TransactionKind::Legacy, Some(chain)) => {
            U256::from(chain) * U256::from(2) + U256::from(35 + parity)
        }
        _ => parity.into(),
    };
    Some(encode(transaction, v, r, s))
}

fn typed(kind: TransactionKind, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![kind as u8];
    out.extend_from_slice(&rlp_list(payload));
    out
}

/// The fields in front of the signature, in their order.
fn fields(transaction: &Transaction) -> Vec<u8> {
    let kind = transaction.kind;
    let mut out = Vec::with_capacity(128 + transaction.data.len());
    if kind != TransactionKind::Legacy {
        transaction.chain_id.unwrap_or_default().encode(&mut out);
    }
    transaction.nonce.encode(&mut out);
    if kind >= TransactionKind::DynamicFee {
        encode_word(transaction.max_priority_fee, &mut out);
    }
    encode_word(transaction.max_fee, &mut out);
    transaction.gas_limit.encode(&mut out);
    receiver(transaction.to, &mut out);
    encode_word(transaction.value, &mut out);
    transaction.data.as_ref().encode(&mut out);
    if kind != TransactionKind::Legacy {
        access_list(&transaction.access_list, &mut out);
    }
    if kind == TransactionKind::Blob {
        encode_word(transaction.max_blob_fee, &mut out);
        let mut hashes = Vec::new();
        for hash in transaction.blob_hashes.iter() {
            hash.0.encode(&mut hashes);
        }
        out.extend_from_slice(&rlp_list(&hashes));
    }
    if kind == TransactionKind::SetCode {
        authorizations(&transaction.authorizations, &mut out);
    }
    out
}

fn receiver(to: Option<H160>, out: &mut Vec<u8>) {
    match to {
        Some(to) => to.0.encode(out),
        None => out.push(EMPTY_STRING_CODE),
    }
}

fn access_list(list: &[AccessListItem], out: &mut Vec<u8>) {
    let mut items = Vec::new();
    for item in list {
        let mut keys = Vec::new();
        for key in &item.storage_keys {
            key.0.encode(&mut keys);
        }
        let mut fields = Vec::new();
        item.address.0.encode(&mut fields);
        fields.extend_from_slice(&rlp_list(&keys));
        items.extend_from_slice(&rlp_list(&fields));
    }
    out.extend_from_slice(&rlp_list(&items));
}

fn authorizations(list: &[Authorization], out: &mut Vec<u8>) {
    let mut items = Vec::new();
    for item in list {
        let mut fields = Vec::new();
        encode_word(item.chain_id, &mut fields);
        item.address.0.encode(&mut fields);
        item.nonce.encode(&mut fields);
        item.y_parity.encode(&mut fields);
        encode_word(item.r, &mut fields);
        encode_word(item.s, &mut fields);
        items.extend_from_slice(&rlp_list(&fields));
    }
    out.extend_from_slice(&rlp_list(&items));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ethereum::authorization::{address_of, sign_authorization};
    use crate::ethereum::envelope::Envelope;
    use evm_interpreter::Fork;
    use std::sync::Arc;

    #[test]
    fn what_is_signed_is_read_back() {
        let key = H256::repeat_byte(0x45);
        let authorization =
            sign_authorization(&key, U256::one(), H160::repeat_byte(7), u64::MAX).unwrap();
        for kind in [
            TransactionKind::Legacy,
            TransactionKind::AccessList,
            TransactionKind::DynamicFee,
            TransactionKind::Blob,
            TransactionKind::SetCode,
        ] {
            let typed = kind != TransactionKind::Legacy;
            let transaction = Transaction {
                kind,
                chain_id: Some(1),
                sender: address_of(&key).unwrap(),
                nonce: 300,
                gas_limit: 21_000,
                to: Some(H160::repeat_byte(1)),
                value: U256::MAX,
                data: Arc::from(&b"data"[..]),
                max_fee: 9.into(),
                max_priority_fee: if kind >= TransactionKind::DynamicFee {
                    5
                } else {
                    9
                }
                .into(),
                access_list: if typed {
                    let storage_keys = vec![H256::zero(), H256::repeat_byte(3)];
                    [AccessListItem {
                        address: H160::repeat_byte(2),
                        storage_keys,
                    }]
                    .into()
                } else {
                    Arc::default()
                },
                blob_hashes: if kind == TransactionKind::Blob {
                    [H256::repeat_byte(1)].into()
                } else {
                    Arc::default()
                },
                max_blob_fee: if kind == TransactionKind::Blob { 77 } else { 0 }.into(),
                authorizations: if kind == TransactionKind::SetCode {
                    [authorization.clone()].into()
                } else {
                    Arc::default()
                },
            };
            let bytes = sign_and_encode(&transaction, &key).unwrap();
            let read = Envelope::decode(&bytes, Fork::LATEST).unwrap();
            let read = read.recover(Fork::LATEST, 1).unwrap();
            assert_eq!(format!("{read:?}"), format!("{transaction:?}"));
        }
    }
}
