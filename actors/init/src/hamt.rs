//! The address map: a HAMT from binary addresses to actor IDs.
//!
//! As on mainnet: 5 bits a level of the SHA2-256 of the key, buckets of up to 3 entries in order of
//! their keys. A node is the tuple `[bitfield, pointers]`; the bitfield is a big-endian byte string
//! without leading zeros; a pointer is a link to a node, or a bucket, a list of `[key, ID]`.
//!
//! Keys are added and never removed, so there is no collapsing of nodes. What an insertion does not
//! touch is copied as encoded bytes: nodes are large, and decoding and encoding them costs gas.

use core::ops::Range;

use fevm_runtime::cbor::{DecodeError, Reader, Writer};
use fevm_runtime::runtime::Hash;
use fevm_runtime::{Abort, ActorId, Cid, ErrorNumber, Runtime, cid};

/// Entries of a bucket before it becomes a node.
const BUCKET: usize = 3;

/// Bits of the hash that a level uses.
const BITS: usize = 5;

/// A node with one bit of the hash left is the deepest.
const DEPTH: usize = 256 / BITS;

/// The node without entries.
pub(crate) const EMPTY: [u8; 3] = [0x82, 0x40, 0x80];

/// A map over the blocks of `rt`.
pub(crate) struct AddressMap<'a, R> {
    rt: &'a R,
    root: Node,
}

/// A key with its hash.
struct Hashed<'a> {
    key: &'a [u8],
    hash: [u8; 32],
}

impl<'a> Hashed<'a> {
    fn new(rt: &impl Runtime, key: &'a [u8]) -> Self {
        let mut hash = [0; 32];
        rt.hash(Hash::Sha256, key, &mut hash);
        Self { key, hash }
    }

    /// The bits of the hash for this depth, 0 for the root: highest first; one bit at the deepest.
    fn index(&self, depth: usize) -> Result<u32, Abort> {
        let bit = depth * BITS;
        let byte = |at: usize| u32::from(self.hash.get(at).copied().unwrap_or(0));
        let window = (byte(bit / 8) << 8) | byte(bit / 8 + 1);
        match depth {
            0..DEPTH => Ok((window >> (16 - BITS - bit % 8)) & 0x1f),
            DEPTH => Ok(byte(31) & 1),
            _ => Err(Abort::illegal_state("address map: hashes collide")),
        }
    }
}

struct Node {
    /// The stored block that [`Pointer::Stored`] points into; empty for a new node.
    block: Vec<u8>,
    bitfield: u32,
    pointers: Vec<Pointer>,
    /// CID of the stored block, `None` once the node differs from it.
    cid: Option<Cid>,
}

enum Pointer {
    /// Unchanged: encoded in the node's block.
    Stored(Range<usize>),
    /// A bucket, encoded.
    Bucket(Vec<u8>),
    /// A node that has been loaded or made.
    Node(Box<Node>),
}

impl<'a, R: Runtime> AddressMap<'a, R> {
    /// Loads the root node.
    pub(crate) fn load(rt: &'a R, root: &Cid) -> Result<Self, Abort> {
        let root = Node::load(rt, root)?;
        Ok(Self { rt, root })
    }

    /// Adds an address. If the map has it already, gives its ID and changes nothing.
    pub(crate) fn insert(&mut self, key: &[u8], id: ActorId) -> Result<Option<ActorId>, Abort> {
        let hashed = Hashed::new(self.rt, key);
        self.root.insert(self.rt, &hashed, id, 0)
    }

    /// Stores what has changed and gives the CID of the root.
    pub(crate) fn flush(&mut self) -> Result<Cid, Abort> {
        self.root.flush(self.rt)
    }
}

/// What is behind a pointer of a node.
enum Open<'a> {
    Node(&'a mut Node),
    Bucket(&'a [u8]),
}

impl Node {
    const fn new() -> Self {
        Self {
            block: Vec::new(),
            bitfield: 0,
            pointers: Vec::new(),
            cid: None,
        }
    }

    fn load(rt: &impl Runtime, cid: &Cid) -> Result<Self, Abort> {
        let block = rt.get_block(cid).map_err(unreadable)?;
        let (bitfield, pointers) = parse(&block).map_err(malformed)?;
        if bitfield.count_ones() as usize != pointers.len() {
            return Err(Abort::illegal_state(
                "address map: pointers do not match the bitfield",
            ));
        }
        Ok(Self {
            block,
            bitfield,
            pointers: pointers.into_iter().map(Pointer::Stored).collect(),
            cid: Some(*cid),
        })
    }

    /// Where the pointer of this index stands, if there is one.
    const fn position(&self, index: u32) -> Option<usize> {
        if self.bitfield >> index & 1 == 1 {
            Some(self.rank(index))
        } else {
            None
        }
    }

    /// Number of pointers before this index.
    const fn rank(&self, index: u32) -> usize {
        (self.bitfield & ((1 << index) - 1)).count_ones() as usize
    }

    /// What stands at a position; loads a node that is only linked.
    fn open(&mut self, rt: &impl Runtime, at: usize) -> Result<Open<'_>, Abort> {
        if let Pointer::Stored(range) = &self.pointers[at] {
            let stored = &self.block[range.clone()];
            if let Some(link) = link(stored).map_err(malformed)? {
                self.pointers[at] = Pointer::Node(Box::new(Self::load(rt, &link)?));
            }
        }
        Ok(match &mut self.pointers[at] {
            Pointer::Node(node) => Open::Node(node),
            Pointer::Bucket(bucket) => Open::Bucket(bucket),
            Pointer::Stored(range) => Open::Bucket(&self.block[range.clone()]),
        })
    }

    fn insert(
        &mut self,
        rt: &impl Runtime,
        hashed: &Hashed<'_>,
        id: ActorId,
        depth: usize,
    ) -> Result<Option<ActorId>, Abort> {
        let index = hashed.index(depth)?;
        let Some(at) = self.position(index) else {
            let pointer = Pointer::Bucket(bucket(&[(hashed.key, id)]));
            self.pointers.insert(self.rank(index), pointer);
            self.bitfield |= 1 << index;
            self.cid = None;
            return Ok(None);
        };
        let changed = match self.open(rt, at)? {
            Open::Node(node) => {
                let existing = node.insert(rt, hashed, id, depth + 1)?;
                if existing.is_some() {
                    return Ok(existing);
                }
                None
            }
            Open::Bucket(encoded) => {
                let mut list = entries(encoded).map_err(malformed)?;
                if let Some((_, existing)) = list.iter().find(|(key, _)| *key == hashed.key) {
                    return Ok(Some(*existing));
                }
                let place = list.partition_point(|(key, _)| *key < hashed.key);
                list.insert(place, (hashed.key, id));
                Some(if list.len() <= BUCKET {
                    Pointer::Bucket(bucket(&list))
                } else {
                    let mut node = Self::new();
                    for (key, id) in list {
                        node.insert(rt, &Hashed::new(rt, key), id, depth + 1)?;
                    }
                    Pointer::Node(Box::new(node))
                })
            }
        };
        if let Some(pointer) = changed {
            self.pointers[at] = pointer;
        }
        self.cid = None;
        Ok(None)
    }

    fn flush(&mut self, rt: &impl Runtime) -> Result<Cid, Abort> {
        if let Some(cid) = self.cid {
            return Ok(cid);
        }
        let mut writer = Writer::with_capacity(self.block.len() + 256);
        writer.array(2);
        let bitfield = self.bitfield.to_be_bytes();
        writer.bytes(&bitfield[self.bitfield.leading_zeros() as usize / 8..]);
        writer.array(self.pointers.len() as u64);
        for pointer in &mut self.pointers {
            match pointer {
                Pointer::Stored(range) => writer.literal(&self.block[range.clone()]),
                Pointer::Bucket(bucket) => writer.literal(bucket),
                Pointer::Node(node) => writer.link(&node.flush(rt)?),
            }
        }
        let cid = rt
            .put_block(cid::DAG_CBOR, &writer.into_bytes())
            .map_err(|error| Abort::illegal_state(format!("address map: cannot write: {error}")))?;
        self.cid = Some(cid);
        Ok(cid)
    }
}

#[cold]
fn malformed(error: DecodeError) -> Abort {
    Abort::illegal_state(format!("address map: {error}"))
}

#[cold]
fn unreadable(error: ErrorNumber) -> Abort {
    Abort::illegal_state(format!("address map: cannot read: {error}"))
}

/// The bitfield of a node and where its pointers stand.
fn parse(block: &[u8]) -> Result<(u32, Vec<Range<usize>>), DecodeError> {
    let mut reader = Reader::new(block);
    reader.tuple(2)?;
    let offset = reader.position();
    let bits = reader.bytes()?;
    if bits.len() > 4 {
        return Err(DecodeError {
            expected: "a bitfield of 32 bits",
            offset,
        });
    }
    let bitfield = bits
        .iter()
        .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
    let count = reader.array()?;
    let mut pointers = Vec::with_capacity(count.min(32) as usize);
    for _ in 0..count {
        let start = reader.position();
        skip_pointer(&mut reader)?;
        pointers.push(start..reader.position());
    }
    reader.finish()?;
    Ok((bitfield, pointers))
}

/// First byte of a link: tag 42.
const TAG: u8 = 0xd8;

fn skip_pointer(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    if reader.peek() == Some(TAG) {
        return reader.link().map(|_| ());
    }
    for _ in 0..reader.array()? {
        reader.tuple(2)?;
        reader.definite_bytes()?;
        reader.u64()?;
    }
    Ok(())
}

/// The link in an encoded pointer; `None` if it is a bucket.
fn link(pointer: &[u8]) -> Result<Option<Cid>, DecodeError> {
    match pointer.first() {
        Some(&TAG) => Reader::new(pointer).link().map(Some),
        _ => Ok(None),
    }
}

/// The entries of an encoded bucket.
fn entries(bucket: &[u8]) -> Result<Vec<(&[u8], ActorId)>, DecodeError> {
    let mut reader = Reader::new(bucket);
    let count = reader.array()?;
    let mut entries = Vec::with_capacity(BUCKET + 1);
    for _ in 0..count {
        reader.tuple(2)?;
        entries.push((reader.definite_bytes()?, reader.u64()?));
    }
    Ok(entries)
}

/// Encodes a bucket.
fn bucket(entries: &[(&[u8], ActorId)]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(entries.len() * 64);
    writer.array(entries.len() as u64);
    for (key, id) in entries {
        writer.array(2);
        writer.bytes(key);
        writer.u64(*id);
    }
    writer.into_bytes()
}

#[cfg(test)]
mod tests;
