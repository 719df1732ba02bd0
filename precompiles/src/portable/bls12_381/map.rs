//! From field elements to points (EIP-2537: the simplified SWU map of RFC 9380, section 6.6.3, and
//! the clearing of the cofactor).

use super::{
    super::{
        curve::{Curve, Point},
        field::Field,
        tower::Fp2,
    },
    Fq, G1, G2, X, by_x, fp2, isogeny, psi,
};

/// A field with the constants of the map to a curve that is isogenous to G1 or G2.
trait Map: Field {
    /// Coefficient of x of the isogenous curve.
    const A: Self;
    /// Constant term of the isogenous curve.
    const B: Self;
    /// The map's Z.
    const Z: Self;

    /// A square root of `numerator / denominator` and true; or, if there is none, a root of Z
    /// times that and false. The denominator is not 0.
    fn sqrt_ratio(numerator: &Self, denominator: &Self) -> (bool, Self);

    /// RFC 9380's sgn0.
    fn is_negative(&self) -> bool;
}

impl Map for Fq {
    const A: Self = Self::from_hex(
        "144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d",
    );
    const B: Self = Self::from_hex(
        "12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0",
    );
    const Z: Self = Self::from_hex("b");

    fn sqrt_ratio(numerator: &Self, denominator: &Self) -> (bool, Self) {
        /// A root of -Z.
        const ROOT: Fq = Fq::from_hex(
            "4610e003bd3ac94dfa9246c390d7a78942602029175a4ca366d601f33f3946e3ed39794735c38315d874bc1d70637c3",
        );
        // For p = 3 mod 4: u v (u v^3)^((p - 3) / 4) is a root of u / v or of -u / v.
        let product = numerator.mul(denominator);
        let power = product
            .mul(&denominator.square())
            .pow(&const { Self::exponent(-3, 2) });
        let root = product.mul(&power);
        if root.square().mul(denominator) == *numerator {
            (true, root)
        } else {
            (false, root.mul(&ROOT))
        }
    }

    fn is_negative(&self) -> bool {
        self.is_odd()
    }
}

impl Map for Fp2<Fq> {
    const A: Self = fp2("0", "f0");
    const B: Self = fp2("3f4", "3f4");
    const Z: Self = fp2(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaa9",
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaaa",
    );

    fn sqrt_ratio(numerator: &Self, denominator: &Self) -> (bool, Self) {
        let ratio = numerator.mul(&denominator.invert());
        if let Some(root) = sqrt(&ratio) {
            return (true, root);
        }
        // Z is no square, so that this is one.
        (false, sqrt(&ratio.mul(&Self::Z)).unwrap_or(Self::ZERO))
    }

    fn is_negative(&self) -> bool {
        self.real.is_odd() || self.real.is_zero() && self.imaginary.is_odd()
    }
}

/// A square root in Fp2.
fn sqrt(a: &Fp2<Fq>) -> Option<Fp2<Fq>> {
    /// 1 / 2.
    const HALF: Fq = Fq::from_hex(
        "d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd556",
    );
    // The real part x of a root has x^2 = (real + root of the norm) / 2 for one of the two roots.
    let norm_root = a.norm().sqrt()?;
    let mut square = a.real.add(&norm_root).mul(&HALF);
    if square.is_zero() {
        square = a.real;
    }
    let power = square.pow(&const { Fq::exponent(-3, 2) });
    let root = square.mul(&power);
    let other = a.imaginary.mul(&power).mul(&HALF);
    // Else the root is that of -square, and the other of the two squares is the right one.
    let found = if root.square() == square {
        Fp2::new(root, other)
    } else {
        Fp2::new(other.neg(), root)
    };
    (found.square() == *a).then_some(found)
}

/// A point x / denominator, y of the isogenous curve.
struct Mapped<F> {
    x: F,
    denominator: F,
    y: F,
}

/// RFC 9380, appendix F.2.
fn simplified_swu<F: Map>(u: &F) -> Mapped<F> {
    let zuu = F::Z.mul(&u.square());
    let sum = zuu.square().add(&zuu);
    let x = F::B.mul(&sum.add(&F::ONE));
    let denominator = F::A.mul(&if sum.is_zero() { F::Z } else { sum.neg() });
    // x^3 + A x + B over the cube of the denominator.
    let square = denominator.square();
    let cube = square.mul(&denominator);
    let value = x
        .square()
        .add(&F::A.mul(&square))
        .mul(&x)
        .add(&F::B.mul(&cube));
    let (is_square, root) = F::sqrt_ratio(&value, &cube);
    let (x, y) = if is_square {
        (x, root)
    } else {
        (zuu.mul(&x), zuu.mul(u).mul(&root))
    };
    let y = if y.is_negative() == u.is_negative() {
        y
    } else {
        y.neg()
    };
    Mapped { x, denominator, y }
}

/// Numerators and denominators of the coordinates, where the numerator of x has one degree more
/// than its denominator and those of y have the same.
fn isogeny<C: Curve>(
    point: &Mapped<C::Field>,
    x: [&[C::Field]; 2],
    y: [&[C::Field]; 2],
) -> Point<C> {
    // The polynomial times the power of the denominator that its degree has.
    let evaluate = |coefficients: &[C::Field]| {
        let mut power = C::Field::ONE;
        let mut sum = C::Field::ZERO;
        for coefficient in coefficients.iter().rev() {
            sum = sum.mul(&point.x).add(&coefficient.mul(&power));
            power = power.mul(&point.denominator);
        }
        sum
    };
    let [x_numerator, x_denominator] = x.map(evaluate);
    let [y_numerator, y_denominator] = y.map(evaluate);
    let x_denominator = x_denominator.mul(&point.denominator);
    let z = x_denominator.mul(&y_denominator);
    let zz = z.square();
    // x = X / z^2 and y = Y / z^3, without a division.
    let x = x_numerator.mul(&y_denominator).mul(&z);
    let y = point.y.mul(&y_numerator).mul(&x_denominator).mul(&zz);
    Point::new(x, y, z)
}

/// The point of G1 that belongs to `u`.
pub(super) fn to_g1(u: &Fq) -> Point<G1> {
    let point = isogeny(
        &simplified_swu(u),
        [&isogeny::G1_X_NUMERATOR, &isogeny::G1_X_DENOMINATOR],
        [&isogeny::G1_Y_NUMERATOR, &isogeny::G1_Y_DENOMINATOR],
    );
    // RFC 9380, section 8.8.1: 1 - x.
    point.mul_u64(X + 1)
}

/// The point of G2 that belongs to `u`.
pub(super) fn to_g2(u: &Fp2<Fq>) -> Point<G2> {
    let point: Point<G2> = isogeny(
        &simplified_swu(u),
        [&isogeny::G2_X_NUMERATOR, &isogeny::G2_X_DENOMINATOR],
        [&isogeny::G2_Y_NUMERATOR, &isogeny::G2_Y_DENOMINATOR],
    );
    // RFC 9380, appendix G.3: (x^2 - x - 1) P + (x - 1) psi(P) + psi(psi(2 P)).
    let by_x_point = by_x(&point);
    let psi_point = psi(&point);
    psi(&psi(&point.double()))
        .add(&by_x(&by_x_point.add(&psi_point)))
        .add(&by_x_point.neg())
        .add(&point.neg())
        .add(&psi_point.neg())
}
