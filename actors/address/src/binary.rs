//! Addresses in binary form, as the FVM takes them: a protocol byte, then the payload.

use core::fmt;
use primitive_types::H160;

/// ID of the Ethereum address manager, and the namespace of Ethereum's addresses.
pub const EAM_NAMESPACE: u64 = 10;

/// Kind of an address: its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Protocol {
    /// f0: an actor ID in LEB128.
    Id = 0,
    /// f1: blake2b-160 of a secp256k1 public key.
    Secp256k1 = 1,
    /// f2: blake2b-160 of an actor's creation.
    Actor = 2,
    /// f3: a BLS public key.
    Bls = 3,
    /// f4: a namespace in LEB128, then a sub-address that its manager gave.
    Delegated = 4,
}

/// A Filecoin address in binary form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    bytes: [u8; Self::MAX],
    len: u8,
}

/// What is wrong with a binary address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryError {
    /// No byte at all.
    Empty,
    /// The first byte is no known protocol.
    UnknownProtocol(u8),
    /// The payload of this protocol cannot have this length.
    PayloadLength(Protocol, usize),
    /// The ID, or the namespace, is no LEB128 number of 64 bits in shortest form.
    Number,
}

impl fmt::Display for BinaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty address"),
            Self::UnknownProtocol(byte) => write!(f, "unknown address protocol {byte}"),
            Self::PayloadLength(protocol, len) => {
                write!(
                    f,
                    "an f{} address has no payload of {len} bytes",
                    *protocol as u8
                )
            }
            Self::Number => f.write_str("malformed number in address"),
        }
    }
}

impl core::error::Error for BinaryError {}

impl Address {
    /// Longest binary address, bytes.
    pub const MAX: usize = 65;
    /// Longest sub-address of a delegated address, bytes.
    pub const MAX_SUBADDRESS: usize = 54;

    /// The f0 address of an ID.
    #[must_use]
    pub const fn id(id: u64) -> Self {
        let mut bytes = [0; Self::MAX];
        let len = write_leb128(&mut bytes, 1, id);
        Self {
            bytes,
            len: len as u8,
        }
    }

    /// The f410 address of an Ethereum address.
    #[must_use]
    pub const fn f410(address: &H160) -> Self {
        let mut bytes = [0; Self::MAX];
        bytes[0] = Protocol::Delegated as u8;
        bytes[1] = EAM_NAMESPACE as u8;
        let mut i = 0;
        while i < 20 {
            bytes[2 + i] = address.0[i];
            i += 1;
        }
        Self { bytes, len: 22 }
    }

    /// Reads and checks a binary address.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BinaryError> {
        let (first, payload) = bytes.split_first().ok_or(BinaryError::Empty)?;
        let (protocol, fits) = match first {
            0 => {
                let (_, len) = read_leb128(payload).ok_or(BinaryError::Number)?;
                (Protocol::Id, len == payload.len())
            }
            1 => (Protocol::Secp256k1, payload.len() == 20),
            2 => (Protocol::Actor, payload.len() == 20),
            3 => (Protocol::Bls, payload.len() == 48),
            4 => {
                let (_, len) = read_leb128(payload).ok_or(BinaryError::Number)?;
                let fits = payload.len() - len <= Self::MAX_SUBADDRESS;
                (Protocol::Delegated, fits)
            }
            other => return Err(BinaryError::UnknownProtocol(*other)),
        };
        if !fits {
            return Err(BinaryError::PayloadLength(protocol, payload.len()));
        }
        let mut buffer = [0; Self::MAX];
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(Self {
            bytes: buffer,
            len: bytes.len() as u8,
        })
    }

    /// Binary form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Kind of the address.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self.bytes[0] {
            0 => Protocol::Id,
            1 => Protocol::Secp256k1,
            2 => Protocol::Actor,
            3 => Protocol::Bls,
            _ => Protocol::Delegated,
        }
    }

    /// The bytes behind the protocol byte.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.as_bytes()[1..]
    }

    /// The actor ID of an f0 address.
    #[must_use]
    pub fn as_id(&self) -> Option<u64> {
        (self.protocol() == Protocol::Id)
            .then(|| read_leb128(self.payload()))
            .flatten()
            .map(|(id, _)| id)
    }

    /// Namespace and sub-address of an f4 address.
    #[must_use]
    pub fn as_delegated(&self) -> Option<(u64, &[u8])> {
        if self.protocol() != Protocol::Delegated {
            return None;
        }
        let (namespace, len) = read_leb128(self.payload())?;
        Some((namespace, &self.payload()[len..]))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(")?;
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// Appends `value` in LEB128 at `at`; gives the end.
const fn write_leb128(bytes: &mut [u8; Address::MAX], mut at: usize, mut value: u64) -> usize {
    while value >= 0x80 {
        bytes[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    bytes[at] = value as u8;
    at + 1
}

/// Reads an unsigned LEB128 number in shortest form; gives it and its length. As in Filecoin's own reading, what a
/// tenth byte has beyond 64 bits is lost and not refused.
fn read_leb128(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value: u64 = 0;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7f);
        value |= bits << (7 * i);
        if byte & 0x80 == 0 {
            // A last byte of zero could have been left out.
            return (i == 0 || *byte != 0).then_some((value, i + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use fvm_shared::address::Address as Reference;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_as_the_reference_writes_them(id: u64, shift in 0..64_u32) {
            let id = id >> shift;
            let address = Address::id(id);
            let reference = Reference::new_id(id).to_bytes();
            prop_assert_eq!(address.as_bytes(), &reference[..]);
            prop_assert_eq!(address.as_id(), Some(id));
        }

        #[test]
        fn binary_forms_are_judged_as_the_reference_does(
            first in 0..6_u8,
            payload in proptest::collection::vec(any::<u8>(), 0..70),
        ) {
            let mut bytes = std::vec![first];
            bytes.extend(&payload);
            let ours = Address::from_bytes(&bytes);
            let reference = Reference::from_bytes(&bytes);
            prop_assert_eq!(ours.is_ok(), reference.is_ok(), "{:?} {:?}", ours, reference);
            if let Ok(address) = ours {
                prop_assert_eq!(address.as_bytes(), &bytes[..]);
            }
        }

        #[test]
        fn ids_of_any_bytes_are_judged_as_the_reference_does(
            payload in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let mut bytes = std::vec![0];
            bytes.extend(&payload);
            let ours = Address::from_bytes(&bytes).ok().and_then(|a| a.as_id());
            let reference = Reference::from_bytes(&bytes).ok().and_then(|a| a.id().ok());
            prop_assert_eq!(ours, reference);
        }
    }

    #[test]
    fn delegated_parts() {
        let address = Address::f410(&H160::repeat_byte(7));
        assert_eq!(address.as_delegated(), Some((10, &[7; 20][..])));
        assert_eq!(address.as_id(), None);
        assert_eq!(address.protocol(), Protocol::Delegated);
        assert_eq!(Address::from_bytes(&[]), Err(BinaryError::Empty));
        assert_eq!(
            Address::from_bytes(&[5, 1]),
            Err(BinaryError::UnknownProtocol(5))
        );
        assert_eq!(
            Address::from_bytes(&[1, 1]),
            Err(BinaryError::PayloadLength(Protocol::Secp256k1, 1))
        );
        assert_eq!(Address::from_bytes(&[0, 0x80]), Err(BinaryError::Number));
        let beyond = [4, 128, 128, 128, 128, 128, 128, 128, 128, 128, 2];
        assert!(Reference::from_bytes(&beyond).is_ok());
        let beyond = Address::from_bytes(&beyond).unwrap();
        assert_eq!(beyond.as_delegated(), Some((0, &[][..])));
        let longest = [&[4, 10][..], &[1; 54]].concat();
        assert!(Address::from_bytes(&longest).is_ok());
        assert!(Address::from_bytes(&[&longest[..], &[1]].concat()).is_err());
    }
}
