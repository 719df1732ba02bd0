//! Inverses modulo an odd number by division steps (Bernstein and Yang, 2019), in time that depends
//! on the number.

/// Limbs with a sign, which the top one carries.
type Signed<const N: usize> = [i32; N];

/// What a number of division steps does to f and g: (u f + v g, q f + r g) / 2^steps.
struct Matrix {
    u: i32,
    v: i32,
    q: i32,
    r: i32,
}

/// An odd modulus in limbs of `bits` bits, at most 29, of which the top one has 4 to spare.
#[derive(Debug)]
pub(super) struct Inverter<'a, const N: usize> {
    pub(super) modulus: &'a [u32; N],
    pub(super) bits: u32,
    /// -1/modulus mod 2^bits.
    pub(super) minus_inverse: u32,
}

impl<const N: usize> Inverter<'_, N> {
    const fn mask(&self) -> i32 {
        (1 << self.bits) - 1
    }

    /// `1 / x mod modulus` for x below the modulus; 0 for 0.
    pub(super) fn invert(&self, x: &[u32; N]) -> [u32; N] {
        let mut f = self.modulus.map(|limb| limb as i32);
        let mut g = x.map(|limb| limb as i32);
        // d x = f and e x = g, modulo the modulus.
        let mut d = [0; N];
        let mut e = [0; N];
        e[0] = 1;
        let mut eta = -1;
        while g != [0; N] {
            let matrix;
            (eta, matrix) = self.steps(eta, f[0] as u32, g[0] as u32);
            self.update_modular(&mut d, &mut e, &matrix);
            self.update(&mut f, &mut g, &matrix);
        }
        // f is 1 or -1, or the modulus if x was 0; d is above -2 moduli and below one.
        let f_negative = f[N - 1] < 0;
        if d[N - 1] < 0 {
            self.add_modulus(&mut d);
        }
        if f_negative {
            let mut borrow = 0;
            for limb in &mut d {
                let difference = -*limb + borrow;
                *limb = difference & self.mask();
                borrow = difference >> self.bits;
            }
            d[N - 1] |= borrow << self.bits;
        }
        if d[N - 1] < 0 {
            self.add_modulus(&mut d);
        }
        d.map(|limb| limb as u32)
    }

    fn add_modulus(&self, d: &mut Signed<N>) {
        let mut carry = 0;
        for (limb, m) in d.iter_mut().zip(self.modulus) {
            let sum = *limb + *m as i32 + carry;
            *limb = sum & self.mask();
            carry = sum >> self.bits;
        }
        d[N - 1] |= carry << self.bits;
    }

    /// `bits` division steps on the lowest limbs, which are all that they depend on.
    fn steps(&self, mut eta: i32, mut f: u32, mut g: u32) -> (i32, Matrix) {
        let (mut u, mut v, mut q, mut r) = (1u32, 0u32, 0u32, 1u32);
        let mut left = self.bits;
        loop {
            let zeros = (g | u32::MAX << left).trailing_zeros();
            g >>= zeros;
            u <<= zeros;
            v <<= zeros;
            eta -= zeros as i32;
            left -= zeros;
            if left == 0 {
                break;
            }
            if eta < 0 {
                eta = -eta;
                (f, g) = (g, f.wrapping_neg());
                (u, q) = (q, u.wrapping_neg());
                (v, r) = (r, v.wrapping_neg());
            }
            // The multiple of f that clears up to 4 low bits of g, within the steps that neither
            // run out nor turn eta.
            let limit = (eta as u32 + 1).min(left).min(4);
            let inverse = f.wrapping_add((f.wrapping_add(1) & 4) << 1);
            let w = inverse.wrapping_neg().wrapping_mul(g) & ((1 << limit) - 1);
            g = g.wrapping_add(f.wrapping_mul(w));
            q = q.wrapping_add(u.wrapping_mul(w));
            r = r.wrapping_add(v.wrapping_mul(w));
        }
        (
            eta,
            Matrix {
                u: u as i32,
                v: v as i32,
                q: q as i32,
                r: r as i32,
            },
        )
    }

    /// Applies the matrix to f and g; the division is exact.
    fn update(&self, f: &mut Signed<N>, g: &mut Signed<N>, matrix: &Matrix) {
        let (u, v) = (i64::from(matrix.u), i64::from(matrix.v));
        let (q, r) = (i64::from(matrix.q), i64::from(matrix.r));
        let (mut f_carry, mut g_carry) = (0i64, 0i64);
        for i in 0..N {
            let (x, y) = (i64::from(f[i]), i64::from(g[i]));
            f_carry = f_carry
                .wrapping_add(u.wrapping_mul(x))
                .wrapping_add(v.wrapping_mul(y));
            g_carry = g_carry
                .wrapping_add(q.wrapping_mul(x))
                .wrapping_add(r.wrapping_mul(y));
            if i > 0 {
                f[i - 1] = f_carry as i32 & self.mask();
                g[i - 1] = g_carry as i32 & self.mask();
            }
            f_carry >>= self.bits;
            g_carry >>= self.bits;
        }
        f[N - 1] = f_carry as i32;
        g[N - 1] = g_carry as i32;
    }

    /// Applies the matrix to d and e modulo the modulus, multiples of which make the division exact.
    fn update_modular(&self, d: &mut Signed<N>, e: &mut Signed<N>, matrix: &Matrix) {
        let (u, v) = (i64::from(matrix.u), i64::from(matrix.v));
        let (q, r) = (i64::from(matrix.q), i64::from(matrix.r));
        // Adding the modulus once for a negative number keeps the results in their bounds.
        let (d_sign, e_sign) = (d[N - 1] >> 31, e[N - 1] >> 31);
        let multiple = |a: i32, b: i32| {
            let start = (a & d_sign).wrapping_add(b & e_sign);
            let low = a.wrapping_mul(d[0]).wrapping_add(b.wrapping_mul(e[0]));
            let rest = start.wrapping_sub((self.minus_inverse as i32).wrapping_mul(low));
            i64::from(start.wrapping_sub(rest & self.mask()))
        };
        let d_multiple = multiple(matrix.u, matrix.v);
        let e_multiple = multiple(matrix.q, matrix.r);
        let (mut d_carry, mut e_carry) = (0i64, 0i64);
        for i in 0..N {
            let (x, y, m) = (i64::from(d[i]), i64::from(e[i]), i64::from(self.modulus[i]));
            d_carry = d_carry
                .wrapping_add(u.wrapping_mul(x))
                .wrapping_add(v.wrapping_mul(y))
                .wrapping_add(d_multiple.wrapping_mul(m));
            e_carry = e_carry
                .wrapping_add(q.wrapping_mul(x))
                .wrapping_add(r.wrapping_mul(y))
                .wrapping_add(e_multiple.wrapping_mul(m));
            if i > 0 {
                d[i - 1] = d_carry as i32 & self.mask();
                e[i - 1] = e_carry as i32 & self.mask();
            }
            d_carry >>= self.bits;
            e_carry >>= self.bits;
        }
        d[N - 1] = d_carry as i32;
        e[N - 1] = e_carry as i32;
    }
}
