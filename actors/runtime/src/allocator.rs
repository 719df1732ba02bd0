//! The allocator of WASM instances.
//!
//! An instance lives for one invocation and pays for its memory by the page (26,214 gas), so the
//! heap starts in what the initial pages leave free behind the statics and is handed out upwards.
//! The newest block grows and shrinks in place; others that come back wait in lists by size class
//! for the next request of that class.

use core::alloc::Layout;
use core::ptr;

/// Unit of growth of WASM memory, bytes.
const PAGE: usize = 65_536;

/// Alignment of every block in a list, and unit of the small classes.
const UNIT: usize = 8;

/// Sizes up to here are rounded to a multiple of [`UNIT`]; larger ones to an eighth of their power
/// of two.
const SMALL: usize = 64;

/// Blocks of at least this many bytes that grow have zeros beyond their old size, where this allocator is
/// in use: so memory that a machine has just added need not be written.
pub const ZEROS_FROM: usize = 1_024;

/// One class for each small size, then eight for each power of two below 2^31.
const CLASSES: usize = SMALL / UNIT + 1 + 8 * 26;

/// Where the heap's memory comes from.
trait Memory {
    /// First byte of the heap, a multiple of [`UNIT`].
    fn base(&self) -> usize;
    /// Present end of memory.
    fn end(&self) -> usize;
    /// Adds pages of zeros at the end; whether there were any.
    fn grow(&mut self, pages: usize) -> bool;
}

/// A heap over `M`. Blocks of one class have one size, so a list needs no sizes.
struct Heap<M> {
    memory: M,
    /// First free byte; 0 before the first allocation.
    top: usize,
    /// First byte that was never handed out, so is zero.
    fresh: usize,
    /// End of memory.
    end: usize,
    /// Newest free block of each class; its first word is the address of the next one.
    free: [usize; CLASSES],
}

/// Class of a size, and the size of its blocks. Sizes of 2^31 and more have none.
#[inline]
const fn class(size: usize) -> Option<(usize, usize)> {
    if size <= SMALL {
        let units = size.div_ceil(UNIT);
        return Some((units, units * UNIT));
    }
    if size >= 1 << 31 {
        return None;
    }
    let shift = (size - 1).ilog2() - 3;
    // 8 to 15 eighths of the power of two below, rounded up.
    let eighths = ((size - 1) >> shift) + 1;
    let index = SMALL / UNIT + 1 + 8 * (shift as usize - 3) + eighths - 9;
    Some((index, eighths << shift))
}

impl<M: Memory> Heap<M> {
    const fn new(memory: M) -> Self {
        Self {
            memory,
            top: 0,
            fresh: 0,
            end: 0,
            free: [0; CLASSES],
        }
    }

    /// Moves the top to `top`, growing memory if need be.
    #[inline]
    fn reserve(&mut self, top: usize) -> bool {
        if top > self.end && !self.grow(top) {
            return false;
        }
        self.top = top;
        if top > self.fresh {
            self.fresh = top;
        }
        true
    }

    #[cold]
    fn grow(&mut self, top: usize) -> bool {
        let pages = (top - self.end).div_ceil(PAGE);
        let grown = self.memory.grow(pages);
        if grown {
            self.end += pages * PAGE;
        }
        grown
    }

    #[inline]
    fn alloc(&mut self, layout: Layout) -> *mut u8 {
        let Some((class, size)) = class(layout.size()) else {
            return ptr::null_mut();
        };
        if layout.align() <= UNIT {
            let block = self.free[class];
            if block != 0 {
                // SAFETY: a block in a list has at least one unit, is aligned to it, and holds the
                // address that `dealloc` wrote.
                self.free[class] = unsafe { *(block as *const usize) };
                return block as *mut u8;
            }
        }
        if self.top == 0 {
            self.top = self.memory.base();
            self.fresh = self.top;
            self.end = self.memory.end();
        }
        let mask = layout.align().max(UNIT) - 1;
        let start = (self.top + mask) & !mask;
        match start.checked_add(size) {
            Some(top) if self.reserve(top) => start as *mut u8,
            _ => ptr::null_mut(),
        }
    }

    #[inline]
    fn alloc_zeroed(&mut self, layout: Layout) -> *mut u8 {
        let fresh = self.fresh;
        let block = self.alloc(layout);
        // Before the first allocation, and above what was ever handed out, memory is zero.
        if !block.is_null() && fresh > block as usize {
            let used = (fresh - block as usize).min(layout.size());
            // SAFETY: the block has at least `used` bytes.
            unsafe { ptr::write_bytes(block, 0, used) };
        }
        block
    }

    #[inline]
    fn dealloc(&mut self, block: *mut u8, layout: Layout) {
        let Some((class, size)) = class(layout.size()) else {
            return;
        };
        if block as usize + size == self.top {
            self.top = block as usize;
        } else if size != 0 && layout.align() <= UNIT {
            // SAFETY: the caller gives the block back; it has at least one unit and is aligned to it.
            unsafe { *block.cast::<usize>() = self.free[class] };
            self.free[class] = block as usize;
        }
    }

    #[inline]
    fn realloc(&mut self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let fresh = self.fresh;
        let new_block = self.resize(block, layout, new_size);
        if layout.size() >= ZEROS_FROM && !new_block.is_null() {
            let start = new_block as usize + layout.size();
            let end = fresh.min(new_block as usize + new_size);
            if start < end {
                // SAFETY: the range is within the new block.
                unsafe { ptr::write_bytes(start as *mut u8, 0, end - start) };
            }
        }
        new_block
    }

    #[inline]
    fn resize(&mut self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (Some((old_class, old_size)), Some((new_class, new_block_size))) =
            (class(layout.size()), class(new_size))
        else {
            return ptr::null_mut();
        };
        if new_class == old_class {
            return block;
        }
        let start = block as usize;
        if start + old_size == self.top {
            return match start.checked_add(new_block_size) {
                Some(top) if self.reserve(top) => block,
                _ => ptr::null_mut(),
            };
        }
        // SAFETY: the size is below 2^31, the alignment is that of a layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let new_block = self.alloc(new_layout);
        if !new_block.is_null() {
            // SAFETY: each block is valid for the size copied; they are distinct, since one is in
            // use and the other was not.
            unsafe { ptr::copy_nonoverlapping(block, new_block, layout.size().min(new_size)) };
            self.dealloc(block, layout);
        }
        new_block
    }
}

#[cfg(target_arch = "wasm32")]
mod instance {
    use super::{Heap, Memory, PAGE, UNIT};
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::cell::UnsafeCell;

    unsafe extern "C" {
        // Set by the linker: the first byte behind statics and stack.
        static __heap_base: u8;
    }

    struct Instance;

    impl Memory for Instance {
        fn base(&self) -> usize {
            (&raw const __heap_base as usize).next_multiple_of(UNIT)
        }

        fn end(&self) -> usize {
            memory_size(0) * PAGE
        }

        fn grow(&mut self, pages: usize) -> bool {
            memory_grow(0, pages) != usize::MAX
        }
    }

    struct Global(UnsafeCell<Heap<Instance>>);

    // SAFETY: WASM instances of the FVM have one thread.
    unsafe impl Sync for Global {}

    #[global_allocator]
    static GLOBAL: Global = Global(UnsafeCell::new(Heap::new(Instance)));

    // SAFETY: blocks in use never overlap: each is above all before it, or was given back. They lie
    // within memory and are aligned as asked for. There is one thread, and no reference to the heap
    // outlives a call.
    unsafe impl GlobalAlloc for Global {
        #[inline]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as above.
            unsafe { &mut *self.0.get() }.alloc(layout)
        }

        #[inline]
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as above.
            unsafe { &mut *self.0.get() }.alloc_zeroed(layout)
        }

        #[inline]
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: as above.
            unsafe { &mut *self.0.get() }.dealloc(block, layout);
        }

        #[inline]
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            // SAFETY: as above.
            unsafe { &mut *self.0.get() }.realloc(block, layout, new_size)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Some pages of the test's own memory, the first of them half used.
    struct Arena {
        bytes: Vec<u64>,
        pages: usize,
    }

    impl Arena {
        fn new() -> Self {
            Self {
                bytes: vec![0; 16 * PAGE / 8],
                pages: 1,
            }
        }
    }

    impl Memory for Arena {
        fn base(&self) -> usize {
            self.bytes.as_ptr() as usize + PAGE / 2
        }

        fn end(&self) -> usize {
            self.bytes.as_ptr() as usize + self.pages * PAGE
        }

        fn grow(&mut self, pages: usize) -> bool {
            let enough = self.pages + pages <= 16;
            self.pages += if enough { pages } else { 0 };
            enough
        }
    }

    #[test]
    fn classes_are_dense_ordered_and_tight() {
        let mut previous = (0, 0);
        for size in 1..200_000 {
            let (index, block) = class(size).unwrap();
            assert!(block >= size && block % UNIT == 0);
            assert!(block <= SMALL || block - size < size.div_ceil(8) + UNIT);
            if (index, block) != previous {
                assert_eq!(index, previous.0 + 1, "{size}");
                assert!(size == previous.1 + 1);
                previous = (index, block);
            }
        }
        assert!(class((1 << 31) - 1).unwrap().0 < CLASSES);
        assert_eq!(class(1 << 31), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Alloc {
            size: usize,
            align: u32,
            zeroed: bool,
        },
        Free(usize),
        Resize {
            which: usize,
            size: usize,
        },
    }

    fn step() -> impl Strategy<Value = Step> {
        let size = prop_oneof![0..100_usize, 0..5_000_usize, 0..100_000_usize];
        prop_oneof![
            (size.clone(), 0..6_u32, any::<bool>()).prop_map(|(size, align, zeroed)| Step::Alloc {
                size: size.max(1),
                align,
                zeroed
            }),
            any::<usize>().prop_map(Step::Free),
            (any::<usize>(), size).prop_map(|(which, size)| Step::Resize {
                which,
                size: size.max(1)
            }),
        ]
    }

    struct Live {
        block: *mut u8,
        layout: Layout,
        tag: u8,
    }

    impl Live {
        fn bytes(&mut self) -> &mut [u8] {
            // SAFETY: the heap gave out this block with this size.
            unsafe { core::slice::from_raw_parts_mut(self.block, self.layout.size()) }
        }
    }

    proptest! {
        #[test]
        fn blocks_keep_what_was_written(steps in proptest::collection::vec(step(), 1..100)) {
            let mut heap = Heap::new(Arena::new());
            let mut live: Vec<Live> = Vec::new();
            for (tag, step) in (1..=255).cycle().zip(steps) {
                match step {
                    Step::Alloc { size, align, zeroed } => {
                        let layout = Layout::from_size_align(size, 1 << align).unwrap();
                        let block = if zeroed { heap.alloc_zeroed(layout) } else { heap.alloc(layout) };
                        if block.is_null() {
                            continue;
                        }
                        prop_assert_eq!(block as usize % layout.align(), 0);
                        let mut new = Live { block, layout, tag };
                        if zeroed {
                            prop_assert!(new.bytes().iter().all(|byte| *byte == 0));
                        }
                        new.bytes().fill(tag);
                        live.push(new);
                    }
                    Step::Free(which) if !live.is_empty() => {
                        let old = live.swap_remove(which % live.len());
                        heap.dealloc(old.block, old.layout);
                    }
                    Step::Resize { which, size } if !live.is_empty() => {
                        let index = which % live.len();
                        let entry = &mut live[index];
                        let block = heap.realloc(entry.block, entry.layout, size);
                        if block.is_null() {
                            continue;
                        }
                        let kept = entry.layout.size().min(size);
                        entry.block = block;
                        entry.layout = Layout::from_size_align(size, entry.layout.align()).unwrap();
                        let tag = entry.tag;
                        prop_assert!(entry.bytes()[..kept].iter().all(|byte| *byte == tag));
                        if kept >= ZEROS_FROM {
                            prop_assert!(entry.bytes()[kept..].iter().all(|byte| *byte == 0));
                        }
                        entry.bytes().fill(tag);
                    }
                    _ => {}
                }
                for entry in &mut live {
                    let tag = entry.tag;
                    prop_assert!(entry.bytes().iter().all(|byte| *byte == tag));
                }
            }
        }
    }

    #[test]
    fn a_loop_that_gives_back_does_not_grow() {
        let mut heap = Heap::new(Arena::new());
        let layout = Layout::from_size_align(1_000, 1).unwrap();
        let mut held = heap.alloc(layout);
        for _ in 0..100_000 {
            // The next block is taken before the last one goes, so none is ever the newest alone.
            let next = heap.alloc(layout);
            assert!(!next.is_null());
            heap.dealloc(held, layout);
            held = next;
        }
        assert_eq!(heap.memory.pages, 1);
    }
}
