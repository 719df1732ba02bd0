//! One block and its children.

use crate::path::{Extension, WIDTH, digit};
use core::ops::Range;
use fevm_runtime::Cid;
use fevm_runtime::bytes::equal;
use fevm_runtime::cbor::{Reader, Writer, from_be_bytes, to_be_bytes};
use primitive_types::U256;
use std::rc::Rc;

/// Why a block is no node.
pub(crate) type Malformed = &'static str;

/// Tags of the two kinds of pointers: maps of one key, `v` or `l`.
const VALUE_HEAD: [u8; 5] = [0xa1, 0x61, b'v', 0x81, 0x82];
const LINK_HEAD: [u8; 4] = [0xa1, 0x61, b'l', 0x83];
/// A link is a tag, a byte string head, a zero, and the CID.
const LINK_LEN: usize = 5 + Cid::LEN;

/// One pair of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) key: U256,
    pub(crate) value: U256,
}

/// A node: up to 32 pointers, by the next digit of the key.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Which digits have a pointer.
    pub(crate) bitfield: u32,
    /// Which digits point at a child that is to be written; a part of `bitfield`.
    pub(crate) dirty: u32,
    /// Pointers in order of their digits.
    slots: Vec<Slot>,
    /// The block that raw slots lie in.
    raw: Rc<Vec<u8>>,
}

/// A pointer.
#[derive(Debug)]
pub(crate) enum Slot {
    /// Not decoded: where it lies in the node's block.
    Raw { start: u16, end: u16 },
    /// A pair.
    Pair(Box<Pair>),
    /// A link to a stored node.
    Link(Box<(Cid, Extension)>),
    /// A child in memory.
    Child(Box<Child>),
}

/// A link with its node in memory.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) extension: Extension,
    pub(crate) node: Node,
    pub(crate) stored: Stored,
}

/// What is known of a node's block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    /// CID of the present content, if that is in the store.
    pub(crate) cid: Option<Cid>,
    /// The block that the node was loaded from.
    pub(crate) loaded: Option<Known>,
}

/// A block that is in the store.
pub(crate) type Known = (Cid, Rc<Vec<u8>>);

impl Stored {
    /// The node stands in this block, which is not loaded yet.
    pub(crate) const fn at(cid: Cid) -> Self {
        Self {
            cid: Some(cid),
            loaded: None,
        }
    }

    /// The node was loaded from this block.
    pub(crate) const fn loaded(cid: Cid, raw: Rc<Vec<u8>>) -> Self {
        Self {
            cid: Some(cid),
            loaded: Some((cid, raw)),
        }
    }
}

/// The last blocks that were written, or whose node has left the tree: content that comes back is
/// not written again.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    blocks: Vec<Known>,
    oldest: usize,
}

impl Recent {
    /// So many blocks are remembered.
    const MOST: usize = 8;

    /// Remembers a block, in place of the oldest if there are enough.
    pub(crate) fn push(&mut self, block: Known) {
        if self.blocks.len() < Self::MOST {
            self.blocks.push(block);
        } else {
            self.blocks[self.oldest] = block;
            self.oldest = (self.oldest + 1) % Self::MOST;
        }
    }

    /// CID of a remembered block with this content.
    pub(crate) fn find(&self, raw: &[u8]) -> Option<Cid> {
        let mut known = self.blocks.iter();
        known.find(|(_, old)| equal(old, raw)).map(|(cid, _)| *cid)
    }
}

/// A pointer decoded as far as a search needs it.
pub(crate) enum Pointer {
    Pair(Pair),
    Link(Cid, Extension),
}

/// End of the byte string of at most 255 bytes that starts at `at`.
#[inline(always)]
fn end_of_bytes(raw: &[u8], at: usize) -> Option<usize> {
    match *raw.get(at)? {
        head @ 0x40..=0x57 => Some(at + 1 + usize::from(head - 0x40)),
        0x58 => Some(at + 2 + usize::from(*raw.get(at + 1)?)),
        _ => None,
    }
}

/// End of the pointer that starts at `at`, which may lie beyond the block.
#[inline]
fn end_of_pointer(raw: &[u8], at: usize) -> Option<usize> {
    let extension = match raw.get(at..)? {
        [0xa1, 0x61, b'v', 0x81, 0x82, ..] => {
            let key_end = end_of_bytes(raw, at + VALUE_HEAD.len())?;
            return end_of_bytes(raw, key_end);
        }
        [0xa1, 0x61, b'l', 0x83, ..] => at + LINK_HEAD.len() + LINK_LEN,
        _ => return None,
    };
    let path = match *raw.get(extension)? {
        0..=0x17 => extension + 1,
        0x18 => extension + 2,
        _ => return None,
    };
    end_of_bytes(raw, path)
}

/// The word in the byte string at the start of `raw`, and what comes behind.
#[inline]
fn read_word(raw: &[u8]) -> Option<(U256, &[u8])> {
    let (len, rest) = match raw {
        [0x58, len, rest @ ..] => (usize::from(*len), rest),
        [head @ 0x40..=0x57, rest @ ..] => (usize::from(head - 0x40), rest),
        _ => return None,
    };
    if len == 32 {
        let (bytes, rest) = rest.split_first_chunk()?;
        return Some((from_be_bytes(bytes), rest));
    }
    let (digits, rest) = rest.split_at_checked(len)?;
    let mut bytes = [0; 32];
    bytes
        .get_mut(32_usize.checked_sub(len)?..)?
        .copy_from_slice(digits);
    Some((from_be_bytes(&bytes), rest))
}

fn read_pair(raw: &[u8]) -> Option<Pair> {
    let (key, rest) = read_word(raw.get(VALUE_HEAD.len()..)?)?;
    let (value, _) = read_word(rest)?;
    Some(Pair { key, value })
}

fn read_link(raw: &[u8]) -> Option<(Cid, Extension)> {
    let mut reader = Reader::new(raw.get(LINK_HEAD.len()..)?);
    let cid = reader.link().ok()?;
    let len = u32::try_from(reader.u64().ok()?).ok()?;
    if len == 0 {
        return Some((cid, Extension::default()));
    }
    let path = reader.bytes().ok()?;
    // A node lies behind the extension, so at least the last digit is left for it.
    if len > 250 || len % WIDTH != 0 || path.len() != len.div_ceil(8) as usize {
        return None;
    }
    let mut bytes = [0; 32];
    bytes.get_mut(..path.len())?.copy_from_slice(&path);
    let extension = Extension {
        len,
        path: from_be_bytes(&bytes),
    };
    extension.is_clean().then_some((cid, extension))
}

impl Node {
    /// Indexes a block.
    pub(crate) fn load(raw: Vec<u8>) -> Result<Self, Malformed> {
        if raw.len() > usize::from(u16::MAX) {
            return Err("too long");
        }
        if raw.first() != Some(&0x82) {
            return Err("no pair of bitfield and pointers");
        }
        let bits_end = end_of_bytes(&raw, 1).ok_or("no bitfield")?;
        let bits = raw.get(2..bits_end).ok_or("no bitfield")?;
        if bits.len() > 4 || raw[1] == 0x58 {
            return Err("bitfield of more than 32 bits");
        }
        let bitfield = bits
            .iter()
            .fold(0, |field, byte| (field << 8) | u32::from(*byte));
        let (count, mut at) = match raw.get(bits_end..) {
            Some([head @ 0x80..=0x97, ..]) => (u32::from(head - 0x80), bits_end + 1),
            Some([0x98, count, ..]) => (u32::from(*count), bits_end + 2),
            _ => return Err("no pointers"),
        };
        if bitfield.count_ones() != count {
            return Err("bitfield and number of pointers differ");
        }
        let mut slots = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let end = end_of_pointer(&raw, at).ok_or("a pointer of unknown form")?;
            slots.push(Slot::Raw {
                start: at as u16,
                end: end as u16,
            });
            at = end;
        }
        if at != raw.len() {
            return Err("pointers and length differ");
        }
        Ok(Self {
            bitfield,
            dirty: 0,
            slots,
            raw: Rc::new(raw),
        })
    }

    /// The block this node was loaded from, or encoded to last.
    pub(crate) fn raw(&self) -> Rc<Vec<u8>> {
        Rc::clone(&self.raw)
    }

    /// Number of pointers.
    pub(crate) const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is a pointer for this digit.
    #[inline]
    pub(crate) const fn has(&self, digit: u32) -> bool {
        self.bitfield >> digit & 1 == 1
    }

    #[inline]
    const fn position(&self, digit: u32) -> usize {
        (self.bitfield & ((1 << digit) - 1)).count_ones() as usize
    }

    /// The pointer for a digit that has one.
    #[inline]
    pub(crate) fn slot(&mut self, digit: u32) -> &mut Slot {
        let position = self.position(digit);
        &mut self.slots[position]
    }

    /// The child for a digit, if it is in memory.
    #[inline]
    pub(crate) fn child(&mut self, digit: u32) -> Option<&mut Child> {
        match self.slot(digit) {
            Slot::Child(child) => Some(child),
            _ => None,
        }
    }

    /// Decodes the pointer for a digit that has one and whose child is not in memory.
    pub(crate) fn pointer(&self, digit: u32) -> Result<Pointer, Malformed> {
        match &self.slots[self.position(digit)] {
            Slot::Pair(pair) => Ok(Pointer::Pair(**pair)),
            Slot::Link(link) => Ok(Pointer::Link(link.0, link.1)),
            Slot::Child(_) => Err("child in memory"),
            Slot::Raw { start, end } => self.decode(usize::from(*start)..usize::from(*end)),
        }
    }

    fn decode(&self, range: Range<usize>) -> Result<Pointer, Malformed> {
        let raw = self.raw.get(range).unwrap_or_default();
        if raw.get(2) == Some(&b'v') {
            read_pair(raw).map(Pointer::Pair).ok_or("a malformed pair")
        } else {
            let (cid, extension) = read_link(raw).ok_or("a malformed link")?;
            Ok(Pointer::Link(cid, extension))
        }
    }

    /// Puts a pointer for `digit`, in place of the one that is there, if any.
    pub(crate) fn put(&mut self, digit: u32, slot: Slot) {
        let position = self.position(digit);
        if self.has(digit) {
            self.slots[position] = slot;
        } else {
            self.bitfield |= 1 << digit;
            self.slots.insert(position, slot);
        }
    }

    /// Removes the pointer for a digit that has one.
    pub(crate) fn remove(&mut self, digit: u32) {
        let position = self.position(digit);
        self.slots.remove(position);
        self.bitfield &= !(1 << digit);
        self.dirty &= !(1 << digit);
    }

    /// Takes the only pointer out of a node that has one.
    pub(crate) fn take_only(&mut self) -> Option<(u32, Slot)> {
        if self.slots.len() != 1 {
            return None;
        }
        let digit = self.bitfield.trailing_zeros();
        self.slots.pop().map(|slot| (digit, slot))
    }

    /// The lowest digit of `self.dirty`, and its child.
    pub(crate) fn first_dirty(&mut self) -> Option<(u32, &mut Child)> {
        if self.dirty == 0 {
            return None;
        }
        let digit = self.dirty.trailing_zeros();
        self.child(digit).map(|child| (digit, child))
    }

    /// Writes the node as a block; children must be stored. What is not in memory as a child lies in
    /// the block from then on.
    pub(crate) fn encode(&mut self) -> Result<Rc<Vec<u8>>, Malformed> {
        let mut writer = Writer::with_capacity(self.raw.len() + 80);
        writer.array(2);
        let bits = self.bitfield.to_be_bytes();
        writer.bytes(&bits[self.bitfield.leading_zeros() as usize / 8..]);
        writer.array(self.slots.len() as u64);
        for slot in &mut self.slots {
            let start = writer.len();
            match slot {
                Slot::Raw { start, end } => {
                    let old = usize::from(*start)..usize::from(*end);
                    writer.literal(self.raw.get(old).ok_or("a slot outside its block")?);
                }
                Slot::Pair(pair) => {
                    writer.literal(&VALUE_HEAD);
                    writer.u256(&pair.key);
                    writer.u256(&pair.value);
                }
                Slot::Link(link) => write_link(&mut writer, &link.0, &link.1),
                Slot::Child(child) => {
                    let cid = child.stored.cid.as_ref().ok_or("an unwritten child")?;
                    write_link(&mut writer, cid, &child.extension);
                    continue;
                }
            }
            *slot = Slot::Raw {
                start: start as u16,
                end: writer.len() as u16,
            };
        }
        self.raw = Rc::new(writer.into_bytes());
        Ok(self.raw())
    }

    /// A node of two pointers, for keys that part at this depth.
    pub(crate) fn fork(depth: u32, pair: Pair, other_digit: u32, other: Slot) -> Self {
        let mut node = Self::default();
        node.put(digit(&pair.key, depth), Slot::Pair(Box::new(pair)));
        node.put(other_digit, other);
        node
    }

    /// Makes a raw pointer of another node's block into one that needs no block.
    pub(crate) fn free(&self, slot: Slot) -> Result<Freed, Malformed> {
        Ok(match slot {
            Slot::Raw { start, end } => match self.decode(usize::from(start)..usize::from(end))? {
                Pointer::Pair(pair) => Freed::Pair(pair),
                Pointer::Link(cid, extension) => Freed::Link(cid, extension),
            },
            Slot::Pair(pair) => Freed::Pair(*pair),
            Slot::Link(link) => Freed::Link(link.0, link.1),
            Slot::Child(child) => Freed::Child(child),
        })
    }

    /// All pointers in order.
    pub(crate) fn pointers(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// Decodes a raw slot of this node.
    pub(crate) fn decode_slot(&self, start: u16, end: u16) -> Result<Pointer, Malformed> {
        self.decode(usize::from(start)..usize::from(end))
    }
}

/// A pointer that lies in no block.
pub(crate) enum Freed {
    Pair(Pair),
    Link(Cid, Extension),
    Child(Box<Child>),
}

fn write_link(writer: &mut Writer, cid: &Cid, extension: &Extension) {
    writer.literal(&LINK_HEAD);
    writer.link(cid);
    writer.u64(u64::from(extension.len));
    let path = to_be_bytes(&extension.path);
    writer.bytes(&path[..extension.len.div_ceil(8) as usize]);
}
