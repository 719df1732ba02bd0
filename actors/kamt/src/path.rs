//! Digits of keys, and extensions.

use primitive_types::U256;

/// Bits a level consumes.
pub(crate) const WIDTH: u32 = 5;
/// Bits of a key.
pub(crate) const KEY_BITS: u32 = 256;

/// The digit of `key` behind its first `depth` bits: five bits, or the last one alone.
#[inline]
pub(crate) const fn digit(key: &U256, depth: u32) -> u32 {
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

/// `word << bits` for `bits` below 256. As the library's, at a fraction of the instructions.
#[inline]
const fn shl(word: &U256, bits: u32) -> U256 {
    let [a, b, c, d] = word.0;
    let [a, b, c, d] = match bits / 64 {
        0 => [a, b, c, d],
        1 => [0, a, b, c],
        2 => [0, 0, a, b],
        _ => [0, 0, 0, a],
    };
    let by = bits % 64;
    if by == 0 {
        return U256([a, b, c, d]);
    }
    let rest = 64 - by;
    U256([
        a << by,
        b << by | a >> rest,
        c << by | b >> rest,
        d << by | c >> rest,
    ])
}

/// `word >> bits` for `bits` below 256.
#[inline]
const fn shr(word: &U256, bits: u32) -> U256 {
    let [a, b, c, d] = word.0;
    let [a, b, c, d] = match bits / 64 {
        0 => [a, b, c, d],
        1 => [b, c, d, 0],
        2 => [c, d, 0, 0],
        _ => [d, 0, 0, 0],
    };
    let by = bits % 64;
    if by == 0 {
        return U256([a, b, c, d]);
    }
    let rest = 64 - by;
    U256([
        a >> by | b << rest,
        b >> by | c << rest,
        c >> by | d << rest,
        d >> by,
    ])
}

/// Zeros before the highest one.
#[inline]
const fn leading_zeros(word: &U256) -> u32 {
    match word.0 {
        [_, _, _, d] if d != 0 => d.leading_zeros(),
        [_, _, c, 0] if c != 0 => 64 + c.leading_zeros(),
        [_, b, 0, 0] if b != 0 => 128 + b.leading_zeros(),
        [a, ..] => 192 + a.leading_zeros(),
    }
}

/// The highest `len` bits of `word`; `len` is below 256.
#[inline]
fn high_bits(word: &U256, len: u32) -> U256 {
    if len == 0 {
        return U256::zero();
    }
    let mut limbs = word.0;
    let drop = KEY_BITS - len;
    let whole = (drop / 64) as usize;
    for limb in limbs.iter_mut().take(whole) {
        *limb = 0;
    }
    limbs[whole] &= u64::MAX << (drop % 64);
    U256(limbs)
}

/// Bits between a link and the node that it points at: those that all keys below share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extension {
    /// Number of bits, a multiple of five, at most 250.
    pub(crate) len: u32,
    /// The bits, first one highest; zeros behind them.
    pub(crate) path: U256,
}

impl Extension {
    /// Bits `from` to `from + len` of `key`.
    pub(crate) fn of_key(key: &U256, from: u32, len: u32) -> Self {
        Self {
            len,
            path: high_bits(&shl(key, from), len),
        }
    }

    /// Whether nothing stands behind the bits.
    pub(crate) fn is_clean(&self) -> bool {
        high_bits(&self.path, self.len) == self.path
    }

    /// How many bits of this extension `key` has behind its first `depth` bits, in whole digits.
    #[inline]
    pub(crate) const fn matched(&self, key: &U256, depth: u32) -> u32 {
        if self.len == 0 {
            return 0;
        }
        let common = leading_zeros(&xor(&shl(key, depth), &self.path));
        if common >= self.len {
            return self.len;
        }
        common - common % WIDTH
    }

    /// The parts before and behind the digit that follows `at` bits, and that digit.
    pub(crate) fn split(&self, at: u32) -> (Self, u32, Self) {
        let head = Self {
            len: at,
            path: high_bits(&self.path, at),
        };
        let tail = Self {
            len: self.len - at - WIDTH,
            path: shl(&self.path, at + WIDTH),
        };
        (head, digit(&self.path, at), tail)
    }

    /// This extension, then `digit`, then `tail`.
    pub(crate) fn join(&self, digit: u32, tail: &Self) -> Self {
        let digit = shl(&U256::from(digit), KEY_BITS - WIDTH - self.len);
        Self {
            len: self.len + WIDTH + tail.len,
            path: self.path | digit | shr(&tail.path, self.len + WIDTH),
        }
    }
}

#[inline]
const fn xor(a: &U256, b: &U256) -> U256 {
    U256([
        a.0[0] ^ b.0[0],
        a.0[1] ^ b.0[1],
        a.0[2] ^ b.0[2],
        a.0[3] ^ b.0[3],
    ])
}

/// Bits that two different keys share behind their first `depth`, in whole digits.
pub(crate) const fn common(a: &U256, b: &U256, depth: u32) -> u32 {
    let common = leading_zeros(&shl(&xor(a, b), depth));
    common - common % WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Digit by digit from the text of the bits.
    fn digits(key: &U256) -> Vec<u32> {
        let bits: String = (0..256)
            .rev()
            .map(|i| if key.bit(i) { '1' } else { '0' })
            .collect();
        bits.as_bytes()
            .chunks(5)
            .map(|chunk| chunk.iter().fold(0, |n, bit| n * 2 + u32::from(bit - b'0')))
            .collect()
    }

    proptest! {
        #[test]
        fn shifts_are_the_librarys(limbs: [u64; 4], bits in 0..256_u32, zeros in 0..256_u32) {
            let word = U256(limbs) >> zeros;
            prop_assert_eq!(shl(&word, bits), word << bits);
            prop_assert_eq!(shr(&word, bits), word >> bits);
            prop_assert_eq!(leading_zeros(&word), word.leading_zeros());
            prop_assert_eq!(high_bits(&word, bits), if bits == 0 { U256::zero() } else { (word >> (256 - bits)) << (256 - bits) });
        }

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
