//! Contracts whose state is not what an actor has written: blocks damaged, exchanged, missing.

use cid::Cid;
use fvm_ipld_blockstore::Blockstore;
use fvm_shared::ActorID;
use multihash_codetable::{Code, MultihashDigest};

use super::cbor::{Value, damage};
use super::rng::Rng;
use super::world::{ACCOUNT, Case, World};

const RAW: u64 = 0x55;
const DAG_CBOR: u64 = 0x71;
const CBOR: u64 = 0x51;
const INVOKE_EVM: u64 = 3_844_450_837;

/// A contract with many blocks, the one that delegates to it, a dead one; and an account.
const VICTIMS: &[ActorID] = &[106, 106, 106, 106, 111, 109, 103];

/// A message to an actor whose state has been tampered with.
pub(crate) fn case(rng: &mut Rng, world: &World) -> Case {
    let victim = *rng.pick(VICTIMS);
    let state = world.vm.state(&world.root).unwrap();
    let head = state.actor(victim).unwrap().unwrap().state;
    let (head, blocks) = tampered(rng, world, &head);
    let (from, method, params) = question(rng, victim);
    let mut case = Case::new(from, victim, method, params);
    case.nonce = if rng.chance(70) { case.nonce } else { 8 };
    case.heads = vec![(victim, head)];
    case.blocks = blocks;
    case
}

fn question(rng: &mut Rng, victim: ActorID) -> (ActorID, u64, Vec<u8>) {
    if victim == 103 {
        return match rng.chance(50) {
            true => (ACCOUNT, 2, Vec::new()),
            false => {
                let message = Value::Array(vec![
                    Value::Bytes(rng.bytes(65)),
                    Value::Bytes(rng.bytes(5)),
                ]);
                (ACCOUNT, 2_643_134_072, message.encode())
            }
        };
    }
    let mut key = [0; 32];
    if rng.chance(60) {
        key[31] = rng.below(24) as u8;
    } else {
        key = alloy_primitives::keccak256((rng.next() % 80).to_be_bytes()).0;
    }
    match rng.below(12) {
        0 => (ACCOUNT, 3, Vec::new()),
        1 => (ACCOUNT, 4, Vec::new()),
        2 => {
            let key = Value::Array(vec![Value::Bytes(key.to_vec())]);
            (0, 5, key.encode())
        }
        3 => {
            let params = Value::Array(vec![
                Value::bytes([7; 20]),
                Value::bytes([0x5f, 0x5f, 0xf3]),
            ]);
            (10, 2, params.encode())
        }
        4..=7 => (ACCOUNT, INVOKE_EVM, Value::Bytes(key.to_vec()).encode()),
        _ => {
            let mut data = key.to_vec();
            data.extend([0; 31]);
            data.push(rng.below(3) as u8);
            (ACCOUNT, INVOKE_EVM, Value::Bytes(data).encode())
        }
    }
}

/// Changes one block below a root, and the links that lead to it.
fn tampered(rng: &mut Rng, world: &World, root: &Cid) -> (Cid, Vec<(Cid, Vec<u8>)>) {
    // From the root to a block below.
    let mut path = vec![*root];
    loop {
        let block = world.vm.store().get(path.last().unwrap()).unwrap().unwrap();
        let below = links(&block);
        if below.is_empty() || rng.chance(35) {
            break;
        }
        path.push(*rng.pick(&below));
    }
    let mut old = path.pop().unwrap();
    let mut data = world.vm.store().get(&old).unwrap().unwrap();
    let mut blocks = Vec::new();
    let mut new = match rng.below(12) {
        // The block is not there.
        0 => cid(old.codec(), b"nothing has this CID"),
        // Another block of the same state in its place.
        1 | 2 => {
            let mut all = vec![*root];
            collect(world, root, &mut all);
            *rng.pick(&all)
        }
        // The same under another codec.
        3 => {
            let new = Cid::new_v1(*rng.pick(&[RAW, DAG_CBOR, CBOR]), *old.hash());
            blocks.push((new, data));
            new
        }
        kind => {
            match kind {
                4 => data = Value::random(rng, 3).encode(),
                5 => {
                    let len = rng.length(200);
                    data = rng.bytes(len);
                }
                6 => data.clear(),
                _ => damage(&mut data, rng),
            }
            let new = cid(old.codec(), &data);
            blocks.push((new, data));
            new
        }
    };
    while let Some(parent) = path.pop() {
        let mut data = world.vm.store().get(&parent).unwrap().unwrap();
        replace(&mut data, &old.to_bytes(), &new.to_bytes());
        old = parent;
        new = cid(parent.codec(), &data);
        blocks.push((new, data));
    }
    (new, blocks)
}

fn cid(codec: u64, data: &[u8]) -> Cid {
    Cid::new_v1(codec, Code::Blake2b256.digest(data))
}

/// The CIDs in a block, by their binary form.
fn links(block: &[u8]) -> Vec<Cid> {
    const LEN: usize = 38;
    let starts = [
        &[1, RAW as u8, 0xa0, 0xe4, 2, 0x20],
        &[1, DAG_CBOR as u8, 0xa0, 0xe4, 2, 0x20],
    ];
    let windows = block.windows(LEN);
    let found = windows.filter(|w| starts.iter().any(|start| w.starts_with(*start)));
    found.filter_map(|w| Cid::try_from(w).ok()).collect()
}

fn collect(world: &World, root: &Cid, all: &mut Vec<Cid>) {
    let block = world.vm.store().get(root).unwrap().unwrap();
    for link in links(&block) {
        all.push(link);
        collect(world, &link, all);
    }
}

fn replace(data: &mut [u8], old: &[u8], new: &[u8]) {
    let Some(at) = data.windows(old.len()).position(|w| w == old) else {
        return;
    };
    data[at..at + new.len()].copy_from_slice(new);
}
