//! CIDs of blake2b-256 blocks.

use core::fmt;
use core::hash::{Hash, Hasher};

/// Codec of raw bytes.
pub const RAW: u64 = 0x55;
/// Codec of CBOR whose links, if any, are not links for the machine.
pub const CBOR: u64 = 0x51;
/// Codec of DAG-CBOR.
pub const DAG_CBOR: u64 = 0x71;

/// Multihash code of blake2b-256.
pub const BLAKE2B_256: u64 = 0xb220;

/// Multihash header of a 32-byte blake2b-256 digest.
const BLAKE2B_256_HEAD: [u8; 4] = [0xa0, 0xe4, 0x02, 0x20];

/// CIDv1 of a block with a one-byte codec, hashed by blake2b-256: the only kind that the machine
/// makes.
#[derive(Clone, Copy, Eq, PartialOrd, Ord)]
pub struct Cid([u8; Self::LEN]);

impl Cid {
    /// Length in binary form, bytes.
    pub const LEN: usize = 38;

    /// The CID of a block with this codec, below 128, and blake2b-256 digest.
    #[must_use]
    pub const fn new(codec: u8, digest: [u8; 32]) -> Self {
        let mut bytes = [0; Self::LEN];
        bytes[0] = 1;
        bytes[1] = codec;
        let mut i = 0;
        while i < 4 {
            bytes[2 + i] = BLAKE2B_256_HEAD[i];
            i += 1;
        }
        i = 0;
        while i < 32 {
            bytes[6 + i] = digest[i];
            i += 1;
        }
        Self(bytes)
    }

    /// Reads the binary form; `None` if it is of another kind.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_array(bytes.try_into().ok()?)
    }

    /// Reads the binary form; `None` if it is of another kind.
    #[inline]
    #[must_use]
    pub const fn from_array(bytes: &[u8; Self::LEN]) -> Option<Self> {
        match bytes {
            [1, codec, 0xa0, 0xe4, 0x02, 0x20, ..] if *codec < 0x80 => Some(Self(*bytes)),
            _ => None,
        }
    }

    /// Binary form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Codec of the block.
    #[must_use]
    pub const fn codec(&self) -> u64 {
        self.0[1] as u64
    }

    /// blake2b-256 digest of the block.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(&self.0[6..]);
        digest
    }
}

impl PartialEq for Cid {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        crate::bytes::equal(&self.0, &other.0)
    }
}

impl Hash for Cid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cid(")?;
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// CID of the CBOR empty array, the state of actors that have none.
pub const EMPTY_ARRAY: Cid = Cid::new(DAG_CBOR as u8, EMPTY_ARRAY_DIGEST);

const EMPTY_ARRAY_DIGEST: [u8; 32] = [
    0x45, 0xb0, 0xcf, 0xc2, 0x20, 0xce, 0xec, 0x5b, 0x7c, 0x1c, 0x62, 0xc4, 0xd4, 0x19, 0x3d, 0x38,
    0xe4, 0xeb, 0xa4, 0x8e, 0x88, 0x15, 0x72, 0x9c, 0xe7, 0x5f, 0x9c, 0x0a, 0xb0, 0xe4, 0xc1, 0xc0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_array_is_the_hash_of_its_bytes() {
        let digest = blake2b_simd::Params::new().hash_length(32).hash(&[0x80]);
        assert_eq!(EMPTY_ARRAY.digest(), digest.as_bytes());
    }

    #[test]
    fn foreign_kinds_are_refused() {
        let good = *EMPTY_ARRAY.as_bytes();
        assert_eq!(Cid::from_bytes(&good), Some(EMPTY_ARRAY));
        for (at, value) in [(0, 2), (1, 0x80), (2, 0x12), (5, 0x1f)] {
            let mut bad = good;
            bad[at] = value;
            assert_eq!(Cid::from_bytes(&bad), None);
        }
        assert_eq!(Cid::from_bytes(&good[..37]), None);
        assert_eq!(Cid::from_bytes(&[]), None);
    }
}
