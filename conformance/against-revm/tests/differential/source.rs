//! Where choices come from: a seed, or the bytes of a fuzzer.

use evm_interpreter::{H160, U256};

/// A stream of choices. The same seed, or the same bytes, always make the same ones.
#[derive(Debug)]
pub(crate) struct Source {
    state: u64,
    bytes: Option<(Vec<u8>, usize)>,
}

impl Source {
    /// Choices without end.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self {
            state: seed,
            bytes: None,
        }
    }

    /// Choices made by bytes, and by zeros when they are used up.
    #[allow(dead_code, reason = "of the fuzz targets")]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            state: 0,
            bytes: Some((bytes.to_vec(), 0)),
        }
    }

    /// The next 64 bits: SplitMix64 of the seed.
    const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn byte(&mut self) -> u8 {
        match &mut self.bytes {
            None => self.next() as u8,
            Some((bytes, at)) => {
                let byte = bytes.get(*at).copied().unwrap_or_default();
                *at += 1;
                byte
            }
        }
    }

    pub(crate) fn long(&mut self) -> u64 {
        u64::from_be_bytes(core::array::from_fn(|_| self.byte()))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let raw = if end <= 1 << 8 {
            u64::from(self.byte())
        } else {
            self.long()
        };
        (raw % end.max(1) as u64) as usize
    }

    /// True `n` times of a hundred.
    pub(crate) fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    /// A word, likely one where something changes.
    pub(crate) fn word(&mut self) -> U256 {
        let bit = U256::one() << self.below(256);
        match self.below(12) {
            0 => U256::zero(),
            1 => U256::one(),
            2 => U256::MAX,
            3 => bit,
            4 => bit - 1,
            5 => U256::MAX - bit,
            6 => (U256::one() << 255) | U256::from(self.below(3)),
            7 => U256::from(self.below(300)),
            8 => U256::from(self.long()),
            9 => U256::from(31 + self.below(4)),
            10 => !U256::from(self.below(300)),
            _ => U256(core::array::from_fn(|_| self.long())),
        }
    }

    /// An offset or length in bytes, seldom one that nobody can pay for.
    pub(crate) fn offset(&mut self) -> U256 {
        match self.below(100) {
            0 => self.word(),
            1 => U256::from(self.below(1 << 17)),
            2..=5 => U256::from(self.below(2_000)),
            _ => U256::from(self.below(100)),
        }
    }
}

/// The address that is this number.
pub(crate) fn low(number: u16) -> H160 {
    let mut address = H160::zero();
    address.0[18..].copy_from_slice(&number.to_be_bytes());
    address
}

/// The address as a word.
pub(crate) fn word(address: H160) -> U256 {
    U256::from_big_endian(&address.0)
}
