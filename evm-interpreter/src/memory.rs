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
#[derive(Debug, Default)]
pub struct Memory {
    bytes: Vec<u8>,
    /// Number of offsets at which a whole word lies within the memory.
    word_offsets: u64,
}

impl Memory {
    /// Empty memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            word_offsets: 0,
        }
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
        self.bytes.clear();
        self.word_offsets = 0;
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
        let more = size - self.bytes.len();
        if size > self.bytes.capacity() {
            // Twofold up to 64 KiB at a time: in the FVM, room that is never used costs gas too.
            let ahead = (self.bytes.capacity()).clamp(FIRST, STEP);
            let wanted = more.max(ahead - ahead % 32);
            if self.bytes.try_reserve_exact(wanted).is_err()
                && self.bytes.try_reserve_exact(more).is_err()
            {
                return false;
            }
        }
        self.bytes.resize(size, 0);
        self.word_offsets = (size as u64).saturating_sub(31);
        true
    }
}

const FIRST: usize = 512;
const STEP: usize = 64 << 10;
