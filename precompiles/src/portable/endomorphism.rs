//! Scalars in two halves, for curves with an endomorphism (x, y) to (beta x, y) that multiplies the
//! group by a number lambda (Gallant, Lambert and Vanstone, 2001).

/// Limbs of a scalar, lowest first.
type Number = [u32; 8];

/// A basis of short vectors (a, b) with a + b * lambda = 0 modulo the group's order r, and what
/// finds the vector near (scalar, 0). Negative numbers stand modulo 2^256.
#[derive(Debug)]
pub(super) struct Lattice {
    /// a of both vectors.
    pub(super) a: [Number; 2],
    /// b of both vectors.
    pub(super) b: [Number; 2],
    /// 2^256 / r times b of the second vector, and times the negative of b of the first.
    pub(super) multipliers: [Number; 2],
}

/// One half of a scalar: whether it is negative, and its absolute value, big-endian.
pub(super) type Half = (bool, [u8; 32]);

impl Lattice {
    /// Numbers x and y of some 130 bits with x + y * lambda = scalar modulo r.
    pub(super) fn split(&self, scalar: &[u8; 32]) -> [Half; 2] {
        let mut k = [0; 8];
        for (limb, bytes) in k.iter_mut().zip(scalar.as_chunks().0.iter().rev()) {
            *limb = u32::from_be_bytes(*bytes);
        }
        // The quotients may be too small by 2: the halves are a bit or two longer for it.
        let quotients = self
            .multipliers
            .map(|multiplier| product(&k, &multiplier).1);
        let mut x = k;
        let mut y = [0; 8];
        for i in 0..2 {
            x = difference(&x, &product(&quotients[i], &self.a[i]).0);
            y = difference(&y, &product(&quotients[i], &self.b[i]).0);
        }
        [half(&x), half(&y)]
    }
}

fn half(x: &Number) -> Half {
    let negative = x[7] >> 31 == 1;
    let absolute = if negative { difference(&[0; 8], x) } else { *x };
    let mut out = [0; 32];
    for (bytes, limb) in out.as_chunks_mut().0.iter_mut().zip(absolute.iter().rev()) {
        *bytes = limb.to_be_bytes();
    }
    (negative, out)
}

/// Low and high half of a product.
fn product(x: &Number, y: &Number) -> (Number, Number) {
    let mut out = [0u32; 16];
    for (i, &x) in x.iter().enumerate() {
        let mut carry = 0u64;
        for (out, &y) in out[i..].iter_mut().zip(y) {
            let sum = u64::from(x)
                .wrapping_mul(y.into())
                .wrapping_add((*out).into());
            let sum = sum.wrapping_add(carry);
            *out = sum as u32;
            carry = sum >> 32;
        }
        out[i + 8] = carry as u32;
    }
    let half = |start: usize| core::array::from_fn(|i| out[start + i]);
    (half(0), half(8))
}

/// `x - y` modulo 2^256.
fn difference(x: &Number, y: &Number) -> Number {
    let mut out = [0; 8];
    let mut borrow = 0i64;
    for i in 0..8 {
        let sum = i64::from(x[i]) - i64::from(y[i]) + borrow;
        out[i] = sum as u32;
        borrow = sum >> 32;
    }
    out
}
