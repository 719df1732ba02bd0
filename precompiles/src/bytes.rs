//! Reading input that may be shorter than its format.

use alloc::{borrow::Cow, vec::Vec};

use crate::{Error, Result};

/// The first `N` bytes of `input`, followed by zeros where it is shorter.
pub(crate) fn padded<const N: usize>(input: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let len = input.len().min(N);
    if let (Some(to), Some(from)) = (out.get_mut(..len), input.get(..len)) {
        to.copy_from_slice(from);
    }
    out
}

/// `len` bytes from `start`, as if `input` went on with zeros for ever.
pub(crate) fn padded_range(input: &[u8], start: usize, len: usize) -> Result<Cow<'_, [u8]>> {
    let rest = input.get(start..).unwrap_or_default();
    if let Some(whole) = rest.get(..len) {
        return Ok(Cow::Borrowed(whole));
    }
    let mut out = Vec::new();
    out.try_reserve_exact(len)
        .map_err(|_| Error::Failure("input lengths exceed memory"))?;
    out.extend_from_slice(rest);
    out.resize(len, 0);
    Ok(Cow::Owned(out))
}

/// `len` zero bytes.
pub(crate) fn zeros(len: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(len)
        .map_err(|_| Error::Failure("output exceeds memory"))?;
    out.resize(len, 0);
    Ok(out)
}

/// Number of 32-byte words that hold `len` bytes.
pub(crate) const fn words(len: usize) -> u64 {
    (len as u64).div_ceil(32)
}

/// The fixed-size part of `input` that starts at `start`; `None` if it is not all there.
pub(crate) fn array<const N: usize>(input: &[u8], start: usize) -> Option<&[u8; N]> {
    input.get(start..)?.first_chunk()
}
