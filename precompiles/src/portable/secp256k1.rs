//! Key recovery on secp256k1.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

/// See [`Crypto::secp256k1_recover`](crate::Crypto::secp256k1_recover).
pub(crate) fn recover(hash: &[u8; 32], signature: &[u8; 65]) -> Option<[u8; 65]> {
    let (parity, signature) = signature.split_last()?;
    let mut signature = Signature::from_slice(signature).ok()?;
    let mut id = RecoveryId::from_byte(*parity)?;
    // The library knows low s alone: (r, n - s) with the other R is the same key.
    let low = signature.normalize_s();
    if low != signature {
        id = RecoveryId::new(!id.is_y_odd(), id.is_x_reduced());
        signature = low;
    }
    let key = VerifyingKey::recover_from_prehash(hash, &signature, id).ok()?;
    key.to_sec1_point(false).as_bytes().try_into().ok()
}
