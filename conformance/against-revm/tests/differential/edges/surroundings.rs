//! The block, the sender, access lists and blobs at their edges.

use super::{account_mut, provide, put, somebody};
use crate::scene::{Scene, as_kind};
use crate::source::Source;
use alloy_primitives::Address;
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::chain::Rules;
use fevm_conformance::ethereum::fees::needed_balance;
use fevm_conformance::ethereum::{AccessListItem, Account, Code, TransactionKind};

/// Forks of the blob parameters alone (EIP-7892), with Osaka's rules otherwise.
const BLOB_FORKS: [&str; 4] = ["BPO1", "BPO2", "BPO3", "BPO4"];

/// Blobs: their number, their price under every fork's parameters, their versions (EIP-4844, 7691,
/// 7594, 7892).
pub(super) fn blobs(source: &mut Source, scene: &mut Scene) {
    if scene.block.fork >= Fork::Osaka && source.percent(60) {
        scene.fork_name = BLOB_FORKS[source.below(BLOB_FORKS.len())];
    }
    scene.excess_blob_gas = match source.below(4) {
        0 => source.below(4_000_000) as u64,
        1 => 131_072 * source.below(2_000) as u64,
        _ => source.below(500_000_000) as u64,
    };
    let schedule = Rules::by_name(scene.fork_name).unwrap().blobs.unwrap();
    let price = schedule.price(scene.excess_blob_gas);
    scene.block.blob_base_fee = price;
    scene.block.max_blobs = schedule.max;
    let most = schedule.max as usize;
    let count = match source.below(8) {
        0 => 0,
        1 => most,
        2 => most + 1,
        3 => 6,
        4 => 7,
        _ => 1 + source.below(6),
    };
    let hash = |source: &mut Source| {
        let mut hash = source.word().to_big_endian();
        hash[0] = if source.percent(98) {
            1
        } else {
            source.below(3) as u8
        };
        H256(hash)
    };
    let transaction = &mut scene.transaction;
    transaction.kind = TransactionKind::Blob;
    transaction.authorizations = super::none();
    transaction.blob_hashes = (0..count).map(|_| hash(source)).collect();
    transaction.max_blob_fee = match source.below(6) {
        0 => price.saturating_sub(U256::one()),
        1 => price,
        2 => source.word() >> 160,
        _ => price.saturating_mul(U256::from(2)),
    };
    // It keeps fees in 128 bits.
    scene.beyond_revm |= price.max(transaction.max_blob_fee).bits() > 100;
    // Without a receiver it is refused.
    if transaction.to.is_none() && source.percent(85) {
        transaction.to = Some(crate::scene::contract(0));
    }
    provide(source, scene, 300_000);
    let needed = needed_balance(&scene.transaction).unwrap_or(U256::MAX);
    account_mut(scene, scene.transaction.sender).balance = match source.below(8) {
        0 => needed.saturating_sub(U256::one()),
        1 => needed,
        _ => needed.saturating_add(U256::from(10).pow(20.into())),
    };
}

/// The sender: code or a delegation (EIP-3607, 7702), the last nonces (EIP-2681), a balance that is
/// just enough; fees out of order.
pub(super) fn sender(source: &mut Source, scene: &mut Scene) {
    let sender = scene.transaction.sender;
    match source.below(8) {
        0 => {
            let length = 1 + source.below(24);
            let code = source.bytes(length);
            account_mut(scene, sender).code = Code::new(code);
        }
        1 => {
            let target = somebody(source, scene);
            account_mut(scene, sender).code = Code::delegation(target);
        }
        2 => {
            let nonce = u64::MAX - source.below(3) as u64;
            scene.transaction.nonce = nonce;
            account_mut(scene, sender).nonce = nonce;
        }
        3 | 4 => {
            let needed = needed_balance(&scene.transaction).unwrap_or(U256::MAX);
            let balance = match source.below(3) {
                0 => needed.saturating_sub(U256::one()),
                1 => needed,
                _ => needed.saturating_add(U256::one()),
            };
            account_mut(scene, sender).balance = balance;
        }
        5 => {
            // A price that no balance can pay for.
            scene.transaction.max_fee = source.word().max(U256::one() << 80);
            if scene.transaction.kind < TransactionKind::DynamicFee {
                scene.transaction.max_priority_fee = scene.transaction.max_fee;
            }
            scene.beyond_revm |= scene.transaction.max_fee.bits() > 128;
        }
        6 => scene.transaction.value = source.word(),
        _ => {
            scene.accounts.retain(|(address, _)| *address != sender);
            let nothing = Account {
                balance: U256::zero(),
                nonce: 0,
                code: Code::EMPTY,
                storage: Vec::new(),
            };
            if source.percent(50) {
                // It pays nothing, if the block lets it.
                scene.transaction.nonce = 0;
                scene.transaction.max_fee = U256::zero();
                scene.transaction.max_priority_fee = U256::zero();
                scene.transaction.value = U256::zero();
                scene.block.base_fee = U256::zero();
                if scene.block.fork < Fork::SpuriousDragon {
                    put(scene, sender, nothing);
                }
            }
        }
    }
}

/// Long access lists of everybody, the same again and again (EIP-2930).
pub(super) fn access_list(source: &mut Source, scene: &mut Scene) {
    if scene.transaction.kind == TransactionKind::Legacy {
        as_kind(&mut scene.transaction, TransactionKind::AccessList);
    }
    let created = Address::new(scene.transaction.sender.0).create(scene.transaction.nonce);
    let items = (0..source.below(12)).map(|_| AccessListItem {
        address: match source.below(8) {
            0 => H160(created.into_array()),
            1 => scene.transaction.sender,
            _ => somebody(source, scene),
        },
        storage_keys: (0..source.below(6))
            .map(|_| {
                let key = match source.below(4) {
                    0 => source.word(),
                    _ => U256::from(source.below(3)),
                };
                H256(key.to_big_endian())
            })
            .collect(),
    });
    scene.transaction.access_list = items.collect();
    provide(source, scene, 200_000);
}

/// Numbers of the block at their ends.
pub(super) fn block(source: &mut Source, scene: &mut Scene) {
    let watched = somebody(source, scene);
    let block = &mut scene.block;
    match source.below(6) {
        0 => {
            let ends = [0, 1, 2, 255, 256, 257, 1 << 32, (1 << 63) - 1];
            block.number = *source.pick(&ends);
            if block.fork == Fork::Constantinople {
                // Of this fork alone go-ethereum's tests have an end: Petersburg begins at block 10,000,000.
                block.number = block.number.min(9_999_999);
            }
        }
        1 => block.timestamp = *source.pick(&[0, 1, 1 << 32, (1 << 63) - 1]),
        2 => block.gas_limit = scene.transaction.gas_limit - source.below(2) as u64,
        3 => block.coinbase = watched,
        4 if block.fork >= Fork::London => {
            let price = scene.transaction.max_fee.min(U256::from(u64::MAX >> 1));
            block.base_fee = match source.below(4) {
                0 => U256::zero(),
                1 => price,
                2 => price + U256::one(),
                _ => price.saturating_sub(scene.transaction.max_priority_fee),
            };
        }
        _ => block.coinbase = scene.transaction.to.unwrap_or(scene.transaction.sender),
    }
}
