//! FRC-0042 method numbers.
//!
//! The number of a method is the first of the consecutive big-endian 4-byte chunks of
//! blake2b-512(`"1|" + Name`) that is at least 2^24.

/// Lowest number that an exported method can have.
pub const FIRST_EXPORTED: u64 = 1 << 24;

/// `InvokeEVM`: calls a contract.
pub const INVOKE_EVM: u64 = 3_844_450_837;
/// `Receive`: the hook of the universal receiver (FRC-0046).
pub const RECEIVE: u64 = 3_726_118_371;
/// `AuthenticateMessage` of accounts.
pub const AUTHENTICATE_MESSAGE: u64 = 2_643_134_072;

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str) -> u64 {
        let digest = blake2b_simd::blake2b(format!("1|{name}").as_bytes());
        digest
            .as_bytes()
            .chunks_exact(4)
            .map(|chunk| u64::from(u32::from_be_bytes(chunk.try_into().unwrap())))
            .find(|number| *number >= FIRST_EXPORTED)
            .unwrap()
    }

    #[test]
    fn numbers_are_the_hashes_of_their_names() {
        assert_eq!(number("InvokeEVM"), INVOKE_EVM);
        assert_eq!(number("Receive"), RECEIVE);
        assert_eq!(number("AuthenticateMessage"), AUTHENTICATE_MESSAGE);
    }
}
