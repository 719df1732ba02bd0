//! Words in memory: big-endian bytes to limbs and back.

use primitive_types::U256;

/// Turns words into bytes and back.
///
/// WebAssembly has no instruction that swaps bytes, and compilers spell one out in more than forty
/// others. Each byte moves by an odd multiple of 8, so four rotations serve two bytes each: 23
/// instructions, as long as the compiler does not see what they come to. Hence one amount of them is a
/// value that it does not know.
#[derive(Clone, Copy)]
pub(crate) struct ByteOrder {
    #[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
    eight: u64,
}

impl ByteOrder {
    #[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self {
            eight: core::hint::black_box(8),
        }
    }

    #[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self {}
    }

    /// A limb with its bytes in the other order.
    #[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
    #[inline(always)]
    pub(crate) const fn swapped(self, limb: u64) -> u64 {
        (limb.rotate_left(self.eight as u32) & 0x0000_00ff_0000_00ff)
            | (limb.rotate_left(24) & 0x0000_ff00_0000_ff00)
            | (limb.rotate_left(40) & 0x00ff_0000_00ff_0000)
            | (limb.rotate_left(56) & 0xff00_0000_ff00_0000)
    }

    /// A limb with its bytes in the other order.
    #[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
    #[inline(always)]
    pub(crate) const fn swapped(self, limb: u64) -> u64 {
        limb.swap_bytes()
    }

    /// Half a limb with its bytes in the other order.
    #[cfg(any(target_arch = "wasm32", feature = "wasm-kernels"))]
    #[inline(always)]
    pub(crate) const fn swapped_half(self, half: u32) -> u32 {
        (half.rotate_left(self.eight as u32) & 0x00ff_00ff) | (half.rotate_left(24) & 0xff00_ff00)
    }

    /// Half a limb with its bytes in the other order.
    #[cfg(not(any(target_arch = "wasm32", feature = "wasm-kernels")))]
    #[inline(always)]
    pub(crate) const fn swapped_half(self, half: u32) -> u32 {
        half.swap_bytes()
    }

    /// The word with an address in its low 20 bytes.
    #[inline(always)]
    pub(crate) fn address(self, bytes: &[u8; 20]) -> U256 {
        let [a, b, c, d, e] = core::array::from_fn(|i| {
            let [w, x, y, z] = bytes.as_chunks::<4>().0[i];
            u32::from_le_bytes([w, x, y, z])
        });
        let pair = |high: u32, low: u32| u64::from(low) << 32 | u64::from(high);
        U256([
            self.swapped(pair(d, e)),
            self.swapped(pair(b, c)),
            u64::from(self.swapped_half(a)),
            0,
        ])
    }

    /// Reads the word of 32 big-endian bytes and puts it somewhere. Most words that programs load are
    /// small numbers.
    #[inline(always)]
    pub(crate) fn load(self, bytes: &[u8; 32], put: impl FnOnce(U256)) {
        let chunks = bytes.as_chunks::<8>().0;
        let raw: [u64; 4] = core::array::from_fn(|i| u64::from_le_bytes(chunks[i]));
        if SMALL_WORDS_APART && raw[0] | raw[1] | raw[2] == 0 {
            // Put apart too, since where it goes zeros cost less than variables.
            return put(U256([self.swapped(raw[3]), 0, 0, 0]));
        }
        put(self.word(bytes));
    }

    /// The word of 32 big-endian bytes, of any size.
    #[inline(always)]
    pub(crate) fn word(self, bytes: &[u8; 32]) -> U256 {
        let chunks = bytes.as_chunks::<8>().0;
        let limb = |i: usize| self.swapped(u64::from_le_bytes(chunks[i]));
        U256([limb(3), limb(2), limb(1), limb(0)])
    }

    /// Writes a word as 32 big-endian bytes.
    #[inline(always)]
    pub(crate) fn store(self, word: &U256, bytes: &mut [u8; 32]) {
        let limbs = word.0;
        let raw = if SMALL_WORDS_APART && limbs[1] | limbs[2] | limbs[3] == 0 {
            [0, 0, 0, self.swapped(limbs[0])]
        } else {
            [
                self.swapped(limbs[3]),
                self.swapped(limbs[2]),
                self.swapped(limbs[1]),
                self.swapped(limbs[0]),
            ]
        };
        for (chunk, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(raw) {
            *chunk = limb.to_le_bytes();
        }
    }
}

/// Whether a branch is cheaper than three swaps.
const SMALL_WORDS_APART: bool = cfg!(any(target_arch = "wasm32", feature = "wasm-kernels"));

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn words_are_big_endian(limbs in any::<[u64; 4]>(), small in any::<bool>()) {
            let word = if small { U256([limbs[0], 0, 0, 0]) } else { U256(limbs) };
            let order = ByteOrder::new();
            let mut bytes = [0xee; 32];
            order.store(&word, &mut bytes);
            prop_assert_eq!(bytes, word.to_big_endian());
            let mut back = U256::MAX;
            order.load(&bytes, |word| back = word);
            prop_assert_eq!(back, word);
            let (_, address) = bytes.split_last_chunk::<20>().unwrap();
            let mut padded = [0; 32];
            padded[12..].copy_from_slice(address);
            prop_assert_eq!(order.address(address), U256::from_big_endian(&padded));
        }
    }
}
