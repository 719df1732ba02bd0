//! The rounds of F four columns at a time, where the processor has AVX2.

use super::{ORDERS, State};
use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_extract_epi64, _mm256_permute4x64_epi64, _mm256_set_epi64x,
    _mm256_setr_epi8, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_srli_epi64,
    _mm256_xor_si256,
};

/// Whether the processor can.
pub(super) fn is_available() -> bool {
    std::is_x86_feature_detected!("avx2")
}

/// `left` rounds on the work vector.
///
/// The rows a, b, c, d of the work vector are registers. For the diagonals a, c and d turn, so that
/// they meet a b that stays: of the four it is the last to be known.
#[target_feature(enable = "avx2")]
pub(super) fn rounds(left: u32, v: &mut State, m: &[u64; 16]) {
    let row = |at: usize| row([v[at], v[at + 1], v[at + 2], v[at + 3]]);
    let (mut a, mut b, mut c, mut d) = (row(0), row(4), row(8), row(12));
    let words = ORDERS.map(|order| ordered(m, &order));
    let (whole, rest) = (left / 10, left as usize % 10);
    for _ in 0..whole {
        for words in &words {
            (a, b, c, d) = round(a, b, c, d, words);
        }
    }
    for words in &words[..rest] {
        (a, b, c, d) = round(a, b, c, d, words);
    }
    for (at, row) in [a, b, c, d].into_iter().enumerate() {
        v[4 * at] = _mm256_extract_epi64::<0>(row) as u64;
        v[4 * at + 1] = _mm256_extract_epi64::<1>(row) as u64;
        v[4 * at + 2] = _mm256_extract_epi64::<2>(row) as u64;
        v[4 * at + 3] = _mm256_extract_epi64::<3>(row) as u64;
    }
}

#[target_feature(enable = "avx2")]
fn row([a, b, c, d]: [u64; 4]) -> __m256i {
    _mm256_set_epi64x(d as i64, c as i64, b as i64, a as i64)
}

/// The message words of a round: first and second of the columns, first and second of the
/// diagonals, each where its b is.
#[target_feature(enable = "avx2")]
fn ordered(m: &[u64; 16], s: &[usize; 16]) -> [__m256i; 4] {
    let words = |order: [usize; 4]| row(order.map(|at| m[s[at]]));
    [
        words([0, 2, 4, 6]),
        words([1, 3, 5, 7]),
        words([14, 8, 10, 12]),
        words([15, 9, 11, 13]),
    ]
}

#[target_feature(enable = "avx2")]
fn round(
    a: __m256i,
    b: __m256i,
    c: __m256i,
    d: __m256i,
    words: &[__m256i; 4],
) -> (__m256i, __m256i, __m256i, __m256i) {
    let (a, b, c, d) = mix(a, b, c, d, words[0], words[1]);
    let a = _mm256_permute4x64_epi64::<0b10_01_00_11>(a);
    let c = _mm256_permute4x64_epi64::<0b00_11_10_01>(c);
    let d = _mm256_permute4x64_epi64::<0b01_00_11_10>(d);
    let (a, b, c, d) = mix(a, b, c, d, words[2], words[3]);
    let a = _mm256_permute4x64_epi64::<0b00_11_10_01>(a);
    let c = _mm256_permute4x64_epi64::<0b10_01_00_11>(c);
    let d = _mm256_permute4x64_epi64::<0b01_00_11_10>(d);
    (a, b, c, d)
}

/// The mixing function G, four at once.
#[target_feature(enable = "avx2")]
fn mix(
    a: __m256i,
    b: __m256i,
    c: __m256i,
    d: __m256i,
    x: __m256i,
    y: __m256i,
) -> (__m256i, __m256i, __m256i, __m256i) {
    // Each 64-bit word turned right by 24 and by 16 bits: whole bytes.
    let by_24 = _mm256_setr_epi8(
        3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13,
        14, 15, 8, 9, 10,
    );
    let by_16 = _mm256_setr_epi8(
        2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12,
        13, 14, 15, 8, 9,
    );
    // The message first: b is known later than a.
    let a = _mm256_add_epi64(_mm256_add_epi64(a, x), b);
    let d = _mm256_shuffle_epi32::<0b10_11_00_01>(_mm256_xor_si256(d, a));
    let c = _mm256_add_epi64(c, d);
    let b = _mm256_shuffle_epi8(_mm256_xor_si256(b, c), by_24);
    let a = _mm256_add_epi64(_mm256_add_epi64(a, y), b);
    let d = _mm256_shuffle_epi8(_mm256_xor_si256(d, a), by_16);
    let c = _mm256_add_epi64(c, d);
    let b = _mm256_xor_si256(b, c);
    let b = _mm256_xor_si256(_mm256_srli_epi64::<63>(b), _mm256_add_epi64(b, b));
    (a, b, c, d)
}
