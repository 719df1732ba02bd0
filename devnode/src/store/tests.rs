use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, Signature, TxKind, U256, address};
use fvm_ipld_blockstore::{Block as IpldBlock, Blockstore};
use fvm_ipld_encoding::{DAG_CBOR, to_vec};
use multihash_codetable::Code;
use tempfile::TempDir;

use super::*;
use crate::chain::builder::{Body, Draft, seal};
use crate::chain::{Included, Receipt};
use crate::config::GasUnit;

const CHAIN_ID: u64 = 31_415_926;

fn identity() -> Identity {
    Identity {
        chain_id: CHAIN_ID,
        network_version: 28,
        manifest: Cid::default(),
        gas_unit: GasUnit::FVM,
    }
}

fn open(folder: &TempDir) -> Result<ChainStore, StoreError> {
    ChainStore::open(folder.path(), Durability::Immediate, &identity())
}

fn transaction(nonce: u64) -> Arc<Transaction> {
    let envelope: TxEnvelope = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 1_000_000,
        max_fee_per_gas: 200,
        max_priority_fee_per_gas: 100,
        to: TxKind::Call(Address::repeat_byte(1)),
        value: U256::from(7),
        ..TxEip1559::default()
    }
    .into_signed(Signature::new(U256::from(5), U256::from(6), true))
    .into();
    let sender = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    Arc::new(Transaction::from_parts(
        envelope,
        sender,
        nonce.is_multiple_of(2),
    ))
}

/// A block with a state of its own: a root that links to a leaf.
fn block(store: &ChainStore, parent: Option<&Block>, transactions: u64) -> Arc<Block> {
    let ipld = store.ipld();
    let number = parent.map_or(0, |parent| parent.number + 1);
    let leaf = ipld
        .put(
            Code::Blake2b256,
            &IpldBlock::new(DAG_CBOR, to_vec(&number).unwrap()),
        )
        .unwrap();
    let state_root = ipld
        .put(
            Code::Blake2b256,
            &IpldBlock::new(DAG_CBOR, to_vec(&(leaf, number)).unwrap()),
        )
        .unwrap();
    // What no root reaches.
    ipld.put(
        Code::Blake2b256,
        &IpldBlock::new(DAG_CBOR, to_vec(&(number, "between")).unwrap()),
    )
    .unwrap();
    let included = (0..transactions).map(|index| {
        let log = Log::new_unchecked(
            Address::repeat_byte(9),
            vec![B256::repeat_byte(3)],
            vec![1, 2, 3].into(),
        );
        let logs = vec![log; index as usize];
        Included {
            transaction: transaction(number * 100 + index),
            receipt: Receipt {
                exit_code: if index == 1 { 33 } else { 0 },
                gas_used: 1_000,
                cumulative_gas_used: 1_000 * (index + 1),
                effective_gas_price: u128::MAX,
                contract_address: (index == 2).then(|| Address::repeat_byte(4)),
                first_log_index: (0..index).sum(),
                logs_bloom: alloy_primitives::logs_bloom(&logs),
                logs,
                output: vec![5; index as usize].into(),
                failure: (index == 1).then(|| "reverted".to_owned()),
            },
        }
    });
    let body = Body {
        included: included.collect(),
        messages: Vec::new(),
        receipts: Vec::new(),
        state_root,
    };
    let draft = Draft {
        number,
        timestamp: 1_000 + number,
        base_fee: 100,
        gas_limit: 10_000_000_000,
    };
    Arc::new(seal(&ipld, parent, draft, body).unwrap())
}

fn push(store: &ChainStore, parent: Option<&Block>, transactions: u64) -> Arc<Block> {
    let block = block(store, parent, transactions);
    store
        .commit(&Changes {
            blocks: vec![Arc::clone(&block)],
            ..Changes::default()
        })
        .unwrap();
    block
}

fn same(one: &Block, other: &Block) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

use alloy_primitives::Log;

#[test]
fn a_chain_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    assert!(store.is_new().unwrap() && store.is_persistent());
    let genesis = push(&store, None, 0);
    let one = push(&store, Some(&genesis), 3);
    let waiting = transaction(7);
    let mut clock = Clock::default();
    clock.advance(500);
    clock.set_interval(Some(12));
    let snapshot = SnapshotRecord {
        id: 4,
        number: 1,
        state_root: one.state_root,
        next_base_fee: 100,
        chosen_base_fee: Some(9),
        clock: clock.clone(),
        pool: vec![Arc::clone(&waiting)],
    };
    store
        .commit(&Changes {
            pool: vec![(waiting.hash, Some(Arc::clone(&waiting)))],
            clock: Some(clock.clone()),
            snapshots: Some((vec![snapshot.clone()], 6)),
            ..Changes::default()
        })
        .unwrap();
    assert!(matches!(open(&folder), Err(StoreError::Locked(_))));
    drop(store);

    let store = open(&folder).unwrap();
    assert!(!store.is_new().unwrap());
    assert_eq!(store.head_number().unwrap(), Some(1));
    same(&store.block(0).unwrap().unwrap(), &genesis);
    same(&store.block(1).unwrap().unwrap(), &one);
    assert_eq!(store.number_of(one.hash).unwrap(), Some(1));
    assert_eq!(
        store
            .place_of(one.transactions[2].transaction.hash)
            .unwrap(),
        Some((1, 2))
    );
    assert_eq!(store.pool().unwrap(), [(*waiting).clone()]);
    assert_eq!(store.clock().unwrap(), Some(clock));
    assert_eq!(store.genesis_state().unwrap(), Some(genesis.state_root));
    let (snapshots, last) = store.snapshots().unwrap();
    assert_eq!(
        (format!("{snapshots:?}"), last),
        (format!("{:?}", vec![snapshot]), 6)
    );
    for root in [
        genesis.state_root,
        one.state_root,
        one.cid,
        one.receipts_root,
    ] {
        assert!(store.ipld().has(&root).unwrap(), "{root}");
    }
}

#[test]
fn blocks_above_a_number_can_be_taken_off() {
    let store = ChainStore::temporary(CHAIN_ID).unwrap();
    let genesis = push(&store, None, 0);
    let one = push(&store, Some(&genesis), 1);
    let two = push(&store, Some(&one), 2);
    store
        .commit(&Changes {
            truncate: Some(0),
            ..Changes::default()
        })
        .unwrap();
    assert_eq!(store.head_number().unwrap(), Some(0));
    for gone in [&one, &two] {
        assert!(store.block(gone.number).unwrap().is_none());
        assert_eq!(store.number_of(gone.hash).unwrap(), None);
        assert_eq!(
            store
                .place_of(gone.transactions[0].transaction.hash)
                .unwrap(),
            None
        );
    }
}

#[test]
fn what_no_block_needs_is_forgotten_and_can_come_back() {
    let store = ChainStore::temporary(CHAIN_ID).unwrap();
    let ipld = store.ipld();
    let genesis = push(&store, None, 0);
    let between = Cid::new_v1(
        DAG_CBOR,
        multihash_codetable::MultihashDigest::digest(
            &Code::Blake2b256,
            &to_vec(&(0_u64, "between")).unwrap(),
        ),
    );
    assert!(
        ipld.has(&between).unwrap(),
        "readable until the commit after the next"
    );
    // The same block again, now as a state: it must reach the file although it is still readable.
    let data = to_vec(&(0_u64, "between")).unwrap();
    ipld.put(Code::Blake2b256, &IpldBlock::new(DAG_CBOR, &data))
        .unwrap();
    let head = Arc::new(Block {
        state_root: between,
        ..Block::clone(&genesis)
    });
    store
        .commit(&Changes {
            head: Some(head),
            ..Changes::default()
        })
        .unwrap();
    let one = push(&store, Some(&genesis), 0);
    push(&store, Some(&one), 0);
    store.ipld.clear_cache();
    assert_eq!(ipld.get(&between).unwrap(), Some(data));
    let other = to_vec(&(1_u64, "between")).unwrap();
    let other = Cid::new_v1(
        DAG_CBOR,
        multihash_codetable::MultihashDigest::digest(&Code::Blake2b256, &other),
    );
    assert!(!ipld.has(&other).unwrap());
}

#[test]
fn old_states_are_pruned_and_the_rest_stays() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    store.prune_to(10);
    let mut blocks = vec![push(&store, None, 0)];
    let snapshot = |root| SnapshotRecord {
        id: 1,
        number: 3,
        state_root: root,
        next_base_fee: 100,
        chosen_base_fee: None,
        clock: Clock::default(),
        pool: Vec::new(),
    };
    for number in 1..=130 {
        blocks.push(push(&store, blocks.last().map(|block| &**block), 1));
        if number == 3 {
            let snapshots = Some((vec![snapshot(blocks[3].state_root)], 1));
            store
                .commit(&Changes {
                    snapshots,
                    ..Changes::default()
                })
                .unwrap();
        }
    }
    let kept: Vec<u64> = blocks
        .iter()
        .filter(|block| store.ipld().has(&block.state_root).unwrap())
        .map(|block| block.number)
        .collect();
    // The last sweep was at block 128. A block's parent state is kept with it.
    let expected: Vec<u64> = [0, 3].into_iter().chain(118..=130).collect();
    assert_eq!(kept, expected);
    for block in &blocks {
        same(&store.block(block.number).unwrap().unwrap(), block);
    }
}

#[test]
fn other_files_and_other_chains_are_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    drop(push(&open(&folder).unwrap(), None, 0));
    let refused = |identity: &Identity| {
        ChainStore::open(folder.path(), Durability::Immediate, identity)
            .unwrap_err()
            .to_string()
    };
    let error = refused(&Identity {
        chain_id: 1,
        ..identity()
    });
    assert!(
        error.contains("chain id 31415926, and the node was started with 1"),
        "{error}"
    );
    let error = refused(&Identity {
        network_version: 27,
        ..identity()
    });
    assert!(error.contains("network version 28"), "{error}");
    let manifest = Cid::new_v1(
        0x55,
        multihash_codetable::MultihashDigest::digest(&Code::Blake2b256, b"other"),
    );
    let error = refused(&Identity {
        manifest,
        ..identity()
    });
    assert!(error.contains("the bundle of actors"), "{error}");
    let error = refused(&Identity {
        gas_unit: GasUnit::new(444).unwrap(),
        ..identity()
    });
    assert!(
        error.contains("--gas-scale 1, and the node was started with 444"),
        "{error}"
    );

    let store = open(&folder).unwrap();
    store
        .database
        .write(|transaction| {
            transaction
                .open_table(VALUES)?
                .insert("format", 99_u32.to_be_bytes().as_slice())?;
            Ok(())
        })
        .unwrap();
    drop(store);
    let error = open(&folder).unwrap_err().to_string();
    assert!(
        error.contains("newer version of fevm (format 99"),
        "{error}"
    );

    let path = folder.path().join("chain.redb");
    let whole = std::fs::read(&path).unwrap();
    for foreign in [&b"SQLite format 3\0 and more"[..], b"", b"re"] {
        std::fs::write(&path, foreign).unwrap();
        assert!(
            matches!(open(&folder), Err(StoreError::Foreign(_))),
            "{foreign:?}"
        );
    }
    for damaged in [
        whole[..100].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        [&whole[..9], &[0xff; 8_000][..]].concat(),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let error = open(&folder).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = ChainStore::open(&file, Durability::Immediate, &identity())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("--data "), "{error}");
}

#[test]
fn a_store_whose_making_was_interrupted_is_made_again() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("chain.redb.new"), "half of it").unwrap();
    assert!(open(&folder).unwrap().is_new().unwrap());
    // Made, and ended before block 0 was written.
    assert!(open(&folder).unwrap().is_new().unwrap());
}
