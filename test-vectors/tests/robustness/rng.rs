//! Random numbers that repeat from run to run (SplitMix64).

/// A stream of numbers from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) const fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Whether an event of `percent` probability happens.
    pub(crate) const fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// A length that is mostly small.
    pub(crate) const fn length(&mut self, max: usize) -> usize {
        let bound = match self.below(8) {
            0..=3 => 8,
            4..=6 => 64,
            _ => max,
        };
        let bound = if bound < max { bound } else { max };
        self.below(bound + 1)
    }

    /// A number of any magnitude, with a liking for the edges of integer types.
    pub(crate) const fn number(&mut self) -> u64 {
        match self.below(6) {
            0 => self.next() % 4,
            1 => self.next() % 1_100,
            2 => (1 << (self.next() % 64)) - 1,
            3 => 1 << (self.next() % 64),
            4 => u64::MAX - self.next() % 2,
            _ => self.next() >> (self.next() % 64),
        }
    }
}
