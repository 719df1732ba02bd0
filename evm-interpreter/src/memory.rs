//! Byte-addressed memory of a frame.

use alloc::vec::Vec;

/// Largest size in bytes that a frame may address: EVM words address more, but no gas or machine
/// pays for it.
#[cfg(target_pointer_width = "64")]
pub const MAX_SIZE: u64 = 0x1f_ffff_ffe0;
/// Largest size in bytes that a frame may address.
#[cfg(not(target_pointer_width = "64"))]
pub const MAX_SIZE: u64 = u32::MAX as u64;

/// Memory: zero where nothing was written, a multiple of 32 bytes long.
#[derive(Debug)]
pub struct Memory {
    bytes: Vec<u8>,
    /// Number of offsets at which a whole word lies within the memory.
    word_offsets: u64,
    /// From this offset on, what room there is beyond the memory is zero.
    zeros_from: usize,
    /// Blocks of this size have zeros beyond their old size when they grow.
    zeros_grow_from: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// Empty memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            word_offsets: 0,
            zeros_from: usize::MAX,
            zeros_grow_from: usize::MAX,
        }
    }

    /// Empty memory that need not write zeros when it grows beyond `size` bytes.
    ///
    /// # Safety
    /// Where the global allocator grows a block of at least `size` bytes, zeros are beyond its old size.
    #[must_use]
    pub const unsafe fn growing_by_zeros(size: usize) -> Self {
        let mut memory = Self::new();
        memory.zeros_grow_from = size;
        memory
    }

    /// Size in bytes.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was touched yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes.
    #[inline(always)]
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes.
    #[inline(always)]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Bytes that it can grow to without asking the machine for more.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.bytes.capacity()
    }

    /// Forgets the content and keeps the room, for a next frame.
    pub fn clear(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.bytes.capacity() >= ZEROED {
            // Zeros are written to all of a block that is used again.
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.word_offsets = 0;
        self.zeros_from = usize::MAX;
    }

    /// Whether the word at `offset` lies within the memory.
    #[inline(always)]
    pub(crate) const fn has_word(&self, offset: u64) -> bool {
        offset < self.word_offsets
    }

    /// The word at `offset`, if it lies within the memory.
    #[inline(always)]
    pub(crate) const fn word(&mut self, offset: u64) -> Option<&mut [u8; 32]> {
        if self.has_word(offset) {
            // SAFETY: the memory holds 32 bytes from there on.
            Some(unsafe { &mut *self.bytes.as_mut_ptr().add(offset as usize).cast() })
        } else {
            None
        }
    }

    /// Grows to `size` bytes, a multiple of 32. Says whether the machine had the room.
    #[must_use]
    pub(crate) fn grow(&mut self, size: usize) -> bool {
        if size > self.bytes.capacity() && !self.reserve(size) {
            return false;
        }
        let zeros = size.min(self.zeros_from);
        if zeros > self.bytes.len() {
            self.bytes.resize(zeros, 0);
        }
        // SAFETY: there is room for the size, and what was not set above is zero.
        unsafe { self.bytes.set_len(size) };
        self.word_offsets = (size as u64).saturating_sub(31);
        true
    }

    fn reserve(&mut self, size: usize) -> bool {
        #[cfg(not(target_arch = "wasm32"))]
        if size >= ZEROED && self.replace_by_zeros(size) {
            return true;
        }
        let (len, old) = (self.bytes.len(), self.bytes.capacity());
        // Twofold up to 64 KiB at a time: in the FVM, room that is never used costs gas too. Eighths of
        // powers of two, as allocators have them.
        let wanted = len.saturating_add(old.clamp(FIRST, STEP)).max(size);
        let shift = (wanted - 1).ilog2() - 3;
        // At the end of the address space it wraps.
        let wanted = ((((wanted - 1) >> shift) + 1) << shift).max(size);
        if self.bytes.try_reserve_exact(wanted - len).is_err()
            && self.bytes.try_reserve_exact(size - len).is_err()
        {
            return false;
        }
        self.zeros_from = if old < self.zeros_grow_from {
            usize::MAX
        } else {
            self.zeros_from.min(old)
        };
        true
    }
}

/// A block of zeros that the system gives untouched: what a program asks for and never touches then costs nothing.
#[cfg(not(target_arch = "wasm32"))]
impl Memory {
    /// Moves to a block of at least `size` bytes, at least twice the present one.
    fn replace_by_zeros(&mut self, size: usize) -> bool {
        let wanted = size.max(self.bytes.capacity().saturating_mul(2));
        let Some(mut bytes) = zeros(wanted).or_else(|| zeros(size)) else {
            return false;
        };
        let len = self.bytes.len();
        bytes.extend_from_slice(&self.bytes);
        self.bytes = bytes;
        self.zeros_from = len;
        true
    }
}

/// An empty vector with room for `size` bytes, all zero.
#[cfg(not(target_arch = "wasm32"))]
fn zeros(size: usize) -> Option<Vec<u8>> {
    let layout = core::alloc::Layout::array::<u8>(size)
        .ok()
        .filter(|layout| layout.size() > 0)?;
    // SAFETY: the size is not zero.
    let start = unsafe { alloc::alloc::alloc_zeroed(layout) };
    if start.is_null() {
        return None;
    }
    // SAFETY: the global allocator gave the block with this layout.
    Some(unsafe { Vec::from_raw_parts(start, 0, size) })
}

/// Bytes of memory that allocators take from the system.
#[cfg(not(target_arch = "wasm32"))]
const ZEROED: usize = 256 << 10;
const FIRST: usize = 512;
const STEP: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn memory_is_zero_where_nothing_was_written() {
        let mut memory = Memory::new();
        for _ in 0..3 {
            let mut size = 32;
            while size < 1 << 20 {
                let before = memory.len();
                assert!(memory.grow(size));
                assert_eq!(memory.len(), size);
                assert!(memory.bytes()[before..].iter().all(|byte| *byte == 0));
                memory.bytes_mut().fill(0xee);
                size += size / 64 * 32 + 32;
            }
            memory.clear();
        }
    }
}
