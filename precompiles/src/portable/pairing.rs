//! Optimal ate pairings on curves with a sextic twist.

use alloc::vec::Vec;

use super::{
    curve::{Affine, Curve},
    field::Field,
    tower::{Fp2, Fp12, Tower},
};

/// A pairing-friendly curve.
pub(crate) trait Pairing: Tower {
    /// The curve over the prime field.
    type G1: Curve<Field = Self::Base>;
    /// Its twist over Fp2.
    type G2: Curve<Field = Fp2<Self::Base>>;

    /// Signed digits of the Miller loop's length, highest first, without the leading one.
    const LOOP: &'static [i8];
    /// The loop's length is negative.
    const NEGATIVE: bool;

    /// The points that are added after the loop.
    fn last_points(point: &Affine<Self::G2>) -> impl IntoIterator<Item = Affine<Self::G2>>;

    /// `f` times the line through points of the twist, evaluated at a point of G1.
    fn mul_by_line(f: &Fp12<Self>, line: &Line<Self::Base>, at: &Affine<Self::G1>) -> Fp12<Self>;

    /// A power by a multiple of (p^4 - p^2 + 1) / r that is prime to r.
    fn hard_part(f: &Fp12<Self>) -> Fp12<Self>;
}

/// A line up to a factor of a proper subfield: `constant + by_x * x + by_y * y`, where powers of w
/// stand between the terms as the type of the twist has them.
#[derive(Debug)]
pub(crate) struct Line<F> {
    pub(crate) constant: Fp2<F>,
    pub(crate) by_x: Fp2<F>,
    pub(crate) by_y: Fp2<F>,
}

/// A point of G1 and one of G2.
pub(crate) type Pair<P> = (Affine<<P as Pairing>::G1>, Affine<<P as Pairing>::G2>);

/// A pair in the loop: the point of G1, the point of G2 and its current multiple, as x/z, y/z.
struct State<P: Pairing> {
    at: Affine<P::G1>,
    point: Affine<P::G2>,
    x: Fp2<P::Base>,
    y: Fp2<P::Base>,
    z: Fp2<P::Base>,
}

impl<P: Pairing> State<P> {
    const fn new(at: &Affine<P::G1>, point: &Affine<P::G2>) -> Self {
        Self {
            at: *at,
            point: *point,
            x: point.x,
            y: point.y,
            z: Fp2::ONE,
        }
    }

    /// Doubles the multiple; answers the tangent (Costello, Lange and Naehrig, 2010).
    #[inline(never)]
    fn double(&mut self) -> Line<P::Base> {
        let xy = self.x.mul(&self.y);
        let b = self.y.square();
        let c = self.z.square();
        let e = P::G2::B.mul(&c.triple());
        let f = e.triple();
        let h = self.y.add(&self.z).square().sub_both(&b, &c);
        let xx = self.x.square();
        let ee = e.square();
        self.x = xy.mul(&b.sub(&f)).double();
        self.y = b.add(&f).square().linear(1, &ee, -12);
        let bh = b.mul(&h);
        self.z = bh.linear(3, &bh, 1);
        Line {
            constant: e.sub(&b),
            by_x: xx.triple(),
            by_y: h.neg(),
        }
    }

    /// Adds `other` to the multiple; answers the chord.
    #[inline(never)]
    fn add(&mut self, other: &Affine<P::G2>) -> Line<P::Base> {
        let theta = self.y.sub(&other.y.mul(&self.z));
        let lambda = self.x.sub(&other.x.mul(&self.z));
        let d = lambda.square();
        let e = lambda.mul(&d);
        let f = self.z.mul(&theta.square());
        let g = self.x.mul(&d);
        let h = e.add(&f).sub_both(&g, &g);
        self.x = lambda.mul(&h);
        self.y = theta.mul(&g.sub(&h)).sub(&e.mul(&self.y));
        self.z = self.z.mul(&e);
        let constant = theta.mul(&other.x).sub(&lambda.mul(&other.y));
        Line {
            constant,
            by_x: theta.neg(),
            by_y: lambda,
        }
    }
}

/// Whether the product of the pairings is one. The points of G2 are in the group of order r.
pub(crate) fn product_is_one<P: Pairing>(pairs: &[Pair<P>]) -> bool {
    let mut states: Vec<_> = pairs.iter().map(|(a, b)| State::<P>::new(a, b)).collect();
    let mut f = Fp12::ONE;
    for (i, &digit) in P::LOOP.iter().enumerate() {
        if i > 0 {
            f = f.square();
        }
        for state in &mut states {
            let line = state.double();
            f = P::mul_by_line(&f, &line, &state.at);
            if digit != 0 {
                let point = if digit > 0 {
                    state.point
                } else {
                    state.point.neg()
                };
                let line = state.add(&point);
                f = P::mul_by_line(&f, &line, &state.at);
            }
        }
    }
    if P::NEGATIVE {
        f = f.conjugate();
    }
    for state in &mut states {
        let point = state.point;
        for point in P::last_points(&point) {
            let line = state.add(&point);
            f = P::mul_by_line(&f, &line, &state.at);
        }
    }
    // The power (p^6 - 1) (p^2 + 1), then the rest of (p^12 - 1) / r.
    let f = f.conjugate().mul(&f.invert());
    let f = f.frobenius(2).mul(&f);
    P::hard_part(&f) == Fp12::ONE
}
