//! ECDSA on secp256r1 by the RustCrypto library.

use p256::{
    FieldBytes, Sec1Point,
    ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier},
};

/// See [`Crypto::p256_verify`](crate::Crypto::p256_verify).
pub(super) fn verify(input: &[u8; 160]) -> bool {
    let (&[hash, r, s, x, y], _) = input.as_chunks::<32>() else {
        return false;
    };
    let Ok(signature) = Signature::from_scalars(FieldBytes::from(r), FieldBytes::from(s)) else {
        return false;
    };
    let point = Sec1Point::from_affine_coordinates(&x.into(), &y.into(), false);
    let Ok(key) = VerifyingKey::from_sec1_point(&point) else {
        return false;
    };
    key.verify_prehash(&hash, &signature).is_ok()
}
