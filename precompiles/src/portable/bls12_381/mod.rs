//! The curve BLS12-381: its fields, groups and pairing.

mod encoding;
mod isogeny;
mod map;

pub(crate) use encoding::{
    g1_add, g1_msm, g2_add, g2_msm, kzg_verify, map_fp_to_g1, map_fp2_to_g2, pairing,
};

use super::{
    curve::{Affine, Curve, Point},
    endomorphism::Lattice,
    field::{Field, Fp, Modulus, limbs},
    pairing::{Line, Pairing},
    tower::{Fp2, Fp12, Tower},
};

/// Limbs of a field element.
const N: usize = 14;

/// The prime of the base field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prime;

impl Modulus<N> for Prime {
    const BITS: u32 = 28;
    #[rustfmt::skip]
    const MODULUS: [u32; N] = limbs(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
        Self::BITS,
    );
}

type Fq = Fp<Prime, N>;

const fn fp2(real: &str, imaginary: &str) -> Fp2<Fq> {
    Fp2::new(Fq::from_hex(real), Fq::from_hex(imaginary))
}

/// The curve y^2 = x^3 + 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct G1;

impl Curve for G1 {
    type Field = Fq;
    const B: Fq = Fq::from_hex("4");
    const ENDOMORPHISM: Option<(Fq, Lattice)> = Some((BETA, LATTICE));
}

/// A cube root of 1.
#[rustfmt::skip]
const BETA: Fq = Fq::from_hex(
    "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
);

#[rustfmt::skip]
const LATTICE: Lattice = Lattice {
    a: [
        [0x00000001, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
        [0x00000000, 0x00000001, 0x0001a402, 0xac45a401, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
    ],
    b: [
        [0x00000001, 0xffffffff, 0xfffe5bfd, 0x53ba5bfe, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
        [0x00000001, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
    ],
    multipliers: [
        [0x00000002, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000],
        [0xf6cfee2e, 0x63f6e522, 0xe01faadd, 0x7c6becf1, 0x00000001, 0x00000000, 0x00000000, 0x00000000],
    ],
};

/// The twist y^2 = x^3 + 4 (1 + u).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct G2;

impl Curve for G2 {
    type Field = Fp2<Fq>;
    const B: Fp2<Fq> = fp2("4", "4");
}

/// The generator of G1.
#[rustfmt::skip]
const G1_GENERATOR: Affine<G1> = Affine {
    x: Fq::from_hex("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
    y: Fq::from_hex("8b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"),
};

/// The generator of G2.
#[rustfmt::skip]
const G2_GENERATOR: Affine<G2> = Affine {
    x: fp2(
        "24aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
        "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
    ),
    y: fp2(
        "ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
        "606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be",
    ),
};

/// The absolute value of the family's parameter x, which is negative.
const X: u64 = 0xd201000000010000;

/// The digits of [`X`], highest first.
#[rustfmt::skip]
const X_DIGITS: [i8; 64] = [
    1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/// `x * point`.
fn by_x<C: Curve>(point: &Point<C>) -> Point<C> {
    point.mul_u64(X).neg()
}

/// Whether a point of the curve is in the group of order r: there, and there alone, the
/// endomorphism (x, y) to (beta x, y) is the factor -x^2 (Scott, 2021).
fn in_g1(point: &Affine<G1>) -> bool {
    let image = Point::from(Affine {
        x: point.x.mul(&BETA),
        y: point.y,
    });
    by_x(&by_x(&(*point).into())).neg() == image
}

/// The power p of the coordinates, brought back to the twist.
fn psi(point: &Point<G2>) -> Point<G2> {
    /// 1 / (1 + u)^((p - 1) / 3).
    const BY_X: Fp2<Fq> = fp2(
        "0",
        "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad",
    );
    /// 1 / (1 + u)^((p - 1) / 2).
    const BY_Y: Fp2<Fq> = fp2(
        "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
        "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
    );
    Point::new(
        point.x.conjugate().mul(&BY_X),
        point.y.conjugate().mul(&BY_Y),
        point.z.conjugate(),
    )
}

/// Whether a point of the twist is in the group of order r: there, and there alone, psi is the
/// factor x (Scott, 2021).
fn in_g2(point: &Affine<G2>) -> bool {
    let point = (*point).into();
    by_x(&point) == psi(&point)
}

/// The pairing of BLS12-381, and its tower with xi = 1 + u.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bls12;

impl Tower for Bls12 {
    type Base = Fq;

    #[rustfmt::skip]
    const FROBENIUS: [[Fp2<Fq>; 6]; 3] = [
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "1904d3bf02bb0667c231beb4202c0d1f0fd603fd3cbd5f4f7b2443d784bab9c4f67ea53d63e7813d8d0775ed92235fb8",
                "fc3e2b36c4e03288e9e902231f9fb854a14787b6c7b36fec0c8ec971f63c5f282d5ac14d6c7ec22cf78a126ddc4af3",
            ),
            fp2(
                "0",
                "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaac",
            ),
            fp2(
                "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
                "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
            ),
            fp2(
                "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad",
                "0",
            ),
            fp2(
                "5b2cfd9013a5fd8df47fa6b48b1e045f39816240c0b8fee8beadf4d8e9c0566c63a3e6e257f87329b18fae980078116",
                "144e4211384586c16bd3ad4afa99cc9170df3560e77982d0db45f3536814f0bd5871c1908bd478cd1ee605167ff82995",
            ),
        ],
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffeffff",
                "0",
            ),
            fp2(
                "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
                "0",
            ),
            fp2(
                "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaaa",
                "0",
            ),
            fp2(
                "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaac",
                "0",
            ),
            fp2(
                "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad",
                "0",
            ),
        ],
        [
            fp2(
                "1",
                "0",
            ),
            fp2(
                "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
                "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
            ),
            fp2(
                "0",
                "1",
            ),
            fp2(
                "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
                "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
            ),
            fp2(
                "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaaa",
                "0",
            ),
            fp2(
                "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
                "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
            ),
        ],
    ];

    fn mul_by_xi(x: &Fp2<Fq>) -> Fp2<Fq> {
        Fp2::new(x.real.sub(&x.imaginary), x.real.add(&x.imaginary))
    }
}

impl Pairing for Bls12 {
    type G1 = G1;
    type G2 = G2;

    const LOOP: &'static [i8] = X_DIGITS.split_at(1).1;
    const NEGATIVE: bool = true;

    fn last_points(_: &Affine<G2>) -> impl IntoIterator<Item = Affine<G2>> {
        []
    }

    fn mul_by_line(f: &Fp12<Self>, line: &Line<Fq>, at: &Affine<G1>) -> Fp12<Self> {
        f.mul_by_014(
            &line.constant,
            &line.by_x.scale(&at.x),
            &line.by_y.scale(&at.y),
        )
    }

    /// The power (x - 1)^2 (x + p) (x^2 + p^2 - 1) + 3 (Hayashida, Hayasaka and Teruya, 2020).
    fn hard_part(f: &Fp12<Self>) -> Fp12<Self> {
        let by_x = |f: &Fp12<Self>| f.cyclotomic_pow(&X_DIGITS).conjugate();
        let by_x_minus_1 = |f: &Fp12<Self>| by_x(f).mul(&f.conjugate());
        let a = by_x_minus_1(&by_x_minus_1(f));
        let b = by_x(&a).mul(&a.frobenius(1));
        let c = by_x(&by_x(&b)).mul(&b.frobenius(2)).mul(&b.conjugate());
        c.mul(&f.cyclotomic_square()).mul(f)
    }
}
