//! Operand stack of a frame.

use alloc::boxed::Box;
use core::mem::MaybeUninit;
use primitive_types::U256;

/// Items that a stack holds (Yellow Paper section 9.1).
pub const LIMIT: usize = 1024;

/// Unused items below the bottom: as many as the deepest reach of an instruction, SWAP16, which is
/// 17 items. See the dispatch loop's registers for their use.
pub(crate) const BIAS: usize = 17;

/// Room for a frame's operands.
///
/// It holds no count: that is in the dispatch loop's registers while a frame runs. One stack may
/// serve many frames, one after the other; what earlier frames left is never read.
pub struct Stack {
    words: Box<[MaybeUninit<U256>; BIAS + LIMIT]>,
}

impl core::fmt::Debug for Stack {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl Stack {
    /// An empty stack; its memory is not touched yet.
    #[must_use]
    pub fn new() -> Self {
        let words = Box::<[MaybeUninit<U256>; BIAS + LIMIT]>::new_uninit();
        // SAFETY: an array of `MaybeUninit` needs no initialisation.
        Self {
            words: unsafe { words.assume_init() },
        }
    }

    /// The start of the room, [`BIAS`] items below the bottom of the stack.
    pub(crate) fn base(&mut self) -> *mut U256 {
        self.words.as_mut_ptr().cast()
    }
}
