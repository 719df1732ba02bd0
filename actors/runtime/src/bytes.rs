//! Comparing bytes and words; their order.

use primitive_types::U256;

/// Whether two slices are equal: eight bytes a step. WebAssembly's `memcmp` goes byte by byte, at
/// some 40 gas each.
#[inline]
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    for (a, b) in a_words.iter().zip(b_words) {
        if u64::from_le_bytes(*a) != u64::from_le_bytes(*b) {
            return false;
        }
    }
    a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

/// Whether two words are equal, limb by limb; the library's own comparison goes byte by byte.
#[inline(always)]
#[must_use]
pub const fn equal_words(a: &U256, b: &U256) -> bool {
    (a.0[0] ^ b.0[0]) | (a.0[1] ^ b.0[1]) | (a.0[2] ^ b.0[2]) | (a.0[3] ^ b.0[3]) == 0
}

/// A limb with its bytes in the other order.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
#[must_use]
pub const fn swapped(limb: u64) -> u64 {
    limb.swap_bytes()
}

/// A limb with its bytes in the other order: 24 instructions. Left to itself the compiler makes nearly
/// fifty, so it may not see what the rotations come to.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
#[must_use]
pub fn swapped(limb: u64) -> u64 {
    static EIGHT: u32 = 8;
    // SAFETY: a valid reference.
    rotated(limb, unsafe { (&raw const EIGHT).read_volatile() })
}

/// Each byte moves by an odd multiple of `eight` bits, so four rotations serve two bytes each.
#[cfg(any(test, target_arch = "wasm32"))]
#[inline(always)]
const fn rotated(limb: u64, eight: u32) -> u64 {
    (limb.rotate_left(eight) & 0x0000_00ff_0000_00ff)
        | (limb.rotate_left(24) & 0x0000_ff00_0000_ff00)
        | (limb.rotate_left(40) & 0x00ff_0000_00ff_0000)
        | (limb.rotate_left(56) & 0xff00_0000_ff00_0000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_slices_own(
            a in proptest::collection::vec(any::<u8>(), 0..40),
            at: usize,
            flip in 0..3_u8,
            cut: bool,
        ) {
            let mut b = a.clone();
            if !b.is_empty() {
                let at = at % b.len();
                b[at] ^= flip;
            }
            if cut {
                b.pop();
            }
            prop_assert_eq!(equal(&a, &b), a == b);
            prop_assert!(equal(&a, &a));
        }

        #[test]
        fn rotations_swap_bytes(limb: u64) {
            prop_assert_eq!(rotated(limb, 8), limb.swap_bytes());
        }

        #[test]
        fn as_the_words_own(limbs: [u64; 4], bit in 0..256_usize) {
            let word = U256(limbs);
            prop_assert!(equal_words(&word, &U256(limbs)));
            prop_assert!(!equal_words(&word, &(word ^ (U256::one() << bit))));
        }
    }
}
