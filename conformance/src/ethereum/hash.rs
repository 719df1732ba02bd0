//! Keccak-256 and the encodings that are hashed.

use alloy_rlp::{Encodable, Header};
use evm_interpreter::{H160, H256, U256};

/// Hash of no bytes: the code hash of accounts without code.
pub const EMPTY_CODE_HASH: H256 = H256([
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
    0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
]);

/// Root of the trie without entries.
pub const EMPTY_ROOT: H256 = H256([
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
    0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
]);

/// Keccak-256.
#[must_use]
pub fn keccak(data: &[u8]) -> H256 {
    H256(alloy_primitives::keccak256(data).0)
}

/// Writes `value` as an RLP integer: big-endian without leading zeros.
pub fn encode_word(value: U256, out: &mut Vec<u8>) {
    let bytes = value.to_big_endian();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(32);
    bytes[start..].encode(out);
}

/// Wraps an RLP payload as a list.
#[must_use]
pub fn rlp_list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 9);
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut out);
    out.extend_from_slice(payload);
    out
}

/// Address of a contract made by CREATE or by a transaction.
#[must_use]
pub fn create_address(creator: H160, nonce: u64) -> H160 {
    let mut payload = Vec::with_capacity(32);
    creator.0.encode(&mut payload);
    nonce.encode(&mut payload);
    low_address(keccak(&rlp_list(&payload)))
}

/// Address of a contract made by CREATE2 (EIP-1014).
#[must_use]
pub fn create2_address(creator: H160, salt: H256, init_code: &[u8]) -> H160 {
    let mut preimage = [0u8; 85];
    preimage[0] = 0xff;
    preimage[1..21].copy_from_slice(&creator.0);
    preimage[21..53].copy_from_slice(&salt.0);
    preimage[53..].copy_from_slice(&keccak(init_code).0);
    low_address(keccak(&preimage))
}

/// The last twenty bytes of a hash.
#[must_use]
pub fn low_address(hash: H256) -> H160 {
    H160::from_slice(&hash.0[12..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::quantity::FromText;

    fn address(hex: &str) -> H160 {
        H160::from_text(hex).unwrap()
    }

    #[test]
    fn constants_are_the_hashes_they_name() {
        assert_eq!(keccak(&[]), EMPTY_CODE_HASH);
        assert_eq!(keccak(&[0x80]), EMPTY_ROOT);
    }

    // The example that Ethereum's own documentation of CREATE uses, and those of EIP-1014.
    #[test]
    fn contract_addresses() {
        assert_eq!(
            create_address(address("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), 1),
            address("343c43a37d37dff08ae8c4a11544c718abb4fcf8")
        );
        assert_eq!(
            create2_address(H160::zero(), H256::zero(), &[0]),
            address("4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38")
        );
    }
}
