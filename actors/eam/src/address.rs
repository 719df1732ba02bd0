//! Addresses of new contracts.

use fevm_runtime::Runtime;
use primitive_types::H160;
use rlp::RlpStream;

/// The last 20 bytes of the Keccak-256 hash.
pub(crate) fn hash(rt: &impl Runtime, data: &[u8]) -> H160 {
    let digest = rt.keccak256(data);
    let mut address = H160::zero();
    address.0.copy_from_slice(&digest[12..]);
    address
}

/// CREATE: hash of the RLP list of creator and nonce.
pub(crate) fn create(rt: &impl Runtime, creator: &H160, nonce: u64) -> H160 {
    let mut list = RlpStream::new_list(2);
    list.append(creator).append(&nonce);
    hash(rt, &list.out())
}

/// CREATE2 (EIP-1014): hash of 0xff, creator, salt and the hash of the init code.
pub(crate) fn create2(
    rt: &impl Runtime,
    creator: &H160,
    salt: &[u8; 32],
    init_code: &[u8],
) -> H160 {
    let code_hash = rt.keccak256(init_code);
    hash(rt, &[&[0xff][..], &creator.0, salt, &code_hash].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fevm_runtime::testing::TestRuntime;

    fn address(digits: &str) -> H160 {
        fevm_address::text::parse_ethereum(&format!("0x{digits}")).unwrap()
    }

    #[test]
    fn create_addresses() {
        let rt = TestRuntime::new(10);
        // Known contracts of one Ethereum account, by its nonce.
        let creator = address("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
        for (nonce, expected) in [
            (0, "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
            (1, "343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
            (2, "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
            (3, "fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"),
        ] {
            assert_eq!(create(&rt, &creator, nonce), address(expected));
        }
    }

    /// The examples of EIP-1014.
    #[test]
    fn create2_addresses() {
        let rt = TestRuntime::new(10);
        let zero = "0000000000000000000000000000000000000000";
        let dead = "deadbeef00000000000000000000000000000000";
        for (creator, salt, init_code, expected) in [
            (
                zero,
                [0; 32],
                &[0][..],
                "4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38",
            ),
            (
                dead,
                [0; 32],
                &[0],
                "b928f69bb1d91cd65274e3c79d8986362984fda3",
            ),
            (
                zero,
                [0; 32],
                &[0xde, 0xad, 0xbe, 0xef],
                "70f2b2914a2a4b783faefb75f459a580616fcb5e",
            ),
            (
                zero,
                [0; 32],
                &[],
                "e33c0c7f7df4809055c3eba6c09cfe4baf1bd9e0",
            ),
        ] {
            let address_of = create2(&rt, &address(creator), &salt, init_code);
            assert_eq!(address_of, address(expected));
        }
    }
}
