//! Points of curves y^2 = x^3 + a x + b, in affine and in Jacobian coordinates.

use alloc::vec::Vec;
use core::{fmt::Debug, marker::PhantomData};

use super::{endomorphism::Lattice, field::Field};

/// A curve y^2 = x^3 + a x + b.
pub(crate) trait Curve: Copy + PartialEq + Debug + 'static {
    /// The field of the coordinates.
    type Field: Field;

    /// b.
    const B: Self::Field;

    /// beta of an endomorphism (x, y) to (beta x, y), and its lattice.
    const ENDOMORPHISM: Option<(Self::Field, Lattice)> = None;

    /// `x^3 + a x + b`; without a change, a is 0.
    fn right_side(x: &Self::Field) -> Self::Field {
        x.square().mul(x).add(&Self::B)
    }

    /// `3 x^2 + a z^4`, the slope of a tangent but for its denominator; without a change, a is 0.
    fn slope(x: &Self::Field, _z: &Self::Field) -> Self::Field {
        x.square().triple()
    }
}

/// A point that is not infinity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affine<C: Curve> {
    pub(crate) x: C::Field,
    pub(crate) y: C::Field,
}

impl<C: Curve> Affine<C> {
    /// The point at x, y; `None` if it is not on the curve.
    pub(crate) fn new(x: C::Field, y: C::Field) -> Option<Self> {
        (y.square() == C::right_side(&x)).then_some(Self { x, y })
    }

    pub(crate) fn neg(&self) -> Self {
        Self {
            x: self.x,
            y: self.y.neg(),
        }
    }

    /// `self * factor`.
    pub(crate) fn mul_u64(&self, factor: u64) -> Point<C> {
        let mut out = Point::INFINITY;
        for bit in (0..u64::BITS - factor.leading_zeros()).rev() {
            out = out.double();
            if factor >> bit & 1 == 1 {
                out = out.add_affine(self);
            }
        }
        out
    }
}

/// A point x/z^2, y/z^3; infinity if z is 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point<C: Curve> {
    pub(crate) x: C::Field,
    pub(crate) y: C::Field,
    pub(crate) z: C::Field,
    curve: PhantomData<C>,
}

impl<C: Curve> From<Affine<C>> for Point<C> {
    fn from(point: Affine<C>) -> Self {
        Self::new(point.x, point.y, C::Field::ONE)
    }
}

impl<C: Curve> From<Option<Affine<C>>> for Point<C> {
    fn from(point: Option<Affine<C>>) -> Self {
        point.map_or(Self::INFINITY, Self::from)
    }
}

impl<C: Curve> PartialEq for Point<C> {
    fn eq(&self, other: &Self) -> bool {
        if self.is_infinity() || other.is_infinity() {
            return self.is_infinity() && other.is_infinity();
        }
        let (zz, other_zz) = (self.z.square(), other.z.square());
        self.x.mul(&other_zz) == other.x.mul(&zz)
            && self.y.mul(&other_zz.mul(&other.z)) == other.y.mul(&zz.mul(&self.z))
    }
}

impl<C: Curve> Point<C> {
    pub(crate) const INFINITY: Self = Self::new(C::Field::ONE, C::Field::ONE, C::Field::ZERO);

    pub(crate) const fn new(x: C::Field, y: C::Field, z: C::Field) -> Self {
        Self {
            x,
            y,
            z,
            curve: PhantomData,
        }
    }

    pub(crate) fn is_infinity(&self) -> bool {
        self.z.is_zero()
    }

    /// `None` is infinity.
    pub(crate) fn to_affine(self) -> Option<Affine<C>> {
        if self.is_infinity() {
            return None;
        }
        let inverse = self.z.invert();
        let square = inverse.square();
        Some(Affine {
            x: self.x.mul(&square),
            y: self.y.mul(&square).mul(&inverse),
        })
    }

    pub(crate) fn neg(&self) -> Self {
        Self::new(self.x, self.y.neg(), self.z)
    }

    #[inline(never)]
    pub(crate) fn double(&self) -> Self {
        let b = self.y.square();
        let c = b.square();
        // 4 x y^2.
        let xb = self.x.mul(&b);
        let d = xb.linear(3, &xb, 1);
        let e = C::slope(&self.x, &self.z);
        let x = e.square().sub_both(&d, &d);
        let y = e.mul(&d.sub(&x)).linear(1, &c, -8);
        let z = self.y.mul(&self.z).double();
        Self::new(x, y, z)
    }

    #[inline(never)]
    pub(crate) fn add(&self, other: &Self) -> Self {
        if self.is_infinity() {
            return *other;
        }
        if other.is_infinity() {
            return *self;
        }
        let (zz, other_zz) = (self.z.square(), other.z.square());
        let (x, other_x) = (self.x.mul(&other_zz), other.x.mul(&zz));
        let y = self.y.mul(&other_zz).mul(&other.z);
        let other_y = other.y.mul(&zz).mul(&self.z);
        self.sum(x, y, &other_x, &other_y, &self.z.mul(&other.z))
    }

    #[inline(never)]
    pub(crate) fn add_affine(&self, other: &Affine<C>) -> Self {
        if self.is_infinity() {
            return (*other).into();
        }
        let zz = self.z.square();
        let (other_x, other_y) = (other.x.mul(&zz), other.y.mul(&zz).mul(&self.z));
        self.sum(self.x, self.y, &other_x, &other_y, &self.z)
    }

    /// Sum of two points whose coordinates stand over the same z; this point is one of them.
    fn sum(
        &self,
        x: C::Field,
        y: C::Field,
        other_x: &C::Field,
        other_y: &C::Field,
        z: &C::Field,
    ) -> Self {
        let h = other_x.sub(&x);
        let r = other_y.sub(&y);
        if h.is_zero() {
            return if r.is_zero() {
                self.double()
            } else {
                Self::INFINITY
            };
        }
        let hh = h.square();
        let hhh = hh.mul(&h);
        let v = x.mul(&hh);
        let x = r.square().sub(&hhh).sub_both(&v, &v);
        let y = r.mul(&v.sub(&x)).sub(&y.mul(&hhh));
        Self::new(x, y, z.mul(&h))
    }

    /// `self * factor`, high bit first.
    pub(crate) fn mul_u64(&self, factor: u64) -> Self {
        let mut out = Self::INFINITY;
        for bit in (0..u64::BITS - factor.leading_zeros()).rev() {
            out = out.double();
            if factor >> bit & 1 == 1 {
                out = out.add(self);
            }
        }
        out
    }
}

/// Width of the windows of a scalar.
const WINDOW: u32 = 5;
/// Odd multiples of a point that a window needs.
const MULTIPLES: usize = 1 << (WINDOW - 2);

/// One term of a sum of products: odd multiples of its point, and its scalar as digits that are
/// zero or odd, between -15 and 15, with at least four zeros after each that is not.
struct Term<C: Curve> {
    multiples: [Affine<C>; MULTIPLES],
    digits: Vec<i8>,
}

/// The odd multiples of points that have no small order.
fn odd_multiples<C: Curve>(points: &[Affine<C>]) -> Option<Vec<[Affine<C>; MULTIPLES]>> {
    let mut multiples = Vec::with_capacity(points.len() * MULTIPLES);
    for &point in points {
        let mut multiple = Point::from(point);
        let twice = multiple.double();
        for _ in 0..MULTIPLES {
            multiples.push(multiple);
            multiple = multiple.add(&twice);
        }
    }
    let multiples = all_affine(&multiples)?;
    Some(multiples.as_chunks().0.to_vec())
}

/// Affine forms for one inversion; `None` if a point is infinity.
fn all_affine<C: Curve>(points: &[Point<C>]) -> Option<Vec<Affine<C>>> {
    let mut product = C::Field::ONE;
    let mut products = Vec::with_capacity(points.len());
    for point in points {
        products.push(product);
        product = product.mul(&point.z);
    }
    if product.is_zero() {
        return None;
    }
    let mut inverse = product.invert();
    let mut out = Vec::with_capacity(points.len());
    for (point, before) in points.iter().zip(&products).rev() {
        let z_inverse = inverse.mul(before);
        inverse = inverse.mul(&point.z);
        let square = z_inverse.square();
        let y = point.y.mul(&square).mul(&z_inverse);
        out.push(Affine {
            x: point.x.mul(&square),
            y,
        });
    }
    out.reverse();
    Some(out)
}

/// The scalar's signed digits, lowest first.
fn digits(scalar: &[u8; 32]) -> Vec<i8> {
    let bit = |i: usize| {
        let byte = scalar
            .len()
            .checked_sub(1 + i / 8)
            .and_then(|at| scalar.get(at));
        byte.map_or(0, |byte| u32::from(byte >> (i % 8) & 1))
    };
    let mut out = Vec::with_capacity(257);
    let mut carry = 0;
    let mut i = 0;
    while i < 256 || carry != 0 {
        if (bit(i) + carry) & 1 == 0 {
            // A carry into a one goes on.
            out.push(0);
            i += 1;
            continue;
        }
        let window = (0..WINDOW).map(|j| bit(i + j as usize) << j).sum::<u32>() + carry;
        carry = window >> (WINDOW - 1);
        out.push((window as i32 - ((carry as i32) << WINDOW)) as i8);
        out.extend([0; WINDOW as usize - 1]);
        i += WINDOW as usize;
    }
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

/// Sum of the products of points of a large prime order and of big-endian scalars.
pub(crate) fn multiply_add<C: Curve>(terms: &[(Affine<C>, [u8; 32])]) -> Point<C> {
    let points: Vec<_> = terms.iter().map(|(point, _)| *point).collect();
    let Some(multiples) = odd_multiples(&points) else {
        return Point::INFINITY;
    };
    let mut halves = Vec::with_capacity(2 * terms.len());
    for (multiples, (_, scalar)) in multiples.into_iter().zip(terms) {
        let Some((beta, lattice)) = &C::ENDOMORPHISM else {
            halves.push(Term {
                multiples,
                digits: digits(scalar),
            });
            continue;
        };
        let image = |point: Affine<C>| Affine {
            x: point.x.mul(beta),
            y: point.y,
        };
        let images = multiples.map(image);
        for (multiples, (negative, scalar)) in
            [multiples, images].into_iter().zip(lattice.split(scalar))
        {
            let mut digits = digits(&scalar);
            if negative {
                digits.iter_mut().for_each(|digit| *digit = -*digit);
            }
            halves.push(Term { multiples, digits });
        }
    }
    let longest = halves
        .iter()
        .map(|term| term.digits.len())
        .max()
        .unwrap_or_default();
    let mut out = Point::INFINITY;
    for i in (0..longest).rev() {
        out = out.double();
        for term in &halves {
            let digit = term.digits.get(i).copied().unwrap_or_default();
            let multiple = &term.multiples[usize::from(digit.unsigned_abs() / 2) % MULTIPLES];
            match digit {
                0 => {}
                1.. => out = out.add_affine(multiple),
                _ => out = out.add_affine(&multiple.neg()),
            }
        }
    }
    out
}
