//! More blobs a block, and a price that moves more slowly.

use evm_interpreter::Fork;
use fevm_conformance::ethereum::BlobSchedule;

#[test]
fn schedules() {
    assert_eq!(BlobSchedule::of(Fork::Shanghai), None);
    let cancun = BlobSchedule {
        target: 3,
        max: 6,
        update_fraction: 3_338_477,
    };
    assert_eq!(BlobSchedule::of(Fork::Cancun), Some(cancun));
    let prague = BlobSchedule {
        target: 6,
        max: 9,
        update_fraction: 5_007_716,
    };
    assert_eq!(BlobSchedule::of(Fork::Prague), Some(prague));
    assert_eq!(BlobSchedule::of(Fork::Osaka), Some(prague));
}

#[test]
fn one_block_moves_the_price_by_an_eighth_at_most() {
    // A full block adds what is above the target, 131,072 gas a blob.
    let schedule = BlobSchedule::of(Fork::Prague).unwrap();
    let step = (schedule.max - schedule.target) << 17;
    let at = 300_000_000;
    let (before, after) = (
        schedule.price(at).as_u128(),
        schedule.price(at + step).as_u128(),
    );
    let growth = after * 10_000 / before;
    assert!((10_800..10_850).contains(&growth), "{growth}");
}
