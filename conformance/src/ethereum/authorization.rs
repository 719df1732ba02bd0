//! Who signed what.

use super::hash::{encode_word, keccak, low_address, rlp_list};
use super::transaction::Authorization;
use alloy_rlp::Encodable;
use evm_interpreter::{H160, H256, U256};
use precompiles::{Crypto, Native};

/// Half the order of secp256k1: no valid s is above it (EIP-2).
const HALF_ORDER: U256 = U256([
    0xdfe9_2f46_681b_20a0,
    0x5d57_6e73_57a4_501d,
    0xffff_ffff_ffff_ffff,
    0x7fff_ffff_ffff_ffff,
]);

/// First byte of what an authorization's signature is over (EIP-7702).
const AUTHORIZATION_MAGIC: u8 = 0x05;

/// The account that signed `hash`. `low_s`: whether s must be in the lower half (EIP-2).
#[must_use]
pub fn signer(hash: H256, y_parity: u8, r: U256, s: U256, low_s: bool) -> Option<H160> {
    if y_parity > 1 || low_s && s > HALF_ORDER {
        return None;
    }
    let mut signature = [0; 65];
    signature[..32].copy_from_slice(&r.to_big_endian());
    signature[32..64].copy_from_slice(&s.to_big_endian());
    signature[64] = y_parity;
    // An error says as little about the signature as an invalid one: there is no signer.
    let key = Native::secp256k1_recover(&hash.0, &signature).ok()??;
    Some(low_address(keccak(&key[1..])))
}

/// The account whose code an authorization is to set; `None` if the signature is not valid.
#[must_use]
pub fn authority(authorization: &Authorization) -> Option<H160> {
    let hash = authorization_hash(
        authorization.chain_id,
        authorization.address,
        authorization.nonce,
    );
    signer(
        hash,
        authorization.y_parity,
        authorization.r,
        authorization.s,
        true,
    )
}

/// The account of a private key; `None` if the number is none.
#[must_use]
pub fn address_of(key: &H256) -> Option<H160> {
    let key = secp256k1::SecretKey::from_secret_bytes(key.0).ok()?;
    let public = secp256k1::PublicKey::from_secret_key(&key).serialize_uncompressed();
    Some(low_address(keccak(&public[1..])))
}

/// What an authorization's signature is over (EIP-7702).
fn authorization_hash(chain_id: U256, address: H160, nonce: u64) -> H256 {
    let mut payload = Vec::with_capacity(64);
    encode_word(chain_id, &mut payload);
    address.0.encode(&mut payload);
    nonce.encode(&mut payload);
    let mut message = vec![AUTHORIZATION_MAGIC];
    message.extend_from_slice(&rlp_list(&payload));
    keccak(&message)
}

/// Signs an authorization; `None` if the key is none.
#[must_use]
pub fn sign_authorization(
    key: &H256,
    chain_id: U256,
    address: H160,
    nonce: u64,
) -> Option<Authorization> {
    let hash = authorization_hash(chain_id, address, nonce);
    let (y_parity, r, s) = sign(key, hash)?;
    Some(Authorization {
        chain_id,
        address,
        nonce,
        y_parity,
        r,
        s,
    })
}

/// Parity, r and s of a signature of `hash`; `None` if the key is none.
#[must_use]
pub fn sign(key: &H256, hash: H256) -> Option<(u8, U256, U256)> {
    let key = secp256k1::SecretKey::from_secret_bytes(key.0).ok()?;
    let message = secp256k1::Message::from_digest(hash.0);
    let signature = secp256k1::ecdsa::RecoverableSignature::sign_ecdsa_recoverable(message, &key);
    let (id, bytes) = signature.serialize_compact();
    let parity = id.to_u8() & 1;
    let (r, s) = bytes.split_at(32);
    Some((parity, U256::from_big_endian(r), U256::from_big_endian(s)))
}
