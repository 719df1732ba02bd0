//! At most six blobs a transaction, however many the block takes.

use crate::world::*;
use evm_interpreter::{Fork, H256};
use fevm_conformance::ethereum::Rejection;

fn with(fork: Fork, blobs: usize, block: u64) -> World {
    let mut hash = H256::zero();
    hash.0[0] = 1;
    let mut world = World::calling(fork, Asm::new()).blobs(vec![hash; blobs]);
    world.block.max_blobs = block;
    world
}

#[test]
fn begins_with_osaka() {
    assert!(with(Fork::Prague, 7, 9).run().is_ok());
    assert_eq!(
        with(Fork::Osaka, 7, 9).rejection(),
        Rejection::TooManyBlobs { blobs: 7, limit: 6 }
    );
    assert!(with(Fork::Osaka, 6, 9).run().is_ok());
}

#[test]
fn the_blocks_own_limit_still_counts() {
    for fork in [Fork::Prague, Fork::Osaka] {
        assert_eq!(
            with(fork, 4, 3).rejection(),
            Rejection::TooManyBlobs { blobs: 4, limit: 3 }
        );
    }
    assert_eq!(
        with(Fork::Osaka, 22, 21).rejection(),
        Rejection::TooManyBlobs {
            blobs: 22,
            limit: 21
        }
    );
    assert_eq!(
        with(Fork::Osaka, 21, 21).rejection(),
        Rejection::TooManyBlobs {
            blobs: 21,
            limit: 6
        }
    );
}
