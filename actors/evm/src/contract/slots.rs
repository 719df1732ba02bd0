//! Slots of a contract: a tree and what this frame knows of it.

use super::blocks::RuntimeBlocks;
use fevm_kamt::{EMPTY_ROOT, Error, Kamt};
use fevm_runtime::bytes::equal_words;
use fevm_runtime::{Abort, Cid, ErrorNumber, Runtime};
use primitive_types::U256;

/// A slot that the frame has touched.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: U256,
    value: U256,
    /// What the tree holds; differs from `value` until the next flush.
    in_tree: U256,
}

/// A map from words to words: each slot is looked up in the tree once, and written once a flush.
#[derive(Debug)]
pub(crate) struct Slots {
    tree: Kamt,
    slots: Vec<Slot>,
    /// Hash table of places in `slots`, plus one; 0 is free. Length is a power of two.
    table: Vec<u16>,
    /// Whether `value` and `in_tree` of some slot may differ.
    written: bool,
}

/// The table has at least this many places.
const FIRST_TABLE: usize = 16;

/// Slots known at once; beyond it the cache starts anew, as places are 16 bits.
const MOST: usize = 1 << 15;

#[inline]
const fn hash(key: &U256) -> usize {
    // Small numbers and Keccak digests alike differ in the low limb.
    let mixed = (key.0[0] ^ key.0[3]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

impl Slots {
    /// Slots of the tree with this root; nothing is read yet.
    pub(crate) fn at(root: Cid) -> Self {
        Self::of(Kamt::at(root))
    }

    /// No slots.
    pub(crate) fn empty() -> Self {
        Self::of(Kamt::new())
    }

    const fn of(tree: Kamt) -> Self {
        Self {
            tree,
            slots: Vec::new(),
            table: Vec::new(),
            written: false,
        }
    }

    /// Place of `key` in `slots`, if the frame has touched it.
    #[inline(always)]
    fn known(&self, key: &U256) -> Option<usize> {
        let mask = self.table.len().wrapping_sub(1);
        let mut at = hash(key) & mask;
        loop {
            // Nothing is at any place of a table without places.
            let place = usize::from(*self.table.get(at)?).checked_sub(1)?;
            if equal_words(&self.slots.get(place)?.key, key) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    /// Value of a slot that the frame has touched.
    #[inline(always)]
    pub(crate) fn known_value(&self, key: &U256) -> Option<&U256> {
        let place = self.known(key)?;
        self.slots.get(place).map(|slot| &slot.value)
    }

    /// Place of `key` in `slots`, looked up in the tree if it is not known yet.
    #[inline]
    fn find<R: Runtime>(&mut self, rt: &R, key: &U256) -> Result<usize, Abort> {
        match self.known(key) {
            Some(place) => Ok(place),
            None => self.look_up(rt, key),
        }
    }

    #[inline(never)]
    fn look_up<R: Runtime>(&mut self, rt: &R, key: &U256) -> Result<usize, Abort> {
        if self.slots.len() == MOST {
            self.push_down(rt)?;
            self.slots.clear();
            self.table.clear();
        }
        let value = self.tree.get(&mut RuntimeBlocks(rt), key).map_err(abort)?;
        self.slots.push(Slot {
            key: *key,
            value,
            in_tree: value,
        });
        if self.slots.len() * 2 > self.table.len() {
            let len = (self.table.len() * 4).max(FIRST_TABLE);
            self.table.clear();
            self.table.resize(len, 0);
            for place in 0..self.slots.len() {
                self.enter(place);
            }
        } else {
            self.enter(self.slots.len() - 1);
        }
        Ok(self.slots.len() - 1)
    }

    fn enter(&mut self, place: usize) {
        let mask = self.table.len() - 1;
        let mut at = hash(&self.slots[place].key) & mask;
        while self.table[at] != 0 {
            at = (at + 1) & mask;
        }
        self.table[at] = place as u16 + 1;
    }

    /// Value of a slot.
    #[inline]
    pub(crate) fn get<R: Runtime>(&mut self, rt: &R, key: &U256) -> Result<U256, Abort> {
        let place = self.find(rt, key)?;
        Ok(self.slots[place].value)
    }

    /// Sets a slot; gives the value before.
    #[inline]
    pub(crate) fn set<R: Runtime>(
        &mut self,
        rt: &R,
        key: &U256,
        value: &U256,
    ) -> Result<U256, Abort> {
        let place = self.find(rt, key)?;
        Ok(self.put(place, value))
    }

    /// Sets a slot that the frame has touched; gives the value before.
    #[inline(always)]
    pub(crate) fn set_known(&mut self, key: &U256, value: &U256) -> Option<U256> {
        let place = self.known(key)?;
        Some(self.put(place, value))
    }

    #[inline(always)]
    fn put(&mut self, place: usize, value: &U256) -> U256 {
        let old = core::mem::replace(&mut self.slots[place].value, *value);
        self.written |= !equal_words(&old, value);
        old
    }

    /// Whether the tree with all that was set is empty.
    pub(crate) fn is_empty<R: Runtime>(&mut self, rt: &R) -> Result<bool, Abort> {
        self.push_down(rt)?;
        match self.tree.root() {
            // A tree that was not changed need not be opened to know.
            Some(root) => Ok(root == EMPTY_ROOT),
            None => self.tree.is_empty(&mut RuntimeBlocks(rt)).map_err(abort),
        }
    }

    /// Writes what has changed; gives the root.
    pub(crate) fn flush<R: Runtime>(&mut self, rt: &R) -> Result<Cid, Abort> {
        self.push_down(rt)?;
        self.tree.flush(&mut RuntimeBlocks(rt)).map_err(abort)
    }

    /// Sets changed slots in the tree.
    fn push_down<R: Runtime>(&mut self, rt: &R) -> Result<(), Abort> {
        if !self.written {
            return Ok(());
        }
        for slot in &mut self.slots {
            if !equal_words(&slot.value, &slot.in_tree) {
                self.tree
                    .set(&mut RuntimeBlocks(rt), slot.key, slot.value)
                    .map_err(abort)?;
                slot.in_tree = slot.value;
            }
        }
        self.written = false;
        Ok(())
    }
}

#[cold]
fn abort(error: Error<ErrorNumber>) -> Abort {
    Abort::illegal_state(error.to_string())
}
