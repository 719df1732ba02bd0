//! 0x05 MODEXP: base ^ exponent mod modulus (EIP-198).

mod gas;
mod power;
mod radix;
mod ring;

use alloc::vec::Vec;

use evm_interpreter::Fork;

use crate::{
    Crypto, Error, Result,
    bytes::{padded, padded_range, zeros},
};

pub(crate) use gas::gas;
pub(crate) use power::modexp;
pub(crate) use radix::Narrow;
#[cfg(feature = "native")]
pub(crate) use radix::Wide;

/// EIP-7823: the largest length of each operand from Osaka on, in bytes.
const MAX_LENGTH: u128 = 1024;

/// Bytes of the three lengths at the head of the input.
const HEAD: usize = 96;

/// Lengths in bytes of base, exponent and modulus. A length of more than 128 bits counts as the
/// largest of 128 bits: either is beyond every limit.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    base: u128,
    exponent: u128,
    modulus: u128,
}

impl Lengths {
    fn read(input: &[u8]) -> Self {
        let head = padded::<HEAD>(input);
        let (words, _) = head.as_chunks::<32>();
        let length = |i: usize| {
            let (high, low) = words[i].split_at(16);
            match low.first_chunk() {
                Some(low) if high == [0; 16] => u128::from_be_bytes(*low),
                _ => u128::MAX,
            }
        };
        Self {
            base: length(0),
            exponent: length(1),
            modulus: length(2),
        }
    }

    fn exceed(self, limit: u128) -> bool {
        self.base.max(self.exponent).max(self.modulus) > limit
    }
}

/// Ethereum's rules: bounded from Osaka on (EIP-7823), before by the price alone.
pub(crate) fn run<C: Crypto>(input: &[u8], fork: Fork) -> Result<Vec<u8>> {
    let lengths = Lengths::read(input);
    if fork.has(Fork::Osaka) && lengths.exceed(MAX_LENGTH) {
        return Err(Error::Failure("an operand is longer than 1024 bytes"));
    }
    run_unbounded::<C>(input, lengths)
}

/// Filecoin's rules: no bound but that each length fits 32 bits.
pub(crate) fn run_filecoin<C: Crypto>(input: &[u8]) -> Result<Vec<u8>> {
    let lengths = Lengths::read(input);
    if lengths.exceed(u32::MAX.into()) {
        return Err(Error::Failure("a length exceeds 32 bits"));
    }
    run_unbounded::<C>(input, lengths)
}

/// Input: three lengths of 32 bytes, then base, exponent and modulus, all big-endian, zero-padded
/// on the right. Output: as long as the modulus; zero if the modulus is 0 or 1.
fn run_unbounded<C: Crypto>(input: &[u8], lengths: Lengths) -> Result<Vec<u8>> {
    if lengths.base == 0 && lengths.modulus == 0 {
        return Ok(Vec::new());
    }
    let size = |length: u128| {
        usize::try_from(length).map_err(|_| Error::Failure("input lengths exceed memory"))
    };
    let (base_len, exponent_len) = (size(lengths.base)?, size(lengths.exponent)?);
    let exponent_start = HEAD.saturating_add(base_len);
    let modulus_start = exponent_start.saturating_add(exponent_len);
    let modulus = padded_range(input, modulus_start, size(lengths.modulus)?)?;
    if modulus.iter().all(|&byte| byte == 0) {
        return zeros(modulus.len());
    }
    check_memory(base_len, modulus.len())?;
    let base = padded_range(input, HEAD, base_len)?;
    let exponent = padded_range(input, exponent_start, exponent_len)?;
    C::modexp(&base, &exponent, &modulus)
}

/// Fails where operands that no price bounds would run the computation out of memory.
fn check_memory(base: usize, modulus: usize) -> Result<()> {
    /// Below this the rest of the machine needs more.
    const SMALL: usize = 1 << 16;
    if base.max(modulus) <= SMALL {
        return Ok(());
    }
    // A byte takes 8/29 of a limb of 8 bytes, and a modulus stands in up to 44 numbers.
    let needed = modulus
        .checked_mul(100)
        .and_then(|size| size.checked_add(base.checked_mul(4)?));
    let spare = |size| Vec::<u8>::new().try_reserve_exact(size).ok();
    needed
        .and_then(spare)
        .ok_or(Error::Failure("operands exceed memory"))
}
