//! attoFIL, in Filecoin's arbitrary-precision type and in the EVM's 256 bits.

use alloy_primitives::U256;
use fvm_shared::bigint::{BigInt, Sign};
use fvm_shared::econ::TokenAmount;

use crate::error::MachineError;

/// The largest amount that the FVM can hand to an actor: 2^128 - 1 attoFIL.
pub const MAX_AMOUNT: u128 = u128::MAX;

/// An amount in attoFIL from a 256-bit word.
pub fn from_u256(value: U256) -> TokenAmount {
    TokenAmount::from_atto(BigInt::from_bytes_be(
        Sign::Plus,
        &value.to_be_bytes::<32>(),
    ))
}

/// An amount in attoFIL as a 256-bit word. `None` if negative or too large.
pub fn to_u256(amount: &TokenAmount) -> Option<U256> {
    let (sign, bytes) = amount.atto().to_bytes_be();
    if sign == Sign::Minus || bytes.len() > 32 {
        return None;
    }
    Some(U256::from_be_slice(&bytes))
}

/// An amount in attoFIL as 128 bits. `None` if negative or too large.
pub fn to_u128(amount: &TokenAmount) -> Option<u128> {
    u128::try_from(amount.atto()).ok()
}

/// Refuses an amount that is negative or above [`MAX_AMOUNT`], which the FVM
/// would answer with a fatal error. `what` names it in the message.
pub fn check_range(what: &str, amount: &TokenAmount) -> Result<(), MachineError> {
    if to_u128(amount).is_none() {
        return Err(MachineError::InvalidInput(format!(
            "{what} of {} attoFIL is outside 0 to 2^128 - 1",
            amount.atto()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_amounts_round_trip() {
        for value in [U256::ZERO, U256::from(1), U256::from(u128::MAX), U256::MAX] {
            assert_eq!(to_u256(&from_u256(value)), Some(value));
        }
        assert_eq!(to_u256(&TokenAmount::from_atto(-1)), None);
        assert_eq!(to_u128(&from_u256(U256::from(1) << 128)), None);
        assert_eq!(to_u128(&TokenAmount::from_atto(u128::MAX)), Some(u128::MAX));
    }

    #[test]
    fn out_of_range_amounts_are_named() {
        let error = check_range("balance", &from_u256(U256::from(1) << 128)).unwrap_err();
        assert!(error.to_string().starts_with("balance of 3402823669"));
        assert!(check_range("balance", &TokenAmount::from_atto(-1)).is_err());
        assert!(check_range("balance", &TokenAmount::from_atto(u128::MAX)).is_ok());
    }
}
