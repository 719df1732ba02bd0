//! The extension fields of degree 2, 6 and 12 that pairings need.
//!
//! Fp2 = Fp\[u\] / (u^2 + 1), Fp6 = Fp2\[v\] / (v^3 - xi), Fp12 = Fp6\[w\] / (w^2 - v), for a xi that the
//! curve chooses.

use core::{fmt::Debug, marker::PhantomData};

use super::field::Field;

/// What distinguishes the towers of two curves.
pub(crate) trait Tower: Copy + PartialEq + Debug + 'static {
    /// The prime field; its modulus is 3 mod 4.
    type Base: Field;

    /// xi^((p^power - 1) * i / 6) for `power` 1 to 3 and i from 0 to 5: what raising to the power
    /// p^`power` does to w^i.
    const FROBENIUS: [[Fp2<Self::Base>; 6]; 3];

    /// `xi * x`.
    fn mul_by_xi(x: &Fp2<Self::Base>) -> Fp2<Self::Base>;
}

/// `real + imaginary * u`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fp2<F> {
    pub(crate) real: F,
    pub(crate) imaginary: F,
}

impl<F: Field> Fp2<F> {
    pub(crate) const fn new(real: F, imaginary: F) -> Self {
        Self { real, imaginary }
    }

    /// `real - imaginary * u`, which is the power p.
    pub(crate) fn conjugate(&self) -> Self {
        Self::new(self.real, self.imaginary.neg())
    }

    /// `self * factor`.
    pub(crate) fn scale(&self, factor: &F) -> Self {
        Self::new(self.real.mul(factor), self.imaginary.mul(factor))
    }

    /// `real^2 + imaginary^2`.
    pub(crate) fn norm(&self) -> F {
        self.real.square().add(&self.imaginary.square())
    }
}

impl<F: Field> Field for Fp2<F> {
    const ZERO: Self = Self::new(F::ZERO, F::ZERO);
    const ONE: Self = Self::new(F::ONE, F::ZERO);

    fn add(&self, other: &Self) -> Self {
        Self::new(
            self.real.add(&other.real),
            self.imaginary.add(&other.imaginary),
        )
    }

    fn sub(&self, other: &Self) -> Self {
        Self::new(
            self.real.sub(&other.real),
            self.imaginary.sub(&other.imaginary),
        )
    }

    #[inline(never)]
    fn mul(&self, other: &Self) -> Self {
        let (a, b, x, y) = (&self.real, &self.imaginary, &other.real, &other.imaginary);
        Self::new(
            F::difference_of_products(a, x, b, y),
            F::sum_of_products(a, y, b, x),
        )
    }

    fn sub_both(&self, a: &Self, b: &Self) -> Self {
        let imaginary = self.imaginary.sub_both(&a.imaginary, &b.imaginary);
        Self::new(self.real.sub_both(&a.real, &b.real), imaginary)
    }

    fn linear(&self, k: u32, other: &Self, m: i32) -> Self {
        let imaginary = self.imaginary.linear(k, &other.imaginary, m);
        Self::new(self.real.linear(k, &other.real, m), imaginary)
    }

    #[inline(never)]
    fn square(&self) -> Self {
        let product = self.real.mul(&self.imaginary);
        let sum = self.real.add(&self.imaginary);
        let difference = self.real.sub(&self.imaginary);
        Self::new(sum.mul(&difference), product.double())
    }

    fn invert(&self) -> Self {
        let factor = self.norm().invert();
        self.conjugate().scale(&factor)
    }
}

/// `c[0] + c[1] * v + c[2] * v^2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fp6<T: Tower> {
    c: [Fp2<T::Base>; 3],
    tower: PhantomData<T>,
}

impl<T: Tower> Fp6<T> {
    const fn new(c: [Fp2<T::Base>; 3]) -> Self {
        Self {
            c,
            tower: PhantomData,
        }
    }

    fn mul_by_v(&self) -> Self {
        let [a, b, c] = &self.c;
        Self::new([T::mul_by_xi(c), *a, *b])
    }

    /// `self * (x + y * v)`.
    fn mul_by_01(&self, x: &Fp2<T::Base>, y: &Fp2<T::Base>) -> Self {
        let [a, b, c] = &self.c;
        let (ax, by) = (a.mul(x), b.mul(y));
        let cross = a.add(b).mul(&x.add(y)).sub_both(&ax, &by);
        Self::new([T::mul_by_xi(&c.mul(y)).add(&ax), cross, c.mul(x).add(&by)])
    }

    /// `self * y * v`.
    fn mul_by_1(&self, y: &Fp2<T::Base>) -> Self {
        let [a, b, c] = &self.c;
        Self::new([T::mul_by_xi(&c.mul(y)), a.mul(y), b.mul(y)])
    }

    /// `self * x`.
    fn scale(&self, x: &Fp2<T::Base>) -> Self {
        Self::new(self.c.map(|c| c.mul(x)))
    }
}

impl<T: Tower> Field for Fp6<T> {
    const ZERO: Self = Self::new([Fp2::ZERO; 3]);
    const ONE: Self = Self::new([Fp2::ONE, Fp2::ZERO, Fp2::ZERO]);

    fn add(&self, other: &Self) -> Self {
        let ([a, b, c], [x, y, z]) = (&self.c, &other.c);
        Self::new([a.add(x), b.add(y), c.add(z)])
    }

    fn sub(&self, other: &Self) -> Self {
        let ([a, b, c], [x, y, z]) = (&self.c, &other.c);
        Self::new([a.sub(x), b.sub(y), c.sub(z)])
    }

    #[inline(never)]
    fn mul(&self, other: &Self) -> Self {
        let ([a, b, c], [x, y, z]) = (&self.c, &other.c);
        let (ax, by, cz) = (a.mul(x), b.mul(y), c.mul(z));
        let bc = b.add(c).mul(&y.add(z)).sub_both(&by, &cz);
        let ab = a.add(b).mul(&x.add(y)).sub_both(&ax, &by);
        let ac = a.add(c).mul(&x.add(z)).sub_both(&ax, &cz);
        Self::new([
            T::mul_by_xi(&bc).add(&ax),
            T::mul_by_xi(&cz).add(&ab),
            ac.add(&by),
        ])
    }

    fn sub_both(&self, a: &Self, b: &Self) -> Self {
        let at = |i: usize| self.c[i].sub_both(&a.c[i], &b.c[i]);
        Self::new([at(0), at(1), at(2)])
    }

    fn linear(&self, k: u32, other: &Self, m: i32) -> Self {
        let at = |i: usize| self.c[i].linear(k, &other.c[i], m);
        Self::new([at(0), at(1), at(2)])
    }

    fn invert(&self) -> Self {
        let [a, b, c] = &self.c;
        let x = a.square().sub(&T::mul_by_xi(&b.mul(c)));
        let y = T::mul_by_xi(&c.square()).sub(&a.mul(b));
        let z = b.square().sub(&a.mul(c));
        let norm = T::mul_by_xi(&c.mul(&y).add(&b.mul(&z))).add(&a.mul(&x));
        Self::new([x, y, z]).scale(&norm.invert())
    }
}

/// `low + high * w`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fp12<T: Tower> {
    low: Fp6<T>,
    high: Fp6<T>,
}

impl<T: Tower> Fp12<T> {
    const fn new(low: Fp6<T>, high: Fp6<T>) -> Self {
        Self { low, high }
    }

    /// `low - high * w`: the power p^6, and the inverse in the cyclotomic subgroup.
    pub(crate) fn conjugate(&self) -> Self {
        Self::new(self.low, self.high.neg())
    }

    /// `self ^ (p ^ power)` for a power of 1 to 3.
    pub(crate) fn frobenius(&self, power: usize) -> Self {
        let factors = &T::FROBENIUS[power - 1];
        let raised = |c: &Fp2<T::Base>, i: usize| {
            let c = if power % 2 == 1 { c.conjugate() } else { *c };
            c.mul(&factors[i])
        };
        let (low, high) = (&self.low.c, &self.high.c);
        Self::new(
            Fp6::new([raised(&low[0], 0), raised(&low[1], 2), raised(&low[2], 4)]),
            Fp6::new([
                raised(&high[0], 1),
                raised(&high[1], 3),
                raised(&high[2], 5),
            ]),
        )
    }

    /// `self * (x + y * v + z * v * w)`.
    pub(crate) fn mul_by_014(&self, x: &Fp2<T::Base>, y: &Fp2<T::Base>, z: &Fp2<T::Base>) -> Self {
        let low = self.low.mul_by_01(x, y);
        let high = self.high.mul_by_1(z);
        let both = self.low.add(&self.high).mul_by_01(x, &y.add(z));
        Self::new(high.mul_by_v().add(&low), both.sub_both(&low, &high))
    }

    /// `self * (x + y * w + z * v * w)`.
    pub(crate) fn mul_by_034(&self, x: &Fp2<T::Base>, y: &Fp2<T::Base>, z: &Fp2<T::Base>) -> Self {
        let low = self.low.scale(x);
        let high = self.high.mul_by_01(y, z);
        let both = self.low.add(&self.high).mul_by_01(&x.add(y), z);
        Self::new(high.mul_by_v().add(&low), both.sub_both(&low, &high))
    }

    /// `self ^ 2` in the cyclotomic subgroup (Granger and Scott, 2009).
    pub(crate) fn cyclotomic_square(&self) -> Self {
        // The squares of three elements of Fp4 = Fp2[s] / (s^2 - xi).
        let square = |a: &Fp2<T::Base>, b: &Fp2<T::Base>| {
            let (aa, bb) = (a.square(), b.square());
            (
                T::mul_by_xi(&bb).add(&aa),
                a.add(b).square().sub_both(&aa, &bb),
            )
        };
        let minus = |t: &Fp2<T::Base>, z: &Fp2<T::Base>| t.linear(3, z, -2);
        let plus = |t: &Fp2<T::Base>, z: &Fp2<T::Base>| t.linear(3, z, 2);
        let ([z0, z4, z3], [z2, z1, z5]) = (&self.low.c, &self.high.c);
        let (a0, a1) = square(z0, z1);
        let (b0, b1) = square(z2, z3);
        let (c0, c1) = square(z4, z5);
        Self::new(
            Fp6::new([minus(&a0, z0), minus(&b0, z4), minus(&c0, z3)]),
            Fp6::new([plus(&T::mul_by_xi(&c1), z2), plus(&a1, z1), plus(&b1, z5)]),
        )
    }

    /// A power in the cyclotomic subgroup. The exponent's signed digits stand highest first, each
    /// 0, 1 or 3, or the negative of one.
    pub(crate) fn cyclotomic_pow(&self, digits: &[i8]) -> Self {
        let cube = digits
            .iter()
            .any(|digit| digit.abs() == 3)
            .then(|| self.cyclotomic_square().mul(self));
        let mut out: Option<Self> = None;
        for &digit in digits {
            out = out.map(|out| out.cyclotomic_square());
            let factor = match digit.abs() {
                0 => continue,
                3 => cube.as_ref().unwrap_or(self),
                _ => self,
            };
            let factor = if digit < 0 {
                factor.conjugate()
            } else {
                *factor
            };
            out = Some(out.map_or(factor, |out| out.mul(&factor)));
        }
        out.unwrap_or(Self::ONE)
    }
}

impl<T: Tower> Field for Fp12<T> {
    const ZERO: Self = Self::new(Fp6::ZERO, Fp6::ZERO);
    const ONE: Self = Self::new(Fp6::ONE, Fp6::ZERO);

    fn add(&self, other: &Self) -> Self {
        Self::new(self.low.add(&other.low), self.high.add(&other.high))
    }

    fn sub(&self, other: &Self) -> Self {
        Self::new(self.low.sub(&other.low), self.high.sub(&other.high))
    }

    fn mul(&self, other: &Self) -> Self {
        let (low, high) = (self.low.mul(&other.low), self.high.mul(&other.high));
        let both = self.low.add(&self.high).mul(&other.low.add(&other.high));
        Self::new(high.mul_by_v().add(&low), both.sub_both(&low, &high))
    }

    fn sub_both(&self, a: &Self, b: &Self) -> Self {
        Self::new(
            self.low.sub_both(&a.low, &b.low),
            self.high.sub_both(&a.high, &b.high),
        )
    }

    fn linear(&self, k: u32, other: &Self, m: i32) -> Self {
        Self::new(
            self.low.linear(k, &other.low, m),
            self.high.linear(k, &other.high, m),
        )
    }

    fn square(&self) -> Self {
        let product = self.low.mul(&self.high);
        let sum = self.low.add(&self.high);
        let mixed = self.low.add(&self.high.mul_by_v());
        let low = sum.mul(&mixed).sub_both(&product, &product.mul_by_v());
        Self::new(low, product.double())
    }

    fn invert(&self) -> Self {
        let norm = self
            .low
            .square()
            .sub(&self.high.square().mul_by_v())
            .invert();
        Self::new(self.low.mul(&norm), self.high.mul(&norm).neg())
    }
}
