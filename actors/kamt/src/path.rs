//! Digits of keys, and extensions.

use primitive_types::U256;

/// Bits a level consumes.
pub(crate) const WIDTH: u32 = 5;
/// Bits of a key.
pub(crate) const KEY_BITS: u32 = 256;

/// The digit of `key` behind its first `depth` bits: five bits, or the last one alone.
#[inline]
pub(crate) fn digit(key: &U256, depth: u32) -> u32 {
    if depth > KEY_BITS - WIDTH {
        return key.0[0] as u32 & 1;
    }
    let shift = KEY_BITS - WIDTH - depth;
    let (limb, offset) = ((shift / 64) as usize, shift % 64);
    let mut bits = key.0[limb] >> offset;
    if offset > 64 - WIDTH {
        bits |= key.0[limb + 1] << (64 - offset);
    }
    bits as u32 & 0x1f
}

/// Bits between a link and the node that it points at: those that all keys below share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extension {
    /// Number of bits, a multiple of five.
    pub(crate) len: u32,
    /// The bits, first one highest; zeros behind them.
    pub(crate) path: U256,
}

/// The highest `len` bits of `word`.
#[inline]
fn high_bits(word: U256, len: u32) -> U256 {
    if len == 0 {
        return U256::zero();
    }
    let drop = KEY_BITS - len;
    (word >> drop) << drop
}

impl Extension {
    /// Bits `from` to `from + len` of `key`.
    pub(crate) fn of_key(key: &U256, from: u32, len: u32) -> Self {
        Self {
            len,
            path: high_bits(*key << from, len),
        }
    }

    /// How many bits of this extension `key` has behind its first `depth` bits, in whole digits.
    #[inline]
    pub(crate) fn matched(&self, key: &U256, depth: u32) -> u32 {
        if self.len == 0 {
            return 0;
        }
        let common = ((*key << depth) ^ self.path).leading_zeros().min(self.len);
        common - common % WIDTH
    }

    /// The parts before and behind the digit that follows `at` bits, and that digit.
    pub(crate) fn split(&self, at: u32) -> (Self, u32, Self) {
        let head = Self {
            len: at,
            path: high_bits(self.path, at),
        };
        let tail = Self {
            len: self.len - at - WIDTH,
            path: self.path << (at + WIDTH),
        };
        (head, digit(&self.path, at), tail)
    }

    /// This extension, then `digit`, then `tail`.
    pub(crate) fn join(&self, digit: u32, tail: &Self) -> Self {
        let digit = U256::from(digit) << (KEY_BITS - WIDTH - self.len);
        Self {
            len: self.len + WIDTH + tail.len,
            path: self.path | digit | (tail.path >> (self.len + WIDTH)),
        }
    }
}

/// Bits that two different keys share behind their first `depth`, in whole digits.
pub(crate) fn common(a: &U256, b: &U256, depth: u32) -> u32 {
    let common = ((*a ^ *b) << depth).leading_zeros();
    common - common % WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Digit by digit from the text of the bits.
    fn digits(key: &U256) -> Vec<u32> {
        let bits: String = (0..256).rev().map(|i| if key.bit(i) { '1' } else { '0' }).collect();
        bits.as_bytes()
            .chunks(5)
            .map(|chunk| chunk.iter().fold(0, |n, bit| n * 2 + u32::from(bit - b'0')))
            .collect()
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_bits(limbs: [u64; 4]) {
            let key = U256(limbs);
            for (level, expected) in digits(&key).into_iter().enumerate() {
                prop_assert_eq!(digit(&key, level as u32 * WIDTH), expected);
            }
        }

        #[test]
        fn splits_join_again(limbs: [u64; 4], from in 0..50_u32, len in 1..50_u32, at in 0..50_u32) {
            let len = len.min(51 - from);
            let at = at % len;
            let key = U256(limbs);
            let extension = Extension::of_key(&key, from * WIDTH, len * WIDTH);
            prop_assert_eq!(extension.matched(&key, from * WIDTH), len * WIDTH);
            let (head, middle, tail) = extension.split(at * WIDTH);
            prop_assert_eq!(head, Extension::of_key(&key, from * WIDTH, at * WIDTH));
            prop_assert_eq!(middle, digit(&key, (from + at) * WIDTH));
            prop_assert_eq!(head.join(middle, &tail), extension);
        }

        #[test]
        fn a_flipped_bit_ends_the_match(limbs: [u64; 4], bit in 0..250_u32) {
            let key = U256(limbs);
            let other = key ^ (U256::one() << (255 - bit));
            let extension = Extension::of_key(&key, 0, 250);
            prop_assert_eq!(extension.matched(&other, 0), bit - bit % WIDTH);
            prop_assert_eq!(common(&key, &other, 0), bit - bit % WIDTH);
        }
    }
}
