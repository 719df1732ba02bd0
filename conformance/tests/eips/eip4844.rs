//! Blob transactions and BLOBHASH.

use crate::world::*;
use evm_interpreter::opcode::BLOBHASH;
use evm_interpreter::{Fork, H256, U256};
use fevm_conformance::ethereum::{Rejection, TransactionKind};

const fn hash(last: u8) -> H256 {
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
    assert!(matches!(
        cheap.rejection(),
        Rejection::MaxBlobFeeBelowBaseFee { .. }
    ));
    let mut poor = world(Fork::Cancun, 1);
    // Covers the gas, but not what the blob may cost.
    poor.accounts[0].1.balance = poor.transaction.gas_limit.into();
    poor.accounts[0].1.balance *= poor.transaction.max_fee;
    assert!(matches!(
        poor.rejection(),
        Rejection::InsufficientFunds { .. }
    ));
}

#[test]
fn count_by_fork() {
    for (fork, most) in [(Fork::Cancun, 6), (Fork::Prague, 9), (Fork::Osaka, 6)] {
        assert!(world(fork, most).run().is_ok(), "{fork:?}");
        assert!(
            matches!(
                world(fork, most + 1).rejection(),
                Rejection::TooManyBlobs { .. }
            ),
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
    assert_eq!(
        paid,
        U256::from(ran.receipt.gas_used * 10 + 2 * (1 << 17) * 3)
    );
    let coinbase = ran.state.load(COINBASE);
    assert_eq!(
        ran.state.balance(coinbase),
        U256::from(ran.receipt.gas_used * 3)
    );
}

/// Inputs of the point evaluation's golden vectors, and whether they are proofs.
fn evaluations() -> Vec<(Vec<u8>, bool)> {
    let text = include_str!("../../../precompiles/tests/vectors/point_evaluation.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let input = alloy_primitives::hex::decode(case["input"].as_str().unwrap()).unwrap();
            (input, case["results"][0]["ok"] == true)
        })
        .collect()
}

#[test]
fn point_evaluation() {
    // The number of field elements of a blob, and the order of the field.
    let mut answer = vec![0; 64];
    answer[30] = 0x10;
    let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    answer[32..].copy_from_slice(&alloy_primitives::hex::decode(order).unwrap());
    let evaluations = evaluations();
    assert!(evaluations.iter().any(|(_, proves)| *proves));
    for (input, proves) in evaluations {
        assert_eq!(precompile(0x0a, &input, Fork::Shanghai), (true, vec![]));
        let expected = if proves {
            (true, answer.clone())
        } else {
            (false, vec![])
        };
        assert_eq!(precompile(0x0a, &input, Fork::Cancun), expected);
        // A constant polynomial has its value everywhere, and infinity as its proof.
        if proves && input[144] != 0xc0 {
            // Every part of the proof counts: the hash, the point, the value, both curve points.
            for at in [0, 5, 40, 90, 100, 150] {
                let mut wrong = input.clone();
                wrong[at] ^= 1;
                assert_eq!(
                    precompile(0x0a, &wrong, Fork::Cancun),
                    (false, vec![]),
                    "{at}"
                );
            }
            assert!(!precompile(0x0a, &input[..191], Fork::Cancun).0);
            let ran = World::calling(Fork::Cancun, Asm::new());
            let mut direct = ran.input(&input);
            direct.transaction.to = Some(low(0x0a));
            let data = input
                .iter()
                .map(|byte| if *byte == 0 { 4 } else { 16 })
                .sum::<u64>();
            assert_eq!(direct.ran().receipt.gas_used, CALL_COST + data + 50_000);
        }
    }
}

#[test]
fn price_follows_the_excess() {
    // Taylor series of e^x at the excess that doubles the price; 9 wei at e^2.2.
    let schedule = fevm_conformance::ethereum::BlobSchedule::of(Fork::Cancun).unwrap();
    for (excess, price) in [(0u64, 1u64), (2_314_058, 2), (3_338_477, 2), (7_344_650, 9)] {
        assert_eq!(schedule.price(excess), price.into(), "{excess}");
    }
}
