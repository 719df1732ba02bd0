//! Blob transactions and BLOBHASH.

use crate::world::*;
use evm_interpreter::opcode::BLOBHASH;
use evm_interpreter::{Fork, H256, U256};
use fevm_conformance::ethereum::{Rejection, TransactionKind};

fn hash(last: u8) -> H256 {
    let mut hash = H256::zero();
    hash.0[0] = 1;
    hash.0[31] = last;
    hash
}

fn world(fork: Fork, blobs: usize) -> World {
    World::calling(fork, Asm::new()).blobs((0..blobs).map(|at| hash(at as u8)).collect())
}

#[test]
fn begins_with_cancun() {
    begins(Fork::Cancun, &Asm::new().push(0).op(BLOBHASH));
    assert_eq!(
        world(Fork::Shanghai, 1).rejection(),
        Rejection::TypeNotSupported(TransactionKind::Blob)
    );
    assert!(world(Fork::Cancun, 1).ran().receipt.success);
}

#[test]
fn blobhash() {
    for (index, expected) in [
        (U256::zero(), U256::from_big_endian(&hash(0).0)),
        (U256::one(), U256::from_big_endian(&hash(1).0)),
        (2.into(), U256::zero()),
        (U256::MAX, U256::zero()),
    ] {
        let code = Asm::new().push(index).op(BLOBHASH).return_top();
        let world = World::calling(Fork::Cancun, code).blobs(vec![hash(0), hash(1)]);
        assert_eq!(world.word(), expected);
    }
    let ran = World::calling(Fork::Cancun, Asm::new().push(0).op(BLOBHASH)).ran();
    assert_eq!(ran.receipt.gas_used, CALL_COST + 3 + 3);
}

#[test]
fn refused() {
    let mut creation = world(Fork::Cancun, 1);
    creation.transaction.to = None;
    assert_eq!(creation.rejection(), Rejection::BlobCreation);
    assert_eq!(world(Fork::Cancun, 0).rejection(), Rejection::ZeroBlobs);
    let version = World::calling(Fork::Cancun, Asm::new()).blobs(vec![hash(0), H256::zero()]);
    assert_eq!(version.rejection(), Rejection::BlobHashVersion { index: 1 });
    let mut cheap = world(Fork::Cancun, 1);
    cheap.block.blob_base_fee = 101.into();
    assert!(matches!(cheap.rejection(), Rejection::MaxBlobFeeBelowBaseFee { .. }));
    let mut poor = world(Fork::Cancun, 1);
    // Covers the gas, but not what the blob may cost.
    poor.accounts[0].1.balance = poor.transaction.gas_limit.into();
    poor.accounts[0].1.balance *= poor.transaction.max_fee;
    assert!(matches!(poor.rejection(), Rejection::InsufficientFunds { .. }));
}

#[test]
fn count_by_fork() {
    for (fork, most) in [(Fork::Cancun, 6), (Fork::Prague, 9), (Fork::Osaka, 6)] {
        assert!(world(fork, most).run().is_ok(), "{fork:?}");
        assert!(
            matches!(world(fork, most + 1).rejection(), Rejection::TooManyBlobs { .. }),
            "{fork:?}"
        );
    }
}

#[test]
fn the_blob_fee_is_burnt() {
    let mut world = world(Fork::Cancun, 2);
    world.block.blob_base_fee = 3.into();
    let before = world.accounts[0].1.balance;
    let mut ran = world.ran();
    let sender = ran.state.load(SENDER);
    let paid = before - ran.state.balance(sender);
    assert_eq!(paid, U256::from(ran.receipt.gas_used * 10 + 2 * (1 << 17) * 3));
    let coinbase = ran.state.load(COINBASE);
    assert_eq!(ran.state.balance(coinbase), U256::from(ran.receipt.gas_used * 3));
}
