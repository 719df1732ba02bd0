//! The tree.

use crate::blocks::{Blocks, Error};
use crate::node::{Child, Freed, Malformed, Node, Pair, Pointer, Recent, Slot, Stored};
use crate::path::{Extension, WIDTH, common, digit};
use fevm_runtime::Cid;
use fevm_runtime::bytes::{equal, equal_words};
use fevm_runtime::cid::DAG_CBOR;
use primitive_types::U256;
use std::rc::Rc;

/// Root of the tree without pairs.
pub const EMPTY_ROOT: Cid = Cid::new(
    DAG_CBOR as u8,
    [
        0x18, 0xfe, 0x6a, 0xcc, 0x61, 0xa3, 0xa3, 0x6b, 0x0c, 0x37, 0x3c, 0x4a, 0x3a, 0x8e, 0xa6,
        0x4b, 0x81, 0x2b, 0xf2, 0xca, 0x9b, 0x52, 0x80, 0x50, 0x90, 0x9c, 0x78, 0xd4, 0x08, 0x55,
        0x8a, 0x0c,
    ],
);

/// The block behind [`EMPTY_ROOT`].
const EMPTY_NODE: [u8; 3] = [0x82, 0x40, 0x80];

/// A map from words to words other than zero, in blocks.
#[derive(Debug, Default)]
pub struct Kamt {
    /// The root; `None` until something below it is asked for.
    root: Option<Node>,
    stored: Stored,
    recent: Recent,
}

impl<E> Error<E> {
    const fn of(reason: Malformed) -> Self {
        Self::Malformed(reason)
    }
}

impl Kamt {
    /// The tree without pairs, not in any store yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            root: Some(Node::default()),
            ..Self::default()
        }
    }

    /// The tree with this root. Nothing is read until a key asks for it.
    #[must_use]
    pub fn at(root: Cid) -> Self {
        if root == EMPTY_ROOT {
            // Known without reading.
            return Self {
                root: Some(Node::default()),
                stored: Stored::loaded(root, Rc::new(EMPTY_NODE.to_vec())),
                recent: Recent::default(),
            };
        }
        Self {
            root: None,
            stored: Stored::at(root),
            recent: Recent::default(),
        }
    }

    /// CID of the root, if the present content is in the store.
    #[must_use]
    pub const fn root(&self) -> Option<Cid> {
        self.stored.cid
    }

    pub(crate) fn open<B: Blocks>(&mut self, blocks: &mut B) -> Result<&mut Node, Error<B::Error>> {
        match (&mut self.root, self.stored.cid) {
            (Some(_), _) => {}
            (None, None) => self.root = Some(Node::default()),
            (None, Some(cid)) => {
                let node = Node::load(blocks.get(&cid)?).map_err(Error::of)?;
                self.stored = Stored::loaded(cid, node.raw());
                self.root = Some(node);
            }
        }
        self.root.as_mut().ok_or(Error::Malformed("no root"))
    }

    /// Whether there are no pairs.
    pub fn is_empty<B: Blocks>(&mut self, blocks: &mut B) -> Result<bool, Error<B::Error>> {
        self.open(blocks).map(|root| root.len() == 0)
    }

    /// The value of `key`, zero if there is none.
    pub fn get<B: Blocks>(&mut self, blocks: &mut B, key: &U256) -> Result<U256, Error<B::Error>> {
        let mut node = self.open(blocks)?;
        let mut depth = 0;
        loop {
            let at = digit(key, depth);
            if !node.has(at) {
                return Ok(U256::zero());
            }
            depth += WIDTH;
            if let Some(found) = load_towards(node, at, key, depth, blocks)? {
                return Ok(found);
            }
            let child = node.child(at).ok_or(Error::Malformed("no child"))?;
            if child.extension.matched(key, depth) != child.extension.len {
                return Ok(U256::zero());
            }
            depth += child.extension.len;
            node = &mut child.node;
        }
    }

    /// Sets `key` to `value`; zero removes it.
    pub fn set<B: Blocks>(
        &mut self,
        blocks: &mut B,
        key: U256,
        value: U256,
    ) -> Result<(), Error<B::Error>> {
        // From here on the path is known to be loaded and to change.
        if equal_words(&self.get(blocks, &key)?, &value) {
            return Ok(());
        }
        self.stored.cid = None;
        let root = root_of(&mut self.root)?;
        if value.is_zero() {
            remove(root, &key, &mut self.recent).map_err(Error::of)
        } else {
            insert(root, Pair { key, value }).map_err(Error::of)
        }
    }

    /// Removes every pair.
    pub fn clear(&mut self) {
        self.root = Some(Node::default());
        self.stored.cid = None;
    }

    /// Writes what has changed; gives the root.
    pub fn flush<B: Blocks>(&mut self, blocks: &mut B) -> Result<Cid, Error<B::Error>> {
        if let Some(cid) = self.stored.cid {
            return Ok(cid);
        }
        self.open(blocks)?;
        let root = root_of(&mut self.root)?;
        // Deepest first, by one descent each: recursion would take the stack of the WASM machine.
        while root.dirty != 0 {
            let mut node = &mut *root;
            while let Some((at, child)) = node.first_dirty() {
                if child.node.dirty == 0 {
                    store(&mut child.node, &mut child.stored, &mut self.recent, blocks)?;
                    node.dirty &= !(1 << at);
                    break;
                }
                node = match node.child(at) {
                    Some(child) => &mut child.node,
                    None => return Err(Error::Malformed("no child")),
                };
            }
        }
        store(root, &mut self.stored, &mut self.recent, blocks)
    }
}

fn root_of<E>(root: &mut Option<Node>) -> Result<&mut Node, Error<E>> {
    root.as_mut().ok_or(Error::Malformed("no root"))
}

/// Encodes a node and writes it, unless the same block is known.
fn store<B: Blocks>(
    node: &mut Node,
    stored: &mut Stored,
    recent: &mut Recent,
    blocks: &mut B,
) -> Result<Cid, Error<B::Error>> {
    let raw = node.encode().map_err(Error::of)?;
    let cid = match &stored.loaded {
        Some((cid, old)) if equal(old, &raw) => *cid,
        _ => match recent.find(&raw) {
            Some(cid) => cid,
            None => {
                let cid = blocks.put(&raw)?;
                recent.push((cid, raw));
                cid
            }
        },
    };
    stored.cid = Some(cid);
    Ok(cid)
}

/// Looks for `key` at the pointer for the digit `at`, `depth` bits behind its start: its value if the
/// search ends here, zero if it is not there; `None` if it goes on in the child, which is loaded.
#[inline]
fn load_towards<B: Blocks>(
    node: &mut Node,
    at: u32,
    key: &U256,
    depth: u32,
    blocks: &mut B,
) -> Result<Option<U256>, Error<B::Error>> {
    if node.child(at).is_some() {
        return Ok(None);
    }
    match node.pointer(at).map_err(Error::of)? {
        Pointer::Pair(pair) if equal_words(&pair.key, key) => Ok(Some(pair.value)),
        Pointer::Pair(_) => Ok(Some(U256::zero())),
        Pointer::Link(_, extension) if extension.matched(key, depth) != extension.len => {
            Ok(Some(U256::zero()))
        }
        Pointer::Link(_, extension) if depth + extension.len >= 256 => {
            Err(Error::Malformed("a link below the last digit"))
        }
        Pointer::Link(cid, extension) => {
            let child = load(blocks, cid, extension)?;
            node.put(at, Slot::Child(Box::new(child)));
            Ok(None)
        }
    }
}

pub(crate) fn load<B: Blocks>(
    blocks: &mut B,
    cid: Cid,
    extension: Extension,
) -> Result<Child, Error<B::Error>> {
    if cid.codec() != DAG_CBOR {
        return Err(Error::Malformed("a node that is not DAG-CBOR"));
    }
    let node = Node::load(blocks.get(&cid)?).map_err(Error::of)?;
    if node.len() == 0 {
        return Err(Error::Malformed("an empty node below the root"));
    }
    Ok(Child {
        extension,
        stored: Stored::loaded(cid, node.raw()),
        node,
    })
}

/// Inserts a pair that is not there with this value; the path to it is loaded.
fn insert(root: &mut Node, pair: Pair) -> Result<(), Malformed> {
    let mut node = root;
    let mut depth = 0;
    loop {
        let at = digit(&pair.key, depth);
        depth += WIDTH;
        if !node.has(at) {
            node.put(at, Slot::Pair(Box::new(pair)));
            return Ok(());
        }
        let descend = node
            .child(at)
            .is_some_and(|child| child.extension.matched(&pair.key, depth) == child.extension.len);
        if !descend {
            return replace(node, at, depth, pair);
        }
        node.dirty |= 1 << at;
        let child = node.child(at).ok_or("no child")?;
        child.stored.cid = None;
        depth += child.extension.len;
        node = &mut child.node;
    }
}

/// Makes room for `pair` at the pointer for `at`, which is a pair, or a link whose extension parts
/// from the key; `depth` bits are consumed.
fn replace(node: &mut Node, at: u32, depth: u32, pair: Pair) -> Result<(), Malformed> {
    let taken = core::mem::replace(node.slot(at), Slot::Raw { start: 0, end: 0 });
    let (fork, extension) = match node.free(taken)? {
        Freed::Pair(old) if equal_words(&old.key, &pair.key) => {
            node.put(at, Slot::Pair(Box::new(pair)));
            return Ok(());
        }
        Freed::Pair(old) => {
            let shared = common(&old.key, &pair.key, depth);
            let other = digit(&old.key, depth + shared);
            let fork = Node::fork(depth + shared, pair, other, Slot::Pair(Box::new(old)));
            (fork, Extension::of_key(&pair.key, depth, shared))
        }
        Freed::Link(cid, extension) => {
            let (head, other, tail) = extension.split(extension.matched(&pair.key, depth));
            let mut fork = Node::default();
            let own = digit(&pair.key, depth + head.len);
            fork.put(own, Slot::Pair(Box::new(pair)));
            fork.put(other, Slot::Link(Box::new((cid, tail))));
            (fork, head)
        }
        Freed::Child(mut child) => {
            let matched = child.extension.matched(&pair.key, depth);
            let (head, other, tail) = child.extension.split(matched);
            child.extension = tail;
            let dirty = u32::from(child.stored.cid.is_none()) << other;
            let mut fork = Node::fork(depth + head.len, pair, other, Slot::Child(child));
            fork.dirty = dirty;
            (fork, head)
        }
    };
    let child = Child {
        extension,
        node: fork,
        stored: Stored::default(),
    };
    node.put(at, Slot::Child(Box::new(child)));
    node.dirty |= 1 << at;
    Ok(())
}

/// Removes a pair that is there; the path to it is loaded.
fn remove(root: &mut Node, key: &U256, recent: &mut Recent) -> Result<(), Malformed> {
    let mut node = root;
    let mut depth = 0;
    loop {
        let at = digit(key, depth);
        depth += WIDTH;
        let Some(child) = node.child(at) else {
            node.remove(at);
            return Ok(());
        };
        child.stored.cid = None;
        let below = depth + child.extension.len;
        let next = digit(key, below);
        if child.node.child(next).is_none() {
            // The pair is the child's: a child with one pointer left gives way to it.
            child.node.remove(next);
            node.dirty |= 1 << at;
            return collapse(node, at, recent);
        }
        node.dirty |= 1 << at;
        depth = below;
        node = match node.child(at) {
            Some(child) => &mut child.node,
            None => return Err("no child"),
        };
    }
}

/// Puts the only pointer of the child for `at` in the child's place, if it has but one.
fn collapse(node: &mut Node, at: u32, recent: &mut Recent) -> Result<(), Malformed> {
    let Some(child) = node.child(at) else {
        return Err("no child");
    };
    let Some((last, only)) = child.node.take_only() else {
        return Ok(());
    };
    let outer = child.extension;
    if let Some(loaded) = child.stored.loaded.take() {
        recent.push(loaded);
    }
    match child.node.free(only)? {
        Freed::Pair(pair) => {
            node.dirty &= !(1 << at);
            node.put(at, Slot::Pair(Box::new(pair)));
        }
        Freed::Link(cid, inner) => {
            node.dirty &= !(1 << at);
            let link = (cid, outer.join(last, &inner));
            node.put(at, Slot::Link(Box::new(link)));
        }
        Freed::Child(mut grandchild) => {
            grandchild.extension = outer.join(last, &grandchild.extension);
            if grandchild.stored.cid.is_some() {
                node.dirty &= !(1 << at);
            }
            node.put(at, Slot::Child(grandchild));
        }
    }
    Ok(())
}
