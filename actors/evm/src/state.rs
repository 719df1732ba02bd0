//! The state tuple.

use fevm_runtime::bytes::equal;
use fevm_runtime::cbor::{DecodeError, Reader, Writer};
use fevm_runtime::params::decode_all;
use fevm_runtime::{ActorId, Cid, MessageContext, cid};

/// Keccak-256 of nothing: hash of empty code.
pub const EMPTY_CODE_HASH: [u8; 32] = [
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
    0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
];

/// CID of the block of empty code.
pub const EMPTY_CODE: Cid = Cid::new(
    cid::RAW as u8,
    [
        0x0e, 0x57, 0x51, 0xc0, 0x26, 0xe5, 0x43, 0xb2, 0xe8, 0xab, 0x2e, 0xb0, 0x60, 0x99, 0xda,
        0xa1, 0xd1, 0xe5, 0xdf, 0x47, 0x77, 0x8f, 0x77, 0x87, 0xfa, 0xab, 0x45, 0xcd, 0xf1, 0x2f,
        0xe3, 0xa8,
    ],
);

/// A message on chain, by its sender and nonce: how long transient storage lives, and in which
/// message a contract self-destructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifespan {
    /// Sender of the message.
    pub origin: ActorId,
    /// Its nonce.
    pub nonce: u64,
}

impl Lifespan {
    /// The message under way.
    #[must_use]
    pub const fn of(message: &MessageContext) -> Self {
        Self {
            origin: message.origin,
            nonce: message.nonce,
        }
    }

    fn encode(self, writer: &mut Writer) {
        writer.array(2);
        writer.u64(self.origin);
        writer.u64(self.nonce);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.tuple(2)?;
        Ok(Self {
            origin: reader.u64()?,
            nonce: reader.u64()?,
        })
    }
}

/// State of a contract, as its block holds it.
#[derive(Clone, Copy, Debug, Eq)]
pub struct State {
    /// Raw block with the runtime code.
    pub bytecode: Cid,
    /// Keccak-256 of the runtime code.
    pub bytecode_hash: [u8; 32],
    /// Root of the storage tree.
    pub storage: Cid,
    /// Root of the transient storage tree, and the message whose it is. `None` when it is empty.
    pub transient: Option<(Cid, Lifespan)>,
    /// Nonce of the next contract that this one creates; 1 at first (EIP-161).
    pub nonce: u64,
    /// The message in which the contract self-destructed. After it the contract is dead.
    pub tombstone: Option<Lifespan>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        // What differs most often comes first.
        self.storage == other.storage
            && self.nonce == other.nonce
            && self.transient == other.transient
            && self.tombstone == other.tombstone
            && self.bytecode == other.bytecode
            && equal(&self.bytecode_hash, &other.bytecode_hash)
    }
}

impl State {
    /// Whether the contract self-destructed in another message than the one under way.
    #[must_use]
    pub fn is_dead(&self, message: &MessageContext) -> bool {
        self.tombstone
            .is_some_and(|tombstone| tombstone != Lifespan::of(message))
    }

    /// Writes the tuple as DAG-CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(224);
        writer.array(6);
        writer.link(&self.bytecode);
        writer.bytes(&self.bytecode_hash);
        writer.link(&self.storage);
        match &self.transient {
            None => writer.null(),
            Some((root, lifespan)) => {
                writer.array(2);
                writer.link(root);
                lifespan.encode(&mut writer);
            }
        }
        writer.u64(self.nonce);
        match self.tombstone {
            None => writer.null(),
            Some(tombstone) => tombstone.encode(&mut writer),
        }
        writer.into_bytes()
    }

    /// Reads the tuple; all bytes must be used.
    pub fn decode(data: &[u8]) -> Result<Self, DecodeError> {
        decode_all(data, |reader| {
            reader.tuple(6)?;
            Ok(Self {
                bytecode: reader.link()?,
                bytecode_hash: reader.byte_array()?,
                storage: reader.link()?,
                transient: if reader.null() {
                    None
                } else {
                    reader.tuple(2)?;
                    Some((reader.link()?, Lifespan::decode(reader)?))
                },
                nonce: reader.u64()?,
                tombstone: if reader.null() {
                    None
                } else {
                    Some(Lifespan::decode(reader)?)
                },
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha3::Digest;

    #[test]
    fn known_hashes() {
        assert_eq!(EMPTY_CODE_HASH[..], sha3::Keccak256::digest([])[..]);
        let runtime = fevm_runtime::testing::TestRuntime::new(1);
        assert_eq!(runtime.store(cid::RAW, &[]), EMPTY_CODE);
    }

    fn lifespan() -> impl Strategy<Value = Option<Lifespan>> {
        proptest::option::of(
            (any::<u64>(), any::<u64>()).prop_map(|(origin, nonce)| Lifespan { origin, nonce }),
        )
    }

    proptest! {
        #[test]
        fn tuples_come_back(
            digests: [[u8; 32]; 4],
            transient in lifespan(),
            nonce: u64,
            tombstone in lifespan(),
        ) {
            let state = State {
                bytecode: Cid::new(0x55, digests[0]),
                bytecode_hash: digests[1],
                storage: Cid::new(0x71, digests[2]),
                transient: transient.map(|lifespan| (Cid::new(0x71, digests[3]), lifespan)),
                nonce,
                tombstone,
            };
            let bytes = state.encode();
            prop_assert_eq!(State::decode(&bytes), Ok(state));
            for end in 0..bytes.len() {
                prop_assert!(State::decode(&bytes[..end]).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = State::decode(&data);
        }
    }
}
