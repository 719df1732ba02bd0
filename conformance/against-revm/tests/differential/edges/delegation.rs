//! Authorizations of every form (EIP-7702).

use super::{account_mut, provide, somebody};
use crate::scene::{KEYS, Scene, signer};
use crate::source::Source;
use evm_interpreter::{H160, H256, U256};
use fevm_conformance::ethereum::authorization::{address_of, sign_authorization};
use fevm_conformance::ethereum::{Authorization, Code, TransactionKind};

/// A signer that the state does not know.
const STRANGER: H256 = H256([0x44; 32]);

/// Order of secp256k1.
const ORDER: U256 = U256([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// A set-code transaction, its authorities in every state.
pub(super) fn authorize(source: &mut Source, scene: &mut Scene) {
    let keys = [KEYS[0], KEYS[1], KEYS[2], STRANGER];
    for at in 1..KEYS.len() {
        authority(source, scene, at);
    }
    let transaction = &mut scene.transaction;
    transaction.kind = TransactionKind::SetCode;
    transaction.blob_hashes = super::none();
    transaction.max_blob_fee = U256::zero();
    // Without a receiver it is refused.
    if transaction.to.is_none() && source.percent(90) {
        transaction.to = Some(signer(0));
    }
    if source.percent(50) {
        let to = match source.below(4) {
            0 => address_of(&STRANGER).unwrap(),
            1 => somebody(source, scene),
            at => signer(at - 1),
        };
        scene.transaction.to = Some(to);
    }
    // The nonces that authorities have as the list goes on.
    let mut nonces = keys.map(|key| {
        let address = address_of(&key).unwrap();
        let known = scene.accounts.iter().find(|(at, _)| *at == address);
        known.map_or(0, |(_, account)| account.nonce)
    });
    nonces[0] = scene.transaction.nonce.saturating_add(1);
    let count = match source.below(20) {
        0 => 0,
        1 => 20,
        _ => 1 + source.below(6),
    };
    let list: Vec<_> = (0..count)
        .map(|_| {
            let at = source.below(keys.len());
            let nonce = match source.below(12) {
                0 => nonces[at].wrapping_add(1),
                1 => nonces[at].wrapping_sub(1),
                2 => u64::MAX,
                3 => u64::MAX - 1,
                _ => nonces[at],
            };
            let chain = match source.below(12) {
                0 => U256::from(2),
                1 => U256::MAX,
                2 => U256::one() << 64,
                3..=5 => U256::zero(),
                _ => U256::one(),
            };
            let target = target(source, scene, address_of(&keys[at]).unwrap());
            let signed = sign_authorization(&keys[at], chain, target, nonce).unwrap();
            let (authorization, good) = spoil(source, signed);
            if good && nonce == nonces[at] && chain <= U256::one() {
                nonces[at] = nonce.saturating_add(1);
            }
            authorization
        })
        .collect();
    scene.transaction.authorizations = list.into();
    provide(source, scene, 1_000_000);
}

/// An authority as it may be before: a contract, delegated, at the end of its nonces, not there.
fn authority(source: &mut Source, scene: &mut Scene, at: usize) {
    let address = signer(at);
    match source.below(8) {
        0 => account_mut(scene, address).code = Code::new(vec![0x60, 0, 0x60, 0, 0x55]),
        1 => account_mut(scene, address).nonce = u64::MAX - source.below(3) as u64,
        2 => scene.accounts.retain(|(known, _)| *known != address),
        3 => {
            // Designators that are none: too short, too long, of another version.
            let mut code = [&[0xef, 1, 0][..], &[0xc0; 20]].concat();
            match source.below(3) {
                0 => code.truncate(22),
                1 => code.push(0),
                _ => code[2] = 1,
            }
            account_mut(scene, address).code = Code::new(code);
        }
        4 => {
            let target = target(source, scene, address);
            account_mut(scene, address).code = Code::delegation(target);
        }
        5 => scene.block.coinbase = address,
        _ => {}
    }
}

/// What to delegate to: zero takes a delegation away; chains and circles are not followed.
fn target(source: &mut Source, scene: &Scene, authority: H160) -> H160 {
    match source.below(6) {
        0 => H160::zero(),
        1 => authority,
        2 => signer(source.below(KEYS.len())),
        3 => address_of(&STRANGER).unwrap(),
        _ => somebody(source, scene),
    }
}

/// The authorization, perhaps with another signature; whether it still is the authority's.
fn spoil(source: &mut Source, mut signed: Authorization) -> (Authorization, bool) {
    match source.below(24) {
        0 => signed.y_parity ^= 1,
        // As valid a signature, but with s in the upper half.
        1 => {
            signed.s = ORDER - signed.s;
            signed.y_parity ^= 1;
        }
        2 => signed.r = U256::zero(),
        3 => signed.s = U256::zero(),
        4 => signed.r = ORDER + source.below(2),
        5 => signed.r = source.word(),
        6 => signed.y_parity = 2 + source.below(254) as u8,
        7 => signed.y_parity += 27,
        8 => signed.s = (ORDER >> 1) + source.below(2),
        _ => return (signed, true),
    }
    (signed, false)
}
