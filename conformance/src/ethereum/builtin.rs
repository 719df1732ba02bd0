//! What answers calls of an address in place of code.

use super::rules::Rules;
use crate::divergence::Switch;
use evm_interpreter::{Fork, H160};
use precompiles::registry::FilecoinPrecompile;
use precompiles::{Native, Precompile, Registry};

/// Number of MODEXP.
const MODEXP: u16 = 5;
/// Number of the KZG point evaluation.
const KZG: u16 = 0x0a;

/// What answers calls of an address in place of code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Builtin {
    /// A precompile with Ethereum's price.
    Ethereum(&'static Precompile),
    /// MODEXP as Filecoin has it.
    ModExp(FilecoinPrecompile),
    /// A reserved address of Filecoin: success, no output.
    Nothing,
}

/// What answers at an address under these rules.
pub(super) fn builtin(rules: &mut Rules<'_>, address: &H160, fork: Fork) -> Option<Builtin> {
    let ethereum = || Registry::<Native>::get(address, fork);
    // Nearly all addresses are hashes.
    if address.0[1..18] != [0; 17] {
        return None;
    }
    let number = number(address);
    if number == Some(KZG) {
        let known = ethereum();
        if known.is_some() {
            return match rules.meets(Switch::Kzg) {
                true => Some(Builtin::Nothing),
                false => known.map(Builtin::Ethereum),
            };
        }
    }
    if number == Some(MODEXP) && rules.meets(Switch::ModExp) {
        return precompiles::filecoin::<Native>(MODEXP).map(Builtin::ModExp);
    }
    let known = ethereum();
    if known.is_some() || !is_reserved(address) {
        return known.map(Builtin::Ethereum);
    }
    if !rules.meets(Switch::Precompiles) {
        return None;
    }
    Some(Builtin::Nothing)
}

/// Whether Filecoin keeps an address for precompiles.
#[must_use]
pub fn is_reserved(address: &H160) -> bool {
    let range = matches!(address.0, [0 | 0xfe, zeros @ .., last] if zeros == [0; 18] && last != 0);
    range || number(address).is_some_and(|n| precompiles::filecoin::<Native>(n).is_some())
}

/// Whether Filecoin has a precompile with a function at the address.
pub(super) fn has_function(address: &H160) -> bool {
    match address.0 {
        [0xfe, zeros @ .., last] if zeros == [0; 18] => matches!(last, 1 | 2 | 3 | 5 | 6),
        _ => number(address).is_some_and(|n| precompiles::filecoin::<Native>(n).is_some()),
    }
}

/// Low 16 bits of an address that has no others.
fn number(address: &H160) -> Option<u16> {
    match address.0 {
        [zeros @ .., high, low] if zeros == [0; 18] => Some(u16::from_be_bytes([high, low])),
        _ => None,
    }
}
