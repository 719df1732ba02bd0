//! Cryptography: by the machine where it has it, else computed here.

use precompiles::Crypto;

/// The back end of Ethereum's precompiles in the actor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Backend {}

#[cfg(not(target_arch = "wasm32"))]
impl Crypto for Backend {}

#[cfg(target_arch = "wasm32")]
impl Crypto for Backend {
    fn keccak256(data: &[u8]) -> precompiles::Result<[u8; 32]> {
        let mut digest = [0; 32];
        fevm_runtime::fvm::hash(fevm_runtime::runtime::Hash::Keccak256, data, &mut digest);
        Ok(digest)
    }

    fn sha256(data: &[u8]) -> precompiles::Result<[u8; 32]> {
        let mut digest = [0; 32];
        fevm_runtime::fvm::hash(fevm_runtime::runtime::Hash::Sha256, data, &mut digest);
        Ok(digest)
    }

    fn ripemd160(data: &[u8]) -> precompiles::Result<[u8; 20]> {
        let mut digest = [0; 20];
        fevm_runtime::fvm::hash(fevm_runtime::runtime::Hash::Ripemd160, data, &mut digest);
        Ok(digest)
    }

    fn secp256k1_recover(
        hash: &[u8; 32],
        signature: &[u8; 65],
    ) -> precompiles::Result<Option<[u8; 65]>> {
        Ok(fevm_runtime::fvm::recover_secp256k1(hash, signature).ok())
    }
}
