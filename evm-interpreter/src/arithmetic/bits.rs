//! Shifts, bytes and sign extension.

use primitive_types::U256;

/// Ones where both have ones.
#[inline(always)]
#[must_use]
pub const fn and(a: U256, b: U256) -> U256 {
    let (x, y) = (a.0, b.0);
    U256([x[0] & y[0], x[1] & y[1], x[2] & y[2], x[3] & y[3]])
}

/// Ones where one of both or both have ones.
#[inline(always)]
#[must_use]
pub const fn or(a: U256, b: U256) -> U256 {
    let (x, y) = (a.0, b.0);
    U256([x[0] | y[0], x[1] | y[1], x[2] | y[2], x[3] | y[3]])
}

/// Ones where one of both has ones.
#[inline(always)]
#[must_use]
pub const fn xor(a: U256, b: U256) -> U256 {
    let (x, y) = (a.0, b.0);
    U256([x[0] ^ y[0], x[1] ^ y[1], x[2] ^ y[2], x[3] ^ y[3]])
}

/// SHL (EIP-145): `value << shift`, zero from 256 on.
#[inline(always)]
#[must_use]
pub const fn shl(shift: &U256, value: &U256) -> U256 {
    let s = shift.0[0];
    if shift.0[1] | shift.0[2] | shift.0[3] != 0 || s >= 256 {
        return U256([0; 4]);
    }
    shl_small(s as u32, value)
}

/// Left shift by less than 256.
#[inline(always)]
pub(crate) const fn shl_small(s: u32, value: &U256) -> U256 {
    let v = &value.0;
    // `x << 1 << (63 - b)` is `x << (64 - b)` and defined for b = 0 too.
    let b = s & 63;
    let up = 63 - b;
    match s >> 6 {
        0 => U256([
            v[0] << b,
            v[1] << b | v[0] >> 1 >> up,
            v[2] << b | v[1] >> 1 >> up,
            v[3] << b | v[2] >> 1 >> up,
        ]),
        1 => U256([
            0,
            v[0] << b,
            v[1] << b | v[0] >> 1 >> up,
            v[2] << b | v[1] >> 1 >> up,
        ]),
        2 => U256([0, 0, v[0] << b, v[1] << b | v[0] >> 1 >> up]),
        _ => U256([0, 0, 0, v[0] << b]),
    }
}

/// SHR (EIP-145): `value >> shift`, zero from 256 on.
#[inline(always)]
#[must_use]
pub const fn shr(shift: &U256, value: &U256) -> U256 {
    let s = shift.0[0];
    if shift.0[1] | shift.0[2] | shift.0[3] != 0 || s >= 256 {
        return U256([0; 4]);
    }
    shr_small(s as u32, value, 0)
}

/// SAR (EIP-145): `value >> shift`, two's complement.
#[inline(always)]
#[must_use]
pub const fn sar(shift: &U256, value: &U256) -> U256 {
    let sign = ((value.0[3] as i64) >> 63) as u64;
    let s = shift.0[0];
    if shift.0[1] | shift.0[2] | shift.0[3] != 0 || s >= 256 {
        return U256([sign; 4]);
    }
    shr_small(s as u32, value, sign)
}

/// Right shift by less than 256, `fill` moving in from above limb by limb.
#[inline(always)]
pub(crate) const fn shr_small(s: u32, value: &U256, fill: u64) -> U256 {
    let v = &value.0;
    let b = s & 63;
    let up = 63 - b;
    let (x0, x1, x2, x3) = match s >> 6 {
        0 => (v[0], v[1], v[2], v[3]),
        1 => (v[1], v[2], v[3], fill),
        2 => (v[2], v[3], fill, fill),
        _ => (v[3], fill, fill, fill),
    };
    U256([
        x0 >> b | x1 << 1 << up,
        x1 >> b | x2 << 1 << up,
        x2 >> b | x3 << 1 << up,
        x3 >> b | fill << 1 << up,
    ])
}

/// BYTE: byte `index` of `value`, counted from the most significant; zero from 32 on.
#[inline(always)]
#[must_use]
pub const fn byte(index: &U256, value: &U256) -> U256 {
    let i = index.0[0];
    if index.0[1] | index.0[2] | index.0[3] != 0 || i >= 32 {
        return U256([0; 4]);
    }
    let limb = value.0[3 - (i >> 3) as usize];
    let shift = (7 - (i & 7)) << 3;
    U256([(limb >> shift) & 0xff, 0, 0, 0])
}

/// SIGNEXTEND: extends the two's complement sign of the number in the lowest `size + 1` bytes.
#[inline(always)]
#[must_use]
pub const fn sign_extend(size: &U256, value: &U256) -> U256 {
    let n = size.0[0];
    if size.0[1] | size.0[2] | size.0[3] != 0 || n >= 31 {
        return *value;
    }
    let unused = 56 - ((n & 7) << 3);
    let v = &value.0;
    // One arm a limb: an index known only at run time would force the word through memory.
    match n >> 3 {
        0 => {
            let (low, sign) = extend_limb(v[0], unused);
            U256([low, sign, sign, sign])
        }
        1 => {
            let (low, sign) = extend_limb(v[1], unused);
            U256([v[0], low, sign, sign])
        }
        2 => {
            let (low, sign) = extend_limb(v[2], unused);
            U256([v[0], v[1], low, sign])
        }
        _ => U256([v[0], v[1], v[2], extend_limb(v[3], unused).0]),
    }
}

/// A limb whose sign lies `unused` bits below its top, and the limb of that sign.
#[inline(always)]
const fn extend_limb(limb: u64, unused: u64) -> (u64, u64) {
    let extended = ((limb << unused) as i64) >> unused;
    (extended as u64, (extended >> 63) as u64)
}

/// CLZ (EIP-7939): number of leading zero bits, 256 for zero.
#[inline(always)]
#[must_use]
pub const fn clz(value: &U256) -> U256 {
    let v = &value.0;
    let n = if v[3] != 0 {
        v[3].leading_zeros()
    } else if v[2] != 0 {
        64 + v[2].leading_zeros()
    } else if v[1] != 0 {
        128 + v[1].leading_zeros()
    } else {
        192 + v[0].leading_zeros()
    };
    U256([n as u64, 0, 0, 0])
}
