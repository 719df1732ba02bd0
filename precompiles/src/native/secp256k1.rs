//! Key recovery by libsecp256k1.

use secp256k1::{
    Message,
    ecdsa::{RecoverableSignature, RecoveryId},
};

/// See [`Crypto::secp256k1_recover`](crate::Crypto::secp256k1_recover).
pub(super) fn recover(hash: &[u8; 32], signature: &[u8; 65]) -> Option<[u8; 65]> {
    let (parity, signature) = signature.split_last()?;
    let id = RecoveryId::try_from(i32::from(*parity)).ok()?;
    let signature = RecoverableSignature::from_compact(signature, id).ok()?;
    let key = signature.recover_ecdsa(Message::from_digest(*hash)).ok()?;
    Some(key.serialize_uncompressed())
}
