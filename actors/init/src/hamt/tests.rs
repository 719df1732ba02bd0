use super::*;
use fevm_runtime::testing::TestRuntime;
use fvm_ipld_blockstore::MemoryBlockstore;
use fvm_ipld_hamt::{BytesKey, Config, Hamt, Sha256};
use proptest::collection::vec;
use proptest::prelude::*;

const CONFIG: Config = Config {
    bit_width: 5,
    min_data_depth: 0,
    max_array_width: 3,
};

/// The library's root for these entries.
fn reference(entries: &[(Vec<u8>, ActorId)]) -> Vec<u8> {
    let store = MemoryBlockstore::default();
    let mut map: Hamt<_, ActorId, BytesKey, Sha256> = Hamt::new_with_config(&store, CONFIG);
    for (key, id) in entries {
        map.set_if_absent(BytesKey(key.clone()), *id).unwrap();
    }
    map.flush().unwrap().to_bytes()
}

fn empty(rt: &TestRuntime) -> Cid {
    rt.put_block(cid::DAG_CBOR, &EMPTY).unwrap()
}

/// Our root for these entries, stored after every `batch` of them.
fn stored(rt: &TestRuntime, entries: &[(Vec<u8>, ActorId)], batch: usize) -> Cid {
    let mut root = empty(rt);
    for batch in entries.chunks(batch) {
        let mut map = AddressMap::load(rt, &root).unwrap();
        for (key, id) in batch {
            if let Some(existing) = map.insert(key, *id).unwrap() {
                assert!(entries.contains(&(key.clone(), existing)));
            }
        }
        root = map.flush().unwrap();
    }
    root
}

#[test]
fn nothing_is_the_empty_node() {
    let rt = TestRuntime::new(1);
    assert_eq!(reference(&[]), empty(&rt).as_bytes());
    let mut map = AddressMap::load(&rt, &empty(&rt)).unwrap();
    assert_eq!(map.flush().unwrap(), empty(&rt));
}

#[test]
fn many_addresses() {
    let rt = TestRuntime::new(1);
    let entries: Vec<_> = (0..1000_u32)
        .map(|n| {
            (
                [&[4, 10][..], &n.to_be_bytes().repeat(5)].concat(),
                u64::from(n),
            )
        })
        .collect();
    let root = stored(&rt, &entries, 100);
    assert_eq!(reference(&entries), root.as_bytes());
    let mut map = AddressMap::load(&rt, &root).unwrap();
    for (key, id) in &entries {
        assert_eq!(map.insert(key, 1 << 40).unwrap(), Some(*id));
    }
}

#[test]
fn an_insertion_writes_only_what_it_touches() {
    let rt = TestRuntime::new(1);
    let entries: Vec<_> = (0..500_u64)
        .map(|n| (n.to_be_bytes().to_vec(), n))
        .collect();
    let root = stored(&rt, &entries, 500);
    rt.take_calls();
    let mut map = AddressMap::load(&rt, &root).unwrap();
    assert_eq!(map.insert(b"new", 7).unwrap(), None);
    assert_eq!(map.insert(b"new", 8).unwrap(), Some(7));
    map.flush().unwrap();
    let calls = rt.take_calls();
    let count = |name| calls.iter().filter(|call| **call == name).count();
    // 500 keys in a root with 32 children: two levels.
    assert_eq!((count("block_open"), count("block_link")), (2, 2));
    assert_eq!(count("hash"), 2);
}

#[test]
fn a_map_without_changes_writes_nothing() {
    let rt = TestRuntime::new(1);
    let entries: Vec<_> = (0..200_u64)
        .map(|n| (n.to_be_bytes().to_vec(), n))
        .collect();
    let root = stored(&rt, &entries, 200);
    let mut map = AddressMap::load(&rt, &root).unwrap();
    assert_eq!(map.insert(&entries[5].0, 1).unwrap(), Some(5));
    rt.take_calls();
    assert_eq!(map.flush().unwrap(), root);
    assert!(rt.take_calls().is_empty());
}

#[test]
fn bits_of_the_hash_from_the_highest() {
    let mut hashed = Hashed {
        key: &[],
        hash: [0; 32],
    };
    hashed.hash[0] = 0b1000_1101;
    hashed.hash[1] = 0b0111_1111;
    hashed.hash[31] = 0b0100_0001;
    let indices: Vec<_> = (0..=DEPTH)
        .map(|depth| hashed.index(depth).unwrap())
        .collect();
    assert_eq!(indices[..3], [0b10001, 0b10101, 0b11111]);
    assert_eq!(indices[3], 0b10000);
    assert_eq!(indices[50..], [0b00000, 0b1]);
    assert_eq!(indices[49], 0b00001);
    assert!(hashed.index(DEPTH + 1).is_err());
}

#[test]
fn damaged_nodes_are_exit_20() {
    let nodes: [&[u8]; 10] = [
        &[],
        &[0x80],
        &[0x82, 0x41, 1, 0x80],
        &[0x82, 0x40, 0x81, 0x81, 0x82, 0x41, 1, 1],
        &[0x82, 0x45, 1, 0, 0, 0, 0, 0x80],
        &[0x82, 0x41, 1, 0x81, 0x01],
        &[0x82, 0x41, 1, 0x81, 0x81, 0x81, 0x01],
        &[0x82, 0x41, 1, 0x81, 0xd8, 0x2a, 0x40],
        &[
            0x82, 0x40, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ],
        &[0x82, 0x40, 0x80, 0],
    ];
    for node in nodes {
        let rt = TestRuntime::new(1);
        let root = rt.put_block(cid::DAG_CBOR, node).unwrap();
        let result = AddressMap::load(&rt, &root).map(|_| ());
        assert_eq!(result.unwrap_err().code().value(), 20, "{node:02x?}");
    }
    let rt = TestRuntime::new(1);
    let missing = rt.store(cid::DAG_CBOR, &EMPTY);
    assert_eq!(
        AddressMap::load(&rt, &missing)
            .err()
            .unwrap()
            .code()
            .value(),
        20
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_are_the_librarys(
        entries in vec((vec(any::<u8>(), 0..60), any::<u64>()), 0..160),
        batch in 1..40_usize,
    ) {
        let rt = TestRuntime::new(1);
        let root = stored(&rt, &entries, batch);
        prop_assert_eq!(reference(&entries), root.as_bytes());
    }

    #[test]
    fn arbitrary_nodes_never_panic(node in vec(any::<u8>(), 0..80), key in vec(any::<u8>(), 0..8)) {
        let rt = TestRuntime::new(1);
        let root = rt.put_block(cid::DAG_CBOR, &[&[0x82][..], &node].concat()).unwrap();
        if let Ok(mut map) = AddressMap::load(&rt, &root) {
            let _ = map.insert(&key, 1);
            let _ = map.flush();
        }
    }
}
