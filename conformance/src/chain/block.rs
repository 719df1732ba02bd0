//! Blocks as they are on the wire.

use super::convert::hash;
use super::rejection::{BlockRejection, Reason};
use super::{Header, Withdrawal};
use alloy_consensus::EMPTY_OMMER_ROOT_HASH;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{Decodable, Encodable, Header as Rlp};
use alloy_trie::root::ordered_trie_root_encoded;
use evm_interpreter::H256;

/// A block, read from its bytes; whether it is valid is another question.
#[derive(Clone, Debug)]
pub struct SealedBlock {
    /// Header.
    pub header: Header,
    /// Keccak-256 of the header.
    pub hash: H256,
    /// Transactions in the form of EIP-2718, not read yet.
    pub transactions: Vec<Vec<u8>>,
    /// Ommers.
    pub ommers: Vec<Header>,
    /// Withdrawals, from Shanghai on.
    pub withdrawals: Option<Vec<Withdrawal>>,
    /// Bytes that the whole block takes.
    pub size: usize,
}

impl SealedBlock {
    /// Reads a block: nothing may follow it, and no item may be longer than it has to be.
    ///
    /// # Errors
    /// [`Reason::Encoding`], with the part that cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockRejection> {
        let mut rest = bytes;
        let mut parts = list(&mut rest, "block")?;
        end(rest, "block")?;
        let whole = parts;
        let header = Header::decode(&mut parts).map_err(|error| malformed("header", &error))?;
        let header_bytes = &whole[..whole.len() - parts.len()];
        let mut items = list(&mut parts, "transactions")?;
        let mut transactions = Vec::new();
        while !items.is_empty() {
            let name = || format!("transaction {}", transactions.len());
            let item = items;
            let rlp = Rlp::decode(&mut items).map_err(|error| malformed(&name(), &error))?;
            let (payload, behind) = items
                .split_at_checked(rlp.payload_length)
                .ok_or_else(|| malformed(&name(), &alloy_rlp::Error::InputTooShort))?;
            items = behind;
            transactions.push(if rlp.list {
                item[..item.len() - behind.len()].to_vec()
            } else if payload.first().is_some_and(|kind| *kind < 0x80) {
                payload.to_vec()
            } else {
                return Err(malformed(
                    &name(),
                    &alloy_rlp::Error::Custom("no typed transaction"),
                ));
            });
        }
        let mut items = list(&mut parts, "ommers")?;
        let mut ommers = Vec::new();
        while !items.is_empty() {
            let ommer = Header::decode(&mut items);
            ommers.push(ommer.map_err(|error| malformed("ommer", &error))?);
        }
        let withdrawals = if parts.is_empty() {
            None
        } else {
            Some(withdrawals(&mut parts)?)
        };
        end(parts, "block")?;
        Ok(Self {
            hash: hash(keccak256(header_bytes)),
            header,
            transactions,
            ommers,
            withdrawals,
            size: bytes.len(),
        })
    }

    /// A block of its parts.
    #[must_use]
    pub fn new(
        header: Header,
        transactions: Vec<Vec<u8>>,
        ommers: Vec<Header>,
        withdrawals: Option<Vec<Withdrawal>>,
    ) -> Self {
        let mut block = Self {
            hash: hash(header.hash_slow()),
            header,
            transactions,
            ommers,
            withdrawals,
            size: 0,
        };
        block.size = block.encode().len();
        block
    }

    /// The block as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        self.header.encode(&mut payload);
        payload.extend_from_slice(&encode_transactions(&self.transactions));
        alloy_rlp::encode_list(&self.ommers, &mut payload);
        if let Some(withdrawals) = &self.withdrawals {
            alloy_rlp::encode_list(withdrawals, &mut payload);
        }
        crate::ethereum::hash::rlp_list(&payload)
    }
}

/// The transactions of a block as the list that it holds.
#[must_use]
pub fn encode_transactions(transactions: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = Vec::new();
    for transaction in transactions {
        if transaction.first().is_some_and(|first| *first >= 0xc0) {
            payload.extend_from_slice(transaction);
        } else {
            transaction.as_slice().encode(&mut payload);
        }
    }
    crate::ethereum::hash::rlp_list(&payload)
}

/// Root of the transactions.
#[must_use]
pub fn transactions_root(transactions: &[Vec<u8>]) -> B256 {
    ordered_trie_root_encoded(transactions)
}

/// Root of the withdrawals (EIP-4895).
#[must_use]
pub fn withdrawals_root(withdrawals: &[Withdrawal]) -> B256 {
    alloy_trie::root::ordered_trie_root(withdrawals)
}

/// Hash of the ommers.
#[must_use]
pub fn ommers_hash(ommers: &[Header]) -> B256 {
    if ommers.is_empty() {
        return EMPTY_OMMER_ROOT_HASH;
    }
    let mut bytes = Vec::new();
    alloy_rlp::encode_list(ommers, &mut bytes);
    keccak256(&bytes)
}

fn withdrawals(parts: &mut &[u8]) -> Result<Vec<Withdrawal>, BlockRejection> {
    let mut items = list(parts, "withdrawals")?;
    let mut withdrawals = Vec::new();
    while !items.is_empty() {
        let withdrawal = Withdrawal::decode(&mut items);
        withdrawals.push(withdrawal.map_err(|error| malformed("withdrawal", &error))?);
    }
    Ok(withdrawals)
}

fn list<'a>(bytes: &mut &'a [u8], name: &str) -> Result<&'a [u8], BlockRejection> {
    Rlp::decode_bytes(bytes, true).map_err(|error| malformed(name, &error))
}

fn end(rest: &[u8], name: &str) -> Result<(), BlockRejection> {
    if rest.is_empty() {
        return Ok(());
    }
    Err(BlockRejection::new(
        Reason::Encoding,
        format!("{name}: {} bytes behind its end", rest.len()),
    ))
}

fn malformed(name: &str, error: &alloy_rlp::Error) -> BlockRejection {
    BlockRejection::new(Reason::Encoding, format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block() -> SealedBlock {
        let header = Header {
            base_fee_per_gas: Some(0),
            ..Header::default()
        };
        let ommers = vec![Header::default()];
        let withdrawals = vec![Withdrawal {
            amount: 7,
            ..Withdrawal::default()
        }];
        SealedBlock::new(
            header,
            vec![vec![0xc0], vec![2, 0xc0]],
            ommers,
            Some(withdrawals),
        )
    }

    #[test]
    fn written_and_read() {
        let block = block();
        let bytes = block.encode();
        let read = SealedBlock::decode(&bytes).unwrap();
        assert_eq!(format!("{read:?}"), format!("{block:?}"));
        assert_eq!(read.size, bytes.len());
    }

    #[test]
    fn no_truncation_and_no_tail() {
        let bytes = block().encode();
        for end in 0..bytes.len() {
            assert!(SealedBlock::decode(&bytes[..end]).is_err(), "{end}");
        }
        let mut longer = bytes;
        longer.push(0x80);
        assert!(SealedBlock::decode(&longer).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..1200, byte: u8) {
            let mut bytes = block().encode();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            let _ = SealedBlock::decode(&bytes);
        }
    }
}
