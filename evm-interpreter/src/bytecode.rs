//! Code and its valid jump destinations.

use crate::opcode::{JUMPDEST, immediates};
use alloc::vec;
use alloc::vec::Vec;

/// Zero bytes after the code: an immediate of 32 bytes may begin at its very end, and a STOP stands
/// where it runs out. With them the dispatch loop needs no check of its position.
pub const PADDING: usize = 33;

/// Code, padded with [`PADDING`] zero bytes.
#[derive(Clone, Debug)]
pub struct Bytecode {
    padded: Vec<u8>,
    len: usize,
    /// All destinations, if the code was analysed beforehand.
    destinations: Option<BitSet>,
}

impl Bytecode {
    /// Code whose jump destinations are found on demand, frame by frame: right where a code runs
    /// once, as in the FVM, where every call starts afresh.
    #[must_use]
    pub fn new(mut code: Vec<u8>) -> Self {
        let len = code.len();
        code.reserve_exact(PADDING);
        code.resize(len + PADDING, 0);
        Self {
            padded: code,
            len,
            destinations: None,
        }
    }

    /// Code that stands in the first bytes of `padded`, followed by at least [`PADDING`] bytes of
    /// room, which are cleared. `None` if there is less room.
    #[must_use]
    pub fn from_padded(mut padded: Vec<u8>, len: usize) -> Option<Self> {
        if padded.len() < len.checked_add(PADDING)? {
            return None;
        }
        padded.truncate(len + PADDING);
        padded.get_mut(len..)?.fill(0);
        Some(Self {
            padded,
            len,
            destinations: None,
        })
    }

    /// Code with all its jump destinations found at once: right where a code runs many times.
    #[must_use]
    pub fn analysed(code: Vec<u8>) -> Self {
        let mut this = Self::new(code);
        let mut scan = JumpScan::new();
        scan.advance(this.code(), this.len);
        this.destinations = Some(scan.found);
        this
    }

    /// The code without its padding.
    #[inline(always)]
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.padded[..self.len]
    }

    /// Length without padding, bytes.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub(crate) const fn padded(&self) -> &[u8] {
        self.padded.as_slice()
    }

    /// Whether `target` is a JUMPDEST instruction, and no immediate data. `next` says where the
    /// instruction behind the jump begins.
    #[inline(always)]
    pub(crate) fn is_destination(
        &self,
        target: u64,
        scan: &mut JumpScan,
        next: impl FnOnce() -> usize,
    ) -> bool {
        if REMEMBER && scan.recent[slot(target as usize)] == target {
            return true;
        }
        match &self.destinations {
            Some(found) if !REMEMBER => target < self.len as u64 && found.contains(target as usize),
            _ => self.look_up(target, scan, next()),
        }
    }

    #[inline(never)]
    fn look_up(&self, target: u64, scan: &mut JumpScan, next: usize) -> bool {
        if target >= self.len as u64 {
            return false;
        }
        let at = target as usize;
        let valid = match &self.destinations {
            Some(found) => found.contains(at),
            None => {
                self.padded[at] == JUMPDEST
                    && (at == next
                        || !may_be_covered(self.code(), at)
                        || scan.contains(self.code(), at))
            }
        };
        if REMEMBER && valid {
            scan.recent[slot(at)] = target;
        }
        valid
    }
}

/// The jump destinations of a code that is not analysed, as far as one frame has asked.
///
/// A JUMPDEST counts unless a PUSH before it covers it, and immediates are at most 32 bytes, so that
/// mostly the 32 bytes before a target settle it. Where they do not, instructions are walked from the
/// nearest place that is known to begin one.
#[derive(Clone, Debug)]
pub(crate) struct JumpScan {
    found: BitSet,
    /// First position that no walk from the start has come to; an instruction begins there.
    next: usize,
    /// The last target found valid: an instruction begins there too.
    last: usize,
    /// Targets found valid of late, each at its remainder.
    recent: [u64; RECENT],
}

/// Whether valid targets are remembered: by ten instructions of WebAssembly instead of thirty.
const REMEMBER: bool = cfg!(any(target_arch = "wasm32", feature = "wasm-kernels"));

/// How many of them.
const RECENT: usize = if REMEMBER { 64 } else { 1 };

/// Where a target is remembered.
#[inline(always)]
#[allow(
    clippy::modulo_one,
    reason = "there is one slot where none is remembered"
)]
const fn slot(target: usize) -> usize {
    target % RECENT
}

/// Bytes that may cover a position.
const REACH: usize = 32;

/// Steps back in search of the beginning of an instruction, before the walk from the start.
const STEPS_BACK: usize = 256;

/// Whether a byte of the 32 before `at` could be a PUSH whose immediate covers `at`. The one right
/// before is distance 1.
#[inline(always)]
fn may_be_covered(code: &[u8], at: usize) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let Some(window) = at
        .checked_sub(REACH)
        .and_then(|start| code.get(start..at)?.first_chunk::<REACH>())
    else {
        return true;
    };
    let mut covered = 0;
    // Lane of distance d: PUSHn with n >= d, that is 0x5f + d to 0x7f, passes 0x7f with 0x21 - d added.
    let mut thresholds: u64 = 0x0807_0605_0403_0201;
    for lanes in window.as_chunks::<8>().0 {
        let lanes = u64::from_le_bytes(*lanes);
        covered |= ((lanes & !HIGH) + thresholds) & !lanes & HIGH;
        thresholds = thresholds.wrapping_add(0x0808_0808_0808_0808);
    }
    covered != 0
}

/// Whether an instruction begins at `target`, given that one begins at `at`, not behind it.
#[inline(always)]
fn walk(code: &[u8], mut at: usize, target: usize) -> bool {
    while at < target {
        at += 1 + immediates(code[at]);
    }
    at == target
}

impl JumpScan {
    pub(crate) const fn new() -> Self {
        // No target has the remainder 0 and is 1, or another remainder and is 0.
        let mut recent = [0; RECENT];
        recent[0] = 1;
        Self {
            found: BitSet { bytes: Vec::new() },
            next: 0,
            last: 0,
            recent,
        }
    }

    /// Whether the JUMPDEST byte at `target`, which may be covered, is an instruction.
    #[inline(never)]
    fn contains(&mut self, code: &[u8], target: usize) -> bool {
        self.found.contains(target) || self.verify(code, target)
    }

    fn verify(&mut self, code: &[u8], target: usize) -> bool {
        if self.found.bytes.is_empty() {
            self.found = BitSet::with_capacity(code.len());
        }
        if target < self.next {
            return false;
        }
        let valid = if target.wrapping_sub(self.last) <= REACH {
            walk(code, self.last, target)
        } else {
            self.walk_to(code, target)
        };
        if valid {
            self.found.insert(target);
            self.last = target;
        }
        valid
    }

    /// Whether an instruction begins at `target`, by walking to it.
    fn walk_to(&mut self, code: &[u8], target: usize) -> bool {
        let mut start = target.saturating_sub(REACH);
        for _ in 0..STEPS_BACK {
            if start <= self.next {
                break;
            }
            if self.found.contains(start) || !may_be_covered(code, start) {
                return walk(code, start, target);
            }
            start -= 1;
        }
        self.advance(code, target + 1);
        self.found.contains(target)
    }

    /// Scans the instructions that begin before `end`.
    fn advance(&mut self, code: &[u8], end: usize) {
        if self.found.bytes.is_empty() {
            self.found = BitSet::with_capacity(code.len());
        }
        let mut at = self.next;
        while at < end {
            let op = code[at];
            if op == JUMPDEST {
                self.found.insert(at);
            }
            at += 1 + immediates(op);
        }
        self.next = at;
    }
}

/// A set of positions, a bit each.
#[derive(Clone, Debug, Default)]
struct BitSet {
    bytes: Vec<u8>,
}

impl BitSet {
    fn with_capacity(positions: usize) -> Self {
        Self {
            bytes: vec![0; positions.div_ceil(8)],
        }
    }

    #[inline(always)]
    fn insert(&mut self, at: usize) {
        self.bytes[at >> 3] |= 1 << (at & 7);
    }

    #[inline(always)]
    fn contains(&self, at: usize) -> bool {
        // Nothing is in a set that has no room yet.
        self.bytes
            .get(at >> 3)
            .is_some_and(|byte| byte >> (at & 7) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcode::{INSTRUCTIONS, PUSH1, PUSH32};
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Destinations by walking the instruction table: slow and plain.
    fn reference(code: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < code.len() {
            if code[at] == JUMPDEST {
                found.push(at);
            }
            let skip = INSTRUCTIONS[usize::from(code[at])].map_or(0, |entry| entry.immediates);
            at += 1 + usize::from(skip);
        }
        found
    }

    #[test]
    fn immediates_hide_destinations() {
        let code = vec![PUSH1, JUMPDEST, JUMPDEST, PUSH32, JUMPDEST];
        let lazy = Bytecode::new(code.clone());
        let mut scan = JumpScan::new();
        let hits: Vec<u64> = (0..8)
            .filter(|&at| lazy.is_destination(at, &mut scan, || 0))
            .collect();
        assert_eq!(hits, [2]);
        for target in [0, 1, 63, 64, 65, 1 << 32, u64::MAX] {
            assert!(!lazy.is_destination(target, &mut scan, || 0), "{target}");
        }
        let eager = Bytecode::analysed(code);
        let mut eagerly = |target| eager.is_destination(target, &mut scan, || 0);
        assert!(eagerly(2) && !eagerly(4));
    }

    #[test]
    fn padded_buffers_need_room() {
        assert!(Bytecode::from_padded(vec![1; 10 + PADDING - 1], 10).is_none());
        let code = Bytecode::from_padded(vec![1; 10 + PADDING + 5], 10).unwrap();
        assert_eq!(code.code(), [1; 10]);
        assert_eq!(code.padded()[10..], [0; PADDING]);
    }

    proptest! {
        #[test]
        fn both_ways_agree_with_the_table(
            code in prop::collection::vec(prop_oneof![Just(JUMPDEST), PUSH1..=PUSH32, any::<u8>()], 0..300),
            order in prop::collection::vec(0u64..310, 1..40),
        ) {
            let expected = reference(&code);
            let (lazy, eager) = (Bytecode::new(code.clone()), Bytecode::analysed(code));
            let mut scan = JumpScan::new();
            for target in order {
                let valid = expected.contains(&(target as usize));
                // Where a jump could stand: the instruction behind it begins where one begins.
                let next = || expected.iter().copied().rfind(|at| at % 3 == 0).unwrap_or_default();
                prop_assert_eq!(lazy.is_destination(target, &mut scan, next), valid);
                prop_assert_eq!(eager.is_destination(target, &mut scan, next), valid);
            }
        }
    }
}
