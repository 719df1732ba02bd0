//! Which precompile answers at which address, since when, at what price.

use alloc::vec::Vec;
use core::marker::PhantomData;

use evm_interpreter::{Fork, H160};

use crate::{
    Crypto, Error, Gas, Result, blake2f, bls12_381, bn254, ecrecover, hashes, kzg, modexp, p256,
};

/// One precompile of Ethereum.
#[derive(Clone, Copy, Debug)]
pub struct Precompile {
    /// Low 16 bits of the address; the others are zero.
    pub number: u16,
    /// Name, as EIP-7910 has it.
    pub name: &'static str,
    /// The EIP that brought it; 0 for those of the yellow paper.
    pub eip: u16,
    /// First fork that has it.
    pub since: Fork,
    /// Price of running on this input under the fork's schedule; saturates.
    pub gas: fn(input: &[u8], fork: Fork) -> Gas,
    /// Output for this input under the fork's rules. Does not look at gas.
    pub run: fn(input: &[u8], fork: Fork) -> Result<Vec<u8>>,
}

/// What a paid call of a precompile gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Gas consumed.
    pub gas_used: Gas,
    /// Return data.
    pub output: Vec<u8>,
}

impl Precompile {
    /// Address of the precompile.
    #[must_use]
    pub const fn address(&self) -> H160 {
        let mut address = [0; 20];
        [address[18], address[19]] = self.number.to_be_bytes();
        H160(address)
    }

    /// Runs if `gas_limit` covers the price.
    ///
    /// # Errors
    /// [`Error::OutOfGas`] and [`Error::Failure`] consume all of `gas_limit`; [`Error::Fatal`] is
    /// no verdict on the call.
    pub fn call(&self, input: &[u8], gas_limit: Gas, fork: Fork) -> Result<Outcome> {
        let gas_used = (self.gas)(input, fork);
        if gas_used > gas_limit {
            return Err(Error::OutOfGas);
        }
        Ok(Outcome {
            gas_used,
            output: (self.run)(input, fork)?,
        })
    }
}

/// The precompiles on the back end `C`.
#[derive(Clone, Copy, Debug)]
pub struct Registry<C>(PhantomData<C>);

/// Shortens the rows of the table to one line of data and one of functions.
macro_rules! precompile {
    ($number:literal, $name:literal, $eip:literal, $since:ident, $gas:expr, $run:expr) => {
        Precompile {
            number: $number,
            name: $name,
            eip: $eip,
            since: Fork::$since,
            gas: $gas,
            run: $run,
        }
    };
}

#[rustfmt::skip]
impl<C: Crypto> Registry<C> {
    /// Every precompile of every fork, in order of address.
    pub const ALL: &'static [Precompile] = &[
        precompile!(0x01, "ECREC", 0, Frontier, ecrecover::gas, ecrecover::run::<C>),
        precompile!(0x02, "SHA256", 0, Frontier, hashes::sha256_gas, hashes::sha256::<C>),
        precompile!(0x03, "RIPEMD160", 0, Frontier, hashes::ripemd160_gas, hashes::ripemd160::<C>),
        precompile!(0x04, "ID", 0, Frontier, hashes::identity_gas, hashes::identity),
        precompile!(0x05, "MODEXP", 198, Byzantium, modexp::gas, modexp::run::<C>),
        precompile!(0x06, "BN254_ADD", 196, Byzantium, bn254::add_gas, bn254::add::<C>),
        precompile!(0x07, "BN254_MUL", 196, Byzantium, bn254::mul_gas, bn254::mul::<C>),
        precompile!(0x08, "BN254_PAIRING", 197, Byzantium, bn254::pairing_gas, bn254::pairing::<C>),
        precompile!(0x09, "BLAKE2F", 152, Istanbul, blake2f::gas, blake2f::run),
        precompile!(0x0a, "KZG_POINT_EVALUATION", 4844, Cancun, kzg::gas, kzg::run::<C>),
        precompile!(0x0b, "BLS12_G1ADD", 2537, Prague, bls12_381::g1_add_gas, bls12_381::g1_add::<C>),
        precompile!(0x0c, "BLS12_G1MSM", 2537, Prague, bls12_381::g1_msm_gas, bls12_381::g1_msm::<C>),
        precompile!(0x0d, "BLS12_G2ADD", 2537, Prague, bls12_381::g2_add_gas, bls12_381::g2_add::<C>),
        precompile!(0x0e, "BLS12_G2MSM", 2537, Prague, bls12_381::g2_msm_gas, bls12_381::g2_msm::<C>),
        precompile!(0x0f, "BLS12_PAIRING_CHECK", 2537, Prague, bls12_381::pairing_gas, bls12_381::pairing::<C>),
        precompile!(0x10, "BLS12_MAP_FP_TO_G1", 2537, Prague, bls12_381::map_fp_to_g1_gas, bls12_381::map_fp_to_g1::<C>),
        precompile!(0x11, "BLS12_MAP_FP2_TO_G2", 2537, Prague, bls12_381::map_fp2_to_g2_gas, bls12_381::map_fp2_to_g2::<C>),
        precompile!(0x0100, "P256VERIFY", 7951, Osaka, p256::gas, p256::run::<C>),
    ];
}

impl<C: Crypto> Registry<C> {
    /// The precompile at an address under a fork's rules.
    #[must_use]
    pub fn get(address: &H160, fork: Fork) -> Option<&'static Precompile> {
        let number = number(address)?;
        Self::at_fork(fork).find(|precompile| precompile.number == number)
    }

    /// The precompiles that a fork has.
    pub fn at_fork(fork: Fork) -> impl Iterator<Item = &'static Precompile> {
        Self::ALL
            .iter()
            .filter(move |precompile| fork.has(precompile.since))
    }
}

/// Low 16 bits of an address that has no others.
fn number(address: &H160) -> Option<u16> {
    match address.as_fixed_bytes() {
        [zeros @ .., high, low] if zeros.iter().all(|&byte| byte == 0) => {
            Some(u16::from_be_bytes([*high, *low]))
        }
        _ => None,
    }
}

/// A precompile of Filecoin's EVM: no price, as the FVM charges for the work itself.
pub type FilecoinPrecompile = fn(input: &[u8]) -> Result<Vec<u8>>;

/// The Ethereum precompile at the address `number` of Filecoin's EVM (FIP-0054, FIP-0113, network
/// version 28).
///
/// A `match`, so that an actor links these functions and nothing else of the registry. MODEXP
/// refuses lengths of more than 32 bits and knows no other bound.
#[must_use]
pub const fn filecoin<C: Crypto>(number: u16) -> Option<FilecoinPrecompile> {
    /// The rules in force where a precompile asks for the fork.
    const FORK: Fork = Fork::Cancun;
    Some(match number {
        0x01 => |input| ecrecover::run::<C>(input, FORK),
        0x02 => |input| hashes::sha256::<C>(input, FORK),
        0x03 => |input| hashes::ripemd160::<C>(input, FORK),
        0x04 => |input| hashes::identity(input, FORK),
        0x05 => modexp::run_filecoin::<C>,
        0x06 => |input| bn254::add::<C>(input, FORK),
        0x07 => |input| bn254::mul::<C>(input, FORK),
        0x08 => |input| bn254::pairing::<C>(input, FORK),
        0x09 => |input| blake2f::run(input, FORK),
        0x0b => |input| bls12_381::g1_add::<C>(input, FORK),
        0x0c => |input| bls12_381::g1_msm::<C>(input, FORK),
        0x0d => |input| bls12_381::g2_add::<C>(input, FORK),
        0x0e => |input| bls12_381::g2_msm::<C>(input, FORK),
        0x0f => |input| bls12_381::pairing::<C>(input, FORK),
        0x10 => |input| bls12_381::map_fp_to_g1::<C>(input, FORK),
        0x11 => |input| bls12_381::map_fp2_to_g2::<C>(input, FORK),
        0x0100 => |input| p256::run::<C>(input, FORK),
        _ => return None,
    })
}
