//! The tree against `fvm_ipld_kamt` with the configuration of Filecoin's EVM actor.

use core::convert::Infallible;
use core::ops::ControlFlow;
use fevm_kamt::{Blocks, EMPTY_ROOT, Error, Kamt};
use fevm_runtime::Cid;
use fvm_ipld_blockstore::{Blockstore, MemoryBlockstore};
use fvm_ipld_encoding::strict_bytes;
use fvm_ipld_kamt::{AsHashedKey, Config, HashedKey};
use primitive_types::U256;
use proptest::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A word as the actor's state has it: big-endian bytes without leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word(U256);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.to_big_endian();
        let start = (self.0.leading_zeros() / 8) as usize;
        strict_bytes::Serialize::serialize(&bytes[start..], serializer)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: Vec<u8> = strict_bytes::Deserialize::deserialize(deserializer)?;
        Ok(Self(U256::from_big_endian(&bytes)))
    }
}

#[derive(Debug)]
struct Plain;

impl AsHashedKey<Word, 32> for Plain {
    fn as_hashed_key(key: &Word) -> Cow<'_, HashedKey<32>> {
        Cow::Owned(key.0.to_big_endian())
    }
}

type Reference<'a> = fvm_ipld_kamt::Kamt<&'a MemoryBlockstore, Word, Word, Plain>;

const fn config() -> Config {
    Config {
        bit_width: 5,
        min_data_depth: 0,
        max_array_width: 1,
    }
}

#[derive(Default)]
struct Store {
    blocks: BTreeMap<Cid, Vec<u8>>,
    reads: usize,
    writes: usize,
}

impl Blocks for Store {
    type Error = Infallible;

    fn get(&mut self, cid: &Cid) -> Result<Vec<u8>, Infallible> {
        self.reads += 1;
        Ok(self.blocks[cid].clone())
    }

    fn put(&mut self, data: &[u8]) -> Result<Cid, Infallible> {
        self.writes += 1;
        let digest = blake2b_simd::Params::new().hash_length(32).hash(data);
        let cid = Cid::new(0x71, digest.as_bytes().try_into().unwrap());
        self.blocks.insert(cid, data.to_vec());
        Ok(cid)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(U256, U256),
    Get(U256),
    Flush,
    Reopen,
}

/// Keys that part early, late and in the middle.
fn key() -> impl Strategy<Value = U256> {
    prop_oneof![
        (0..40_u64).prop_map(U256::from),
        (0..40_u64).prop_map(|n| U256::MAX - n),
        any::<[u64; 4]>().prop_map(|limbs| U256(limbs) & (U256::from(0xff) << 248)),
        (0..256_usize, 0..3_u64).prop_map(|(shift, n)| U256::from(n) << shift),
        (0..256_usize, 0..256_usize).prop_map(|(a, b)| (U256::one() << a) | (U256::one() << b)),
        any::<[u64; 4]>().prop_map(U256),
        // Each key parts from the next one digit later: the deepest trees.
        (0..52_usize).prop_map(|level| U256::MAX << (level * 5)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![
        Just(U256::zero()),
        any::<u64>().prop_map(U256::from),
        any::<[u64; 4]>().prop_map(U256),
    ];
    prop_oneof![
        6 => (key(), value).prop_map(|(key, value)| Step::Set(key, value)),
        2 => key().prop_map(|key| Step::Set(key, U256::zero())),
        2 => key().prop_map(Step::Get),
        1 => Just(Step::Flush),
        1 => Just(Step::Reopen),
    ]
}

fn apply(reference: &mut Reference<'_>, key: U256, value: U256) {
    if value.is_zero() {
        reference.delete(&Word(key)).unwrap();
    } else {
        reference.set(Word(key), Word(value)).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn same_roots_over_any_history(steps in proptest::collection::vec(step(), 1..150)) {
        let reference_store = MemoryBlockstore::default();
        let mut reference = Reference::new_with_config(&reference_store, config());
        let mut content = BTreeMap::new();
        let mut store = Store::default();
        let mut kamt = Kamt::new();
        for step in steps.into_iter().chain([Step::Reopen]) {
            match step {
                Step::Set(key, value) => {
                    kamt.set(&mut store, key, value).unwrap();
                    apply(&mut reference, key, value);
                    if value.is_zero() {
                        content.remove(&key);
                    } else {
                        content.insert(key, value);
                    }
                }
                Step::Get(key) => {
                    let expected = content.get(&key).copied().unwrap_or_default();
                    prop_assert_eq!(kamt.get(&mut store, &key).unwrap(), expected);
                }
                Step::Flush | Step::Reopen => {
                    let root = kamt.flush(&mut store).unwrap();
                    let expected = reference.flush().unwrap();
                    prop_assert_eq!(&root.as_bytes()[..], &expected.to_bytes()[..]);
                    prop_assert_eq!(kamt.flush(&mut store).unwrap(), root);
                    if matches!(step, Step::Reopen) {
                        kamt = Kamt::at(root);
                        reference = Reference::load_with_config(&expected, &reference_store, config()).unwrap();
                    }
                }
            }
        }
        prop_assert_eq!(kamt.is_empty(&mut store).unwrap(), content.is_empty());
        let mut pairs = Vec::new();
        kamt.for_each(&mut store, |key, value| {
            pairs.push((key, value));
            ControlFlow::Continue(())
        })
        .unwrap();
        prop_assert_eq!(pairs, content.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn reading_in_between_changes_nothing(
        keys in proptest::collection::vec(key(), 1..60),
        reads in proptest::collection::vec(key(), 1..60),
    ) {
        let mut store = Store::default();
        let mut kamt = Kamt::new();
        for key in &keys {
            kamt.set(&mut store, *key, U256::one()).unwrap();
        }
        let root = kamt.flush(&mut store).unwrap();
        // Setting the root anew, reading, and flushing without a change gives that root.
        let mut again = Kamt::at(root);
        for key in keys.iter().chain(&reads) {
            let expected = U256::from(u64::from(keys.contains(key)));
            prop_assert_eq!(again.get(&mut store, key).unwrap(), expected);
        }
        let writes = store.writes;
        prop_assert_eq!(again.flush(&mut store).unwrap(), root);
        prop_assert_eq!(store.writes, writes);
        // Neither does writing what is there, or writing and taking back.
        again.set(&mut store, keys[0], U256::one()).unwrap();
        prop_assert_eq!(again.root(), Some(root));
        again.set(&mut store, keys[0], U256::zero()).unwrap();
        again.set(&mut store, keys[0], U256::one()).unwrap();
        prop_assert_eq!(again.flush(&mut store).unwrap(), root);
        prop_assert_eq!(store.writes, writes);
    }

    #[test]
    fn arbitrary_blocks_are_refused_or_read(
        mut data in proptest::collection::vec(any::<u8>(), 0..80),
        start in 0..4_usize,
        key in key(),
    ) {
        let heads: [&[u8]; 4] = [
            &[],
            &[0x82, 0x41, 0x01, 0x81],
            &[0x82, 0x41, 0x01, 0x81, 0xa1, 0x61, b'v', 0x81, 0x82],
            &[0x82, 0x41, 0x01, 0x81, 0xa1, 0x61, b'l', 0x83, 0xd8, 0x2a, 0x58, 39],
        ];
        data.splice(0..0, heads[start].iter().copied());
        let mut store = Store::default();
        let root = store.put(&data).unwrap();
        store.blocks.retain(|_, _| true);
        let mut kamt = Kamt::at(root);
        if let Ok(value) = kamt.get(&mut store, &key) {
            prop_assert!(value <= U256::MAX);
        }
    }
}

#[test]
fn an_alternating_value_is_written_once_each() {
    let mut store = Store::default();
    let mut kamt = Kamt::new();
    for key in 0..100_u64 {
        kamt.set(&mut store, key.into(), U256::one()).unwrap();
    }
    let root = kamt.flush(&mut store).unwrap();
    let mut kamt = Kamt::at(root);
    kamt.set(&mut store, 7.into(), 2.into()).unwrap();
    kamt.flush(&mut store).unwrap();
    let writes = store.writes;
    for _ in 0..10 {
        kamt.set(&mut store, 7.into(), U256::one()).unwrap();
        assert_eq!(kamt.flush(&mut store).unwrap(), root);
        kamt.set(&mut store, 7.into(), 2.into()).unwrap();
        kamt.flush(&mut store).unwrap();
    }
    assert_eq!(store.writes, writes);
}

#[test]
fn the_empty_root_is_known_without_reading() {
    let mut store = Store::default();
    let mut kamt = Kamt::at(EMPTY_ROOT);
    assert!(kamt.is_empty(&mut store).unwrap());
    assert_eq!(kamt.get(&mut store, &U256::one()).unwrap(), U256::zero());
    assert_eq!(kamt.flush(&mut store).unwrap(), EMPTY_ROOT);
    assert_eq!((store.reads, store.writes), (0, 0));
    assert_eq!(Kamt::new().flush(&mut store).unwrap(), EMPTY_ROOT);
    assert_eq!(store.writes, 1);
    let reference = MemoryBlockstore::default();
    let empty = Reference::new_with_config(&reference, config())
        .flush()
        .unwrap();
    assert_eq!(&EMPTY_ROOT.as_bytes()[..], &empty.to_bytes()[..]);
    assert!(reference.has(&empty).unwrap());
}

#[test]
fn malformed_nodes_have_a_reason() {
    let cases: [(&[u8], &str); 6] = [
        (&[0x80], "no pair of bitfield and pointers"),
        (
            &[0x82, 0x41, 0x01, 0x80],
            "bitfield and number of pointers differ",
        ),
        (
            &[0x82, 0x45, 1, 0, 0, 0, 0, 0x81],
            "bitfield of more than 32 bits",
        ),
        (&[0x82, 0x41, 0x01, 0x81, 0xf6], "a pointer of unknown form"),
        (&[0x82, 0x40, 0x80, 0x00], "pointers and length differ"),
        (&[0x82, 0x40], "no pointers"),
    ];
    for (data, reason) in cases {
        let mut store = Store::default();
        let root = store.put(data).unwrap();
        let result = Kamt::at(root).get(&mut store, &U256::zero());
        assert_eq!(result, Err(Error::Malformed(reason)));
    }
}
